"""`pyfrontend.lower`: graph, config and edges of a Dockerfile, without BuildKit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import pyfrontend
from pyfrontend.cli import main as cli

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
ARG V=1
FROM alpine:$V AS base
RUN make
FROM scratch AS app
COPY --from=base /made /
COPY own /
USER me
"""
CONFIG = {"architecture": "amd64", "os": "linux", "config": {"Env": ["A=b"], "WorkingDir": "/w"}}


def sources(lowered: pyfrontend.Lowered) -> list[str]:
    return [op["source"]["identifier"] for op in lowered.definition.ops if "source" in op]


def test_the_graph_is_the_one_of_the_command_line(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "Dockerfile").write_text(TEXT)
    lowered = pyfrontend.lower(tmp_path / "Dockerfile")
    assert cli.main(["llb", str(tmp_path / "Dockerfile")]) == 0
    printed = capsysbinary.readouterr().out.decode()
    assert lowered.definition.digests
    assert all(digest in printed for digest in lowered.definition.digests)


def test_arguments_target_and_platform_are_as_for_a_build() -> None:
    lowered = pyfrontend.lower(TEXT, args={"V": "2"}, target="base", platform="linux/arm64")
    assert sources(lowered) == ["docker-image://docker.io/library/alpine:2"]
    assert lowered.image["architecture"] == "arm64"
    assert "User" not in lowered.image["config"]


def test_edges_say_what_goes_where() -> None:
    edges = pyfrontend.lower(TEXT, platform="linux/amd64").edges
    assert [(edge.source, edge.target, edge.kind, edge.line, edge.paths) for edge in edges] == [
        ("image:alpine:1@linux/amd64", "stage:0", "FROM", 2, ()),
        ("stage:0", "stage:1", "COPY --from", 5, ("/made",)),
        ("context", "stage:1", "COPY", 6, ("own",)),
    ]


def test_base_images_have_the_config_that_is_given_and_may_be_pinned() -> None:
    digest = f"sha256:{64 * 'a'}"
    lowered = pyfrontend.lower(
        "FROM alpine\nWORKDIR x\nRUN y\n", images={"alpine": {**CONFIG, "digest": digest}}
    )
    assert lowered.image["config"]["WorkingDir"] == "/w/x"
    assert "A=b" in lowered.image["config"]["Env"]
    assert sources(lowered) == [f"docker-image://docker.io/library/alpine:latest@{digest}"]
    other = pyfrontend.lower("FROM other\n", images={"alpine": CONFIG})
    assert "WorkingDir" not in other.image["config"]
    with pytest.raises(ValueError, match="invalid reference format"):
        pyfrontend.lower("FROM a\n", images={"A B": CONFIG})


def test_what_is_wrong_is_raised_with_line_and_help() -> None:
    with pytest.raises(pyfrontend.DockerfileError, match="unknown flag: --frm") as caught:
        pyfrontend.lower("FROM a\nCOPY --frm=b c d\n")
    assert caught.value.spans[0].start == 2
    assert caught.value.code == "UnknownFlag"
    with pytest.raises(pyfrontend.DockerfileError) as caught:
        pyfrontend.lower(TEXT, target="nope")
    assert "nope" in caught.value.helped


def test_a_parsed_file_can_be_lowered_with_its_folder(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (tmp_path / ".dockerignore").write_text("*.tmp\n")
    lowered = pyfrontend.lower(pyfrontend.parse(tmp_path / "Dockerfile"))
    (attrs,) = [op["source"]["attrs"] for op in lowered.definition.ops if "source" in op]
    assert attrs["local.excludepatterns"] == '["*.tmp"]'
