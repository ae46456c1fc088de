"""Rows of the report: from samples to figures with ratios, goals, and the change since a saved report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.samples import Summary, paired, summary
from bench.series import GOALS, GROWTH, PEAK, SIZES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.samples import Samples

#: Names of rows that others refer to.
BARE, BARE_IN_IMAGE = "python3 -I -c pass", "python3 -I -c pass, in the image"
#: How figures are shown: wall time, processor time.
UNITS = {"ms": "ms", "cpu": "ms cpu"}
TITLES = ("what", "median", "middle half", "unit", "peak MB", "ratio", "to", "goal", "", "before")


class Row(NamedTuple):
    """A line of the table; ``ratio`` is what can be compared between machines, ``to`` says to what it is.

    ``peak`` is memory in MB, where it was measured.
    """

    name: str
    value: Summary
    unit: str
    ratio: float | None = None
    to: str = ""
    goal: float | None = None
    peak: float | None = None


def against(
    name: str, samples: Samples, base: Samples, to: str, goal: float | None = None, *, figure: str = "ms"
) -> Row:
    """Return a ``figure`` of ``name`` as a multiple of that of ``base``, measured in the same rounds."""
    return Row(
        name,
        summary(samples[figure]),
        UNITS[figure],
        paired(samples[figure], base[figure]),
        to,
        goal,
        summary(samples["mb"]).median if "mb" in samples else None,
    )


def series_rows(results: Mapping[str, Samples], sizes: Sequence[int]) -> Iterator[Row]:
    """Yield the rows of the series: processor time, since a conversion waits for nothing, and memory."""
    bare = summary(results[BARE]["cpu"]).median
    for name in dict.fromkeys(key.rpartition(" ")[0] for key in results if key != BARE):
        for size in [size for size in sizes if f"{name} {size}" in results]:
            found = results[f"{name} {size}"]
            value = summary(found["cpu"])
            goal = GOALS.get(name) if size == SIZES[-1] else None
            peak = summary(found["mb"]).median
            yield Row(f"{name} {size:,}", value, "ms cpu", value.median / bare, "bare", goal, peak)
            if size == SIZES[-1]:
                before = results[f"{name} {SIZES[-2]}"]
                yield from _growth(name, found, before)


def _growth(name: str, large: Samples, small: Samples) -> Iterator[Row]:
    """Yield how time and output grow from 1,000 to 5,000, and the memory at the end."""
    times = summary([a / b for a, b in zip(large["cpu"], small["cpu"], strict=True)])
    grown = large["bytes"][0] / small["bytes"][0]
    # What grows with the square grows in proportion to its output.
    goal = GROWTH if name in GOALS else grown
    yield Row(f"{name}, growth", times, "times", times.median, "1,000", goal)
    memory = summary(large["mb"])
    yield Row(f"{name}, peak", memory, "MB", memory.median, "", PEAK if name in GOALS else None)


def lines(rows: Sequence[Row], earlier: Mapping[str, float]) -> Iterator[str]:
    """Yield the table; ``earlier`` are the ratios of a saved report, by name."""
    cells = [TITLES, *(_cells(row, earlier.get(row.name)) for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(TITLES))]
    for line in cells:
        first, *rest = (f"{text:>{width}}" for text, width in zip(line, widths, strict=True))
        yield "  ".join([f"{first.strip():<{widths[0]}}", *rest]).rstrip()


def _cells(row: Row, earlier: float | None) -> tuple[str, ...]:
    value = row.value
    spread = f"{_short(value.low)} - {_short(value.high)}"
    change = f"{(row.ratio / earlier - 1) * 100:+.0f} %" if row.ratio and earlier else ""
    ratio = "" if row.ratio is None or not row.to else f"{row.ratio:.2f}"
    goal = "" if row.goal is None else f"{row.goal:.3g}"
    verdict = "" if row.goal is None else "met" if (row.ratio or 0) <= row.goal else "MISSED"
    peak = "" if row.peak is None else _short(row.peak)
    return row.name, _short(value.median), spread, row.unit, peak, ratio, row.to, goal, verdict, change


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
