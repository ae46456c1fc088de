"""JSON and base64 as Go writes them, and JSON as Go reads it.

It uses the C core of the standard library's `json` without the package itself, which would load `re`, which
is not needed here: 5 ms of a build's startup.
"""

from __future__ import annotations

from pyfrontend.golang.strings import scrub

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

#: What may stand around values.
BLANK = " \t\n\r"


def json_text(value: object, *, sort_keys: bool = False) -> str:
    """Write ``value`` as compact JSON the way Go does: ``<``, ``>`` and ``&`` escaped, keys in their order.

    U+2028 and U+2029 are escaped too, a byte that is no UTF-8 becomes U+FFFD (WIRE-10).
    """
    text = _escaped("".join((_SORTED if sort_keys else _COMPACT)(value, 0)))
    return text if text.isascii() else scrub(text)


def _encoder(*, sort_keys: bool) -> Callable[[object, int], Iterable[str]]:
    """Return what `json.dumps` uses for JSON without spaces and without escapes."""

    def refuse(value: object) -> object:
        raise TypeError(f"{type(value).__name__} is not for JSON")

    try:
        from _json import encode_basestring, make_encoder

        return make_encoder(None, refuse, encode_basestring, None, ":", ",", sort_keys, False, True)
    except (ImportError, TypeError):
        import json

        encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
        return lambda value, _: encoder.encode(value)


_COMPACT, _SORTED = _encoder(sort_keys=False), _encoder(sort_keys=True)


def load_json(text: str) -> Any:
    """Read a JSON text; raises ValueError, which says what is wrong, also for NaN and Infinity."""
    try:
        return scan_json(text, int, float)
    except ValueError:
        import json

        return json.loads(text, parse_constant=_refuse)


def scan_json(text: str, parse_int: Callable[[str], object], parse_float: Callable[[str], object]) -> Any:
    """Read a JSON text, with numbers as these make them; raises ValueError, which may say nothing."""
    begin = len(text) - len(text.lstrip(BLANK))
    try:
        value, end = _scanner(parse_int, parse_float)(text, begin)
    except (StopIteration, SystemError):
        # Python before 3.13 finds no class for its error while the package json is not loaded.
        raise ValueError from None
    if text[end:].strip(BLANK):
        raise ValueError
    return value


def _scanner(parse_int: Callable[[str], object], parse_float: Callable[[str], object]) -> Any:
    """Return what `json.loads` uses: a text and a position in, a value and its end out."""
    try:
        from _json import make_scanner
    except ImportError:
        from json import JSONDecoder

        return JSONDecoder(parse_int=parse_int, parse_float=parse_float, parse_constant=_refuse).scan_once  # type: ignore[attr-defined] # not in its stub
    context = type("Context", (), {"strict": True, "object_hook": None, "object_pairs_hook": None})()
    context.parse_int, context.parse_float, context.parse_constant = parse_int, parse_float, _refuse
    return make_scanner(context)


def _refuse(name: str) -> Any:
    raise ValueError(f"invalid JSON: {name}")


def indented_json(value: object) -> str:
    """Write ``value`` as Go's ``MarshalIndent`` with two spaces does (SUB-014), escaped for a terminal.

    Raises TypeError and ValueError for what is no JSON, such as a number that is none.
    """
    import json

    from pyfrontend.display import safe_json

    return safe_json(_escaped(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)))


def _escaped(text: str) -> str:
    """Escape what Go escapes and Python does not."""
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    if text.isascii():
        return text
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def member(name: str, value: object) -> dict[str, Any]:
    """Return an object of one member, or of none where Go's ``omitempty`` leaves ``value`` out."""
    return {name: value} if value else {}


def base64_text(data: bytes) -> str:
    """Return ``data`` as Go's JSON shows bytes."""
    from binascii import b2a_base64

    return b2a_base64(data, newline=False).decode("ascii")
