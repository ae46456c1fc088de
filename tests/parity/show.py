"""Puts verdicts into words: the table by area, the most frequent reasons, and differences side by side."""

from __future__ import annotations

import json
import shutil
from collections import Counter, defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from parity.compare import ABSENT
from parity.run import DIFFERENT, EQUAL, UNSUPPORTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from parity.cases import Case
    from parity.compare import Difference
    from parity.run import Verdict

#: Lines of a side-by-side view around a differing one.
AROUND = 3


def table(verdicts: Iterable[Verdict]) -> str:
    """Return the counts by area."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts:
        for name in (verdict.area, "all"):
            counts[name].update({verdict.outcome: 1, "cases": 1, "build": int(verdict.same_build)})
    rows = sorted(counts, key=lambda name: (name == "all", name))
    width = max(map(len, counts), default=0) + 1
    titles = f"{'':{width}}{'cases':>7}{'equal':>7}{'different':>11}{'not yet':>9}{'same build':>12}"
    return "\n".join([titles, *(_row(name, counts[name], width) for name in rows)])


def _row(name: str, count: Counter[str], width: int) -> str:
    """Return a line of the table; "same build" counts equal ops, configs and errors."""
    same = f"{count['build']} {100 * count['build'] // count['cases']:3}%"
    numbers = f"{count['cases']:7}{count[EQUAL]:7}{count[DIFFERENT]:11}{count[UNSUPPORTED]:9}"
    return f"{name:{width}}{numbers}{same:>12}"


def reasons(verdicts: Iterable[Verdict], limit: int) -> str:
    """Return the most frequent first differences, with an example of each."""
    counts: Counter[str] = Counter()
    example: dict[str, str] = {}
    for verdict in verdicts:
        if verdict.differences:
            reason = verdict.telling.reason
            counts[reason] += 1
            example.setdefault(reason, verdict.id)
    lines = [f"{count:6}  {reason}  (as {example[reason]})" for reason, count in counts.most_common(limit)]
    if len(counts) > limit:
        lines.append(f"{'':6}  and {len(counts) - limit} more reasons (--reasons N)")
    return "\n".join(lines)


def beyond(verdicts: Iterable[Verdict]) -> str:
    """Return how many cases get warnings that the reference does not give, by rule, with an example each."""
    return _tally(
        (rule, verdict.id)
        for verdict in verdicts
        for rule in dict.fromkeys(text.partition(":")[0] for text in verdict.beyond)
    )


def later(verdicts: Iterable[Verdict]) -> str:
    """Return how many cases the reference answers otherwise since, by change, with an example each."""
    return _tally((verdict.later, verdict.id) for verdict in verdicts if verdict.later)


def _tally(pairs: Iterable[tuple[str, str]]) -> str:
    """Return how often each name comes, and the first case that it comes with."""
    counts: Counter[str] = Counter()
    example: dict[str, str] = {}
    for name, case in pairs:
        counts[name] += 1
        example.setdefault(name, case)
    return "\n".join(f"{count:6}  {name}  (as {example[name]})" for name, count in counts.most_common())


def verdict_text(verdict: Verdict, case: Case, *, full: bool = False) -> str:
    """Return a verdict in words: the most telling difference, or with ``full`` all of them and the input."""
    parts = [f"── {verdict.area} {verdict.id}: {verdict.outcome}  {case.title}"]
    if full:
        parts.append(_input(case))
    parts += [f"beyond the reference: {text}" for text in verdict.beyond]
    parts += [f"the reference since: {verdict.later}"] if verdict.later else []
    shown = verdict.differences if full else [verdict.telling] if verdict.differences else []
    parts += [difference_text(item, case) for item in shown]
    rest = len(verdict.differences) - len(shown)
    if rest:
        others = ", ".join(item.reason for item in verdict.differences if item is not verdict.telling)
        parts.append(f"also: {others}")
    return "\n".join(parts)


def difference_text(item: Difference, case: Case | None = None) -> str:
    """Return one difference: what differs, then recorded answer and ours side by side."""
    parts = [f"{item.reason}  {f'[{item.where}]' if item.where else ''}".rstrip()]
    if item.area == "crash" or str(item.got).startswith("Traceback"):
        return "\n".join([*parts, str(item.got)])
    parts += [f"  recorded: {_short(item.expected)}", f"  ours:     {_short(item.got)}"]
    op = item.right if item.left == ABSENT else item.left
    if case and isinstance(op, dict):
        parts += [f"  Dockerfile:{number}: {text}" for number, text in _source(op, case)]
    if item.left is not None and item.right is not None:
        parts += ["", *side_by_side(item.left, item.right)]
    return "\n".join(parts)


def side_by_side(left: Any, right: Any, width: int = 0) -> Iterator[str]:
    """Yield two JSON values in two columns, a bar between differing lines; equal ones where they are near."""
    width = width or max(shutil.get_terminal_size((160, 24)).columns, 80)
    column = (width - 3) // 2
    yield f"{'recorded':{column}}   ours"
    pages = [_page(value, column) for value in (left, right)]
    for kind, a, b, c, d in SequenceMatcher(None, pages[0], pages[1], autojunk=False).get_opcodes():
        if kind == "equal":
            yield from _equal(pages[0][a:b], column, first=a == 0, last=b == len(pages[0]))
            continue
        for i in range(max(b - a, d - c)):
            cells = [
                side[n + i] if n + i < end else "" for side, n, end in ((pages[0], a, b), (pages[1], c, d))
            ]
            yield f"{cells[0]:{column}} | {cells[1]}".rstrip()


def _equal(lines: Sequence[str], column: int, *, first: bool, last: bool) -> Iterator[str]:
    """Yield equal lines in two columns, those near a difference only."""
    before, after = (0 if first else AROUND), (0 if last else AROUND)
    if len(lines) <= before + after + 1:
        yield from (f"{line:{column}}   {line}" for line in lines)
        return
    yield from (f"{line:{column}}   {line}" for line in lines[:before])
    yield f"  ({len(lines) - before - after} equal lines)"
    yield from (f"{line:{column}}   {line}" for line in lines[len(lines) - after :])


def _page(value: Any, width: int) -> list[str]:
    """Return a value as lines of JSON that fit a column; a text with line breaks is shown as it reads."""
    text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=isinstance(value, dict))
    lines = (
        text.replace("\\n", "\\n\n").split("\n")
        if isinstance(value, (dict, list))
        else str(value).split("\n")
    )
    return [part for line in lines for part in _fold(line, width)]


def _fold(line: str, width: int) -> list[str]:
    """Return a long line in pieces."""
    return [line[i : i + width] for i in range(0, len(line), width)] or [""]


def _short(value: Any) -> str:
    """Return a value on one line, cut where it gets long."""
    text = value if value == ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 600 else f"{text[:600]}…"


def _source(op: dict[str, Any], case: Case) -> Iterator[tuple[int, str]]:
    """Yield the first lines of the Dockerfile that an op was made from."""
    lines = case.dockerfile.decode(errors="replace").split("\n")
    places = op.get("ranges", [])
    # A finding has one list less around its lines than an op.
    first = [item for item in places[0] if isinstance(item, list)] if places else []
    for number in [item[0] for item in first][:3]:
        if isinstance(number, int) and number <= len(lines):
            yield number, lines[number - 1].rstrip()


def _input(case: Case) -> str:
    """Return the Dockerfile with line numbers, and the other inputs."""
    lines = case.dockerfile.decode(errors="replace").split("\n")
    others = {key: value for key, value in case.input.items() if not key.startswith("dockerfile")}
    numbered = [f"{number:4}  {line}".rstrip() for number, line in enumerate(lines, 1)]
    return "\n".join([*numbered, f"input: {json.dumps(others, ensure_ascii=False)}" if others else ""])
