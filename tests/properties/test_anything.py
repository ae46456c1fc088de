"""Whatever is written in a Dockerfile, a user is told: nothing else ever leaves parser and lowering."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties import texts
from properties.world import build
from pyfrontend.errors import DockerfileError
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile, parse_instruction
from pyfrontend.syntax.expand import expand
from pyfrontend.syntax.mounts import expand_mount, read_mount

#: Dockerfiles that something was wrong with once: a new one is a file in this folder.
FOUND = sorted((Path(__file__).parent.parent / "cases" / "found").glob("*.dockerfile"))
SUBREQUESTS = [
    "frontend.lint",
    "frontend.outline",
    "frontend.targets",
    "frontend.convertllb",
    "frontend.graph",
    "frontend.graph+full",
    "frontend.graph-svg+full+legend",
    "frontend.graph-mermaid",
    "frontend.graph-dot+overview",
]


@given(texts.data)
def test_any_text_is_parsed_or_is_an_error_of_ours(data: bytes) -> None:
    parsed = parse_dockerfile(SourceFile("Dockerfile", data))
    last = max(data.count(b"\n") + 1, 1)
    assert parsed.stages or parsed.errors
    assert all(1 <= place.start <= place.end <= last for error in parsed.errors for place in error.spans[:1])


@given(texts.words, st.dictionaries(texts.keys, texts.texts))
def test_any_expression_expands_or_is_an_error_of_ours(word: str, env: dict[str, str]) -> None:
    with suppress(DockerfileError):
        expand(word, env).text.encode()


@given(texts.flags)
def test_any_mount_is_read_or_is_an_error_of_ours(text: str) -> None:
    with suppress(DockerfileError):
        mount = read_mount("mount", text.partition("=")[2].strip())
        expand_mount(mount, lambda value: expand(value, {}).text)


@given(texts.line())
def test_any_trigger_is_parsed_or_is_an_error_of_ours(text: str) -> None:
    with suppress(DockerfileError):
        parse_instruction(text)


@given(texts.data, texts.requests())
def test_any_text_builds_or_is_an_error_of_ours(data: bytes, request: dict[str, Any]) -> None:
    build(data, request)


@given(texts.lowerable, texts.requests())
def test_any_text_of_valid_syntax_builds_or_is_an_error_of_ours(text: str, request: dict[str, Any]) -> None:
    build(texts.encoded(text), request)


@given(st.one_of(texts.sensible, texts.lowerable), st.sampled_from(SUBREQUESTS), texts.requests())
def test_any_subrequest_about_any_text_is_answered_or_is_an_error_of_ours(
    text: str, subrequest: str, request: dict[str, Any]
) -> None:
    build(texts.encoded(text), request, requestid=subrequest)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_failed_once_builds_or_is_an_error_of_ours(path: Path) -> None:
    data = path.read_bytes()
    build(data)
    for subrequest in SUBREQUESTS:
        build(data, requestid=subrequest)
