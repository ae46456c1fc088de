"""The forms that answers come in: JSON documents and text tables as Go writes them, and locations."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pyfrontend.gateway.results import Result
from pyfrontend.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyfrontend.span import Span


def texts(document: object, text: str) -> Result:
    """Return the result that says ``document`` to programs and ``text`` to people."""
    metadata = {"result.json": json_document(document), "result.txt": text}
    return Result(metadata={name: value.encode(errors="replace") for name, value in metadata.items()})


def json_document(value: object) -> str:
    """Write ``value`` as Go's ``MarshalIndent`` with two spaces does (SUB-014)."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text if text.isascii() else "".join(map(_escape_surrogate, text))


def _escape_surrogate(character: str) -> str:
    """Escape what stands for a byte that is no UTF-8, as Go does."""
    return "\\ufffd" if "\ud800" <= character <= "\udfff" else character


def location(spans: Iterable[Span]) -> dict[str, Any]:
    """Return lines as a ``pb.Location`` in JSON, one range for each line; empty for none."""
    lines = [_position(line) for span in spans for line in span.lines]
    return {"ranges": [{"start": line, "end": line} for line in lines]} if lines else {}


def _position(line: int) -> dict[str, int]:
    return {"line": line} if line else {}


def member(name: str, value: object) -> dict[str, Any]:
    """Return an object of one member, or of none where Go's ``omitempty`` leaves ``value`` out."""
    return {name: value} if value else {}


class _Cell(NamedTuple):
    """A cell that was closed by a tab: its line, its column, and how many characters it has."""

    line: int
    column: int
    width: int


def table(rows: Iterable[Sequence[str]], padding: int) -> str:
    """Write ``rows`` as Go's tabwriter does, with at least ``padding`` blanks between columns.

    Texts may hold line ends and tabs of their own: each makes a row or a cell.  A column is as wide as
    its widest cell in consecutive lines; the last cell of a line belongs to no column.
    """
    text = "".join("\t".join(row) + "\n" for row in rows).replace("\v", "\t")
    return "\n".join(_aligned(block, padding) for block in text.split("\f"))


def _aligned(text: str, padding: int) -> str:
    lines = [line.split("\t") for line in text.split("\n")]
    widths = _widths(lines, padding)
    return "\n".join(
        "".join(cell.ljust(widths.get((number, column), 0)) for column, cell in enumerate(line))
        for number, line in enumerate(lines)
    )


def _widths(lines: Sequence[Sequence[str]], padding: int) -> dict[tuple[int, int], int]:
    """Return the width of every cell but the last of each line, by line and column."""
    cells = [
        _Cell(number, column, len(cell))
        for number, line in enumerate(lines)
        for column, cell in enumerate(line[:-1])
    ]
    cells.sort(key=lambda cell: (cell.column, cell.line))
    widths = {}
    # Consecutive lines have the same distance from their place in the sorted list of a column.
    for _, run in groupby(enumerate(cells), key=lambda item: (item[1].column, item[1].line - item[0])):
        block = [cell for _, cell in run]
        width = max(cell.width for cell in block) + padding
        widths.update({(cell.line, cell.column): width for cell in block})
    return widths
