"""Which stages there are, where their files come from, and what is wrong with that."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import Conversion, DictResolver, Lines, complaint, context, lower
from pyfrontend.oci.platforms import Platform

LINE_1, LINE_2, LINE_3, LINE_4 = ((number, number) for number in (1, 2, 3, 4))

BAD_NAME = (
    'failed to parse stage name "a/B": invalid reference format: repository name (a/B) must be lowercase'
)
NO_VARIABLES = (
    "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope"
    " as a workaround"
)


def built(text: str, **given: Any) -> list[str]:
    """The names of all images that were asked for, in any order."""
    conversion = Conversion(text, **given)
    conversion.lower()
    return sorted(
        name.removeprefix("docker.io/library/").removesuffix(":latest")
        for name, *_ in conversion.resolver.asked
    )


@pytest.mark.parametrize(
    ("text", "images"),
    [
        pytest.param("FROM a\nFROM b", ["b"], id="the last stage is the target"),
        pytest.param("FROM a AS x\nFROM b\nCOPY --from=x / /", ["a", "b"], id="COPY needs a stage"),
        pytest.param("FROM a AS x\nFROM b\nCOPY --from=X / /", ["a", "b"], id="in any case"),
        pytest.param("FROM a\nFROM b\nCOPY --from=0 / /", ["a", "b"], id="by its number"),
        pytest.param("FROM a\nFROM b\nCOPY --from=+0 / /", ["a", "b"], id="with a sign"),
        pytest.param(
            "FROM a AS x\nFROM b\nRUN --mount=from=x,target=/x x", ["a", "b"], id="a mount needs a stage"
        ),
        pytest.param("FROM a AS x\nFROM x\nFROM x", ["a"], id="a stage on top of a stage"),
        pytest.param("FROM a AS x\nFROM b AS x\nFROM x", ["b"], id="the latest of a name counts"),
        pytest.param("FROM x\nFROM a AS x", ["a"], id="a name that comes later is none of the target's"),
        pytest.param("FROM x AS x", ["x"], id="a stage may be called like its image"),
        pytest.param("FROM a\nCOPY --from=c / /", ["a", "c"], id="another name is an image"),
        pytest.param(
            "FROM a\nCOPY --from=c / /\nCOPY --from=c / /x", ["a", "c"], id="an image is asked for once"
        ),
        pytest.param(
            "FROM a\nCOPY --from=99999999999999999999 / /",
            ["99999999999999999999", "a"],
            id="a number beyond 64 bits is an image too",
        ),
        pytest.param("FROM scratch", [], id="scratch is no image"),
        pytest.param(
            "FROM a AS x\nFROM b AS y\nCOPY --from=x / /\nFROM scratch",
            [],
            id="what only others need is not needed",
        ),
    ],
)
def test_only_what_the_target_needs_is_looked_up(text: str, images: list[str]) -> None:
    assert built(text) == images


def test_the_target_is_found_in_any_case() -> None:
    assert built("FROM a AS One\nFROM b", target="oNE") == ["a"]


def test_all_stages_are_lowered_where_that_is_asked_for() -> None:
    assert built("FROM a\nFROM b\nFROM c", all_stages=True) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "given", "message", "places", "hint"),
    [
        pytest.param(
            "FROM a AS build",
            {"target": "buld"},
            'target stage "buld" could not be found (did you mean build?)',
            [],
            (1, 1),
            id="a target that is not there",
        ),
        pytest.param(
            "FROM $NONE", {}, "base name ($NONE) should not be blank", [LINE_1], None, id="an empty base"
        ),
        pytest.param(
            "FROM a\nFROM ${A?x}", {}, 'failed to process "${A?x}": A: x', [LINE_2], None, id="a bad word"
        ),
        pytest.param(
            "FROM a/B",
            {},
            BAD_NAME,
            [LINE_1],
            None,
            id="a bad name",
        ),
        pytest.param(
            "FROM a\nRUN x\nRUN --mount=from=a/B,target=/b x",
            {},
            BAD_NAME,
            [],
            LINE_3,
            id="a bad name in a mount",
        ),
        pytest.param(
            "FROM a/B\nFROM a",
            {},
            BAD_NAME,
            [LINE_1],
            None,
            id="also of a stage that nobody needs",
        ),
        pytest.param(
            "FROM --platform=$X a",
            {},
            "empty platform value from expression $X",
            [LINE_1],
            None,
            id="an empty platform",
        ),
        pytest.param(
            "FROM --platform=$BULDPLATFORM a",
            {},
            "empty platform value from expression $BULDPLATFORM (did you mean BUILDPLATFORM?)",
            [LINE_1],
            None,
            id="a misspelt platform variable",
        ),
        pytest.param(
            "FROM --platform=${X?unset} a",
            {},
            'failed to process arguments for platform : failed to process "${X?unset}": X: unset',
            [LINE_1],
            None,
            id="a bad platform word",
        ),
        pytest.param(
            "FROM --platform=a/b/c/d a",
            {},
            'failed to parse platform a/b/c/d: "a/b/c/d": cannot parse platform specifier: invalid argument',
            [LINE_1, LINE_1],
            None,
            id="a bad platform",
        ),
        pytest.param(
            "FROM a\nCOPY --from=3 / /",
            {},
            "invalid stage index 3",
            [],
            LINE_2,
            id="a number that is no stage",
        ),
        pytest.param(
            "FROM a\nCOPY --from=-1 / /", {}, "invalid stage index -1", [], LINE_2, id="a number below zero"
        ),
        pytest.param(
            "FROM a\nCOPY --from=9223372036854775807 / /",
            {},
            "invalid stage index 9223372036854775807",
            [],
            LINE_2,
            id="the largest number",
        ),
        pytest.param(
            "FROM a\nCOPY --from=$X / /",
            {},
            NO_VARIABLES,
            [],
            LINE_2,
            id="a variable in --from",
        ),
        pytest.param(
            "FROM a AS x\nCOPY --from=x / /",
            {},
            "circular dependency detected on stage: x",
            [LINE_2],
            None,
            id="a stage that needs itself",
        ),
        pytest.param(
            "FROM a AS x\nCOPY --from=y / /\nFROM a AS y\nRUN --mount=from=x,target=/x x",
            {},
            "circular dependency detected on stage: x",
            [LINE_2, LINE_4],
            None,
            id="two stages that need each other",
        ),
        pytest.param(
            "FROM a\nCOPY --from=1 / /\nFROM a",
            {"all_stages": True},
            'cannot copy from stage "1", it needs to be defined before current stage "stage-0"',
            [LINE_2],
            None,
            id="a stage that comes later",
        ),
    ],
)
def test_an_error_is_named_with_its_place(
    text: str, given: dict[str, Any], message: str, places: list[Lines], hint: Lines | None
) -> None:
    assert complaint(text, **given) == (message, places, hint)


@pytest.mark.parametrize("name", ["build", "BUILD", "bu\u0130ld"])
def test_a_stage_is_found_in_any_case(name: str) -> None:
    assert lower("FROM scratch AS build\nFROM scratch", target=name).stage.name == "build"


def test_of_stages_with_one_name_the_last_is_scanned() -> None:
    text = "ARG BUILDKIT_SBOM_SCAN_STAGE=1\n" + "FROM scratch AS b\nWORKDIR /a\n" * 9 + "FROM scratch AS c\n"
    found = lower(text + "".join(f"COPY --from={number} / /\n" for number in range(9)))
    assert found.scans["b"] is found.lowering.graph.stages[8].state


def test_thousands_of_stages_on_top_of_each_other_are_no_deep_recursion() -> None:
    lines = ["FROM scratch AS s0", *(f"FROM s{n} AS s{n + 1}\nCOPY --from=s{n} / /" for n in range(3000))]
    assert len(lower("\n".join(lines)).lowering.graph.stages) == 3001


@pytest.mark.parametrize(
    ("name", "replaced"),
    [("theme", True), ("THEME", True), ("docker.io/library/theme:latest", True), ("context", False)],
)
def test_a_named_context_stands_for_the_stage_or_image_of_its_name(name: str, *, replaced: bool) -> None:
    resolver = DictResolver(contexts={"theme": context("theme"), "context": context("context")})
    conversion = Conversion(f"FROM a\nCOPY --from={name} / /", resolver=resolver)
    if name == "THEME":
        conversion = Conversion("FROM b AS THEME\nFROM a\nCOPY --from=THEME / /", resolver=resolver)
    conversion.lower()
    assert ("theme" in resolver.used) == replaced


def test_a_context_that_replaces_a_stage_keeps_its_steps_from_running() -> None:
    config = {
        "os": "linux",
        "architecture": "arm64",
        "config": {"Env": ["A=theme"]},
        "created": "2024-01-02T03:04:05Z",
    }
    resolver = DictResolver(contexts={"x": context("x", config)})
    found = lower("FROM a AS x\nRUN false\nFROM x\nRUN true", resolver=resolver)
    assert resolver.asked == []
    assert found.image.env[0] == "A=theme"
    assert found.image.created == ""
    assert found.stage.platform == Platform("linux", "arm64")


def test_a_context_learns_the_paths_that_are_read_from_it() -> None:
    resolver = DictResolver(contexts={"x": context("x"), "y": context("y")})
    lower(
        "FROM a\nCOPY --from=x b a/../c /\nRUN --mount=from=y,source=d,target=/d d\nCOPY --from=y . /",
        resolver=resolver,
    )
    assert {name: list(paths()) for name, paths in resolver.used.items()} == {"x": ["b", "c"], "y": []}
