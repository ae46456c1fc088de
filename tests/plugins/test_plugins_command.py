"""The command that a derived image runs while it is built, and plugins on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from plugins.houses import IMPORTS

import pyfrontend.api
from pyfrontend.api import PUBLIC
from pyfrontend.cli.plugged import show_plugins

if TYPE_CHECKING:
    from pathlib import Path

ALL = """
API = 1
@macro("APT")
def apt(*words): return "RUN x"
@extend("RUN").flag("own")
def own(rest, value): return rest
@instruction("TITLE")
class Title(Instruction):
    def lower(self, stage): pass
@rule("ACME001", "x")
def acme(dockerfile): print("found nothing")
@call("images", "List the images")
def images(question): return "\\n".join(stage.source.image for stage in question.dockerfile.stages)
@context("mirror")
def mirror(rest): return rest
@policy
def ours(source): pass
print("hello")
"""


def run(folder: Path, text: str | None, *arguments: str, dockerfile: str = "") -> tuple[int, str, str]:
    """Run the command line with the plugin house; return its exit code, output and errors."""
    if text is not None:
        (folder / "house.py").write_text(IMPORTS + text)
    names = {} if text is None else {"DOCKERFILE_FRONTEND_PLUGINS": "house"}
    done = subprocess.run(
        [sys.executable, "-m", "pyfrontend", *arguments],
        input=dockerfile,
        env=os.environ | names | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_it_lists_what_plugins_declare(tmp_path: Path) -> None:
    code, output, _ = run(tmp_path, ALL, "plugins")
    declared = "APT, RUN --own, TITLE, the rule ACME001, the call images, the context mirror, the policy ours"
    assert (code, output) == (0, f"house: {declared}\n")


def test_what_a_plugin_breaks_elsewhere_is_laid_at_its_door(tmp_path: Path) -> None:
    text = '@rule("A", "x")\ndef look(dockerfile): dockerfile.stages.clear()\n'
    code, _, errors = run(tmp_path, text, "check", dockerfile="FROM a\nRUN x\n")
    assert code == 2
    told = "an internal error, to which a plugin may have led (house): IndexError: list index out of range"
    assert errors.startswith(f"pyfrontend: {told}")
    assert "Traceback" not in errors


def test_without_plugins_it_says_how_to_name_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_plugins(None) == 2
    assert "DOCKERFILE_FRONTEND_PLUGINS is not set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("def", "the plugin house cannot be loaded: SyntaxError: invalid syntax (", id="syntax"),
        pytest.param("API = 2", "the plugin house is written for pyfrontend.api 2", id="another API"),
        pytest.param(
            'x = macro("APT", body="nowhere:x")',
            "the body of APT of the plugin house cannot be loaded: ModuleNotFoundError: No module named",
            id="a body that is not there",
        ),
        pytest.param(
            'x = instruction("T", lower="house:nothing")(type("T", (Instruction,), {}))',
            "T of the plugin house failed: its body is house:nothing, and there is no such function",
            id="a lowering that is not there",
        ),
        pytest.param(
            'x = rule("A", "x", body="house:nothing")',
            "the rule A of the plugin house failed: its body is house:nothing, and there is no such function",
            id="a rule that is not there",
        ),
        pytest.param(
            'def expand(*, heredocs): pass\nx = macro("APT", body="house:expand")',
            "APT of the plugin house: heredocs=True and the argument heredocs go together",
            id="heredocs",
        ),
        pytest.param(
            'x = macro("APT", body="builtins:len")',
            "APT of the plugin house failed: TypeError: <built-in function len> is no function",
            id="no function with def",
        ),
        pytest.param(
            '@extend("RUN").flag("own")\ndef own(rest): pass',
            "RUN --own of the plugin house: its function is called with rest and value, and takes others (",
            id="a flag with one argument",
        ),
        pytest.param(
            '@call("own", "x")\ndef own(question, *, more): pass',
            "the call own of the plugin house: its function is called with question, and takes others (",
            id="a call with a flag",
        ),
        pytest.param(
            'x = call("own", "x")(len)',
            "the plugin house cannot be loaded: TypeError: <built-in function len> is no function that is",
            id="a call that is built in",
        ),
        pytest.param(
            '@context("own")\ndef own(): pass',
            "the context own of the plugin house: its function is called with rest, and takes others (",
            id="a context with no argument",
        ),
    ],
)
def test_a_broken_plugin_fails(tmp_path: Path, text: str, message: str) -> None:
    code, output, errors = run(tmp_path, text, "plugins")
    assert code != 0
    assert output == ""
    assert errors.startswith(f"pyfrontend: {message}")
    assert "Traceback" not in errors


def test_what_can_be_called_otherwise_is_not_looked_into(tmp_path: Path) -> None:
    text = "class Call:\n    def __call__(self, *given): return ''\n"
    code, output, errors = run(tmp_path, f'{text}x = call("own", "x")(Call())\n', "plugins")
    assert (code, output) == (0, "house: the call own\n"), errors


def test_what_plugins_print_is_no_answer(tmp_path: Path) -> None:
    code, output, errors = run(tmp_path, ALL, "check", "--format", "json", dockerfile="FROM a\n")
    assert (code, json.loads(output)["findings"] if "findings" in output else []) == (0, [])
    assert "hello" in errors
    assert "found nothing" in errors


def test_a_call_is_a_command(tmp_path: Path) -> None:
    assert run(tmp_path, ALL, "images", dockerfile="FROM a\n")[:2] == (0, "a\n")
    code, output, _ = run(tmp_path, ALL, "images", "--format", "json", dockerfile="FROM a\n")
    assert (code, json.loads(output)) == (0, {"text": "a"})
    assert "List the images" in run(tmp_path, ALL, "--help")[1]


def test_rules_of_plugins_can_be_ignored_and_weighed(tmp_path: Path) -> None:
    text = '@rule("ACME001", "x")\ndef acme(dockerfile): yield "no"\n'
    assert run(tmp_path, text, "check", dockerfile="FROM a\n")[0] == 1
    assert run(tmp_path, text, "check", "--ignore", "ACME001", dockerfile="FROM a\n")[0] == 0
    settings = tmp_path / "rules.toml"
    settings.write_text('severity = { ACME001 = "note" }\n')
    code, output, _ = run(
        tmp_path, text, "check", "--config", str(settings), "--format", "lines", dockerfile="FROM a\n"
    )
    assert (code, output) == (0, "Dockerfile: note: ACME001: no\n")
    code, _, errors = run(tmp_path, text, "check", "--ignore", "ACME002", dockerfile="FROM a\n")
    assert (code, "did you mean ACME001?" in errors) == (2, True)


def test_every_public_name_is_there() -> None:
    for name in PUBLIC:
        assert getattr(pyfrontend.api, name) is not None
    assert dir(pyfrontend.api) == sorted(["API", *PUBLIC])
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        pyfrontend.api.Nothing  # noqa: B018 - its absence is what is asked for
