"""Numbers and booleans as Go's strconv reads them; every reader raises `ValueError` with Go's text."""

from __future__ import annotations

from pyfrontend.golang.quote import go_quote

TRUE_WORDS = frozenset(("1", "t", "T", "TRUE", "true", "True"))

FALSE_WORDS = frozenset(("0", "f", "F", "FALSE", "false", "False"))

#: One more than the largest number of 64 bits with a sign.
INT64_LIMIT = 1 << 63


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
    """Read an octal file mode of up to 32 bits (MNT-014)."""
    return parse_uint(text, base=8, bits=32)


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


def parse_float(text: str) -> float:
    """Read a decimal or hexadecimal floating-point number; stricter than `float`, as Go is."""
    lower = text.lower()
    hexadecimal = lower.lstrip("+-").startswith("0x")
    # Python also takes other scripts' digits and surrounding spaces; hexadecimal needs its exponent in Go.
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
