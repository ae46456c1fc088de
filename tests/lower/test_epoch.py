"""SOURCE_DATE_EPOCH: what it may be, and whose time it becomes."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import Conversion, DictResolver, complaint, context, history, lower
from pyfrontend.llb.ops import Source
from pyfrontend.oci.timestamp import Moment

NAME = "SOURCE_DATE_EPOCH"
GIT = "https://github.com/a/b.git"
SHA = "sha256:" + "a" * 64


def arg(value: str) -> dict[str, Any]:
    return {"build_args": {NAME: value}}


@pytest.mark.parametrize(
    ("text", "args", "epoch"),
    [
        pytest.param("", {NAME: "5"}, 5, id="a number"),
        pytest.param("", {NAME: "+5"}, 5, id="with a sign"),
        pytest.param("", {NAME: "-5"}, -5, id="before 1970"),
        pytest.param("", {NAME: "00000000000000000000005"}, 5, id="with zeros"),
        pytest.param("", {NAME: ""}, None, id="an empty one is none"),
        pytest.param(f"ARG {NAME}=6\n", {}, 6, id="a default of the file"),
        pytest.param(f"ARG {NAME}=6\n", {NAME: "5"}, 5, id="the build argument wins"),
        pytest.param(f"ARG {NAME}=6\n", {NAME: ""}, None, id="also an empty one"),
        pytest.param(f"ARG {NAME}\n", {}, None, id="declared without a value"),
    ],
)
def test_the_epoch_is_a_number(text: str, args: dict[str, str], epoch: int | None) -> None:
    expected = None if epoch is None else Moment(epoch)
    assert lower(f"{text}FROM scratch", build_args=args).epoch == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"FROM scratch\nARG {NAME}", [f"ARG {NAME}"], id="has no value"),
        pytest.param(f"FROM scratch\nARG {NAME}=6", [f"ARG {NAME}=6"], id="leaves the default of a stage"),
        pytest.param(f"ARG {NAME}=6\nFROM scratch\nARG {NAME}", [f"ARG {NAME}"], id="but no global one"),
    ],
)
def test_an_empty_epoch_is_as_if_it_had_not_been_given(text: str, expected: list[str]) -> None:
    assert history(lower(text, build_args={NAME: ""})) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(
            "99999999999999", "the time 99999999999999 is not between the years 0 and 9999", id="too late"
        ),
        pytest.param(
            "-99999999999999", "the time -99999999999999 is not between the years 0 and 9999", id="too early"
        ),
        pytest.param("99999999999999999999", "99999999999999999999", id="beyond 64 bits"),
        pytest.param("nobody", "nobody", id="no stage of that name"),
        pytest.param("1.5", "1.5", id="a fraction"),
    ],
)
def test_a_value_that_is_no_time_is_refused_and_its_line_shown(value: str, message: str) -> None:
    assert complaint("FROM scratch\nENV A=1", **arg(value)) == (f"invalid {NAME}: {message}", [], None)
    assert complaint(f"# file\nARG {NAME}={value}\nFROM scratch") == (
        f"invalid {NAME}: {message}",
        [],
        (2, 2),
    )


@pytest.mark.parametrize(
    ("seconds", "nanoseconds"),
    [(0, 0), (-1, -1_000_000_000), (9223372036, 9223372036000000000), (9223372037, -9223372036709551616)],
)
def test_times_of_directories_wrap_around_after_2262_as_in_the_reference(
    seconds: int, nanoseconds: int
) -> None:
    output = lower("FROM scratch\nWORKDIR /a", **arg(str(seconds))).state.output
    assert output is not None
    assert output.vertex.actions[0].timestamp == nanoseconds  # type: ignore[attr-defined] # it is a File


@pytest.mark.parametrize(
    ("stage", "identifier", "attrs"),
    [
        pytest.param(f"ADD {GIT}#v1 /", "git://github.com/a/b.git#v1", {}, id="a repository"),
        pytest.param(
            f"ADD {GIT}?checksum=abc /", "git://github.com/a/b.git", {"git.checksum": "abc"}, id="at a commit"
        ),
        pytest.param(
            f"ADD {GIT}?fetch-by-commit=1&checksum=abc /",
            "git://github.com/a/b.git",
            {"git.checksum": "abc", "git.fetchbycommit": ""},
            id="looked up as any other",
        ),
        pytest.param(
            f"ARG X\nADD --checksum=$X {GIT}?checksum=abc /",
            "git://github.com/a/b.git",
            {"git.checksum": ""},
            id="at no commit after all",
        ),
        pytest.param(
            f"ADD --keep-git-dir {GIT} /",
            "git://github.com/a/b.git",
            {"git.keepgitdir": "true"},
            id="with .git",
        ),
        pytest.param("ADD https://a/b.tar /", "https://a/b.tar", {"http.filename": "b.tar"}, id="a download"),
        pytest.param(
            f"ADD --checksum={SHA} https://a/b /", "https://a/b", {"http.checksum": SHA}, id="with a checksum"
        ),
        pytest.param("ARG V=1 W\nARG V=2\nADD https://a/$V$W /", "https://a/2", {}, id="with variables"),
        pytest.param("ARG ARGUMENT=1\nADD https://a/$ARGUMENT /", "https://a/given", {}, id="of the build"),
        pytest.param(f"ADD https://a/x${NAME} /", "https://a/x", {}, id="but the epoch is not yet one"),
    ],
)
def test_a_stage_that_only_downloads_has_the_time_of_its_source(
    stage: str, identifier: str, attrs: dict[str, str]
) -> None:
    resolver = DictResolver(time=Moment(7))
    text = f"FROM scratch AS Release\n{stage}\nFROM scratch\nARG {NAME}\n"
    found = lower(text, resolver=resolver, build_args={NAME: "release", "ARGUMENT": "given"})
    [(output, log_name)] = resolver.timed
    assert output is not None
    assert isinstance(output.vertex, Source)
    assert output.vertex.identifier == identifier
    assert {name: output.vertex.attrs.get(name, "") for name in attrs} == attrs
    assert log_name == f"[internal] resolve {NAME} source stage release"
    assert (found.epoch, history(found)) == (Moment(7), [f"ARG {NAME}=7"])


@pytest.mark.parametrize(
    ("add", "message"),
    [
        pytest.param(
            "ADD <<x /\nx", f"{NAME} stage must contain exactly one remote ADD source", id="a heredoc"
        ),
        pytest.param(f"ADD {GIT}?x=1 /", 'unexpected query "x"', id="a bad repository"),
        pytest.param("ADD git://a/b?x=1 /", 'unexpected query "x"', id="another bad one"),
        pytest.param("ADD --checksum=x https://a/b /", "invalid checksum digest format", id="a bad checksum"),
        pytest.param(
            "ARG X\nADD --checksum=$X https://a/b /",
            "invalid checksum digest format",
            id="one without a value",
        ),
    ],
)
def test_an_add_without_a_usable_source_is_refused_at_its_stage(add: str, message: str) -> None:
    text = f"FROM scratch\nFROM scratch AS s\n{add}\nFROM scratch"
    assert complaint(text, **arg("s")) == (message, [(2, 2)], None)


@pytest.mark.parametrize(
    ("value", "identifier", "log_name"),
    [
        ("context", "local://context", "[internal] resolve main build context metadata"),
        ("theme", "local://theme", f"[internal] resolve {NAME} named context theme"),
    ],
)
@pytest.mark.parametrize("seconds", [None, 8])
def test_a_context_has_a_time_or_the_argument_goes(
    value: str, identifier: str, log_name: str, seconds: int | None
) -> None:
    time = None if seconds is None else Moment(seconds)
    resolver = DictResolver(contexts={"theme": context("theme")}, time=time)
    conversion = Conversion(f"ARG {NAME}={value}\nFROM scratch\nARG {NAME}", resolver=resolver)
    found = conversion.lower()
    [(output, seen)] = resolver.timed
    assert output is not None
    assert isinstance(output.vertex, Source)
    assert (output.vertex.identifier, seen) == (identifier, log_name)
    assert (found.epoch, history(found)) == (
        time,
        [f"ARG {NAME}" + ("" if seconds is None else f"={seconds}")],
    )


def test_zone_and_fraction_of_a_source_are_those_of_the_history_and_of_nothing_else() -> None:
    resolver = DictResolver(time=Moment(77, 500_000_000, 3600))
    text = f"ARG {NAME}=context\nFROM scratch\nWORKDIR /a\nARG {NAME}"
    found = Conversion(text, resolver=resolver).lower()
    assert {entry.created for entry in found.image.history()} == {"1970-01-01T01:01:17.5+01:00"}
    assert history(found) == ["WORKDIR /a", f"ARG {NAME}=77"]
    output = found.state.output
    assert output is not None
    assert output.vertex.actions[0].timestamp == 77_500_000_000  # type: ignore[attr-defined] # it is a File


def test_a_zone_that_no_history_can_name_is_refused() -> None:
    resolver = DictResolver(time=Moment(7, offset=86400))
    message = f"invalid {NAME}: the time zone of 7 is 24 hours away"
    assert complaint("FROM scratch", resolver=resolver, **arg("context")) == (message, [], None)
