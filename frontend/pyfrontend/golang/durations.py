"""Durations such as ``1h30m`` as Go reads and writes them: text in, nanoseconds out, and back.

Errors are `ValueError` with the reference's text.
"""

from __future__ import annotations

from pyfrontend.golang.strconv import INT64_LIMIT

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


def parse_duration(text: str) -> int:
    """Read a duration such as ``1h30m`` or ``1.5s`` as nanoseconds (INS-029)."""
    rest = text[1:] if text.startswith(("+", "-")) else text
    total, pos = 0, 0
    if rest == "0":
        return 0
    while pos < len(rest) or not rest:
        amount, pos = _duration_part(text, rest, pos)
        total += amount
        if total > INT64_LIMIT:
            raise _duration_error(text)
    if text.startswith("-"):
        return -total
    if total >= INT64_LIMIT:
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


def _digits_end(text: str, pos: int) -> int:
    while pos < len(text) and "0" <= text[pos] <= "9":
        pos += 1
    return pos


def _duration_part(text: str, rest: str, pos: int) -> tuple[int, int]:
    """Read one number with its unit at ``pos``; return the nanoseconds and where the next part starts."""
    dot = _digits_end(rest, pos)
    end = _digits_end(rest, dot + 1) if rest[dot : dot + 1] == "." else dot
    whole, fraction = rest[pos:dot].lstrip("0"), rest[dot + 1 : end]
    if not (rest[pos:dot] or fraction) or len(whole) > 19 or int(whole or "0") > INT64_LIMIT:
        raise _duration_error(text)
    pos = end
    while pos < len(rest) and rest[pos] not in "0123456789.":
        pos += 1
    unit = rest[end:pos]
    if not unit:
        raise ValueError(f"time: missing unit in duration {time_quote(text)}")
    if unit not in NANOSECONDS:
        raise ValueError(f"time: unknown unit {time_quote(unit)} in duration {time_quote(text)}")
    amount = int(whole or "0") * NANOSECONDS[unit]
    if amount <= INT64_LIMIT:
        amount += _fraction_of(fraction, NANOSECONDS[unit])
    if amount > INT64_LIMIT:
        raise _duration_error(text)
    return amount, pos


def _fraction_of(digits: str, unit: int) -> int:
    """Return the nanoseconds of ``.digits`` units; digits that do not fit into 63 bits are dropped."""
    number, scale = 0, 1.0
    for digit in digits:
        if number > (INT64_LIMIT - 1) // 10 or number * 10 + int(digit) > INT64_LIMIT:
            break
        number = number * 10 + int(digit)
        scale *= 10
    return int(float(number) * (float(unit) / scale))


def _duration_error(text: str) -> ValueError:
    return ValueError(f"time: invalid duration {time_quote(text)}")


def time_quote(text: str) -> str:
    """Return ``text`` quoted as Go's package time does: every byte outside ASCII in hexadecimal."""
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
