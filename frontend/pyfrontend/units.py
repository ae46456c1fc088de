"""Values with special notations: file modes, sizes in bytes, signals."""

from __future__ import annotations

from pyfrontend.golang.strconv import INT64_LIMIT, atoi, parse_float, parse_octal

#: Multipliers of sizes: each letter is 1024 times the one before.
SIZE_LETTERS = "kmgtp"

#: Signals of Linux by number; a second name for one follows in `SIGNAL_ALIASES`.
SIGNALS = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN "
    "TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
)

SIGNAL_ALIASES = {"CLD": 17, "IOT": 6, "POLL": 29, "RTMIN": 34, "RTMAX": 64}


def parse_chmod(text: str) -> int | str:
    """Read the value of ``--chmod``: an octal mode as a number, or a symbolic one as it is.

    symbolic = clause *("," clause); clause = *("u" / "g" / "o" / "a") 1*(("+" / "-" / "=") *permission)
    (area CPY).
    """
    try:
        mode = parse_octal(text)
    except ValueError:
        mode = -1
    if 0 <= mode <= 0o7777:
        return mode
    if mode >= 0 or ("0" <= text[:1] <= "9"):
        raise ValueError(
            f"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777"
        )
    if not all(_symbolic_clause(clause) for clause in text.split(",")):
        raise ValueError("invalid syntax")
    return text


def parse_size(text: str) -> int:
    """Read a size such as ``64m``, ``1.5GiB`` or ``10 kb`` as a number of bytes (powers of 1024)."""
    cut = max(map(text.rfind, "0123456789. "))
    if cut < 0:
        raise ValueError(f"invalid size: '{text}'")
    number, suffix = text[: cut + (text[cut] != " ")], text[cut + 1 :]
    size = parse_float(number)
    if size < 0:
        raise ValueError(f"invalid size: '{text}'")
    if suffix:
        size *= _size_factor(suffix)
    # The conversion of a too large number is what the reference's processor makes of it.
    return int(size) if size < INT64_LIMIT else -INT64_LIMIT


def parse_signal(text: str) -> int:
    """Read a signal: a number other than 0, or a name with or without ``SIG`` (INS-035)."""
    try:
        number = atoi(text)
    except ValueError:
        number = _signal_number(text.upper().removeprefix("SIG")) if text.isascii() else 0
    if number == 0:
        raise ValueError(f"invalid signal: {text}")
    return number


def _symbolic_clause(clause: str) -> bool:
    actions = clause.lstrip("augo")
    return actions[:1] in {"+", "-", "="} and not actions.strip("+-=rstwXxugo")


def _size_factor(suffix: str) -> int:
    if len(suffix.encode("utf-8", "surrogateescape")) > 3:
        raise ValueError(f"invalid suffix: '{suffix}'")
    suffix = suffix.lower()
    if suffix == "b":
        return 1
    power = SIZE_LETTERS.find(suffix[0])
    if power < 0 or suffix[1:] not in {"", "b", "ib"}:
        raise ValueError(f"invalid suffix: '{suffix}'")
    return int(1024 ** (power + 1))


def _signal_number(name: str) -> int:
    if name in SIGNAL_ALIASES:
        return SIGNAL_ALIASES[name]
    numbers = dict(zip(SIGNALS.split(), range(1, 32), strict=True))
    numbers.update((f"RTMIN+{i}", 34 + i) for i in range(1, 16))
    numbers.update((f"RTMAX-{i}", 64 - i) for i in range(1, 15))
    return numbers.get(name, 0)
