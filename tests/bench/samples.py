"""Repeated measurements: variants in turn, so that a busy moment of the machine meets all of them alike."""

from __future__ import annotations

from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    #: One measurement: figures by name, such as ``ms`` and ``mb``.
    Sample = Mapping[str, float]
    #: Measurements of a variant, by figure.
    Samples = dict[str, list[float]]


class Summary(NamedTuple):
    """A figure over all runs: the middle one, and between which values the middle half of them lies."""

    median: float
    low: float
    high: float


def interleave(variants: Mapping[str, Callable[[], Sample]], runs: int) -> dict[str, Samples]:
    """Measure every variant ``runs`` times, in turn, after one time that does not count."""
    results: dict[str, Samples] = {name: {} for name in variants}
    for run in range(runs + 1):
        for name, measure in variants.items():
            sample = measure()
            if run:
                for figure, value in sample.items():
                    results[name].setdefault(figure, []).append(value)
    return results


def summary(values: list[float]) -> Summary:
    """Return the median of ``values`` and their quartiles."""
    if len(values) < 2:
        return Summary(values[0], values[0], values[0])
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Summary(median(values), low, high)
