"""Plugins: what they may add, and what is said of those that do not work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pyfrontend import plugins
from pyfrontend.errors import DockerfileError
from pyfrontend.plugins import plugged
from pyfrontend.span import SourceFile
from pyfrontend.syntax.declare import REGISTRY
from pyfrontend.syntax.document import parse_dockerfile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELLING = """
from pyfrontend.lower.dispatch import lower
from pyfrontend.syntax import grammars
from pyfrontend.syntax.declare import Instruction, instruction
from pyfrontend.syntax.fields import flag, word

@instruction("GREET", grammars.rest_of_line)
class Greet(Instruction):
    name: str = word(expand=True)
    loud: bool = flag(default=False)

@lower.register(Greet)
def _greet(node, stage):
    if node.name == "nobody":
        raise KeyError(node.name)
    stage.image.set_label("greeting", f"Hello {node.name}{'!' * node.loud}")
    stage.commit(f"GREET {node.name}")
"""


RULE = """
from pyfrontend.lint.facts import file_read
from pyfrontend.lint.registry import Finding, rule

@rule("HouseStages", "Stages should be called as the house calls them", file_read, page="")
def house_stages(dockerfile):
    for stage in dockerfile.stages:
        for one in stage.source.inputs():
            if not one.name.startswith("house/"):
                yield Finding(f"{one.name} is no image of the house", stage.span)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of plugins; what they declare is gone after the test."""
    monkeypatch.setattr(plugins, "FOLDER", str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path])
    known, modules = set(REGISTRY), set(sys.modules)
    yield tmp_path
    for keyword in set(REGISTRY) - known:
        del REGISTRY[keyword]
    for name in set(sys.modules) - modules:
        if not name.startswith("pyfrontend."):
            del sys.modules[name]


def message_of(names: str) -> str:
    """Return what is said of plugins that cannot be loaded."""
    with pytest.raises(DockerfileError) as caught, plugged(names):
        pass
    return caught.value.message


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
    with plugged("plugin0,plugin1 plugin2"):
        assert {"GREET0", "GREET1", "GREET2"} <= REGISTRY.keys()


def test_a_plugin_can_be_a_module_of_a_package(folder: Path) -> None:
    (folder / "house").mkdir()
    (folder / "house/greeting.py").write_text(LABELLING)
    with plugged("house.greeting"):
        assert "GREET" in REGISTRY


def test_misspelt_plugin_instructions_are_suggested(folder: Path) -> None:
    (folder / "greeting.py").write_text(LABELLING)
    with plugged("greeting"):
        parsed = parse_dockerfile(SourceFile("Dockerfile", b"FROM scratch\nGREETS you\nGREET --lod you\n"))
    assert [error.message for error in parsed.errors] == [
        "dockerfile parse error on line 2: unknown instruction: GREETS (did you mean GREET?)",
        "dockerfile parse error on line 3: unknown flag: --lod (did you mean loud?)",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("import nowhere.at.all", "needs the module nowhere,", id="a module that it needs"),
        pytest.param("\n1 / 0", "cannot be loaded: ZeroDivisionError: division by zero (", id="an exception"),
        pytest.param("def", "cannot be loaded: SyntaxError: invalid syntax", id="a syntax error"),
    ],
)
def test_plugin_that_cannot_be_loaded_is_named(folder: Path, text: str, message: str) -> None:
    (folder / "broken.py").write_text(text)
    told = message_of("broken")
    assert told.startswith(f"the plugin broken {message}")
    assert told.endswith("(DOCKERFILE_FRONTEND_PLUGINS names the plugins)")


@pytest.mark.parametrize("name", ["absent", "absent.inside"])
def test_plugin_that_is_not_there_is_named(folder: Path, name: str) -> None:
    assert message_of(name) == (
        f"the plugin {name} is not in the frontend image: no module absent in {folder}"
        " (DOCKERFILE_FRONTEND_PLUGINS names the plugins)"
    )


def test_an_exception_of_a_plugin_is_reported_as_its_own(folder: Path) -> None:
    (folder / "broken.py").write_text("def fail():\n    raise ValueError('no luck')\n")
    with pytest.raises(DockerfileError) as caught, plugged("broken"):
        sys.modules["broken"].fail()
    place = folder / "broken.py"
    assert caught.value.message == f"the plugin broken failed: ValueError: no luck ({place}, line 2)"


@pytest.mark.parametrize("error", [ValueError("ours"), DockerfileError("the user's")])
def test_other_exceptions_pass(folder: Path, error: Exception) -> None:
    (folder / "fine.py").write_text("")
    with pytest.raises(type(error)) as caught, plugged("fine"):
        raise error
    assert caught.value is error


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


def test_rule_of_the_guide_does_what_it_says(root: Path, tmp_path: Path) -> None:
    (plugin,) = re.findall(
        r"^```py\n(.*?)^```$", (root / "docs/extending.md").read_text(), re.MULTILINE | re.DOTALL
    )
    (tmp_path / "house.py").write_text(plugin)
    dockerfile = (
        "FROM registry.house/a\nCOPY --from=ghcr.io/b/c /x /\nRUN --mount=from=registry.house/d,target=/d e\n"
    )
    code, output = run("check --format lines", dockerfile, tmp_path, "house")
    assert (code, output.count("comes from elsewhere")) == (1, 1), output
    assert "Dockerfile:2: warning: HouseImages: ghcr.io/b/c comes from elsewhere" in output


def test_rule_of_a_plugin_cannot_take_the_name_of_another(tmp_path: Path) -> None:
    (tmp_path / "house.py").write_text(RULE.replace("HouseStages", "StageNameCasing"))
    _, output = run("check", "FROM a AS B\n", tmp_path, "house")
    assert "the plugin house cannot be loaded: ValueError: there is a rule StageNameCasing already" in output


def test_failure_of_a_plugin_while_lowering_names_it(tmp_path: Path) -> None:
    (tmp_path / "greeting.py").write_text(LABELLING)
    code, output = run("llb", "FROM busybox\nGREET nobody\n", tmp_path, "greeting")
    assert code != 0
    assert output.endswith(
        f"pyfrontend: the plugin greeting failed: KeyError: 'nobody' ({tmp_path}/greeting.py, line 15)\n"
    )


def test_example_is_a_run_with_caches(root: Path) -> None:
    dockerfile = "FROM debian\nAPT --network=host curl $more\n"
    code, output = run("llb", dockerfile, root / "examples/plugin", "apt")
    assert code == 0, output
    assert "apt-get -qy install --no-install-recommends curl $more" in output
    assert '"/var/cache/apt"' in output
    assert "2/2] APT --network=host curl $more" in output


def test_example_needs_packages(root: Path) -> None:
    code, output = run("check", "FROM debian\nAPT\n", root / "examples/plugin", "apt")
    assert code == 1
    assert "APT requires at least one argument" in output
