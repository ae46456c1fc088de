"""Compact JSON and base64 as Go writes them."""

from __future__ import annotations

from pyfrontend.golang.strings import scrub


def json_text(value: object, *, sort_keys: bool = False) -> str:
    """Write ``value`` as compact JSON the way Go does: ``<``, ``>`` and ``&`` escaped, keys in their order.

    U+2028 and U+2029 are escaped too, a byte that is no UTF-8 becomes U+FFFD (WIRE-10).
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
