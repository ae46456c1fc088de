"""``hack/parity``: compare the frontend with recorded answers of the reference."""

# ruff: noqa: T201 - a command prints

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity import baseline, engine, show
from parity.cases import OWN, VARIABLE, BadCaseError, case_files, read_lines, shared_folder
from parity.engine import EngineError
from parity.run import DIFFERENT, EQUAL, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parity.cases import Case, Line
    from parity.run import Verdict

#: Values in the file of ``--json`` are cut here: it is for reasons, not for whole graphs.
LONGEST = 2000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``hack/parity``; returns 1 if some cases differ, 2 for misuse, else 0."""
    options = _parser().parse_args(arguments)
    start = time.monotonic()
    try:
        pairs = _against_engine(options) if options.against else _against_records(options)
    except (FileNotFoundError, BadCaseError, EngineError) as error:
        print(f"hack/parity: {error}", file=sys.stderr)
        return 2
    if not pairs:
        print("hack/parity: no such case", file=sys.stderr)
        return 2
    _report(pairs, options)
    print(f"\n{len(pairs)} cases in {time.monotonic() - start:.1f} s", file=sys.stderr)
    return 1 if any(verdict.outcome == DIFFERENT for _, verdict in pairs) else 0


def _parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    parser = argparse.ArgumentParser(prog="hack/parity", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("places", nargs="*", type=Path, metavar="FILE|FOLDER", help="cases (default: ../shared/parity)")
    add("--area", action="append", default=[], help="only this area (the name of its file); may be repeated")
    add("--case", action="append", default=[], metavar="ID", help="only this case, shown in full")
    add("--show", type=int, default=1, metavar="N", help="show the first difference of N cases (default 1)")
    add("--reason", default="", metavar="TEXT", help="with --show: only cases whose reason has this text")
    add("--reasons", type=int, default=25, metavar="N", help="list the N most frequent reasons (default 25)")
    add("--json", type=Path, metavar="FILE", help="write every verdict, one JSON object a line")
    add("--jobs", type=int, metavar="N", help="processes (default: one for each processor)")
    add("--update-baseline", action="store_true", help="store the counts that the tests guard, if they rose")
    add(
        "--against", choices=["engine"], help="FILE and FOLDER are Dockerfiles; ask the engine's own frontend"
    )
    add("--base", default="", metavar="IMAGE", help="with --against: put it in the place of all base images")
    return parser


def _against_records(options: argparse.Namespace) -> list[tuple[Line | Case, Verdict]]:
    """Run recorded cases, and return them with the verdicts."""
    lines = [
        line
        for line in read_lines(case_files(options.places or [_default_place()]))
        if _wanted(line, options)
    ]
    return list(zip(lines, _progress(lines, 1 if options.case else options.jobs), strict=True))


def _against_engine(options: argparse.Namespace) -> list[tuple[Line | Case, Verdict]]:
    """Compare with the engine's built-in frontend, and return Dockerfiles as cases, with the verdicts."""
    files = [file for place in options.places for file in engine.dockerfiles(place)]
    if options.case:
        files = [file for file in files if str(file) in options.case]
    env = engine.environment() if files else {}
    if files:
        engine.make_image(env)
    return list(engine.verdicts(files, env, options.base))


def _default_place() -> Path:
    """Return the folder of all recorded cases, or our own ones with a word about what is absent."""
    folder = shared_folder()
    if folder.is_dir():
        return folder
    print(f"{folder} is absent (set {VARIABLE} to the folder): only our own cases run", file=sys.stderr)
    return OWN


def _wanted(line: Line, options: argparse.Namespace) -> bool:
    """Tell whether the options ask for a case."""
    if options.area and line.area not in options.area:
        return False
    return not options.case or any(f'"id":"{name}"'.encode() in line.text[:200] for name in options.case)


def _progress(lines: list[Line], jobs: int | None) -> Iterator[Verdict]:
    """Yield verdicts, and tell a terminal how far it is."""
    for number, verdict in enumerate(run(lines, jobs), 1):
        if sys.stderr.isatty() and number % 100 == 0:
            print(f"\r{number} of {len(lines)} ", end="", file=sys.stderr)
        yield verdict


def _report(pairs: list[tuple[Line | Case, Verdict]], options: argparse.Namespace) -> None:
    """Print and write everything that was asked for."""
    verdicts = [verdict for _, verdict in pairs]
    if options.case:
        for line, verdict in pairs:
            print(show.verdict_text(verdict, line.case(), full=True))
    else:
        _overview(pairs, options)
    if options.json:
        options.json.write_text("".join(json.dumps(_plain(item)) + "\n" for item in verdicts), "utf-8")
    if options.update_baseline:
        for sentence in baseline.update(baseline.count(verdicts)):
            print(f"not lowered: {sentence}")


def _overview(pairs: list[tuple[Line | Case, Verdict]], options: argparse.Namespace) -> None:
    """Print the table, the reasons, and the first differences."""
    print(show.table(verdict for _, verdict in pairs))
    text = show.reasons((verdict for _, verdict in pairs), options.reasons)
    print(f"\nfirst differences:\n{text}" if text else "\nno differences")
    text = show.beyond(verdict for _, verdict in pairs)
    if text:
        print(f"\ncases with warnings beyond the reference's, not compared (docs/parity.md):\n{text}")
    text = show.later(verdict for _, verdict in pairs)
    if text:
        print(f"\ncases that the reference answers otherwise since, not compared (docs/parity.md):\n{text}")
    left = options.show
    for line, verdict in pairs:
        if left and verdict.outcome == DIFFERENT and options.reason in verdict.telling.reason:
            print(f"\n{show.verdict_text(verdict, line.case())}")
            left -= 1


def _plain(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict for ``--json``; one object a line."""
    result: dict[str, Any] = {"area": verdict.area, "id": verdict.id, "outcome": verdict.outcome}
    result |= {"beyond": list(verdict.beyond)} if verdict.beyond else {}
    result |= {"later": verdict.later} if verdict.later else {}
    if verdict.outcome == EQUAL:
        return result
    result["same_build"] = verdict.same_build
    result["differences"] = [
        {"area": item.area, "reason": item.reason, "where": item.where}
        | {"expected": _cut(item.expected), "got": _cut(item.got)}
        for item in verdict.differences
    ]
    return result


def _cut(value: Any) -> Any:
    """Return a value, or the beginning of its text if it is long."""
    text = json.dumps(value)
    return value if len(text) <= LONGEST else text[:LONGEST] + "…"
