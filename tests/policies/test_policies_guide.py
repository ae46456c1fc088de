"""docs/policies.md says what is so: its policies do what the page says, and its table has every field."""

from __future__ import annotations

import doctest
import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge
from parity import graph
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import build as build_session
from pyfrontend.errors import DockerfileError
from pyfrontend.plugins.load import load
from pyfrontend.policies.configured import REQUIREMENTS, VARIABLES, configured
from pyfrontend.policies.values import Source

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/policies.md").read_text()


@pytest.fixture(scope="module")
def house(page: str) -> ModuleType:
    """The plugin of the page."""
    (text,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    module = ModuleType("house")
    exec(text, vars(module))
    return module


def build(text: str, house: ModuleType, **variables: str) -> FakeBridge:
    bridge = FakeBridge(text)
    build_session(open_session(bridge, bridge.request()._replace(plugins=load([house]), policies=variables)))
    return bridge


def refusal(text: str, house: ModuleType, **variables: Any) -> tuple[str, list[int]]:
    with pytest.raises(DockerfileError) as caught:
        build(text, house, **variables)
    return caught.value.message, [span.start for span in caught.value.spans]


def test_the_tests_of_the_page_pass(page: str, house: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "house", house)
    (text,) = re.findall(r"^```pycon\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    test = doctest.DocTestParser().get_doctest(text, {}, "policies.md", None, 0)
    assert doctest.DocTestRunner().run(test) == (0, 4)


def test_the_policies_of_the_page_deny(house: ModuleType) -> None:
    message, places = refusal("FROM alpine:3\nADD git@evil.com:x.git /\n", house)
    assert message == (
        "git@evil.com:x.git is denied by the policy only_our_repositories (house): mirror it to"
        " git.example.com first: https://wiki.example.com/mirrors"
    )
    assert places == [2]
    message, places = refusal("FROM alpine:3\nCOPY --from=node:16-slim / /\n", house)
    assert "by the policy no_node_16 (house): Node 16 gets no security fixes" in message
    assert places == [2]
    build("FROM node:22\nADD https://github.com/ourorg/x.git#v1 /\n", house)


def test_the_policies_of_the_page_rewrite(house: ModuleType) -> None:
    bridge = build("FROM alpine\nADD https://a.com/x/y.tgz /\n", house)
    definition = bridge.solves[-1].definition
    assert definition is not None
    text = str(graph.ops(definition))
    assert "https://artifacts.example.com/a.com/x/y.tgz" in text
    assert "'https://a.com" not in text
    assert "'http.filename': 'y.tgz'" in text
    names = [one.description.get("llb.customname", "") for one in definition.metadata.values()]
    assert "[2/2] ADD https://a.com/x/y.tgz / (from https://artifacts.example.com/a.com/x/y.tgz)" in names


def test_policies_of_plugins_come_before_those_of_variables(house: ModuleType) -> None:
    message, _ = refusal("FROM node:16\n", house, DOCKERFILE_FRONTEND_REGISTRIES="a.com")
    assert "by the policy no_node_16 (house)" in message
    message, _ = refusal("FROM node:22\n", house, DOCKERFILE_FRONTEND_REGISTRIES="a.com")
    assert "by the policy registries" in message


def test_the_variables_of_the_page_are_those_that_are_read(page: str) -> None:
    assert set(re.findall(r"^\| `(DOCKERFILE_FRONTEND_\w+)`", page, re.MULTILINE)) == set(VARIABLES)
    assert all(f"`{name}`" in page for name in REQUIREMENTS)
    first = page.partition("```dockerfile\n")[2].partition("```")[0]
    configured(dict(re.findall(r"(DOCKERFILE_FRONTEND_\w+)=(\S+)", first)))


def test_the_table_has_every_field_of_a_source(page: str) -> None:
    table = page.partition("| field | what it holds |")[2].partition("\n\n")[0]
    names = {
        name
        for row in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert names == {*Source._fields, "host", "name"}
