"""Handing a build over to another frontend."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import FakeBridge, Lines, an_input, lines
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import SOURCE_URL, UNKNOWN, BridgeError, Detail

ARG = "build-arg:BUILDKIT_SYNTAX"
SYNTAX = "# first\n# syntax = a/b:1 --flag\nFROM x\n"


def handed_over(dockerfile: str, options: dict[str, str], **given: Any) -> dict[str, str] | None:
    """The options that the other frontend gets, None where none is asked."""
    bridge = FakeBridge(dockerfile, **given)
    serve(bridge, Request(options, workers=bridge.workers))
    solves = [solve for solve in bridge.solves if solve.frontend]
    assert [solve.frontend for solve in solves] in ([], ["gateway.v0"])
    return dict(solves[0].options) if solves else None


@pytest.mark.parametrize(
    ("dockerfile", "options", "passed"),
    [
        pytest.param("FROM x\n", {}, None, id="no line, no option"),
        pytest.param("# syntax=a/b\nFROM x\n", {}, {"cmdline": "a/b", "source": "a/b"}, id="the line"),
        pytest.param(
            "# syntax=a/b --flag\nFROM x\n",
            {"target": "t"},
            {"cmdline": "a/b --flag", "source": "a/b", "target": "t"},
            id="with words, and all options",
        ),
        pytest.param(
            "#!/bin/x\n// syntax=a/b\nFROM x\n",
            {},
            {"cmdline": "a/b", "source": "a/b"},
            id="the line of another language",
        ),
        pytest.param(
            "FROM x\n",
            {ARG: " c/d  e "},
            {"cmdline": " c/d  e ", "source": "c/d", ARG: " c/d  e "},
            id="the build argument",
        ),
        pytest.param(
            "FROM x\n",
            {ARG: "\u00a0\x1cc\u00a0d e"},
            {"cmdline": "\u00a0\x1cc\u00a0d e", "source": "\x1cc\u00a0d", ARG: "\u00a0\x1cc\u00a0d e"},
            id="whitespace of Unicode",
        ),
        pytest.param(
            "# syntax=a/b\nFROM x\n", {ARG: "c"}, {"cmdline": "c", "source": "c", ARG: "c"}, id="which wins"
        ),
        pytest.param("# syntax=a/b\nFROM x\n", {"cmdline": "x"}, None, id="not once more"),
    ],
)
def test_the_other_frontend_is_named_by_line_or_argument(
    dockerfile: str, options: dict[str, str], passed: dict[str, str] | None
) -> None:
    assert handed_over(dockerfile, options) == passed


def test_inputs_are_handed_over_too() -> None:
    assert handed_over("# syntax=a/b\nFROM x\n", {}, inputs={"x": an_input("docker-image://x")}) is not None


REFUSED = BridgeError(UNKNOWN, "refused")
PLACED = BridgeError(UNKNOWN, "refused", [Detail(SOURCE_URL, b"{}")])


@pytest.mark.parametrize(
    ("options", "refusal", "message", "ranges"),
    [
        pytest.param({}, REFUSED, "refused", [(1, 1)], id="at the line"),
        pytest.param({}, PLACED, "refused", None, id="at the place that the other one names"),
        pytest.param({ARG: "c"}, REFUSED, f"failed with {ARG} = c: refused", None, id="at the argument"),
        pytest.param(
            {ARG: "c"}, PLACED, "refused", None, id="at the place that the other one names, with an argument"
        ),
    ],
)
def test_a_frontend_that_fails_is_reported(
    options: dict[str, str], refusal: BridgeError, message: str, ranges: list[Lines] | None
) -> None:
    with pytest.raises((DockerfileError, BridgeError)) as caught:
        handed_over("# syntax=a/b\nFROM x\n", options, fail={"solve:gateway.v0": refusal})
    error = caught.value
    found = list(map(lines, error.spans)) if isinstance(error, DockerfileError) else None
    assert (str(error), found) == (message, ranges)


def test_an_empty_input_is_handed_to_nobody() -> None:
    bridge = FakeBridge("# syntax=a/b\nFROM x\n", inputs={"x": {"def": [], "metadata": {}}})
    with pytest.raises(DockerfileError) as caught:
        serve(bridge, Request({"context": "https://github.com/a/b.git"}, workers=bridge.workers))
    text = "failed to get frontend inputs: invalid nil input definition to definition op"
    assert (caught.value.message, list(map(lines, caught.value.spans))) == (text, [(1, 1)])


def test_inputs_that_cannot_be_read_are_an_error() -> None:
    bridge = FakeBridge("# syntax=a/b\nFROM x\n", fail={"inputs": REFUSED})
    with pytest.raises(DockerfileError, match=r"^failed to get frontend inputs: refused$"):
        serve(bridge, Request({"context": "https://github.com/a/b.git"}, workers=bridge.workers))
