"""Plugins by name, as an image loads them: what they may add, and what is said of those that do not work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.plugins import load
from pyfrontend.plugins.load import load_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELLING = """
from pyfrontend.api import Instruction, flag, grammars, instruction, word

@instruction("GREET", grammars.rest_of_line)
class Greet(Instruction):
    name: str = word(expand=True)
    loud: bool = flag(default=False)

    def lower(self, stage):
        if self.name == "nobody":
            raise KeyError(self.name)
        stage.image.set_label("greeting", f"Hello {self.name}{'!' * self.loud}")
        stage.commit(f"GREET {self.name}")
"""

RULE = """
from pyfrontend.api import Finding, rule

@rule("HouseStages", "Stages should be called as the house calls them")
def house_stages(dockerfile):
    for stage in dockerfile.stages:
        for one in stage.source.inputs():
            if not one.name.startswith("house/"):
                yield Finding(f"{one.name} is no image of the house", stage.span)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of plugins; what is imported from there is gone after the test."""
    monkeypatch.setattr(load, "FOLDER", str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path])
    modules = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def message_of(names: str) -> str:
    """Return what is said of plugins that cannot be loaded."""
    with pytest.raises(DockerfileError) as caught:
        load_named(names)
    return caught.value.helped


def run(command: str, text: str, folder: Path, names: str) -> tuple[int, str]:
    """Run the command line of the image with plugins; return its exit code and what it wrote."""
    # The folder of the image is not here, so Python's own path leads to the plugins.
    environment = os.environ | {"DOCKERFILE_FRONTEND_PLUGINS": names, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "pyfrontend", *command.split()],
        input=text,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_plugins_may_be_separated_by_commas_or_spaces(folder: Path) -> None:
    for number in range(3):
        text = LABELLING.replace("GREET", f"GREET{number}")
        (folder / f"plugin{number}.py").write_text(text)
    found = load_named("plugin0,plugin1 plugin2")
    assert found.names == ("plugin0", "plugin1", "plugin2")
    assert {"GREET0", "GREET1", "GREET2"} == found.instructions.keys()


@pytest.mark.parametrize("names", ["", " , "])
def test_a_variable_that_names_no_plugin_switches_nothing_off(folder: Path, names: str) -> None:
    code, told = run("check", "FROM scratch\n", folder, names)
    assert code == 2
    assert told == (
        "pyfrontend: no plugin is named: name one, or remove the variable: DOCKERFILE_FRONTEND_PLUGINS names"
        " the plugins\n"
    )


def test_a_plugin_can_be_a_module_of_a_package(folder: Path) -> None:
    (folder / "house").mkdir()
    (folder / "house/greeting.py").write_text(LABELLING)
    assert "GREET" in load_named("house.greeting").language.instructions


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("import nowhere.at.all", "needs the module nowhere,", id="a module that it needs"),
        pytest.param("\n1 / 0", "cannot be loaded: ZeroDivisionError: division by zero (", id="an exception"),
        pytest.param("import sys\nsys.exit(3)", "cannot be loaded: SystemExit: 3 (", id="an exit"),
        pytest.param("1\ndef", "cannot be loaded: SyntaxError: invalid syntax (", id="a syntax error"),
        pytest.param("", "declares nothing: use the decorators of pyfrontend.api", id="nothing"),
        pytest.param(
            f"{RULE}\nAPI = 2", "is written for pyfrontend.api 2, and this frontend has 1", id="another API"
        ),
        pytest.param(
            RULE.replace("HouseStages", "StageNameCasing"),
            "cannot declare the rule StageNameCasing: it is built in (",
            id="a name that is built in",
        ),
    ],
)
def test_plugin_that_cannot_be_loaded_is_named(folder: Path, text: str, message: str) -> None:
    (folder / "broken.py").write_text(text)
    assert message_of("broken").startswith(f"the plugin broken {message}")


def test_a_syntax_error_has_its_file_and_line(folder: Path) -> None:
    (folder / "broken.py").write_text("fine = 1\ndef\n")
    assert message_of("broken") == (
        f"the plugin broken cannot be loaded: SyntaxError: invalid syntax ({folder}/broken.py, line 2)"
        ": DOCKERFILE_FRONTEND_PLUGINS names the plugins"
    )


@pytest.mark.parametrize("name", ["absent", "absent.inside"])
def test_plugin_that_is_not_there_is_named(folder: Path, name: str) -> None:
    assert message_of(name) == (
        f"the plugin {name} is not in the frontend image: no module absent in {folder}"
        ": DOCKERFILE_FRONTEND_PLUGINS names the plugins"
    )


OLD_INSTRUCTION = """
from pyfrontend.syntax import grammars
from pyfrontend.syntax.declare import Instruction, instruction

@instruction("GREET", grammars.rest_of_line)
class Greet(Instruction):
    pass
"""
OLD_LOWERING = """
from pyfrontend.lower.dispatch import lower
from pyfrontend.syntax.instructions import Run

@lower.register(Run)
def lower_run(node, stage):
    pass
"""
OLD_RULE = """
from pyfrontend.lint.facts import file_read
from pyfrontend.lint.registry import rule

@rule("HouseStages", "Stages", file_read)
def house_stages(dockerfile):
    pass
"""


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        pytest.param(OLD_INSTRUCTION, "instruction", 5, id="instruction"),
        pytest.param(OLD_LOWERING, "instruction", 5, id="lowering"),
        pytest.param(OLD_RULE, "rule", 5, id="rule"),
    ],
)
def test_the_old_way_to_declare_says_what_to_write_now(folder: Path, text: str, name: str, line: int) -> None:
    (folder / "old.py").write_text(text)
    told = message_of("old")
    assert f"write `from pyfrontend.api import {name}`" in told
    assert f"({folder}/old.py, line {line})" in told


def test_instruction_of_a_plugin_is_lowered(tmp_path: Path) -> None:
    (tmp_path / "greeting.py").write_text(LABELLING)
    dockerfile = "ARG who=world\nFROM busybox\nARG who\nGREET --loud $who\nRUN true\n"
    code, output = run("llb", dockerfile, tmp_path, "greeting")
    assert code == 0, output
    assert json.loads(output)


@pytest.mark.parametrize(
    ("dockerfile", "finding"),
    [
        pytest.param("FROM house/x\nFROM busybox\n", "busybox is no image of the house", id="bad"),
        pytest.param("FROM house/x\n", "", id="good"),
        pytest.param("# check=skip=HouseStages\nFROM busybox\n", "", id="off"),
    ],
)
def test_rule_of_a_plugin_looks_at_the_typed_file(tmp_path: Path, dockerfile: str, finding: str) -> None:
    (tmp_path / "house.py").write_text(RULE)
    code, output = run("check --format lines", dockerfile, tmp_path, "house")
    assert code == (1 if finding else 0), output
    assert (finding in output) if finding else output == ""


def test_failure_of_a_plugin_while_lowering_names_it_and_both_lines(tmp_path: Path) -> None:
    (tmp_path / "greeting.py").write_text(LABELLING)
    code, output = run("llb", "FROM busybox\nGREET nobody\n", tmp_path, "greeting")
    assert code == 1
    assert output == (
        "pyfrontend: Dockerfile:2: GREET of the plugin greeting failed: KeyError: 'nobody'"
        f" ({tmp_path}/greeting.py, line 11)\n"
    )


def test_example_is_a_run_with_caches(root: Path) -> None:
    dockerfile = "FROM debian\nAPT curl $more\n"
    code, output = run("llb", dockerfile, root / "examples/plugin", "apt")
    assert code == 0, output
    assert "apt-get -qy install --no-install-recommends curl $more" in output
    assert '"/var/cache/apt"' in output


def test_example_needs_packages(root: Path) -> None:
    code, output = run("check", "FROM debian\nAPT\n", root / "examples/plugin", "apt")
    assert code == 1
    assert "APT needs a package, as in: APT curl" in output
