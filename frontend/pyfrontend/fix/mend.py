"""Fix a Dockerfile: check it, fix what can be fixed, and check again until nothing changes."""

from __future__ import annotations

from pyfrontend.fix.fixers import FIXERS
from pyfrontend.record import NamedTuple
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile
from pyfrontend.syntax.lines import read_lines
from pyfrontend.syntax.places import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pyfrontend.errors import Diagnostic
    from pyfrontend.syntax.places import Edit, Placed

#: Edits can make way for others: so many rounds are enough for all of them.
ROUNDS = 5


class Mended(NamedTuple):
    """A file after its fixes, and how often each rule was satisfied."""

    data: bytes
    fixed: Mapping[str, int]


def mend(data: bytes, check: Callable[[bytes], Iterable[Diagnostic]]) -> Mended:
    """Return ``data`` with all fixes for what ``check`` finds in it.

    A file with errors in its text comes back as it is: what its lines mean is not known.
    """
    fixed: dict[str, int] = {}
    for _ in range(ROUNDS):
        if parse_dockerfile(SourceFile("Dockerfile", data)).errors:
            break
        edits = _edits(data, check(data))
        changed = _edited(data, [edit for _, found in edits for edit in found])
        if changed is None:
            break
        for code, _ in edits:
            fixed[code] = fixed.get(code, 0) + 1
        data = changed
    return Mended(data, fixed)


def _edits(data: bytes, findings: Iterable[Diagnostic]) -> list[tuple[str, list[Edit]]]:
    """Return for each finding that can be fixed its rule and its edits; no two of them touch."""
    lines = read_lines(SourceFile("Dockerfile", data))
    source = Source(data, lines.escape)
    placed = {line.span.start: source.instruction(line) for line in lines.lines}
    by_line = {number: one for one in placed.values() if one for number in one.line.span.lines}
    taken: dict[int, list[Edit]] = {}
    fixes = []
    for found in findings:
        one = _place(found, by_line)
        fixer = FIXERS.get(found.code)
        if one is None or fixer is None:
            continue
        edits = list(fixer(one, found))
        others = taken.setdefault(one.line.span.start, [])
        if edits and not any(_touch(edit, other) for edit in edits for other in others):
            fixes.append((found.code, edits))
            others += edits
    return fixes


def _place(found: Diagnostic, by_line: Mapping[int, Placed]) -> Placed | None:
    """Return the instruction that ``found`` is about, None for one in another file."""
    if not found.spans or found.spans[0].file.named_by is not None:
        return None
    return by_line.get(found.spans[0].start)


def _touch(one: Edit, other: Edit) -> bool:
    return one.start <= other.end and other.start <= one.end


def _edited(data: bytes, edits: list[Edit]) -> bytes | None:
    """Return ``data`` with ``edits``; None if they change nothing, or make another file of it."""
    if not edits:
        return None
    before = read_lines(SourceFile("Dockerfile", data))
    changed = Source(data, before.escape).edited(edits)
    after = parse_dockerfile(SourceFile("Dockerfile", changed))
    if changed == data or after.errors or len(after.lines) != len(before.lines):
        return None
    return changed
