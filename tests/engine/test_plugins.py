"""Images derived from ours with plugins of every kind, and plugins that fail the build of their image."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.built import build_image
from engine.client import build_text, docker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from engine.client import Build

HOUSE = '''
from pyfrontend.api import (
    DockerfileError, Finding, Instruction, call, context, extend, grammars, instruction, macro, rule, word,
)

API = 1

@macro("HELLO", heredocs=True)
def hello(*names, loud=False, heredocs):
    """Greets."""
    if "nobody" in names:
        raise DockerfileError("nobody cannot be greeted")
    if "bug" in names:
        raise KeyError("bug")
    text = " ".join(names[len(heredocs) :]) + "!" * loud
    return [f"RUN echo {text} >>/hello", *(f"RUN echo {one.content.strip()} >>/hello" for one in heredocs)]

@extend("RUN").flag("twice", default=False)
def twice(rest, value):
    return f"({rest}) && ({rest})"

@instruction("TITLE", grammars.rest_of_line)
class Title(Instruction):
    text: str = word(expand=True)

    def lower(self, stage):
        stage.image.set_label("title", self.text)
        stage.commit(f"TITLE {self.text}")

late = macro("LATE", body="bodies:late")

@rule("ACME001", "A stage should have a name")
def named(dockerfile):
    for stage in dockerfile.stages:
        if not stage.name:
            yield Finding("this stage has no name", stage.span)

@call("images", "List the images of a Dockerfile")
def images(question):
    return "\\n".join(stage.source.image for stage in question.dockerfile.stages)

@context("mirror")
def mirror(rest):
    return f"docker-image://{rest}"
'''
BODIES = "def late(name):\n    return f'RUN echo {name} >>/hello'\n"


def said(built: Build) -> str:
    """Return what the steps of a build wrote, its warnings, and what the client wrote."""
    reports = [json.loads(line) for line in built.output.splitlines() if line.startswith("{")]
    texts = [log["data"] for report in reports for log in report.get("logs") or ()]
    texts += [warning["short"] for report in reports for warning in report.get("warnings") or ()]
    return b"\n".join(map(base64.b64decode, texts)).decode() + built.excerpt


def asked(folder: Path, dockerfile: str, call: str) -> str:
    """Return the answer to a call."""
    (folder / "Dockerfile").write_text(dockerfile)
    return docker("buildx", "build", f"--call={call}", str(folder), check=False)


@pytest.fixture(scope="module")
def images() -> Iterator[list[str]]:
    """Tags of images that are removed in the end."""
    tags: list[str] = []
    yield tags
    docker("image", "rm", "--force", *tags)


@pytest.fixture(scope="module")
def derive(
    images: list[str], image: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[str, Build]]:
    """Builds a frontend image with modules that are given as texts; returns its tag and the build."""

    def made(**modules: str) -> tuple[str, Build]:
        tag = f"pyfrontend-test-plugins-{uuid4().hex[:8]}"
        folder = tmp_path_factory.mktemp("plugins")
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text)
        dockerfile = (
            f"FROM {image}\nCOPY *.py /plugins/\nENV DOCKERFILE_FRONTEND_PLUGINS=house\n"
            'RUN ["pyfrontend", "plugins"]\n'
        )
        built = build_text(folder, dockerfile, "--tag", tag, "--load", "--no-cache", "--provenance=false")
        images.append(tag)
        return tag, built

    return made


@pytest.fixture(scope="module")
def house(derive: Callable[..., tuple[str, Build]]) -> str:
    """A frontend image with the plugin above."""
    tag, built = derive(house=HOUSE, bodies=BODIES)
    assert built.code == 0, built.output
    assert "house: HELLO, RUN --twice, TITLE, LATE, the rule ACME001, the call images," in said(built)
    return tag


def test_every_kind_of_declaration_works_in_a_build(tmp_path: Path, house: str) -> None:
    text = f"""# syntax={house}
FROM busybox AS one
ARG of=tea
HELLO --loud <<END you and
me
END
RUN --twice echo again >>/hello
late body
TITLE cup of $of
FROM other
COPY --from=one /hello /
"""
    built = build_image(tmp_path, text, "--build-context", "other=https://mirror.plugin/busybox")
    assert built.tree["/hello"].text == "you and!\nme\nagain\nagain\nbody\n"
    labelled = build_image(tmp_path, f"# syntax={house}\nFROM busybox AS a\nTITLE a b\n")
    assert (labelled.config["Labels"]["title"], labelled.history[-1]) == ("a b", "TITLE a b")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("HELLO nobody", "nobody cannot be greeted", id="an error of the user"),
        pytest.param(
            "HELLO bug",
            r"HELLO of the plugin house failed: KeyError: 'bug' \(/plugins/house.py, line 14\)",
            id="an error of the plugin",
        ),
        pytest.param("HELLO --lout x", r"unknown flag: --lout \(did you mean loud\?\)", id="a misspelt flag"),
        pytest.param("HELO x", r"unknown instruction: HELO \(did you mean HELLO\?\)", id="misspelt"),
        pytest.param("ONBUILD TITLE x", "ONBUILD cannot hold an extension", id="a trigger"),
    ],
)
def test_errors_are_at_the_line(tmp_path: Path, house: str, line: str, message: str) -> None:
    built = build_text(tmp_path, f"# syntax={house}\nFROM busybox\n{line}\n")
    assert built.code != 0
    assert re.search(message, built.message)
    assert f"3 | >>> {line}" in built.output
    assert "Traceback" not in built.output


def test_a_rule_is_a_warning_of_the_build_and_a_finding_of_the_check(tmp_path: Path, house: str) -> None:
    text = f"# syntax={house}\nFROM busybox\nRUN true\n"
    assert "this stage has no name" in said(build_text(tmp_path, text))
    assert "ACME001" in asked(tmp_path, text, "check")
    assert "ACME001" not in asked(tmp_path, text.replace("FROM", "# check=skip=ACME001\nFROM"), "check")


def test_calls_answer_and_are_listed(tmp_path: Path, house: str) -> None:
    text = f"# syntax={house}\nFROM busybox AS a\nFROM scratch\n"
    assert "busybox\nscratch" in asked(tmp_path, text, "images")
    assert "List the images of a Dockerfile" in asked(tmp_path, text, "subrequests.describe")


def test_the_plain_file_and_the_graph_have_what_a_macro_makes(tmp_path: Path, house: str) -> None:
    text = f"# syntax={house}\nFROM busybox AS a\nHELLO you\n"
    assert "FROM busybox AS a\nRUN echo you >>/hello" in asked(tmp_path, text, "plain")
    assert "RUN echo you >>/hello" in asked(tmp_path, text, "graph")


def test_the_image_checks_by_hand_as_well(house: str) -> None:
    found = docker(
        "run",
        "--rm",
        "--interactive",
        house,
        "check",
        "--format",
        "json",
        text="FROM a\nHELLO x\n",
        check=False,
    )
    assert "ACME001" in json.dumps(json.loads(found))


def test_the_examples_of_the_guide_can_be_loaded(
    root: Path, derive: Callable[..., tuple[str, Build]]
) -> None:
    guide = (root / "docs/plugins.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    modules = {f"example{number}": text for number, text in enumerate(blocks)}
    house = "".join(f"from {name} import *\n" for name in modules)
    reports = "def expand(): return ''\ndef audit(node, stage): pass\n"
    _, built = derive(house=house, acme_report=reports, **modules)
    assert built.code == 0, said(built)
    assert "house: APT, SERVICE, CRON, RUN --retry, RUN --cache, the rule ACME001" in said(built)


FILES = """
@instruction("GRAB", step=True)
class Grab(Instruction):
    path: str = word()

    def inputs(self):
        yield Input("context", paths=(self.path,))

    def lower(self, stage):
        lower(instructions.Copy(sources=(self.path,), dest="/", heredocs=()), stage)

@macro("APPLICATION")
def application():
    return "COPY src/sever.js /"
"""


@pytest.mark.parametrize(
    ("line", "help_"),
    [
        ("CERTIFICATES one", "the stage one has no /etc/ssl/certs"),
        ("GRAB src/sever.js", "the build context has no src/sever.js (did you mean src/server.js?)"),
        ("APPLICATION", "the build context has no src/sever.js (did you mean src/server.js?)"),
    ],
)
def test_a_missing_file_is_explained_at_the_line_of_a_plugin(
    root: Path, tmp_path: Path, derive: Callable[..., tuple[str, Build]], line: str, help_: str
) -> None:
    guide = (root / "docs/plugins.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    (certificates,) = [block for block in blocks if '@instruction("CERTIFICATES"' in block]
    tag, made = derive(house=f"{certificates}\nfrom pyfrontend.api import macro\n{FILES}")
    assert made.code == 0, said(made)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/server.js").touch()
    built = build_text(tmp_path, f"# syntax={tag}\nFROM busybox AS one\nRUN true\nFROM busybox\n{line}\n")
    assert built.code != 0
    assert help_ in built.message
    assert built.marked == [5]


BROKEN = "from pyfrontend.api import API, instruction, Instruction, macro, rule\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "def", r"cannot be loaded: SyntaxError: invalid syntax \(/plugins/house.py, line 2\)", id="syntax"
        ),
        pytest.param(
            "import nowhere", "needs the module nowhere, which is not in the frontend image", id="import"
        ),
        pytest.param("API = 2", "is written for pyfrontend.api 2, and this frontend has 1", id="another API"),
        pytest.param("x = 1", "declares nothing", id="nothing"),
        pytest.param(
            '@macro("RUN")\ndef run(): pass',
            r"cannot declare the instruction RUN: it is built in \(",
            id="built in",
        ),
        pytest.param(
            '@instruction("T")\nclass T(Instruction): pass',
            "cannot be loaded: TypeError: T does not say what it does",
            id="no lowering",
        ),
        pytest.param(
            'x = macro("APT", body="nowhere:x")',
            "the body of APT of the plugin house cannot be loaded",
            id="body",
        ),
        pytest.param(
            "from pyfrontend.syntax.declare import instruction\nfrom pyfrontend.syntax import grammars\n"
            '@instruction("T", grammars.word_list)\nclass T(Instruction): pass',
            "write `from pyfrontend.api import instruction`",
            id="the old way",
        ),
    ],
)
def test_a_broken_plugin_fails_the_build_of_its_image(
    derive: Callable[..., tuple[str, Build]], text: str, message: str
) -> None:
    _, built = derive(house=BROKEN + text)
    assert built.code != 0
    assert re.search(message, said(built))
    assert "Traceback" not in said(built)
    assert '>>> RUN ["pyfrontend", "plugins"]' in built.output


def test_a_plugin_that_prints_or_ends_the_process_breaks_nothing(
    tmp_path: Path, derive: Callable[..., tuple[str, Build]]
) -> None:
    text = (
        "import sys\nprint('hello')\nsys.stdout.write('x' * 100)\n"
        '@macro("STOP")\ndef stop(*words):\n    print("now")\n    sys.exit(3)\n'
    )
    tag, made = derive(house=BROKEN + text)
    assert made.code == 0, made.output
    built = build_text(tmp_path, f"# syntax={tag}\nFROM busybox\nSTOP\n")
    assert "STOP of the plugin house failed: SystemExit: 3 (/plugins/house.py, line 8)" in built.message
