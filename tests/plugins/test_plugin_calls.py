"""Calls and kinds of contexts of plugins: what they are asked, and what becomes of their answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from extend.builds import Case
from plugins.houses import FIRST, plugin, plugins

import pyfrontend
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.plugins.load import load

if TYPE_CHECKING:
    from pyfrontend.gateway.results import Result

IMAGES = """
@call("images", "List the images")
def images(question):
    return "\\n".join(stage.source.image for stage in question.dockerfile.stages)
"""


def call(statement: str) -> str:
    return f'@call("own", "Ask")\ndef own(question):\n    {statement}\n'


def asked(name: str, text: str, dockerfile: str = "FROM busybox AS a\nRUN x\n", **options: Any) -> Result:
    return Case(dockerfile, options=options, plugins=load(plugins(text))).call(name)


@pytest.mark.parametrize(
    ("statement", "text", "document"),
    [
        pytest.param("return 'a'", "a\n", {"text": "a"}, id="a text"),
        pytest.param("return ''", "", {"text": ""}, id="an empty text"),
        pytest.param("return {'a': [1]}", '{\n  "a": [\n    1\n  ]\n}\n', {"a": [1]}, id="a document"),
        pytest.param("return []", "[]\n", [], id="a list"),
        pytest.param("return None", "null\n", None, id="None"),
    ],
)
def test_an_answer_is_a_text_and_a_document(statement: str, text: str, document: object) -> None:
    metadata = asked("own", call(statement)).metadata
    assert metadata["result.txt"].decode() == text
    assert json.loads(metadata["result.json"]) == document


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("return question.target", "a"),
        ("return question.args['x']", "y"),
        ("return question.platforms[0]", "linux/arm64"),
        ("return question.dockerfile.stages[0].name", "a"),
        ("return question.ask('targets')['targets'][0]['name']", "a"),
        ("return str(len(question.ask('graph')['stages']))", "1"),
    ],
)
def test_a_question_knows_the_build(statement: str, expected: str) -> None:
    found = asked("own", call(statement), target="a", build_args={"x": "y"}, platforms=["linux/arm64"])
    assert found.metadata["result.txt"].decode().strip() == expected


def test_calls_are_listed() -> None:
    listed = json.loads(asked("subrequests.describe", IMAGES).metadata["result.json"])
    assert {"name": "frontend.images", "description": "List the images"}.items() <= listed[-1].items()
    assert "images" not in str(asked("subrequests.describe", call("pass")).metadata)


def test_an_unknown_call_names_those_of_plugins() -> None:
    with pytest.raises(BridgeError) as caught:
        asked("image", IMAGES)
    assert caught.value.help.startswith("did you mean images? --call is one of: outline, targets, ")
    assert caught.value.help.endswith(", images")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        pytest.param(
            "1 / 0", f"ZeroDivisionError: division by zero (/plugins/house.py, line {FIRST + 2})", id="raise"
        ),
        pytest.param("return {1, 2}", "it returned what is no JSON (", id="no JSON"),
        pytest.param("return {'a': float('nan')}", "it returned what is no JSON (Out of range", id="NaN"),
        pytest.param(
            "question.ask('check-github')", "ValueError: the call check-github answers with no", id="ask"
        ),
    ],
)
def test_an_exception_names_the_plugin(statement: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        asked("own", call(statement))
    assert caught.value.message.startswith(f"the call own of the plugin house failed: {message}")


def test_errors_of_the_dockerfile_are_those_of_the_user() -> None:
    with pytest.raises(DockerfileError) as caught:
        asked("images", IMAGES, "FROM busybox\nRNU x\n")
    assert caught.value.message == (
        "dockerfile parse error on line 2: unknown instruction: RNU (did you mean RUN?)"
    )


MIRROR = """
@context("mirror")
def mirror(rest):
    return f"docker-image://mirror.test/{rest}"
"""


@pytest.mark.parametrize("place", ["mirror:x", "mirror://x", "https://mirror.plugin/x"])
def test_a_kind_of_context_stands_for_another_one(place: str) -> None:
    made = pyfrontend.lower("FROM a\nCOPY --from=b / /\n", contexts={"b": place}, plugins=plugins(MIRROR))
    sources = [op["source"]["identifier"] for op in made.definition.ops if "source" in op]
    assert "docker-image://mirror.test/x:latest" in sources


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        pytest.param("1 / 0", "failed: ZeroDivisionError: division by zero (", id="an exception"),
        pytest.param(
            "return 1", "failed: it returned a value of type int, and not a specification", id="no text"
        ),
    ],
)
def test_a_kind_of_context_that_fails_is_an_error_at_the_line(statement: str, message: str) -> None:
    given = [plugin(f'@context("mirror")\ndef mirror(rest):\n    {statement}\n')]
    with pytest.raises(DockerfileError) as caught:
        pyfrontend.lower("FROM a\nCOPY --from=b / /\n", contexts={"b": "mirror:x"}, plugins=given)
    assert caught.value.message.startswith(f"the context mirror of the plugin house {message}")
    assert [span.start for span in caught.value.spans] == [2]


def test_a_kind_of_context_that_there_is_not_is_an_error_at_the_line() -> None:
    with pytest.raises(DockerfileError) as caught:
        pyfrontend.lower(
            "FROM a\nCOPY --from=b / /\n",
            contexts={"b": "https://mirrow.plugin/x"},
            plugins=plugins(MIRROR),
        )
    assert caught.value.message == "no plugin has the kind of context mirrow (did you mean mirror?)"


def test_a_kind_of_context_that_leads_to_itself_is_an_error() -> None:
    given = [plugin('@context("mirror")\ndef mirror(rest):\n    return "mirror:x"\n')]
    with pytest.raises(DockerfileError, match="context recursion limit exceeded"):
        pyfrontend.lower("FROM a\nCOPY --from=b / /\n", contexts={"b": "mirror:x"}, plugins=given)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('@call("Own", "x")\ndef own(q): pass', "'Own': the name of a call is written in small letters"),
        ('@context("Own")\ndef own(r): pass', "'Own': a scheme is written in small letters, as in mirror"),
        ('@context("a:b")\ndef own(r): pass', "'a:b': a scheme is written in small letters, as in mirror"),
    ],
)
def test_what_has_no_fit_name_is_refused_where_it_is_declared(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below
        plugins(text)
    assert str(caught.value).startswith(message)
