"""A dictionary that shares entries with its clones behaves as a plain one, at the price of its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from properties.test_cost import assert_linear

from pyfrontend.shared import RECENT, MovingDict, SharedDict

if TYPE_CHECKING:
    import pytest

entries = st.dictionaries(st.text("abc", max_size=2), st.integers(0, 3), max_size=2 * RECENT)


@given(entries, st.lists(st.tuples(entries, st.booleans()), max_size=4))
def test_it_has_the_entries_and_the_order_of_a_plain_dictionary(
    first: dict[str, int], changes: list[tuple[dict[str, int], bool]]
) -> None:
    shared, plain = SharedDict(first), dict(first)
    kept: list[tuple[SharedDict[int], dict[str, int]]] = []
    for values, forks in changes:
        if forks:
            kept.append((shared.clone(), dict(plain)))
        shared.update(values)
        plain.update(values)
        kept.append((shared, plain))
    for one, other in kept:
        assert list(one.items()) == list(other.items())
        assert (list(one), len(one), bool(one)) == (list(other), len(other), bool(other))
        assert all((one.get(key), key in one) == (other.get(key), key in other) for key in ["a", "b", "zz"])


@given(
    st.lists(
        st.tuples(st.sampled_from([f"k{n}" for n in range(2 * RECENT)]), st.integers(0, 3)), max_size=200
    )
)
def test_a_moving_one_has_the_order_in_which_keys_were_last_set(pairs: list[tuple[str, int]]) -> None:
    moving, plain = MovingDict[int](), dict[str, int]()
    for key, value in pairs:
        moving[key] = value
        plain.pop(key, None)
        plain[key] = value
    assert list(moving.items()) == list(plain.items())
    assert len(moving) == len(plain)


def test_entries_are_copied_once_each_time_that_their_number_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    copied = 0
    joined = SharedDict._joined

    def counting(older: dict[str, int], newer: dict[str, int]) -> dict[str, int]:
        nonlocal copied
        copied += len(older) + len(newer)
        return joined(older, newer)

    monkeypatch.setattr(SharedDict, "_joined", staticmethod(counting))
    shared = SharedDict[int]()
    number = 50_000
    kept = []
    for n in range(number):
        shared = shared.clone()
        shared[str(n)] = n
        kept.append(shared)
    assert copied < number * 11
    assert max(len(one._blocks) for one in kept) < 12
    assert list(kept[1000].items()) == [(str(n), n) for n in range(1001)]


def test_many_clones_of_a_large_one_cost_in_step_with_their_number() -> None:
    def work(size: int) -> None:
        shared = SharedDict({str(number): number for number in range(size)})
        for number in range(size):
            shared = shared.clone()
            shared[f"x{number}"] = number

    assert_linear(work, 400)
