"""Builds with plugins: the laws of the extended language hold, and edges are those of their instructions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from extend.builds import Case
from plugins.houses import plugins

from pyfrontend.errors import DockerfileError
from pyfrontend.plugins.load import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyfrontend.plugins.gather import Plugins

TEXT = """
@macro("TOOLS")
def tools(*words, loud=False):
    more = "\\nENV LOUD=1" if loud else ""
    return f"ARG TOOLS={len(words)}\\nRUN install {' '.join(words)} $TOOLS" + more

@macro("BASE")
def base(name, *rest):
    return f"FROM busybox {' '.join(rest)}\\nENV BASE={name}"

@macro("WRITE", heredocs=True)
def write(path, *words, heredocs):
    return f"COPY <<'END' {words[0]}\\n{heredocs[0].content}END"

@macro("TAKE")
def take(stage):
    return f"COPY --from={stage} /a /b"

@macro("SHARED")
def shared():
    return "INCLUDE ./shared.dockerfile"

@extend("RUN").flag("retry")
def retry(rest, value):
    return f"--mount=type=cache,target=/c retry {value} {rest}"

@instruction("FETCH", step=True)
class Fetch(Instruction):
    source: str = flag(default="")
    path: str = word()

    def inputs(self):
        yield Input("stage", self.source, (self.path,), key="source") if self.source else Input(
            "context", paths=(self.path,)
        )

    def lower(self, stage):
        stage.commit(f"FETCH {self.path}")
"""


def loaded(text: str = TEXT) -> Plugins:
    return load(plugins(text))


FILES = {
    "./shared.dockerfile": "TOOLS a b\nRUN --retry=1 x\n",
    "./base.dockerfile": "FROM scratch AS base\nTOOLS c\nWRITE <<E /x\nhi\nE\nFROM base AS more\nTAKE base\n",
}
FILES = {name.removeprefix("./"): text for name, text in FILES.items()}


@pytest.mark.parametrize(
    "dockerfile",
    [
        pytest.param("FROM busybox\nTOOLS a b\n", id="a macro"),
        pytest.param(
            "FROM busybox\n# one\n# two\nTOOLS --loud a\nRUN x\n", id="comments and lines around it"
        ),
        pytest.param("BASE a AS one\nRUN x\nFROM one\nTAKE one\n", id="stages"),
        pytest.param("FROM busybox\nWRITE <<E /x\n$a\nb\nE\nRUN y\n", id="heredocs"),
        pytest.param("FROM busybox\nRUN --retry=3 --network=none x\n", id="a flag"),
        pytest.param("FROM busybox\nRUN --retry=3 --network=none <<E\nx\nE\n", id="a flag and a heredoc"),
        pytest.param("FROM busybox\nINCLUDE ./shared.dockerfile\nRUN y\n", id="in a file that is included"),
        pytest.param("FROM busybox\nSHARED\nRUN y\n", id="that includes a file"),
        pytest.param("FROM ./base.dockerfile#more\nTOOLS z\n", id="in a file of stages"),
        pytest.param("FROM busybox\nTAKE ./base.dockerfile#base\n", id="that names a file of stages"),
    ],
)
def test_l2_a_build_is_that_of_the_plain_file(dockerfile: str) -> None:
    case = Case(dockerfile, FILES, plugins=loaded())
    plain = case.plain()
    assert not any(word in plain.text for word in ("TOOLS ", "TAKE", "WRITE", "--retry", "INCLUDE"))
    assert case.build() == plain.build()


def test_l3_the_plain_file_keeps_the_rest_as_it_is() -> None:
    text = "# why\nFROM   busybox\n\n# tools\nTOOLS a\n# and\nRUN  x  # y\n"
    assert Case(text, plugins=loaded()).plain().text == (
        "# why\nFROM   busybox\n\n# tools\nARG TOOLS=1\nRUN install a $TOOLS\n# and\nRUN  x  # y\n"
    )


@pytest.mark.parametrize("call", ["", "lint", "outline", "targets", "graph", "convertllb", "plain"])
def test_l1_a_file_that_uses_no_plugin_makes_the_same_calls(call: str) -> None:
    text = "# syntax=docker/dockerfile:1\nFROM busybox AS a\nCOPY a b\nRUN x\nONBUILD RUN y\n"
    made = []
    for given in (None, loaded()):
        case = Case(text, plugins=given)
        bridge = case.bridge()
        case.serve(bridge, call)
        made.append(bridge.calls)
    assert made[0] == made[1]


def test_l9_plugins_are_those_of_the_company_that_switches_extensions_off() -> None:
    case = Case("FROM busybox\nTOOLS a\nRUN --retry=3 x\n", plugins=loaded(), extensions=False)
    assert len(case.build().steps[0]) > 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("INCLUDE ./shared.dockerfile", "unknown instruction: INCLUDE"),
        ("RUN --no-cache --retry=3 x", "unknown flag: --no-cache"),
        ("SHARED", 'SHARED stands for "INCLUDE ./shared.dockerfile": unknown instruction: INCLUDE'),
        ("TAKE ./base.dockerfile#base", "./base.dockerfile#base"),
    ],
)
def test_l9_extensions_are_off_in_lines_of_plugins_too(line: str, message: str) -> None:
    case = Case(f"FROM busybox\nTOOLS a\n{line}\n", FILES, plugins=loaded(), extensions=False)
    with pytest.raises(DockerfileError) as caught:
        case.build()
    assert message in caught.value.message
    assert caught.value.spans[0].start == 3


@pytest.mark.parametrize(
    ("files", "name", "line"),
    [
        pytest.param({"x": "RUN a\nTOOLS --quiet a\n"}, "x", 2, id="included"),
        pytest.param({"x": "RUN a\nRUN --retry x\n"}, "x", 2, id="a flag"),
    ],
)
def test_l10_an_error_in_another_file_is_at_its_line(files: Mapping[str, str], name: str, line: int) -> None:
    with pytest.raises(DockerfileError) as caught:
        Case("FROM busybox\nINCLUDE ./x\n", files, plugins=loaded()).build()
    assert [(span.file.name, span.start) for span in caught.value.spans] == [(name, line)]
    assert [span.start for span in caught.value.chain()] == [2]


def test_a_fragment_may_not_begin_a_stage_by_a_macro_either() -> None:
    with pytest.raises(DockerfileError) as caught:
        Case("FROM busybox\nINCLUDE ./x\n", {"x": "BASE a\n"}, plugins=loaded()).build()
    assert "FROM in a file that is included inside a stage" in caught.value.message


def test_a_stage_that_a_plugin_needs_is_built_before_it() -> None:
    text = "FROM busybox AS one\nRUN x\nFROM scratch AS two\nRUN y\nFROM scratch\nFETCH --source=one /a\n"
    document = json.loads(Case(text, plugins=loaded()).call("graph").metadata["result.json"])
    assert {stage["name"]: stage["reached"] for stage in document["stages"]} == {
        "one": True,
        "two": False,
        "stage-2": True,
    }
    assert [edge["kind"] for edge in document["edges"]][-1] == "FETCH --from"


@pytest.mark.parametrize("form", ["graph", "graph-mermaid", "graph-dot", "graph-svg"])
def test_every_drawing_has_the_edges_of_a_plugin(form: str) -> None:
    text = "FROM busybox AS one\nFROM scratch\nFETCH --source=one /a\nTAKE one\n"
    drawn = Case(text, plugins=loaded()).call(form).metadata["result.txt"].decode()
    plain = (
        Case(text.replace("FETCH --source=one /a\n", ""), plugins=loaded()).call(form).metadata["result.txt"]
    )
    assert "FETCH" in drawn
    assert "FETCH" not in plain.decode()


def test_a_plugin_may_name_a_gate() -> None:
    text = "FROM busybox AS test\nTOOLS a\nFROM busybox\nGATED\n"
    gated = '@macro("GATED")\ndef gated():\n    return "RUN --requires=test"\n'
    document = json.loads(Case(text, plugins=loaded(TEXT + gated)).call("graph").metadata["result.json"])
    assert [(edge["from"], edge["to"]) for edge in document["edges"]][-1] == ("stage:0", "stage:1")
