"""Variables: what ARG and ENV set and where it holds, and every form of expansion."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.built import Built, build_image
from engine.client import build_text

if TYPE_CHECKING:
    from pathlib import Path

#: Word of an ENV, and what the image's environment has: V is "a.b.c/d.e", EMPTY is empty, UNSET is not set.
EXPANSIONS = {
    "$V": "a.b.c/d.e",
    "${V}x": "a.b.c/d.ex",
    "${UNSET:-w}": "w",
    "${EMPTY:-w}": "w",
    "${V:-w}": "a.b.c/d.e",
    "${UNSET-w}": "w",
    "${EMPTY-w}": "",
    "${V:+w}": "w",
    "${EMPTY:+w}": "",
    "${EMPTY+w}": "w",
    "${UNSET+w}": "",
    "${V:?e}": "a.b.c/d.e",
    "${EMPTY?e}": "",
    "${V#*.}": "b.c/d.e",
    "${V##*.}": "e",
    "${V%.*}": "a.b.c/d",
    "${V%%.*}": "a",
    "${V/./-}": "a-b.c/d.e",
    "${V//./-}": "a-b-c/d-e",
    "${V//[.]/-}": "a.b.c/d.e",
    "${V/?.b/X}": "X.c/d.e",
    "${V//\\\\//:}": "a.b.c:d.e",
    "${UNSET:-${EMPTY:-${V#*/}}}": "d.e",
    "\\\\$V": "$V",
    "'$V'": "$V",
    '"$V"': "a.b.c/d.e",
    "\"'$V'\"": "'a.b.c/d.e'",
    "$UNSET": "",
    "$$x": "x",
    "x$": "x$",
}


def test_a_word_expands_as_in_the_reference(tmp_path: Path, syntax: str) -> None:
    lines = [f"ENV E{number}={word}" for number, word in enumerate(EXPANSIONS)]
    text = f"{syntax}FROM scratch\nENV V=a.b.c/d.e EMPTY=\n" + "\n".join(lines).replace("\\\\", "\\") + "\n"
    pairs = [line.split("=", 1) for line in build_image(tmp_path, text).config["Env"]]
    found = {key: value for key, value in pairs if key[0] == "E" and key != "EMPTY"}
    assert {word: found[f"E{number}"] for number, word in enumerate(EXPANSIONS)} == EXPANSIONS


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("${X:?is needed}", "X: is needed"),
        ("${X?}", "X: is not allowed to be unset"),
        ("${X:?}", "X: is not allowed to be unset"),
        ("${X!y}", "unsupported modifier (!) in substitution"),
        ("${}", "syntax error: bad substitution"),
        ("${X/a}", "syntax error: missing '/' in ${}"),
    ],
)
def test_a_bad_expression_fails_the_build(tmp_path: Path, syntax: str, word: str, message: str) -> None:
    built = build_text(tmp_path, f'{syntax}FROM scratch\nLABEL x="{word}"\n')
    assert message in built.message, built.message
    assert built.marked == [3]


#: {id} in a default makes every run of the tests a fresh one.
SCOPES = """
ARG GLOBAL=global BASE=busybox
ARG DERIVED=${{GLOBAL}}-derived
ARG OVERRIDDEN=file
FROM ${{BASE}} AS parent
RUN echo "[$GLOBAL] [$OVERRIDDEN]" >/undeclared
ARG GLOBAL DERIVED
ARG OVERRIDDEN
ARG WITHOUT
ARG DEFAULT=own SEEN=$DEFAULT
RUN echo "[$GLOBAL] [$DERIVED] [$OVERRIDDEN] [${{WITHOUT-unset}}] [$SEEN]" >/declared
ARG GLOBAL=again
RUN echo "[$GLOBAL]" >/redeclared
ENV DEFAULT=environment
RUN echo "[$DEFAULT]" >/env-after-arg
ARG DEFAULT=argument
RUN echo "[$DEFAULT]" >/arg-after-env
ENV A=1
ENV A=2 B=$A
ARG C=1 D=$C
RUN echo "[$A] [$B] [$C] [$D]" >/same-line

FROM parent AS last
RUN echo "[$GLOBAL] [$OVERRIDDEN]" >/inherited
ARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM BUILDOS BUILDARCH BUILDVARIANT TARGETSTAGE
ARG EMPTY=full
RUN echo "$TARGETPLATFORM $TARGETOS $TARGETARCH [$TARGETVARIANT] $TARGETSTAGE" >/target
RUN echo "$BUILDPLATFORM $BUILDOS $BUILDARCH [$BUILDVARIANT]" >/build
RUN echo "[$EMPTY] [$UNKNOWN]" >/empty
RUN echo "$HTTP_PROXY $https_proxy $NO_PROXY $ALL_PROXY $ftp_proxy" >/proxy # {id}
"""

TEXTS = {
    "global ARG does not reach into a stage": ("/undeclared", "[] []"),
    "ARG takes global defaults and build args": (
        "/declared",
        "[global] [global-derived] [client] [unset] [own]",
    ),
    "ARG again, with another default": ("/redeclared", "[again]"),
    "ENV after ARG wins": ("/env-after-arg", "[environment]"),
    "ARG after ENV wins in RUN": ("/arg-after-env", "[argument]"),
    "ENV sees the values before its line, ARG those on it": ("/same-line", "[2] [1] [1] [1]"),
    "a stage has the ARGs of its base": ("/inherited", "[again] [client]"),
    "an empty build arg is a value": ("/empty", "[] []"),
    "proxy args need no ARG": ("/proxy", "http://p.test:1 http://p.test:2 a.test all.test ftp.test"),
}

ARGS = {
    "OVERRIDDEN": "client",
    "EMPTY": "",
    "UNKNOWN": "unknown",
    "HTTP_PROXY": "http://p.test:1",
    "https_proxy": "http://p.test:2",
    "NO_PROXY": "a.test",
    "ALL_PROXY": "all.test",
    "ftp_proxy": "ftp.test",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, syntax: str) -> Built:
    options = [f"--build-arg={key}={value}" for key, value in ARGS.items()]
    context = tmp_path_factory.mktemp("context")
    return build_image(context, syntax + SCOPES.format(id=uuid4().hex), *options)


@pytest.mark.parametrize(("path", "text"), TEXTS.values(), ids=TEXTS.keys())
def test_an_argument_is_visible_in_its_scope_only(built: Built, path: str, text: str) -> None:
    assert built.text(path) == f"{text}\n"


def test_platform_args(built: Built) -> None:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    assert built.text("/target") == f"linux/{machine} linux {machine} [] last\n"
    assert built.text("/build") == f"linux/{machine} linux {machine} []\n"


def test_args_are_in_the_history_and_not_in_the_image(built: Built) -> None:
    assert "ARG DEFAULT=own SEEN=own" in built.history
    assert "ARG OVERRIDDEN=client" in built.history
    names = {line.partition("=")[0] for line in built.config["Env"]}
    assert names == {"PATH", "DEFAULT", "A", "B"}
    assert "DEFAULT=environment" in built.config["Env"]


def test_proxy_args_are_nowhere_in_the_image(built: Built) -> None:
    assert not [value for key, value in ARGS.items() if "proxy" in key.lower() and value in str(built.image)]


def test_proxy_args_do_not_count_for_the_cache_and_others_do(tmp_path: Path, syntax: str) -> None:
    text = f"{syntax}FROM busybox\nARG OTHER\nRUN echo {uuid4().hex}\n"
    for proxy, other, cached in ((1, 1, False), (2, 1, True), (2, 2, False)):
        built = build_text(tmp_path, text, f"--build-arg=HTTP_PROXY={proxy}", f"--build-arg=OTHER={other}")
        assert [step.cached for step in built.ran("] RUN")] == [cached]
