"""JSON and base64 as Go writes them."""

from __future__ import annotations

from typing import Any

from pyfrontend.golang.strings import scrub


def json_text(value: object, *, sort_keys: bool = False) -> str:
    """Write ``value`` as compact JSON the way Go does: ``<``, ``>`` and ``&`` escaped, keys in their order.

    U+2028 and U+2029 are escaped too, a byte that is no UTF-8 becomes U+FFFD (WIRE-10).
    """
    import json  # loaded by the first image config or source map

    text = _escaped(json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys))
    return text if text.isascii() else scrub(text)


def indented_json(value: object) -> str:
    """Write ``value`` as Go's ``MarshalIndent`` with two spaces does (SUB-014)."""
    import json

    text = _escaped(json.dumps(value, ensure_ascii=False, indent=2))
    return text if text.isascii() else "".join(map(_escape_surrogate, text))


def _escaped(text: str) -> str:
    """Escape what Go escapes and Python does not."""
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    if text.isascii():
        return text
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _escape_surrogate(character: str) -> str:
    """Escape what stands for a byte that is no UTF-8, as Go does."""
    return "\\ufffd" if "\ud800" <= character <= "\udfff" else character


def member(name: str, value: object) -> dict[str, Any]:
    """Return an object of one member, or of none where Go's ``omitempty`` leaves ``value`` out."""
    return {name: value} if value else {}


def base64_text(data: bytes) -> str:
    """Return ``data`` as Go's JSON shows bytes."""
    from binascii import b2a_base64

    return b2a_base64(data, newline=False).decode("ascii")
