"""Gates on a real engine: stages that a build requires and does not contain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.client import build_text, docker

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
FROM busybox AS base
FROM base AS lint
RUN echo lint
FROM base AS unit
RUN echo unit {unit}
FROM base AS app
RUN --requires=lint
RUN --requires=unit echo app
"""


def test_an_image_is_the_same_with_and_without_gates(tmp_path: Path, syntax: str) -> None:
    gated = TEXT.format(unit="")
    plain = gated.replace("RUN --requires=lint\n", "").replace(" --requires=unit", "")
    layers = []
    for text in (gated, plain):
        options = ("--provenance=false", "--load", "--tag=pyfrontend-test-gates")
        done = build_text(tmp_path, syntax + text, *options)
        assert done.code == 0, done.output
        assert bool(done.ran("echo unit")) == (text == gated)
        layers.append(docker("image", "inspect", "--format={{.RootFS.Layers}}", "pyfrontend-test-gates"))
    assert layers[0] == layers[1]


def test_a_failing_gate_fails_the_build_and_shows_both_lines(tmp_path: Path, syntax: str) -> None:
    done = build_text(tmp_path, syntax + TEXT.format(unit="&& exit 3"))
    assert done.code != 0
    assert done.marked == [6, 9]
    assert done.message.endswith("exit code: 3: stage app requires unit (Dockerfile:9)")


def test_gates_hold_for_every_platform(tmp_path: Path, syntax: str) -> None:
    text = f"{syntax}FROM scratch AS t\nCOPY missing /\nFROM scratch\nRUN --requires=t\nCOPY Dockerfile /\n"
    done = build_text(tmp_path, text, "--platform=linux/amd64,linux/arm64", "--output=type=cacheonly")
    assert done.code != 0
    assert done.marked[-1] == 5
    assert "stage stage-1 requires t" in done.message
