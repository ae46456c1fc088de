"""A dictionary that shares entries with its clones behaves as a plain one, at the price of its changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from properties.test_cost import assert_linear

from pyfrontend.shared import RECENT, SharedDict

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


def test_many_clones_of_a_large_one_cost_in_step_with_their_number() -> None:
    def work(size: int) -> None:
        shared = SharedDict({str(number): number for number in range(size)})
        for number in range(size):
            shared = shared.clone()
            shared[f"x{number}"] = number

    assert_linear(work, 400)
