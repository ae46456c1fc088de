"""One Dockerfile for all platforms: parsed and linted once, and rewritten for each where there is a need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes import FakeBridge, history
from pyfrontend.driver import convert
from pyfrontend.driver.convert import Converter
from pyfrontend.driver.serve import serve
from pyfrontend.driver.session import open_session
from pyfrontend.errors import DockerfileError
from pyfrontend.oci.platforms import Platform
from pyfrontend.syntax.lines import Lines, read_lines

if TYPE_CHECKING:
    from pyfrontend.errors import Diagnostic
    from pyfrontend.pb.ops_pb2 import Definition
    from pyfrontend.span import SourceFile
    from pyfrontend.syntax.extended import Language

AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")
TWO = {"platform": "linux/amd64,linux/arm64"}


def test_a_dockerfile_is_parsed_once_for_all_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []

    def read(file: SourceFile, language: Language) -> Lines:
        parsed.append(file.name)
        return read_lines(file, language)

    monkeypatch.setattr(convert, "read_lines", read)
    bridge = FakeBridge("FROM x\nRUN y\n", opts=TWO)
    assert list(serve(bridge, bridge.request()).refs) == ["linux/amd64", "linux/arm64"]
    assert parsed == ["Dockerfile"]


def test_the_lines_of_an_extended_file_are_read_once_too(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []

    def read(file: SourceFile, language: Language) -> Lines:
        parsed.append(file.name)
        return read_lines(file, language)

    monkeypatch.setattr(convert, "read_lines", read)
    bridge = FakeBridge("FROM x\nRUN --if=TARGETARCH=arm64 y\n", opts=TWO)
    serve(bridge, bridge.request())
    assert parsed == ["Dockerfile"]


def test_platforms_do_not_see_what_others_made_of_the_document() -> None:
    bridge = FakeBridge(
        "ARG TARGETARCH\nFROM x AS a\nARG TARGETARCH\nRUN --mount=type=cache,target=/c y\nFROM a\n"
    )
    converter = Converter(open_session(bridge, bridge.request()), None, None)
    definitions = [
        converter.marshal(converter.lower(platform)).SerializeToString(deterministic=True)
        for platform in (AMD, ARM, AMD)
    ]
    assert definitions[0] == definitions[2] != definitions[1]


def test_each_platform_has_its_own_plain_form_of_an_extended_file() -> None:
    bridge = FakeBridge("FROM x\nRUN --if=TARGETARCH=amd64 for amd64\nRUN --if=TARGETARCH=arm64 for arm64\n")
    converter = Converter(open_session(bridge, bridge.request()), None, AMD)
    found = [history(converter.lower(platform)) for platform in (AMD, ARM)]
    assert found == [[f"RUN /bin/sh -c for {name} # buildkit"] for name in ("amd64", "arm64")]


def test_a_line_that_is_skipped_is_parsed_all_the_same() -> None:
    bad = FakeBridge("FROM x\nRUN --if=TARGETARCH=arm64 --netwrk=none y\n")
    with pytest.raises(DockerfileError, match=r"unknown flag: --netwrk"):
        Converter(open_session(bad, bad.request()), None, AMD)


def test_without_lints_no_rule_runs() -> None:
    bridge = FakeBridge("# check=error=true\nFROM x\nWORKDIR a\n")
    found: list[Diagnostic] = []
    converter = Converter(open_session(bridge, bridge.request()), found.append, AMD)
    converter.lower(ARM, lints=False)
    assert found == []
    with pytest.raises(DockerfileError, match=r"^lint violation found for rules: WorkdirRelativePath$"):
        converter.lower(AMD)


def test_a_step_with_no_cache_is_marked_and_its_bytes_are_those_of_the_plain_one() -> None:
    def converted(text: str) -> Definition:
        bridge = FakeBridge(text)
        converter = Converter(open_session(bridge, bridge.request()), None, AMD)
        return converter.marshal(converter.lower(AMD))

    marked, plain = converted("FROM x\nRUN --no-cache y\n"), converted("FROM x\nRUN y\n")
    assert list(getattr(marked, "def")) == list(getattr(plain, "def"))
    assert sum(one.ignore_cache for one in marked.metadata.values()) == 1
    assert not any(one.ignore_cache for one in plain.metadata.values())
