"""The work grows in step with the size of a file: counted in calls and lines executed, never in seconds."""

from __future__ import annotations

import sys
import tracemalloc
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from properties import texts
from properties.world import build
from pyfrontend.errors import DockerfileError
from pyfrontend.span import SourceFile
from pyfrontend.syntax.declare import REGISTRY
from pyfrontend.syntax.document import parse_dockerfile
from pyfrontend.syntax.expand import expand

if TYPE_CHECKING:
    from collections.abc import Callable

#: Twice as much text may cost twice as much and a little; a square would cost four times as much.
RATIO = 2.3
#: What a small text costs anyway.
BASE = 4000


def cost(work: Callable[[], object]) -> int:
    """Return the calls, of Python and of C, and the lines of Python that ``work`` executes."""
    count = 0

    def profile(*_: object) -> None:
        nonlocal count
        count += 1

    def trace(*_: object) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.getprofile(), sys.gettrace()
    sys.setprofile(profile)
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before[1])
        sys.setprofile(before[0])
    return count


def assert_linear(work: Callable[[int], object], size: int) -> None:
    """Do ``work`` of ``size`` and of twice that."""
    work(2)  # what is imported and compiled on first use
    once, twice = (cost(partial(work, n)) for n in (size, 2 * size))
    assert twice <= RATIO * once + BASE, f"{once} operations became {twice}"


def parse(text: str) -> None:
    parse_dockerfile(SourceFile("Dockerfile", texts.encoded(text)))


@settings(max_examples=settings().max_examples // 5)
@given(st.lists(texts.line(), max_size=5).map("\n".join))
def test_many_lines_are_parsed_in_step_with_their_number(lines: str) -> None:
    assert_linear(lambda n: parse("FROM a\n" + f"{lines}\n" * n), 40)


def test_errors_before_the_first_stage_are_reported_in_step_with_their_number() -> None:
    assert_linear(lambda n: parse("NONE\n" * n + "RUN x\n" * n), 100)


@settings(max_examples=settings().max_examples // 5)
@given(st.sampled_from(sorted(REGISTRY)), texts.words, st.sampled_from(["", " ", "\\\n", "\n"]))
def test_a_long_line_is_parsed_in_step_with_its_length(keyword: str, word: str, gap: str) -> None:
    assert_linear(lambda n: parse(f"FROM a\n{keyword} " + f"{word}{gap}" * n), 100)


@settings(max_examples=settings().max_examples // 5)
@given(st.lists(texts.line().filter(texts.parses), max_size=4).map("\n".join))
def test_many_lines_are_lowered_in_step_with_their_number(lines: str) -> None:
    assert_linear(lambda n: build(texts.encoded("FROM a\n" + f"{lines}\n" * n)), 20)


def tolerant(word: str, env: dict[str, str]) -> None:
    try:
        expand(word, env)
    except DockerfileError:
        return


@settings(max_examples=settings().max_examples // 5)
@given(texts.words, texts.words)
def test_a_nested_expression_is_expanded_in_step_with_its_depth(left: str, right: str) -> None:
    assert_linear(lambda n: tolerant(left * n + right * n, {"A": "x"}), 100)


#: Only what gives a graph that grows in step: every RUN repeats all variables in it, for one.
CHAINS: list[tuple[str, Callable[[int], str]]] = [
    ("stages on stages", lambda n: "".join(f"FROM s{i} AS s{i + 1}\nRUN x\n" for i in range(n))),
    ("copies from every stage", lambda n: "".join(f"FROM a AS s{i}\nRUN x\n" for i in range(n))
        + "FROM a\n" + "".join(f"COPY --from=s{i} x y\n" for i in range(n))),
    ("variables", lambda n: "FROM a\n" + "".join(f"ENV V{i}=$V{i - 1}\nRUN x\n" for i in range(n))),
    ("one long ENV", lambda n: "FROM a\nENV " + " ".join(f"V{i}=x" for i in range(n))),
    ("global arguments", lambda n: "".join(f"ARG V{i}=$V{i - 1}\n" for i in range(n)) + "FROM a\nRUN x\n"),
    ("labels", lambda n: "FROM a\n" + "".join(f"LABEL l{i}=x\n" for i in range(n))),
    ("ports", lambda n: "FROM a\n" + "".join(f"EXPOSE {i + 1}\n" for i in range(n))),
    ("sources of one COPY", lambda n: "FROM a\nCOPY " + " ".join(f"f{i}" for i in range(n)) + " /d/\n"),
    ("mounts of one RUN",
        lambda n: "FROM a\nRUN " + " ".join(f"--mount=target=/t{i}" for i in range(n)) + " x\n"),
    ("heredocs of one RUN", lambda n: "FROM a\nRUN " + " ".join(f"<<E{i}" for i in range(n)) + "\n"
        + "".join(f"x\nE{i}\n" for i in range(n))),
    ("triggers", lambda n: "FROM a AS b\n" + "ONBUILD RUN x\n" * n + "FROM b\n"),
    ("comments", lambda n: "# c\n" * n + "FROM a\n"),
    ("continued lines", lambda n: "FROM a\nRUN x" + " \\\n x" * n + "\n"),
    ("undefined names", lambda n: "FROM a\n" + "".join(f"ENV X=$ABCE{i}\n" for i in range(n))),
    ("mistakes", lambda n: "FROM a\n" + "COPPY x\nRUN x\n" * n),
]  # fmt: skip


@pytest.mark.parametrize("text", [pytest.param(make, id=name) for name, make in CHAINS])
def test_a_build_costs_in_step_with(text: Callable[[int], str]) -> None:
    assert_linear(lambda n: build(text(n).encode()), 60)


@pytest.mark.parametrize("form", ["graph+stages", "graph-svg+stages"])
@pytest.mark.parametrize(
    "stage",
    [
        pytest.param("FROM s{before} AS s{n}\nRUN x\n", id="chain"),
        pytest.param("FROM s0 AS s{n}\nCOPY --from=s{before} a b\n", id="ladder"),
        pytest.param("FROM image{n} AS s{n}\nRUN --mount=from=s0,target=/x y\n", id="fan"),
    ],
)
def test_stages_are_drawn_in_step_with_their_number(stage: str, form: str) -> None:
    def draw(count: int) -> None:
        stages = "".join(stage.format(before=n - 1, n=n) for n in range(1, count))
        build(f"FROM a AS s0\n{stages}".encode(), requestid=f"frontend.{form}")

    assert_linear(draw, 160)


def peak(work: Callable[[], object]) -> int:
    """Return how many bytes ``work`` has at most: copies in C show in no count of operations."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "stage",
    [
        pytest.param("ENV V{n}=x\n", id="variables"),
        pytest.param("ENV V{n}=x A=$A$V{n}\n", id="variables that are used"),
        pytest.param("ARG A{n}=x\nENV V{n}=y\n", id="arguments and variables"),
        pytest.param("LABEL l{n}=x\nEXPOSE {n}\n", id="labels and ports"),
        pytest.param("ONBUILD RUN x\n", id="triggers"),
    ],
)
def test_stages_on_stages_share_what_they_inherit(stage: str) -> None:
    def stages(count: int) -> bytes:
        rest = "".join(f"FROM s{n - 1} AS s{n}\n{stage.replace('{n}', str(n))}" for n in range(1, count))
        return f"FROM scratch AS s0\n{rest}".encode()

    build(stages(2))
    once, twice = (peak(partial(build, stages(count))) for count in (1000, 2000))
    assert twice <= RATIO * once
