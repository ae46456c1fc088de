"""The Dockerfiles in the guides to the extended language mean what the guides say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from extend.builds import Case

from pyfrontend.span import SourceFile
from pyfrontend.syntax.directives import detect_syntax

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "base/tools.Dockerfile": "FROM alpine AS tools\nRUN make\nFROM alpine AS certs\nRUN certs\n",
    "base/certs.Dockerfile": "FROM alpine\n",
    "base/labels.inc": "LABEL team=base\n",
    "base/labels.env": "a=1\n",
    "labels.env": "a=1\n",
    "app/defaults.env": "A=1\n",
    "versions.env": "NODE=22\nALPINE=3.22\n",
}
#: Stages and arguments that the lines of an example without a FROM need.
BEFORE = "ARG CI\nFROM alpine AS build-slim\nFROM alpine AS tools\nFROM alpine\n"
GUIDES = ("extended-language.md", "coming-from.md")


def examples(root: Path, guide: str) -> list[str]:
    text = (root / "docs" / guide).read_text()
    return re.findall(r"^```dockerfile\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def graph(case: Case) -> object:
    """Return what a build comes to, but for which steps are to run every time."""
    outcome = case.build()
    steps = [[(data, names) for data, names, _ in definition] for definition in outcome.steps]
    return steps, outcome.metadata, outcome.lookups


@pytest.mark.parametrize("guide", GUIDES)
def test_every_example_of_a_guide_builds_and_its_plain_form_builds_the_same(root: Path, guide: str) -> None:
    found = examples(root, guide)
    assert len(found) >= 4
    for text in found:
        whole = text if re.search("^FROM", text, re.MULTILINE) else BEFORE + text
        syntax = detect_syntax(SourceFile("Dockerfile", whole.encode()))
        words = syntax.cmdline.replace(" lock", "") if syntax else "ourorg/pyfrontend"
        case = Case(whole, FILES, {"opts": {"cmdline": words}})
        assert graph(case) == graph(case.plain()), text


@pytest.mark.parametrize("guide", GUIDES)
def test_links_of_a_guide_lead_somewhere(root: Path, guide: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)", (root / "docs" / guide).read_text())
    assert links
    assert [link for link in links if not (root / "docs" / link).exists()] == []
