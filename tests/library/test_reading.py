"""`pyfrontend.parse`: commands, stages and errors of a Dockerfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import pyfrontend
from pyfrontend.library.reading import Command, Heredoc, Input

if TYPE_CHECKING:
    from pathlib import Path

FIRST_EIGHT = ("cmd", "sub_cmd", "json", "original", "start_line", "end_line", "flags", "value")


def only(text: str) -> Command:
    (command,) = pyfrontend.parse(f"FROM a\n{text}").commands[1:]
    return command


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN echo hi > /x", ("run", None, False, "RUN echo hi > /x", 2, 2, (), ("echo hi > /x",))),
        ('CMD ["echo", "☃"]', ("cmd", None, True, 'CMD ["echo", "☃"]', 2, 2, (), ("echo", "☃"))),
        (
            "HEALTHCHECK --retries=5 CMD echo hi",
            (
                *("healthcheck", None, False, "HEALTHCHECK --retries=5 CMD echo hi"),
                *(2, 2, ("--retries=5",), ("CMD", "echo hi")),
            ),
        ),
        ("ONBUILD ADD foo bar", ("onbuild", "add", False, "ONBUILD ADD foo bar", 2, 2, (), ("foo", "bar"))),
        (
            'ONBUILD COPY --link ["a", "b"]',
            ("onbuild", "copy", True, 'ONBUILD COPY --link ["a", "b"]', 2, 2, ("--link",), ("a", "b")),
        ),
        ("run a \\\n# no\n  b", ("run", None, False, "run a   b", 2, 4, (), ("a   b",))),
        ("ENV A=1 B=2", ("env", None, False, "ENV A=1 B=2", 2, 2, (), ("A", "1", "B", "2"))),
    ],
    ids=["shell form", "JSON", "flags", "trigger", "trigger with a flag in JSON", "continued", "pairs"],
)
def test_the_first_fields_of_a_command_are_those_of_the_package_dockerfile(
    text: str, expected: tuple[object, ...]
) -> None:
    command = only(text)
    assert Command._fields[:8] == FIRST_EIGHT
    assert command[:8] == expected


def test_fields_are_the_arguments_by_name() -> None:
    command = only("RUN --mount=type=cache,target=/c --network=none make")
    assert command.fields["args"] == ("make",)
    assert command.fields["network"] == "none"
    assert command.fields["mounts"] == ({"type": "cache", "target": "/c"},)
    assert only("ENV A=1").fields["pairs"] == (("A", "1"),)
    assert only("ENV").fields == {}


def test_inputs_say_where_files_come_from() -> None:
    assert only("ADD https://x/y a /z").inputs == (
        Input("http", "https://x/y", ()),
        Input("context", "", ("a",)),
    )
    assert only("RUN --mount=from=b,source=/s,target=/t x").inputs == (Input("stage", "b", ("/s",)),)
    assert only("COPY <<EOF /x\nhi\nEOF\n").inputs == (Input("inline", "", ("EOF",)),)


def test_heredocs_and_comments_come_along() -> None:
    command = only("# why\nRUN <<'EOF'\n$x\nEOF\n")
    assert command.heredocs == (Heredoc("EOF", "$x\n", expand=False),)
    assert (command.comments, command.start_line, command.end_line) == (("why",), 3, 5)


def test_stages_are_found_by_number_and_by_name_in_any_case() -> None:
    stages = pyfrontend.parse("ARG x\nFROM a AS One\nRUN b\nFROM --platform=$P One\nUSER c\n").stages
    assert [stage.number for stage in stages] == [0, 1]
    assert (stages["ONE"], stages[-1].platform, stages[1].base) == (stages[0], "$P", "One")
    assert [command.cmd for command in stages[0].commands] == ["run"]
    assert (stages.has("ONE"), stages.has("two")) == (True, False)
    assert repr(stages) == "Stages(['one', 1])"
    assert stages[:1] == (stages[0],)
    with pytest.raises(KeyError):
        stages["two"]


def test_directives_are_those_on_top() -> None:
    text = "# syntax=a/b:1 word\n# escape=`\n# check=skip=all\nFROM a\n# check=no\n"
    assert pyfrontend.parse(text).directives == {
        "syntax": "a/b:1 word",
        "escape": "`",
        "check": "skip=all",
    }
    assert pyfrontend.parse("FROM a").directives == {}


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "FROM", "FROM a b", "RUN x", "FROM a\nRUN <<EOF", "FROM a\nONBUILD", "ONBUILD ONBUILD x"),
        *("FROM a\nCOPY <<A <<B /", "\0\1\2", "FROM ./nowhere#x", "FROM a\nRUN --if= x", "INCLUDE x"),
        *("# escape=x\nFROM a", "# check=bogus\nFROM a", "FROM a\nENV --file=gone"),
    ],
)
def test_nothing_that_is_written_raises(text: str) -> None:
    file = pyfrontend.parse(text)
    assert file.errors
    assert all(error.message and error.severity == "error" for error in file.errors)
    assert file.text == text


def test_bytes_that_are_no_text_are_an_error_and_stay_as_they_are() -> None:
    file = pyfrontend.parse(b"\xff\xfeF\0R\0O\0M\0 \0a\0")
    assert "UTF-16" in file.errors[0].message
    assert file.data[:2] == b"\xff\xfe"


def test_errors_have_lines_help_and_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile.x"
    path.write_text("FROM alpine\n// no\nRUN --mont=type=cache x\n")
    file = pyfrontend.parse(path)
    assert [(error.file, error.line, error.rule) for error in file.errors] == [
        (str(path), 2, "UnknownInstruction"),
        (str(path), 3, "UnknownFlag"),
    ]
    assert file.errors[0].help == "comments begin with #"
    assert str(file.errors[1]) == f"{path}:3: error: unknown flag: --mont (did you mean mount?)"
    assert pyfrontend.parse(path, name="x").errors[0].file == "x"
    with pytest.raises(FileNotFoundError):
        pyfrontend.parse(tmp_path / "gone")


def test_files_beside_it_are_those_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "base.Dockerfile").write_text("FROM busybox AS tools\nRUN make\n")
    path = tmp_path / "Dockerfile"
    path.write_text("FROM ./base.Dockerfile#tools AS app\nARG DEBUG\nRUN x\nRUN --if=DEBUG y\n")
    file = pyfrontend.parse(path)
    assert file.errors == ()
    assert [command.original for command in file.commands] == [
        "FROM ./base.Dockerfile#tools AS app",
        "ARG DEBUG",
        "RUN x",
        "RUN --if=DEBUG y",
    ]
    assert "busybox" in [stage.base for stage in file.stages]
    assert [command.value for command in file.stages["app"].commands] == [("DEBUG",), ("x",)]
    assert not pyfrontend.parse(path.read_text()).stages.has("tools"), "a text has no folder"
    assert pyfrontend.parse(path.read_text()).errors
