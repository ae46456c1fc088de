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
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile

if TYPE_CHECKING:
    from pyfrontend.errors import Diagnostic
    from pyfrontend.syntax.document import Dockerfile

AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")
TWO = {"platform": "linux/amd64,linux/arm64"}


def test_a_dockerfile_is_parsed_once_for_all_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []

    def parse(file: SourceFile) -> Dockerfile:
        parsed.append(file.name)
        return parse_dockerfile(file)

    monkeypatch.setattr(convert, "parse_dockerfile", parse)
    bridge = FakeBridge("FROM x\nRUN y\n", opts=TWO)
    assert list(serve(bridge, bridge.request()).refs) == ["linux/amd64", "linux/arm64"]
    assert parsed == ["Dockerfile"]


def test_platforms_do_not_see_what_others_made_of_the_document() -> None:
    bridge = FakeBridge(
        "ARG TARGETARCH\nFROM x AS a\nARG TARGETARCH\nRUN --mount=type=cache,target=/c y\nFROM a\n"
    )
    converter = Converter(open_session(bridge, bridge.request()), None)
    definitions = [
        converter.marshal(converter.lower(platform)).SerializeToString(deterministic=True)
        for platform in (AMD, ARM, AMD)
    ]
    assert definitions[0] == definitions[2] != definitions[1]


def test_each_platform_may_have_lines_of_its_own() -> None:
    asked: list[tuple[str, Platform | None]] = []

    def rewrite(document: Dockerfile, platform: Platform | None) -> Dockerfile:
        asked.append((document.stages[0].source.image, platform))
        architecture = platform.architecture if platform else ""
        return parse_dockerfile(SourceFile("plain", f"FROM x\nRUN for {architecture}\n".encode()))

    bridge = FakeBridge("FROM written\nRUN y\n")
    converter = Converter(open_session(bridge, bridge.request()), None, rewrite)
    found = [history(converter.lower(platform)) for platform in (AMD, ARM)]
    assert found == [[f"RUN /bin/sh -c for {name} # buildkit"] for name in ("amd64", "arm64")]
    assert asked == [("written", AMD), ("written", ARM)]


def test_what_is_linted_is_the_document_as_it_is_written() -> None:
    def rewrite(_document: Dockerfile, _platform: Platform | None) -> Dockerfile:
        return parse_dockerfile(SourceFile("plain", b"FROM x AS Upper\nWORKDIR relative\n"))

    bridge = FakeBridge("FROM x AS Written\n")
    found: list[Diagnostic] = []
    Converter(open_session(bridge, bridge.request()), found.append, rewrite).lower(AMD)
    assert [one.text.split(" can ")[0] for one in found] == [
        "Stage name 'Written' should be lowercase",
        'Relative workdir "relative"',
    ]


def test_without_lints_no_rule_runs() -> None:
    bridge = FakeBridge("# check=error=true\nFROM x\nWORKDIR a\n")
    found: list[Diagnostic] = []
    converter = Converter(open_session(bridge, bridge.request()), found.append)
    converter.lower(ARM, lints=False)
    assert found == []
    with pytest.raises(DockerfileError, match=r"^lint violation found for rules: WorkdirRelativePath$"):
        converter.lower(AMD)
