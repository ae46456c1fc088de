"""Instructions of plugins: what they do to a stage, where they take files from, whose errors are whose."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from plugins.houses import FIRST, error, history, lowered, plugin, plugins

import pyfrontend
from pyfrontend.syntax.declare import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

TITLE = """
@instruction("TITLE", grammars.rest_of_line{options})
class Title(Instruction):
    text: str = word(expand=True)
    vendor: str = flag(default="", expand=True)
    {body}
"""
FETCH = """
@instruction("FETCH", grammars.word_list, step=True)
class Fetch(Instruction):
    source: str = flag(default="")
    url: str = word()

    def inputs(self):
        if self.source:
            yield Input("stage", self.source, ("/x",), key="source")
        yield Input("context", paths=("a", "b"))

    def lower(self, stage):
        stage.commit(f"FETCH {self.url}")
"""


def title(body: str, options: str = "") -> str:
    return TITLE.format(body=body, options=options)


LABEL = title(
    "def lower(self, stage):\n"
    "        stage.image.set_label('title', self.text + self.vendor)\n"
    "        stage.commit(f'TITLE {self.text}')"
)


def test_an_instruction_says_what_it_does() -> None:
    made = lowered("FROM a\nARG of=tea\nTITLE --vendor=!$of cup of $of\n", LABEL)
    assert made.image["config"]["Labels"] == {"title": "cup of tea!tea"}
    assert history("FROM a\ntitle x\n", LABEL) == ["TITLE x"]


def test_nothing_of_it_is_registered() -> None:
    lowered("FROM a\nTITLE x\n", LABEL)
    assert "TITLE" not in REGISTRY
    assert error("FROM a\nTITLE x\n") == (2, "unknown instruction: TITLE")


def test_two_calls_with_other_plugins_do_not_disturb_each_other() -> None:
    other = LABEL.replace("'title'", "'name'")
    first, second = plugins(LABEL), plugins(other)
    labels = [
        pyfrontend.lower("FROM a\nTITLE x\n", plugins=given).image["config"]["Labels"]
        for given in (first, second, first)
    ]
    assert labels == [{"title": "x"}, {"name": "x"}, {"title": "x"}]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("TITEL x", "unknown instruction: TITEL (did you mean TITLE?)", id="misspelt"),
        pytest.param("TITLE", "TITLE requires exactly one argument", id="too few words"),
        pytest.param(
            "TITLE --vender=x y", "unknown flag: --vender (did you mean vendor?)", id="another flag"
        ),
        pytest.param("ONBUILD TITLE x", "ONBUILD cannot hold an extension", id="a trigger"),
        pytest.param("ONBUILD title x", "ONBUILD cannot hold an extension", id="a trigger in small letters"),
    ],
)
def test_what_is_wrong_with_a_line_is_found(line: str, message: str) -> None:
    at, told = error(f"FROM a\n{line}\n", LABEL)
    assert (at, told[: len(message)]) == (2, message)


READ = "@classmethod\n    def read(cls, line):\n        {}\n    def lower(self, stage): pass"
INPUTS = "def inputs(self):\n        {}\n    def lower(self, stage): pass"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            "def lower(self, stage):\n        1 / 0",
            f"failed: ZeroDivisionError: division by zero (/plugins/house.py, line {FIRST + 6})",
            id="lower",
        ),
        pytest.param(
            "def lower(self, stage):\n        stage.state = None",
            "failed: TypeError: it made None of the state of the stage",
            id="lower leaves no state",
        ),
        pytest.param(
            READ.format("raise ValueError('x')"),
            f"failed: ValueError: x (/plugins/house.py, line {FIRST + 7})",
            id="read",
        ),
        pytest.param(
            READ.format("return {'txt': 'x'}"),
            "failed: TypeError: Title: missing or unknown: text, txt (/plugins/house.py, line ",
            id="read returns other fields",
        ),
        pytest.param(
            INPUTS.format("1 / 0"),
            f"failed: ZeroDivisionError: division by zero (/plugins/house.py, line {FIRST + 6})",
            id="inputs",
        ),
        pytest.param(
            INPUTS.format("return ['a']"),
            "failed: TypeError: inputs() yields Input(...), and not a value of type str",
            id="inputs of another type",
        ),
        pytest.param(
            INPUTS.format("return [Input('disk')]"),
            "failed: ValueError: 'disk' is no kind of input: there are context, git",
            id="inputs of no kind",
        ),
    ],
)
def test_errors_of_its_methods_name_both_lines(body: str, message: str) -> None:
    at, told = error("FROM a\nTITLE x\n", title(body))
    expected = f"TITLE of the plugin house {message}"
    assert (at, told[: len(expected)]) == (2, expected)


def test_an_error_of_the_author_is_one_of_the_user() -> None:
    text = title("def lower(self, stage):\n        raise DockerfileError('no title')")
    assert error("FROM a\nTITLE x\n", text) == (2, "no title")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            title("pass"), "TITLE does not say what it does: give the class Title", id="no lowering"
        ),
        pytest.param(
            '@instruction("TITLE")\nclass T: pass', "T is not based on Instruction", id="no instruction"
        ),
        pytest.param(
            '@instruction("Title")\nclass T(Instruction): pass', "'Title': the keyword of", id="small letters"
        ),
        pytest.param(
            '@instruction("TITLE")\ndef t(): pass', "t is not based on Instruction", id="a function"
        ),
    ],
)
def test_what_is_no_instruction_is_refused_where_it_is_declared(text: str, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        plugins(text)
    assert str(caught.value).startswith(message)


def test_one_that_is_based_on_a_built_in_one_does_what_that_does() -> None:
    text = """
from pyfrontend.api import instructions

@instruction("SH", grammars.rest_of_line)
class Sh(instructions.Run):
    @classmethod
    def read(cls, line):
        return {**super().read(line), "args": (f"set -e; {line.rest}",), "shell": True}
"""
    assert history("FROM a\nSH --network=none x\n", text) == ["set -e; x"]


def test_one_that_is_based_on_another_does_what_that_does() -> None:
    text = LABEL + '\n@instruction("NAME", grammars.rest_of_line)\nclass Name(Title): pass\n'
    assert history("FROM a\nNAME x\n", text) == ["TITLE x"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules that can be imported for the time of a test."""
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("bodies", "nowhere"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def test_a_body_that_is_named_is_imported_when_it_is_used(folder: Path) -> None:
    (folder / "bodies.py").write_text(
        "def lower(node, stage):\n    stage.commit(f'BODY {node.text}')\n"
        "def apt(*words):\n    return f'RUN {words}'\n"
        "def own(rest, value):\n    return value + rest\n"
    )
    text = (
        title("", ', lower="bodies:lower"').replace("    \n", "")
        + 'apt = macro("APT", body="bodies:apt")\nown = extend("RUN").flag("own", body="bodies:own")\n'
    )
    given = plugins(text)
    assert pyfrontend.lower("FROM a\nRUN x\n", plugins=given)
    assert "bodies" not in sys.modules
    made = pyfrontend.lower("FROM a\nTITLE x\nAPT y\nRUN --own=1 z\n", plugins=given)
    steps = [step["created_by"] for step in made.image["history"]]
    assert [("BODY x" in steps[0]), ("('y',)" in steps[1]), ("1z" in steps[2])] == [True, True, True]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "nowhere:x",
            "the body of TITLE of the plugin house cannot be loaded: ModuleNotFoundError: No module",
        ),
        ("bodies:y", "TITLE of the plugin house failed: its body is bodies:y, and there is no such function"),
        ("bodies:x", "TITLE of the plugin house failed: its body is bodies:x, and that is no function"),
    ],
)
def test_a_body_that_is_not_there_is_an_error_at_the_line(folder: Path, body: str, message: str) -> None:
    (folder / "bodies.py").write_text("x = 1\n")
    at, told = error("FROM a\nTITLE x\n", title("", f', lower="{body}"'))
    assert (at, told[: len(message)]) == (2, message)


def test_a_body_that_cannot_be_loaded_has_its_own_line(folder: Path) -> None:
    (folder / "bodies.py").write_text("\n1 / 0\n")
    assert error("FROM a\nTITLE x\n", title("", ', lower="bodies:x"'))[1] == (
        "the body of TITLE of the plugin house cannot be loaded: ZeroDivisionError: division by zero"
        f" ({folder}/bodies.py, line 2)"
    )


def test_what_it_takes_files_from_are_edges() -> None:
    made = lowered("FROM scratch AS one\nFROM a\nFETCH --source=one x\n", FETCH)
    assert [(edge.source, edge.target, edge.kind, edge.paths) for edge in made.edges][1:] == [
        ("stage:0", "stage:1", "FETCH --from", ("/x",)),
        ("context", "stage:1", "FETCH", ("a", "b")),
    ]


def test_a_stage_that_it_takes_files_from_has_to_be_there() -> None:
    text = FETCH.replace(
        "def lower(self, stage):", "def lower(self, stage):\n        stage.sources['source']"
    )
    assert history("FROM a AS one\nFROM b\nFETCH --source=one x\n", text) == ["FETCH x"]


def test_a_module_is_a_plugin_by_its_name_too(folder: Path) -> None:
    (folder / "bodies.py").write_text(
        'from pyfrontend.api import macro\n@macro("HI")\ndef hi():\n    return "RUN hi"\n'
    )
    made = pyfrontend.lower("FROM a\nHI\n", plugins=["bodies"])
    assert [step["created_by"] for step in made.image["history"]] == ["RUN /bin/sh -c hi # buildkit"]


def test_a_commands_fields_are_those_that_it_declares() -> None:
    file = pyfrontend.parse("FROM a\nTITLE --vendor=b c\n", plugins=[plugin(LABEL)])
    assert file.errors == ()
    assert file.commands[1].fields == {"vendor": "b", "text": "c"}
