"""Repeated measurements: variants in rounds, so that a busy moment of the machine meets all of them alike."""

from __future__ import annotations

from random import shuffle
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
    """Measure every variant ``runs`` times, in rounds of random order; the very first does not count."""
    results: dict[str, Samples] = {name: {} for name in variants}
    order = list(variants)
    for run in range(runs + 1):
        shuffle(order)
        for name in order:
            sample = variants[name]()
            if run:
                for figure, value in sample.items():
                    results[name].setdefault(figure, []).append(value)
    return results


def paired(values: Sequence[float], base: Sequence[float]) -> float:
    """Return the median of the ratios of each round: what slows down a whole round is not in it."""
    return median(value / other for value, other in zip(values, base, strict=True))


def summary(values: list[float]) -> Summary:
    """Return the median of ``values`` and their quartiles."""
    if len(values) < 2:
        return Summary(values[0], values[0], values[0])
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Summary(median(values), low, high)
