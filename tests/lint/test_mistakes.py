"""What looks like a mistake, and what only resembles one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge
from pyfrontend.driver.serve import serve
from pyfrontend.lint.rules import all_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

OURS = {name for name, rule in all_rules().items() if rule.advisory}
BASE: Mapping[str, object] = {"a": {"config": {"config": {"Env": ["PATH=/bin", "KNOWN=1"]}}}}


def found(dockerfile: str, **given: Any) -> list[str]:
    """Return the findings of our own rules in a build."""
    bridge = FakeBridge(dockerfile, images=BASE, **given)
    serve(bridge, bridge.request())
    texts = [call["call"]["short"] for call in bridge.warnings]
    return [text for text in texts if text.partition(":")[0] in OURS]


ARRAYS = {
    "RUN ['a', 'b']": "words take double quotes",
    'RUN ["a", "b",]': "there is a comma before the ]",
    'CMD ["a" "b"]': "a comma is missing between two words",
    'CMD ["a", "b"': "the ] is missing",
    'ENTRYPOINT ["a"] # b': "nothing may follow the ]",
    "CMD [\u201ca\u201d]": 'typographic quotes are no quotes: use "',
    'CMD ["C:\\Program"]': "a backslash is written twice",
    "HEALTHCHECK CMD ['a']": "words take double quotes",
    "VOLUME [/a, /b]": "words take double quotes",
    "COPY ['a', '/b']": "words take double quotes",
}


@pytest.mark.parametrize(("code", "reason"), ARRAYS.items(), ids=ARRAYS)
def test_a_broken_array_is_reported_with_what_is_wrong(code: str, reason: str) -> None:
    (text,) = found(f"FROM a\n{code}\n")
    assert text.startswith(f"BrokenJsonArray: this is not valid JSON ({reason}), so ")
    assert text.endswith(" (line 2)")


SILENT = {
    "a test of a shell": 'RUN [ -f a ] && [ "$KNOWN" = "b" ]',
    "a test of two texts": 'RUN [ "a" = "b" ] || true',
    "a test of bash": 'RUN [[ "$KNOWN" == 1 ]]',
    "a pattern": "RUN [a-z]* b",
    "an array": 'CMD ["a", "b"]',
    "files into the working directory": "WORKDIR /b\nCOPY a.txt b.txt /b",
    "files into a directory made above": "RUN mkdir /b\nCOPY a.txt b.txt /b",
    "files into a directory of each image": "COPY a.txt b.txt /etc",
    "files with a slash": "COPY a.txt b.txt /b/",
    "files to a dot": "COPY a.txt b.txt .",
    "directories": "COPY a b /c",
    "a shell in exec form": 'ENV P=1\nCMD ["sh", "-c", "a $P"]',
    "a field of awk": 'CMD ["awk", "{print $1}"]',
    "a variable that the stage does not have": 'CMD ["a", "$OTHER"]',
    "a variable of the base image": "RUN echo $KNOWN",
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_what_only_resembles_a_mistake_is_silent(code: str) -> None:
    assert found(f"ARG KNOWN=2\nFROM a\n{code}\n") == []


SCOPES = {
    "LABEL v=$V": True,
    "RUN echo $V": True,
    "RUN echo ${V}": True,
    "RUN V=1; echo $V": False,
    "RUN for V in a b; do echo $V; done": False,
    "RUN echo ${V:-1}": False,
    "RUN echo \\$V": False,
    "RUN echo $VV": False,
    "ARG V\nRUN echo $V": False,
    "ENV V=2\nRUN echo $V": False,
}


@pytest.mark.parametrize(("code", "reported"), SCOPES.items(), ids=SCOPES)
def test_an_argument_above_the_first_from_is_reported_where_a_stage_uses_it(
    code: str, *, reported: bool
) -> None:
    text = "V is empty here: it is declared above the first FROM (line 1), repeat ARG V in this stage"
    assert found(f"ARG V=1\nFROM a\n{code}\n") == [f"ArgOutOfScope: {text} (line 3)"] * reported


def test_a_name_that_a_pattern_would_take_for_its_own_signs_is_only_a_name() -> None:
    assert found("ARG V(=1\nFROM a\nRUN echo $V( $W\n") == []


HIDDEN = {
    "*\n!keep\n": True,
    "*\n!b.env.d/x\n": True,
    "*\n!b.env\n": False,
    "*\n!b.env/x\n": False,
    "*\n!**/*.env\n": False,
    "c\n!d\n": False,
}


@pytest.mark.parametrize(("ignore", "reported"), HIDDEN.items(), ids=HIDDEN)
def test_a_file_is_reported_where_no_exception_can_bring_it_back(ignore: str, *, reported: bool) -> None:
    texts = found("FROM a\nCOPY b.env /\n", dockerignore=ignore)
    assert [text.partition(":")[0] for text in texts] == ["CopyHiddenFile"] * reported


def test_a_windows_directory_is_one_too() -> None:
    assert found("# escape=`\nFROM a\nCOPY a.txt b.txt c\\\n") == []


def test_findings_of_ours_leave_the_exit_code_of_a_check_alone() -> None:
    bridge = FakeBridge("FROM scratch\nVOLUME [/a]\n")
    result = serve(bridge, bridge.request(requestid="frontend.lint"))
    assert b"BrokenJsonArray" in result.metadata["result.txt"]
    assert result.metadata["result.statuscode"] == b"0"
