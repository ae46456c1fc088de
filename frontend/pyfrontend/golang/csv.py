"""One record of comma separated values as Go's encoding/csv reads it."""

from __future__ import annotations


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
