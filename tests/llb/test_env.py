from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.llb import env as module
from pyfrontend.llb.env import EMPTY, Env
from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.shared import RECENT, SharedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def test_names_are_put_together_when_the_first_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    env = after([("A", "1"), ("B", "2")])
    monkeypatch.setattr(Env, "_flat", lambda _: pytest.fail("too early"))
    names = (name for name in env)
    monkeypatch.undo()
    assert list(names) == ["A", "B"]


def test_an_empty_value_is_a_value() -> None:
    assert Env({"A": "old"}).set("A", "").get("A", "default") == ""


@given(SETTINGS, SETTINGS)
def test_an_update_is_the_same_as_setting_one_after_the_other(
    common: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    one_by_one = after(common)
    for key, value in dict(more).items():
        one_by_one = one_by_one.set(key, value)
    assert list(after(common).update(dict(more)).items()) == list(one_by_one.items())


def test_an_update_that_changes_nothing_gives_the_same_environment() -> None:
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


@given(st.lists(st.tuples(SETTINGS, SETTINGS), max_size=4))
def test_stages_on_stages_set_the_variables_of_a_growing_image_again(
    stages: list[tuple[list[tuple[str, str]], list[tuple[str, str]]]],
) -> None:
    """Each stage has variables of the image, and others that only the environment has."""
    env, image, expected = EMPTY, SharedDict[str](), dict[str, str]()
    for both, alone in stages:
        image = image.clone()
        for key, value in both:
            image[key] = value
            env = env.set(key, value)
            expected.pop(key, None)
            expected[key] = value
        for key, value in alone:
            env = env.set(key, value)
            expected.pop(key, None)
            expected[key] = value
        env = env.update(image.clone())
        expected = {**{key: value for key, value in expected.items() if key not in image}, **dict(image)}
        assert list(env.items()) == list(expected.items())
        assert {key: env[key] for key in expected} == expected
        assert list(pb.Meta.FromString(env.encoded()).env) == [f"{k}={v}" for k, v in expected.items()]


def test_environments_that_grow_out_of_each_other_encode_what_they_share_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[int] = []

    def encode(values: Mapping[str, str]) -> bytes:
        counted.append(len(values))
        return pb.Meta(env=[f"{key}={value}" for key, value in values.items()]).SerializeToString()

    monkeypatch.setattr(module, "_encode", encode)
    many, current = 20 * RECENT, EMPTY.update({"PATH": "/bin"})
    for number in range(many):
        current = current.set(f"NAME{number}", "value")
        assert len(pb.Meta.FromString(current.encoded()).env) == number + 2
    # Each time at most the few that are in no block yet, and each block once: blocks double.
    assert sum(counted) < many * RECENT
    assert max(counted) < many


@given(SETTINGS, SETTINGS)
def test_a_covered_environment_shows_other_values_and_leaves_the_original_alone(
    pairs: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    env = after(pairs)
    covered = env.covered(dict(more))
    assert dict(covered) == {**env, **dict(more)}
    assert list(env.items()) == list(after(pairs).items())
