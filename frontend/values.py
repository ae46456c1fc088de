"""Single values as Go reads and writes them: numbers, booleans, sizes, CSV, letters, quoted text, JSON.

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

#: One more than the largest number of 64 bits with a sign.
INT64_LIMIT = 1 << 63

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


def to_lower(text: str) -> str:
    """Return ``text`` in small letters as Go's ``ToLower``: one by one, a Turkish capital I as a plain i.

    A byte that is no UTF-8 becomes U+FFFD.
    """
    return text.lower() if text.isascii() else "".join(map(_small, scrub(text)))


def to_upper(text: str) -> str:
    """Return ``text`` in capitals as Go's ``ToUpper``: letter by letter, what has no capital stays as it is.

    A byte that is no UTF-8 becomes U+FFFD.
    """
    return text.upper() if text.isascii() else "".join(map(_capital, scrub(text)))


def scrub(text: str) -> str:
    """Return ``text`` with U+FFFD for every byte that is no UTF-8, as walking it by letters gives in Go."""
    try:
        text.encode()
    except UnicodeEncodeError:
        pass
    else:
        return text
    return "".join(["\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text])


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
    return int(size) if size < INT64_LIMIT else -INT64_LIMIT


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
    return scrub(text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def base64_text(data: bytes) -> str:
    """Return ``data`` as Go's JSON shows bytes."""
    from binascii import b2a_base64  # noqa: PLC0415 - only errors and answers need it

    return b2a_base64(data, newline=False).decode("ascii")


def _small(letter: str) -> str:
    # The capital I with a dot is the one letter of which Python makes two.
    return "i" if letter == "\u0130" else letter.lower()


def _capital(letter: str) -> str:
    capital = letter.upper()
    return capital if len(capital) == 1 else letter


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
