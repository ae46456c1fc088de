from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.llb.env import EMPTY, RECENT, Env
from pyfrontend.pb import ops_pb2 as pb

# Few keys, so that most are set again, before and after they moved into the shared block.
SETTINGS = st.lists(st.tuples(st.sampled_from([f"K{n}" for n in range(2 * RECENT)]), st.text(max_size=2)))


def after(pairs: list[tuple[str, str]]) -> Env:
    env = EMPTY
    for key, value in pairs:
        env = env.set(key, value)
    return env


@given(SETTINGS)
def test_setting_a_variable_again_moves_it_to_the_end(pairs: list[tuple[str, str]]) -> None:
    expected: dict[str, str] = {}
    for key, value in pairs:
        expected.pop(key, None)
        expected[key] = value
    env = after(pairs)
    assert list(env.items()) == list(expected.items())
    assert list(pb.Meta.FromString(env.encoded()).env) == [f"{k}={v}" for k, v in expected.items()]
    assert len(env) == len(expected)


@given(SETTINGS, SETTINGS)
def test_environments_that_grow_apart_do_not_disturb_each_other(
    common: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    env = after(common)
    before = list(env.items())
    for key, value in more:
        env = env.set(key, value)
    assert list(after(common).items()) == before


@given(SETTINGS)
def test_lookup_agrees_with_the_items(pairs: list[tuple[str, str]]) -> None:
    env = after(pairs)
    for key, value in env.items():
        assert (env.get(key), key in env) == (value, True)
        assert env.__getitem__(key) == value
    assert (env.get("missing"), env.get("missing", "x"), "missing" in env) == (None, "x", False)


def test_an_empty_value_is_a_value() -> None:
    assert Env({"A": "old"}).set("A", "").get("A", "default") == ""


def test_a_long_environment_is_encoded_once_for_all_that_grow_from_it() -> None:
    env = after([(f"K{n}", "v") for n in range(RECENT + 1)])
    grown = [env.set("X", str(n)) for n in range(3)]
    assert all(one.encoded().startswith(env.encoded()) for one in grown)
    assert len({id(one._block._encoded) for one in grown}) == 1


@given(SETTINGS, SETTINGS)
def test_an_update_is_the_same_as_setting_one_after_the_other(
    common: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    one_by_one = after(common)
    for key, value in dict(more).items():
        one_by_one = one_by_one.set(key, value)
    assert list(after(common).update(dict(more)).items()) == list(one_by_one.items())


def test_an_update_that_changes_nothing_keeps_what_is_encoded() -> None:
    env = after([(f"K{n}", "v") for n in range(RECENT + 1)])
    assert env.update(dict(env.items())) is env
    assert env.update({"K0": "v"}) is not env


@given(SETTINGS, SETTINGS)
def test_an_update_moves_all_its_variables_to_the_end(
    pairs: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    env, values = after(pairs), dict(more)
    expected = {**{key: value for key, value in env.items() if key not in values}, **values}
    updated = env.update(values)
    assert list(updated.items()) == list(expected.items())
    assert list(updated.update(values).items()) == list(expected.items())
    assert updated.update(dict(expected)) is updated
    assert list(env.items()) == list(after(pairs).items())


@given(SETTINGS, SETTINGS)
def test_a_covered_environment_shows_other_values_and_leaves_the_original_alone(
    pairs: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    env = after(pairs)
    covered = env.covered(dict(more))
    assert dict(covered) == {**env, **dict(more)}
    assert list(env.items()) == list(after(pairs).items())
