"""The examples of docs/plugins.md do what the page says."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from extend.builds import Case

import pyfrontend
from pyfrontend import testing
from pyfrontend.plugins.load import load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/plugins.md").read_text()


@pytest.fixture(scope="module")
def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def module(blocks: list[str], mark: str) -> ModuleType:
    """Return the plugin of the page that has ``mark`` in it."""
    (text,) = [block for block in blocks if mark in block]
    made = ModuleType("house")
    exec(compile(text, "/plugins/house.py", "exec", dont_inherit=True), vars(made))
    return made


def plain(blocks: list[str], mark: str, dockerfile: str) -> str:
    """Return the plain file of a Dockerfile with a plugin of the page."""
    case = Case(dockerfile, plugins=load([module(blocks, mark)]))
    return case.call("plain").metadata["result.txt"].decode()


def test_each_example_is_tested_here(blocks: list[str]) -> None:
    source = inspect.getsource(sys.modules[__name__])
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    marks = {
        str(arg.value)
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in {"module", "plain"}
        for arg in call.args[1:2]
        if isinstance(arg, ast.Constant)
    }
    assert [block for block in blocks if not any(mark in block for mark in marks)] == []


def test_the_first_one_stands_for_a_run(blocks: list[str]) -> None:
    assert plain(blocks, '@macro("APT")', "FROM a\nAPT --recommends curl git\n") == (
        "FROM a\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get"
        " install -y curl git\n"
    )


def test_a_service_is_four_lines_and_checks_its_port(blocks: list[str]) -> None:
    dockerfile = "FROM a\nSERVICE --port=80 --user-name=me app\n"
    assert plain(blocks, '@macro("SERVICE")', dockerfile) == (
        'FROM a\nRUN useradd --system me\nUSER me\nEXPOSE 80\nCMD ["app"]\n'
    )
    given = [module(blocks, '@macro("SERVICE")')]
    testing.assert_error(
        "SERVICE --port=x app", "--port takes a number, as in --port=8080", plugins=given, line=1
    )


def test_a_heredoc_becomes_a_file(page: str, blocks: list[str]) -> None:
    (dockerfile,) = re.findall(r"^```dockerfile\n(FROM[^`]*CRON.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert plain(blocks, '@macro("CRON"', dockerfile) == (
        "FROM debian:trixie-slim\nCOPY <<END /etc/cron.d/backup\n0 3 * * * root /usr/bin/backup\nEND\n"
    )


def test_flags_change_the_command(blocks: list[str]) -> None:
    dockerfile = "FROM a\nRUN --cache=/a --cache=/b make\nRUN --retry=3 make\n"
    assert plain(blocks, '@extend("RUN").flag("retry")', dockerfile).splitlines()[1:] == [
        "RUN --mount=type=cache,target=/a --mount=type=cache,target=/b make",
        "RUN for try in $(seq 3); do { make; } && exit; sleep 1; done; exit 1",
    ]


def test_a_rule_finds_images_from_elsewhere(blocks: list[str]) -> None:
    dockerfile = (
        "FROM registry.example.com/a\nCOPY --from=ghcr.io/b/c /x /\n"
        "RUN --mount=from=registry.example.com/d,target=/d e\n"
    )
    report = pyfrontend.lint(dockerfile, plugins=[module(blocks, '@rule("ACME001"')])
    assert [(one.rule, one.message, one.line, one.url) for one in report.findings] == [
        ("ACME001", "ghcr.io/b/c comes from elsewhere", 2, "https://wiki.example.com/images")
    ]


def test_a_rule_looks_at_commands(blocks: list[str]) -> None:
    dockerfile = "FROM a\nRUN a && pip install b\nRUN pip install --index-url=https://pypi.example.com c\n"
    report = pyfrontend.lint(dockerfile, plugins=[module(blocks, '@rule("ACME002"')])
    assert [(one.rule, one.line) for one in report.findings] == [("ACME002", 2)]


def test_a_policy_wants_digests(blocks: list[str]) -> None:
    given = [module(blocks, "def pinned(source")]
    testing.assert_denied("FROM busybox", "pinned", "pin this image by digest", plugins=given, line=1)
    testing.assert_clean(f"FROM busybox@sha256:{'0' * 64}", plugins=given)


def test_a_call_lists_images(blocks: list[str]) -> None:
    case = Case("FROM busybox AS a\nFROM a\n", plugins=load([module(blocks, '@call("images"')]))
    assert json.loads(case.call("images").metadata["result.json"]) == ["busybox:latest"]


@pytest.mark.parametrize("place", ["https://mirror.plugin/debian", "mirror://debian"])
def test_a_context_is_an_image_of_the_mirror(blocks: list[str], place: str) -> None:
    made = pyfrontend.lower(
        "FROM base\n", contexts={"base": place}, plugins=[module(blocks, '@context("mirror")')]
    )
    assert [op["source"]["identifier"] for op in made.definition.ops if "source" in op] == [
        "docker-image://mirror.example.com/debian:latest"
    ]


def test_a_title_is_two_labels(blocks: list[str]) -> None:
    dockerfile = "FROM a\nARG of=tea\nTITLE --vendor=us cup of $of\n"
    made = pyfrontend.lower(dockerfile, plugins=[module(blocks, '@instruction("TITLE"')])
    assert made.image["config"]["Labels"] == {
        "org.opencontainers.image.title": "cup of tea",
        "org.opencontainers.image.vendor": "us",
    }
    assert made.image["history"][-1]["created_by"] == "TITLE cup of tea"


def test_certificates_come_from_another_stage(blocks: list[str]) -> None:
    given = [module(blocks, '@instruction("CERTIFICATES"')]
    made = pyfrontend.lower("FROM a AS one\nFROM scratch\nCERTIFICATES one\n", plugins=given)
    copied = pyfrontend.lower("FROM a AS one\nFROM scratch\nCOPY --from=one /etc/ssl/certs /etc/ssl/certs\n")
    assert [edge[:3] for edge in made.edges][-1] == ("stage:0", "stage:1", "CERTIFICATES --from")
    assert [op for op in made.definition.ops if "file" in op] == [
        op for op in copied.definition.ops if "file" in op
    ]
    assert made.image["history"][-1]["created_by"].startswith("COPY /etc/ssl/certs /etc/ssl/certs")


def test_what_is_named_is_loaded_late(blocks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    given = [module(blocks, 'body="acme_report:expand"')]
    assert pyfrontend.lower("FROM a\nRUN b\n", plugins=given)
    bodies: Any = ModuleType("acme_report")
    bodies.expand = lambda: "RUN report"
    bodies.audit = lambda node, stage: stage.commit(node.code)
    monkeypatch.setitem(sys.modules, "acme_report", bodies)
    made = pyfrontend.lower("FROM a\nREPORT\nAUDIT\n", plugins=given)
    assert [step["created_by"].split()[-3:] for step in made.image["history"]] == [
        ["report", "#", "buildkit"],
        ["AUDIT"],
    ]


def test_the_messages_of_the_page_are_those_of_plugins(page: str, tmp_path: Path) -> None:
    assert "DOCKERFILE_FRONTEND_PLUGINS names the plugins" in page
    (tmp_path / "acme.py").write_text("API = 2\n")
    sys.path.insert(0, str(tmp_path))
    try:
        with pytest.raises(pyfrontend.DockerfileError) as caught:
            pyfrontend.parse("FROM a\n", plugins=["acme"])
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("acme", None)
    assert caught.value.message in page


def test_the_tests_of_the_page_are_tests(page: str, blocks: list[str]) -> None:
    (text,) = re.findall(r"^```py\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    given = module(blocks, '@macro("APT")')
    names: dict[str, Any] = {}
    exec(text, names)
    names["test_apt"](testing.Tester(given, base="alpine"))
