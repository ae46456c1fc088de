"""The forms of answers: a document for programs, and text tables formatted as Go does."""

from __future__ import annotations

from itertools import groupby

from pyfrontend import limits
from pyfrontend.display import source_line
from pyfrontend.gateway.results import Result
from pyfrontend.golang.json import indented_json
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def texts(document: object, text: str) -> Result:
    """Return the result that says ``document`` to programs and ``text`` to people.

    What a terminal would act on is escaped in both; line breaks and tabs of names are escaped by whoever
    writes ``text``.
    """
    shown = "\n".join(map(source_line, text.split("\n")))
    metadata = {"result.json": indented_json(document), "result.txt": shown}
    return Result(metadata={name: value.encode(errors="replace") for name, value in metadata.items()})


class _Cell(NamedTuple):
    """A cell that was closed by a tab: its line, its column, and how many characters it has."""

    line: int
    column: int
    width: int


def table(rows: Iterable[Sequence[str]], padding: int) -> str:
    """Write ``rows`` as Go's tabwriter does, with at least ``padding`` spaces between columns.

    Texts may themselves contain line breaks and tabs: each makes a row or a cell.  A column is as wide as
    its widest cell in consecutive lines, but not wider than `limits.COLUMN`; the last cell of a line belongs
    to no column.
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
        width = min(max(cell.width for cell in block), limits.COLUMN) + padding
        widths.update({(cell.line, cell.column): width for cell in block})
    return widths
