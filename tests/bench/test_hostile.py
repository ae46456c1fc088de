"""The hostile inputs that `hack/bench` measures are answered, in steps that grow with their size."""

from __future__ import annotations

import pytest
from properties.test_cost import assert_linear

from bench.hostile import SERIES, USUAL
from bench.hostile_alone import measure

#: Calls that do something of their own with a file.
CALLS = ("lint", "graph-svg+full+all", "graph-mermaid", "plain", "lock")
#: Every name is compared with every other, until `limits.SUGGESTION_WORK` ends it.
SQUARE = ("misspelt arguments", "undeclared names", "undefined names of many")
SIZE = 2_000


@pytest.mark.parametrize("name", [name for name in SERIES if name not in SQUARE])
def test_a_hostile_input_is_built_or_refused_in_step_with_its_size(name: str) -> None:
    assert_linear(lambda size: measure(name, max(size, 200)), SIZE)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", SERIES)
def test_calls_answer_a_hostile_input(name: str, call: str) -> None:
    measure(name, SIZE, call)


def test_an_input_has_the_size_that_is_asked_for() -> None:
    for name, make in SERIES.items():
        found = make(64_000)
        size = len(found.text) + len(found.ignore) + sum(map(len, found.arguments))
        assert 30_000 < size < 130_000, name


def test_the_usual_series_are_there() -> None:
    assert set(USUAL) <= set(SERIES)
