"""Single values as Go reads and writes them: numbers, booleans, sizes, durations, CSV, quoted text, JSON.

Text in, Python value out; every reader raises `ValueError` with the text that users of the reference know.
Bytes that are no UTF-8 travel through all text as surrogates (``errors="surrogateescape"``).
"""

from __future__ import annotations

TRUE_WORDS = frozenset(("1", "t", "T", "TRUE", "true", "True"))
FALSE_WORDS = frozenset(("0", "f", "F", "FALSE", "false", "False"))

#: What Go calls white space; `str.isspace` also counts the separators U+001C to U+001F.
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

#: Multipliers of sizes: each letter is 1024 times the one before.
SIZE_LETTERS = "kmgtp"

NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # micro sign
    "\u03bcs": 1_000,  # Greek letter mu
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
LONGEST = 1 << 63

#: Signals of Linux by number; a second name for one follows in `SIGNAL_ALIASES`.
SIGNALS = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN "
    "TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
)
SIGNAL_ALIASES = {"CLD": 17, "IOT": 6, "POLL": 29, "RTMIN": 34, "RTMAX": 64}

ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def trim_space(text: str) -> str:
    """Return ``text`` without the white space (as Go sees it) around it."""
    return text.strip(SPACE)


def name_end(text: str, pos: int) -> int:
    """Return where the letters, digits and underscores that start at ``pos`` end."""
    end = len(text)
    while pos < end and ((character := text[pos]) == "_" or character.isalpha() or character.isdecimal()):
        pos += 1
    return pos


def parse_bool(text: str) -> bool:
    """Read ``1 t T true True TRUE`` and their opposites."""
    if text in TRUE_WORDS:
        return True
    if text in FALSE_WORDS:
        return False
    raise _number_error("ParseBool", text, "invalid syntax")


def parse_uint(text: str, *, base: int = 10, bits: int = 64) -> int:
    """Read a number without sign that fits into ``bits``."""
    return _parse_uint("ParseUint", text, text, base, bits)


def parse_int(text: str, *, base: int = 10, bits: int = 64) -> int:
    """Read a number with an optional sign that fits into ``bits``, the sign included."""
    return _parse_int("ParseInt", text, base, bits)


def atoi(text: str) -> int:
    """Read a decimal number of 64 bits; as `parse_int`, with the error text of Go's shorthand."""
    return _parse_int("Atoi", text, 10, 64)


def parse_octal(text: str) -> int:
    """Read an octal file mode of up to 32 bits (features.md MNT)."""
    return parse_uint(text, base=8, bits=32)


def parse_chmod(text: str) -> int | str:
    """Read the value of ``--chmod``: an octal mode as a number, or a symbolic one as it is.

    symbolic = clause *("," clause); clause = *("u" / "g" / "o" / "a") 1*(("+" / "-" / "=") *permission)
    (features.md CPY).
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
    size = _parse_float(number)
    if size < 0:
        raise ValueError(f"invalid size: '{text}'")
    if suffix:
        size *= _size_factor(suffix)
    # The conversion of a too large number is what the reference's processor makes of it.
    return int(size) if size < LONGEST else -LONGEST


def parse_duration(text: str) -> int:
    """Read a duration such as ``1h30m`` or ``1.5s`` as nanoseconds (features.md INS, HEALTHCHECK)."""
    rest = text[1:] if text.startswith(("+", "-")) else text
    total, pos = 0, 0
    if rest == "0":
        return 0
    while pos < len(rest) or not rest:
        amount, pos = _duration_part(text, rest, pos)
        total += amount
        if total > LONGEST:
            raise _duration_error(text)
    if text.startswith("-"):
        return -total
    if total >= LONGEST:
        raise _duration_error(text)
    return total


def format_duration(nanoseconds: int) -> str:
    """Write a duration the way Go prints it: ``30s``, ``1m30s``, ``1.5ms``, ``0s``."""
    sign, left = "-" if nanoseconds < 0 else "", abs(nanoseconds)
    if left == 0:
        return "0s"
    for unit, size in (("ns", 1_000), ("\u00b5s", 1_000_000), ("ms", 1_000_000_000)):
        if left < size:
            return f"{sign}{_with_fraction(left, size // 1_000)}{unit}"
    minutes, left = divmod(left, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    large = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{large}{_with_fraction(left, 1_000_000_000)}s"


def parse_csv_fields(text: str) -> list[str]:
    """Split one comma separated record; fields may be quoted, a closing line end is allowed."""
    if text.endswith("\n"):
        text = text[: -2 if text.endswith("\r\n") else -1]
    if not text:
        raise ValueError("EOF")
    fields, pos = [], 0
    while True:
        quoted = text.startswith('"', pos)
        field, pos = (_quoted_field if quoted else _bare_field)(text, pos)
        fields.append(field)
        if pos >= len(text):
            return fields
        pos += 1


def parse_signal(text: str) -> int:
    """Read a signal: a number other than 0, or a name with or without ``SIG`` (features.md INS-035)."""
    try:
        number = atoi(text)
    except ValueError:
        number = _signal_number(text.upper().removeprefix("SIG")) if text.isascii() else 0
    if number == 0:
        raise ValueError(f"invalid signal: {text}")
    return number


def go_quote(text: str) -> str:
    r"""Quote ``text`` as Go's ``%q``: escapes with backslashes, ``\x`` for bytes that are no UTF-8."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_quoted_character, text)) + '"'


def quote_list(texts: list[str] | tuple[str, ...]) -> str:
    """Quote a list as Go's ``%q``: ``["a" "b"]``, as history entries show it."""
    return "[" + " ".join(map(go_quote, texts)) + "]"


def json_text(value: object, *, sort_keys: bool = False) -> str:
    """Write ``value`` as compact JSON the way Go does: ``<``, ``>`` and ``&`` escaped, keys in their order.

    U+2028 and U+2029 are escaped too, a byte that is no UTF-8 becomes U+FFFD (wire.md section 10).
    """
    import json  # noqa: PLC0415 - loaded by the first image config or source map that needs it

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    if text.isascii():
        return text
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text


def _number_error(function: str, text: str, reason: str) -> ValueError:
    return ValueError(f"strconv.{function}: parsing {go_quote(text)}: {reason}")


def _parse_uint(function: str, text: str, digits: str, base: int, bits: int) -> int:
    """Read ``digits``; a number that is too large is reported before a bad digit further right."""
    largest = (1 << bits) - 1
    number = 0
    for digit in digits:
        worth = "0123456789abcdef".find(digit)
        if not 0 <= worth < base:
            raise _number_error(function, text, "invalid syntax")
        number = number * base + worth
        if number > largest:
            raise _number_error(function, text, "value out of range")
    if not digits:
        raise _number_error(function, text, "invalid syntax")
    return number


def _parse_int(function: str, text: str, base: int, bits: int) -> int:
    negative = text.startswith("-")
    digits = text[1:] if text.startswith(("+", "-")) else text
    number = _parse_uint(function, text, digits, base, bits)
    if number > (1 << (bits - 1)) - (not negative):
        raise _number_error(function, text, "value out of range")
    return -number if negative else number


def _symbolic_clause(clause: str) -> bool:
    actions = clause.lstrip("augo")
    return actions[:1] in {"+", "-", "="} and not actions.strip("+-=rstwXxugo")


def _parse_float(text: str) -> float:
    """Read a decimal or hexadecimal floating-point number; stricter than `float`, as Go is."""
    lower = text.lower()
    hexadecimal = lower.lstrip("+-").startswith("0x")
    # Python also takes other scripts' digits and blanks around; hexadecimal needs its exponent in Go.
    plain = text.isascii() and text == text.strip() and (not hexadecimal or "p" in lower)
    try:
        number = (float.fromhex(text) if hexadecimal else float(text)) if plain else None
    except OverflowError:
        number = float("inf")
    except ValueError:
        number = None
    if number is None:
        raise _number_error("ParseFloat", text, "invalid syntax")
    if number in (float("inf"), float("-inf")) and "n" not in lower:
        raise _number_error("ParseFloat", text, "value out of range")
    return number


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


def _digits_end(text: str, pos: int) -> int:
    while pos < len(text) and "0" <= text[pos] <= "9":
        pos += 1
    return pos


def _duration_part(text: str, rest: str, pos: int) -> tuple[int, int]:
    """Read one number with its unit at ``pos``; return the nanoseconds and where the next part starts."""
    dot = _digits_end(rest, pos)
    end = _digits_end(rest, dot + 1) if rest[dot : dot + 1] == "." else dot
    whole, fraction = rest[pos:dot].lstrip("0"), rest[dot + 1 : end]
    if not (rest[pos:dot] or fraction) or len(whole) > 19 or int(whole or "0") > LONGEST:
        raise _duration_error(text)
    pos = end
    while pos < len(rest) and rest[pos] not in "0123456789.":
        pos += 1
    unit = rest[end:pos]
    if not unit:
        raise ValueError(f"time: missing unit in duration {_time_quote(text)}")
    if unit not in NANOSECONDS:
        raise ValueError(f"time: unknown unit {_time_quote(unit)} in duration {_time_quote(text)}")
    amount = int(whole or "0") * NANOSECONDS[unit]
    if amount <= LONGEST:
        amount += _fraction_of(fraction, NANOSECONDS[unit])
    if amount > LONGEST:
        raise _duration_error(text)
    return amount, pos


def _fraction_of(digits: str, unit: int) -> int:
    """Return the nanoseconds of ``.digits`` units; digits that do not fit into 63 bits are dropped."""
    number, scale = 0, 1.0
    for digit in digits:
        if number > (LONGEST - 1) // 10 or number * 10 + int(digit) > LONGEST:
            break
        number = number * 10 + int(digit)
        scale *= 10
    return int(float(number) * (float(unit) / scale))


def _duration_error(text: str) -> ValueError:
    return ValueError(f"time: invalid duration {_time_quote(text)}")


def _time_quote(text: str) -> str:
    """Quote as Go's package time does: every byte outside printable ASCII in hexadecimal."""
    quoted = []
    for byte in text.encode("utf-8", "surrogateescape"):
        character = chr(byte)
        escape = "\\" if character in '"\\' else ""
        quoted.append(f"{escape}{character}" if 0x20 <= byte < 0x80 else f"\\x{byte:02x}")
    return '"' + "".join(quoted) + '"'


def _with_fraction(amount: int, unit: int) -> str:
    whole, fraction = divmod(amount, unit)
    if fraction == 0:
        return str(whole)
    width = len(str(unit)) - 1
    return f"{whole}.{fraction:0{width}d}".rstrip("0")


def _bare_field(text: str, pos: int) -> tuple[str, int]:
    end = text.find(",", pos)
    end = len(text) if end < 0 else end
    quote = text.find('"', pos, end)
    if quote >= 0:
        raise _csv_error(text, quote, 'bare " in non-quoted-field')
    return text[pos:end], end


def _quoted_field(text: str, pos: int) -> tuple[str, int]:
    parts = []
    pos += 1
    while True:
        quote = text.find('"', pos)
        if quote < 0 or text[quote + 1 : quote + 2] not in {"", ",", '"'}:
            raise _csv_error(text, max(pos, quote), 'extraneous or missing " in quoted-field')
        parts.append(text[pos:quote])
        if not text.startswith('"', quote + 1):
            return "".join(parts), quote + 1
        parts.append('"')
        pos = quote + 2


def _csv_error(text: str, pos: int, reason: str) -> ValueError:
    column = len(text[:pos].encode("utf-8", "surrogateescape")) + 1
    return ValueError(f"parse error on line 1, column {column}: {reason}")


def _signal_number(name: str) -> int:
    if name in SIGNAL_ALIASES:
        return SIGNAL_ALIASES[name]
    numbers = dict(zip(SIGNALS.split(), range(1, 32), strict=True))
    numbers.update((f"RTMIN+{i}", 34 + i) for i in range(1, 16))
    numbers.update((f"RTMAX-{i}", 64 - i) for i in range(1, 15))
    return numbers.get(name, 0)


def _quoted_character(character: str) -> str:
    code = ord(character)
    if character in ESCAPES:
        return ESCAPES[character]
    if character.isprintable():
        return character
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    if 0xD800 <= code <= 0xDFFF:
        return "\\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
