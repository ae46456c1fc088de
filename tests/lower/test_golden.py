"""Whole Dockerfiles against recorded graphs; its comments say what the build is given.

Lines ``#? word value`` in it are: ``option`` (as a client sends it), ``image`` (name and config), ``context``
(name of a local directory), ``ignore`` (a pattern), ``without`` (a capability of the daemon),
``platform``, ``time`` (of every source).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes import CAPS, DictResolver, context, lower
from lower.graph_text import graph_text
from parity import daemon
from pyfrontend.llb.caps import Capabilities
from pyfrontend.oci.platforms import parse
from pyfrontend.oci.timestamp import Moment

CASES = Path(__file__).parent.parent / "cases" / "lower"


def given(text: str) -> dict[str, Any]:
    """What the comments of a case say."""
    resolver = DictResolver({}, {}, [])
    options: dict[str, str] = {}
    found: dict[str, Any] = {"resolver": resolver, "opts": options, "caps": CAPS}
    for line in text.splitlines():
        if not line.startswith("#? "):
            continue
        word, _, value = line.removeprefix("#? ").partition(" ")
        name, _, rest = value.partition(" ")
        match word:
            case "option":
                key, _, setting = value.partition("=")
                options[key] = setting
            case "image":
                resolver.images = {**resolver.images, name: {"config": json.loads(rest)}}
            case "context":
                resolver.contexts = {**resolver.contexts, name: context(name)}
            case "ignore":
                resolver.ignore = [*resolver.ignore, value]
            case "without":
                found["caps"] = Capabilities(daemon.LLB - {value})
            case "platform":
                found["platform"] = parse(value)
            case "time":
                resolver.time = Moment(int(value))
            case _:
                raise ValueError(line)
    return found


@pytest.mark.parametrize("path", sorted(CASES.glob("*.dockerfile")), ids=lambda path: path.stem)
def test_the_graph_is_the_recorded_one(path: Path, *, update_golden: bool) -> None:
    golden = path.with_suffix(".llb")
    asked = given(path.read_text())
    actual = graph_text(lower(path.read_text(), **asked), asked["caps"])
    if update_golden:
        golden.write_text(actual)
    assert actual.splitlines() == golden.read_text().splitlines()


def test_every_graph_has_its_dockerfile() -> None:
    graphs, files = ({path.stem for path in CASES.glob(f"*.{end}")} for end in ("llb", "dockerfile"))
    assert graphs == files
