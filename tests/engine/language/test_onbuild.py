"""ONBUILD: instructions that a base image, or a stage, has waiting for its children."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.built import Built, Fact, build_image
from engine.client import build_text, docker

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Each trigger is declared once, and run both through an image and through a stage.
TRIGGERS = """
WORKDIR /parent
ENV WHO=parent
ONBUILD ARG VERSION=1
ONBUILD ENV WHO=$WHO-child
ONBUILD COPY --chown=7:8 local.txt .
ONBUILD COPY --from=helper /note /from-helper
ONBUILD RUN --mount=type=bind,from=helper,target=/helper cat /helper/note >/mounted
ONBUILD RUN echo "$WHO $VERSION" >/ran
ONBUILD RUN <<EOF
echo heredoc >/heredoc
EOF
ONBUILD COPY <<EOF /copied-heredoc
for $WHO
EOF
ONBUILD ADD local.txt /added
ONBUILD WORKDIR below
ONBUILD USER 12:34
ONBUILD EXPOSE 80
ONBUILD VOLUME /volume
ONBUILD LABEL who=$WHO
ONBUILD STOPSIGNAL SIGQUIT
ONBUILD HEALTHCHECK NONE
ONBUILD SHELL ["/bin/sh", "-ec"]
ONBUILD ENTRYPOINT ["entry"]
ONBUILD CMD echo $WHO
"""

CHILD = """
FROM busybox AS helper
RUN echo helped >/note
FROM {base} AS child
COPY local.txt /afterwards
FROM child AS grandchild
RUN echo again >/tmp/again
"""

FACTS = [
    Fact("COPY, in the WORKDIR of the base", "/parent/local.txt", "local", owner="7:8"),
    Fact("COPY from a stage of the child's file", "/from-helper", "helped\n"),
    Fact("RUN with a mount from a stage of the child's file", "/mounted", "helped\n"),
    Fact("RUN, with ARG and ENV of triggers before", "/ran", "parent-child 2\n"),
    Fact("RUN with a heredoc", "/heredoc", "heredoc\n"),
    Fact("COPY with a heredoc", "/copied-heredoc", "for parent-child\n"),
    Fact("ADD", "/added", "local"),
    Fact("WORKDIR", "/parent/below", kind="folder"),
    Fact("the child's own instructions", "/afterwards", "local"),
    Fact("those of its child", "/tmp/again", "again\n"),
]


@pytest.fixture(scope="module", params=["image", "stage"])
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, syntax: str
) -> Iterator[Built]:
    context = tmp_path_factory.mktemp("context")
    (context / "local.txt").write_text("local")
    if request.param == "stage":
        text = f"{syntax}FROM busybox AS base{TRIGGERS}{CHILD.format(base='base')}"
        yield build_image(context, text, "--build-arg=VERSION=2")
        return
    tag = f"pyfrontend-test-onbuild-{uuid4().hex}"
    done = build_text(
        context, f"{syntax}FROM busybox{TRIGGERS}", "--tag", tag, "--load", "--provenance=false"
    )
    assert done.code == 0, done.excerpt
    try:
        yield build_image(context, syntax + CHILD.format(base=tag), "--build-arg=VERSION=2")
    finally:
        docker("image", "rm", tag)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.promise)
def test_a_trigger_runs_in_the_child(built: Built, fact: Fact) -> None:
    fact.holds_in(built)


def test_onbuild_sets_the_configuration(built: Built) -> None:
    config = built.config
    assert "WHO=parent-child" in config["Env"]
    assert (config["WorkingDir"], config["User"], config["StopSignal"]) == (
        "/parent/below",
        "12:34",
        "SIGQUIT",
    )
    assert (config["ExposedPorts"], config["Volumes"]) == ({"80/tcp": {}}, {"/volume": {}})
    assert config["Labels"]["who"] == "parent-child"
    assert config["Healthcheck"] == {"Test": ["NONE"]}
    assert (config["Entrypoint"], config["Cmd"]) == (["entry"], ["/bin/sh", "-ec", "echo $WHO"])


def test_onbuild_is_gone_after_the_child(built: Built) -> None:
    assert "OnBuild" not in built.config
    assert built.history.count("ADD local.txt /added # buildkit") == 1


def test_step_names_say_onbuild(built: Built) -> None:
    assert [name for name in built.build.steps if "ONBUILD COPY --chown=7:8 local.txt ." in name]
