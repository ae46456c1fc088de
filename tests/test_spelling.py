"""The nearest name is that of the whole matrix, and looking for it never takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.test_cost import cost

from pyfrontend import limits
from pyfrontend.spelling import MAX_DISTANCE, Speller, did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

words = st.text("ab-", max_size=8)


def distance(left: str, right: str) -> int:
    """Return the Levenshtein distance by its definition."""
    if not left or not right:
        return len(left) + len(right)
    if left[-1] == right[-1]:
        return distance(left[:-1], right[:-1])
    return 1 + min(distance(left[:-1], right), distance(left, right[:-1]), distance(left[:-1], right[:-1]))


def reference(word: str, options: Sequence[str]) -> str:
    """Search as the reference does: the first of the nearest options within the distance."""
    best, least = "", MAX_DISTANCE + 1
    for option in options:
        if option == word:
            return ""
        found = distance(word, option)
        if found < least:
            best, least = option, found
    return best


@given(words, st.lists(words, max_size=6))
def test_the_nearest_name_is_the_one_of_the_reference(word: str, options: list[str]) -> None:
    assert nearest(word, options) == reference(word, options)


@given(words, st.lists(words, max_size=6))
def test_a_speller_suggests_the_same(word: str, options: list[str]) -> None:
    assert Speller().did_you_mean(word, options) == did_you_mean(word, options)


def test_nothing_is_suggested_for_a_name_beyond_the_limit() -> None:
    name = "a" * limits.SUGGESTED_NAME
    assert nearest(name, [name[1:]]) == name[1:]
    assert nearest(name + "a", [name]) == ""


@pytest.mark.parametrize("tail", ["", "b" * 100])
def test_a_long_name_costs_in_step_with_its_length(tail: str) -> None:
    def work(size: int) -> int:
        return cost(lambda: nearest("ab" * size + tail, ["ba" * size + tail]))

    assert work(100) <= 2.3 * work(50)


def test_suggestions_end_when_their_work_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SUGGESTION_WORK", 1000)
    speller = Speller()
    options = [f"NAME{number}" for number in range(100)]
    suggested = [bool(speller.did_you_mean(f"NAMEX{number}", options)) for number in range(200)]
    assert suggested[0]
    assert not suggested[-1]
    assert suggested == sorted(suggested, reverse=True)
