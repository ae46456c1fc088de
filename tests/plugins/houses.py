"""Plugins made of texts, as their authors write them, and what becomes of Dockerfiles with them."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import pyfrontend
from pyfrontend.errors import DockerfileError

if TYPE_CHECKING:
    from pyfrontend.library.lowering import Lowered

IMPORTS = """
from pyfrontend.api import (
    DockerfileError, Finding, Input, Instruction, call, context, extend, facts, flag, grammars, instruction,
    macro, policy, rule, word,
)
"""
#: The line of a plugin that the first line of its text is.
FIRST = IMPORTS.count("\n") + 1


def plugin(text: str, name: str = "house") -> ModuleType:
    """Return the module ``name`` with ``text``; `FIRST` is the number of its first line."""
    module = ModuleType(name)
    exec(compile(IMPORTS + text, f"/plugins/{name}.py", "exec"), vars(module))
    return module


def lowered(dockerfile: str, *texts: str) -> Lowered:
    """Lower a Dockerfile with the plugins house, house1 and so on."""
    return pyfrontend.lower(dockerfile, plugins=plugins(*texts))


def plugins(*texts: str) -> list[ModuleType]:
    """Return the plugins house, house1 and so on."""
    return [plugin(text, f"house{number or ''}") for number, text in enumerate(texts)]


def history(dockerfile: str, *texts: str) -> list[str]:
    """Return the steps of an image by their commands, without what the shell form adds."""
    steps = lowered(dockerfile, *texts).image.get("history", [])
    return [step["created_by"].removeprefix("RUN /bin/sh -c ").removesuffix(" # buildkit") for step in steps]


def error(dockerfile: str, *texts: str) -> tuple[int, str]:
    """Return the line and the message of the error of a Dockerfile, without what only names the line."""
    with pytest.raises(DockerfileError) as caught:
        lowered(dockerfile, *texts)
    text = caught.value.message
    if text.startswith("dockerfile parse error on line "):
        text = text.partition(": ")[2]
    return caught.value.spans[0].start, text


def refusal(*texts: str) -> str:
    """Return why plugins are refused."""
    with pytest.raises(DockerfileError) as caught:
        lowered("FROM a\n", *texts)
    return caught.value.message


def findings(dockerfile: str, *texts: str, skip: tuple[str, ...] = ()) -> list[str]:
    """Return what a check finds."""
    report = pyfrontend.lint(dockerfile, plugins=plugins(*texts), skip=skip)
    return report.render("lines").splitlines()
