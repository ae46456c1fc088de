"""Help for files of the command line and the library that name a frontend with plugins."""

from __future__ import annotations

from types import ModuleType

import pytest

import pyfrontend
from pyfrontend.testing import build

HELP = "{0}, which the syntax line names, may know it: docker run --rm -i {0} check < FILE"


@pytest.mark.parametrize(
    "ref", ["acme/frontend", "registry.example.com:5000/acme/frontend:1", "acme/x@sha256:0"]
)
@pytest.mark.parametrize("line", ["APT git", "RUN --retry=3 make"])
def test_an_unknown_word_may_be_one_of_the_frontend_that_the_file_names(ref: str, line: str) -> None:
    text = f"# syntax={ref}\nFROM alpine\n{line}\n"
    [found] = pyfrontend.parse(text).errors
    assert (found.line, found.help) == (3, HELP.format(ref))
    assert pyfrontend.lint(text).errors[0].help == HELP.format(ref)


@pytest.mark.parametrize(
    "first",
    [
        *("", "# syntax=docker/dockerfile:1-labs\n", "# syntax=docker/dockerfile-upstream@sha256:0\n"),
        *("# syntax=ourorg/pyfrontend:1\n", "# syntax=registry.example.com:5000/docker/dockerfile\n"),
    ],
)
def test_frontends_that_know_no_more_are_not_named(first: str) -> None:
    [found] = pyfrontend.parse(f"{first}FROM alpine\nAPT git\n").errors
    assert found.help == "write RUN APT git"


def test_with_plugins_or_in_a_build_it_is_this_frontend_that_would_know() -> None:
    text = "# syntax=acme/frontend\nFROM alpine\nAPTT git\n"
    house = ModuleType("house")
    exec("from pyfrontend.api import macro\n@macro('APT')\ndef apt(): return 'RUN x'\n", vars(house))
    [found] = pyfrontend.parse(text, plugins=[house]).errors
    assert "syntax line" not in found.help
    with pytest.raises(pyfrontend.DockerfileError) as caught:
        build(text)
    assert "syntax line" not in str(caught.value)


def test_other_errors_have_their_own_help() -> None:
    [found] = pyfrontend.parse("# syntax=acme/frontend\nFROM alpine\nCOPY a\n").errors
    assert "acme" not in found.help
