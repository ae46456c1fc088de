from __future__ import annotations

import pytest

from pyfrontend.llb.state import State
from pyfrontend.oci.platforms import Platform


def parts(state: State) -> list[object]:
    return list(state)


def test_a_state_starts_empty_in_the_root_directory() -> None:
    assert parts(State()) == [None, {}, "/", "", None]


def test_a_state_never_changes() -> None:
    state = State()
    changed = state.with_env("A", "1").with_cwd("/w").with_user("u").with_platform(Platform("linux", "arm64"))
    assert state == State()
    assert parts(changed) == [None, {"A": "1"}, "/w", "u", Platform("linux", "arm64")]


@pytest.mark.parametrize(
    ("path", "cwd"), [("x", "/w/x"), ("..", "/"), (".", "/w"), ("/a/../b", "/a/../b"), ("", "/w")]
)
def test_a_relative_directory_starts_from_the_one_before(path: str, cwd: str) -> None:
    assert State(cwd="/w").with_cwd(path).cwd == cwd


def test_a_platform_is_normalised() -> None:
    assert State().with_platform(Platform("linux", "aarch64", "v8")).platform == Platform("linux", "arm64")


def test_what_runs_leaves_the_surroundings_as_they_are() -> None:
    state = State(cwd="/w", user="u").with_env("A", "1")
    assert state.run(["x"])[1:] == state[1:]
