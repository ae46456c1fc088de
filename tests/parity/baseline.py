"""How many cases of each area are equal: the numbers that may only rise."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from parity.run import EQUAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parity.run import Verdict

FILE = Path(__file__).resolve().parent / "baseline.json"

Counts = dict[str, dict[str, int]]


def count(verdicts: Iterable[Verdict]) -> Counts:
    """Return for each area the numbers of cases: all, those that are equal, those that build the same."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts:
        numbers = {"cases": 1, "equal": int(verdict.outcome == EQUAL), "same_build": int(verdict.same_build)}
        counts[verdict.area].update(numbers)
    return {area: dict(numbers) for area, numbers in sorted(counts.items())}


def read() -> Counts:
    """Return the stored numbers."""
    found: Counts = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return found


def fallen(stored: Counts, counts: Counts) -> list[str]:
    """Return a sentence for each number below the stored one; areas that were not run are left out."""
    return [
        f"{area}: {counts[area][name]} cases {name.replace('_', ' ')}, were {number}"
        for area, numbers in stored.items()
        for name, number in numbers.items()
        if area in counts and counts[area][name] < number
    ]


def update(counts: Counts) -> list[str]:
    """Raise the stored numbers to ``counts``, and return what stood in the way: a number that fell stays."""
    stored = read()
    merged = dict(stored)
    for area, numbers in counts.items():
        old = stored.get(area, {})
        merged[area] = {name: max(number, old.get(name, 0)) for name, number in numbers.items()}
    text = ",\n".join(f"  {json.dumps(area)}: {json.dumps(merged[area])}" for area in sorted(merged))
    FILE.write_text(f"{{\n{text}\n}}\n", "utf-8")
    return fallen(stored, counts)
