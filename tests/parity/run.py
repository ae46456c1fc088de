"""Runs cases on all processors and judges the answers."""

from __future__ import annotations

import os
import signal
from base64 import b64decode
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from parity.compare import CORE, Difference, compare
from parity.later import change
from pyfrontend.span import SourceFile
from pyfrontend.syntax.lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from parity.cases import Case, Json, Line

#: Seconds that a case may take; the slowest known one takes a fraction of one.
PATIENCE = 30

#: Cases sent to a process at a time: few enough to share the work evenly.
CHUNK = 20

EQUAL, DIFFERENT, UNSUPPORTED = "equal", "different", "unsupported"


class Verdict(NamedTuple):
    """What came out of a case: its differences, none if it is equal.

    ``beyond`` is what we do on purpose and the reference does not: warnings, extensions; ``later`` is the
    change after the recorded release that all differences come from (docs/parity.md).
    """

    area: str
    id: str
    differences: tuple[Difference, ...] = ()
    beyond: tuple[str, ...] = ()
    later: str = ""

    @property
    def outcome(self) -> str:
        """Return ``equal``, ``different``, or ``unsupported`` where nothing else differs."""
        if not self.differences:
            return EQUAL
        return UNSUPPORTED if all(item.unsupported for item in self.differences) else DIFFERENT

    @property
    def same_build(self) -> bool:
        """Tell whether ops, configs and errors are equal, whatever else differs: it builds the same."""
        whole = any(item.unsupported and not item.where for item in self.differences)
        return not whole and not any(item.area in CORE for item in self.differences)

    @property
    def telling(self) -> Difference:
        """Return the difference to look at first."""
        return min(self.differences, key=lambda item: (item.unsupported, item.area not in CORE))


def judge(case: Case, ask: Callable[[Case], Json]) -> Verdict:
    """Let ``ask`` answer a case, and compare."""
    got = ask(case)
    beyond = tuple(warning["text"] for warning in got.pop("beyond", ()))
    differences = tuple(compare(case.expect, got))
    if differences and _is_extended(case):
        differences, beyond = (), (*beyond, "Extension: the reference refuses a line that is one of ours")
    later = change(case.expect, got) if differences else ""
    return Verdict(case.area, case.id, () if later else differences, beyond, later)


def _is_extended(case: Case) -> bool:
    """Tell whether a line of the file uses the extended language: the reference refuses each of those."""
    data = b64decode(case.input.get("dockerfile_b64", "")) or case.input.get("dockerfile", "").encode()
    return read_lines(SourceFile("Dockerfile", data)).extended


def run(lines: Iterable[Line], jobs: int | None = None) -> Iterator[Verdict]:
    """Yield the verdicts of the frontend under test, in the order of ``lines``; ``jobs`` processes work."""
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1:
        yield from map(_judge_line, lines)
        return
    # Spawned, not forked: what runs this may have threads.
    with get_context("spawn").Pool(jobs) as pool:
        for verdicts in pool.imap(_judge_chunk, _chunks(lines)):
            yield from verdicts


def _chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield ``lines`` in portions."""
    rest = iter(lines)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _judge_chunk(lines: list[Line]) -> list[Verdict]:
    """Judge a portion of cases."""
    return [_judge_line(line) for line in lines]


def _judge_line(line: Line) -> Verdict:
    """Judge one case, within its time."""
    from parity.answers import ask  # noqa: PLC0415 - the frontend is for the processes that run it

    case = line.case()
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(PATIENCE)
    try:
        return judge(case, ask)
    finally:
        signal.alarm(0)


def _too_long(*_: object) -> NoReturn:
    """End a case that takes too long."""
    raise TimeoutError(f"no answer after {PATIENCE} seconds")
