"""The command line of the image, as a process without any BuildKit."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from process import MEASURED

from pyfrontend import __version__

if TYPE_CHECKING:
    from pathlib import Path

CLEAN = "FROM alpine AS base\nRUN x\nFROM base AS app\nRUN y\n"
NOTED = "FROM alpine\nmaintainer x\n"
WRONG = "FROM alpine\nRUM x\n"
DEPRECATED = "MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label"


class Done(NamedTuple):
    code: int
    out: str
    err: str


class Command:
    """Starts ``python -m frontend`` somewhere."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.folder = folder

    def __call__(self, *arguments: str, stdin: str | bytes = "", **environment: str) -> Done:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [sys.executable, "-m", "pyfrontend", *arguments],
            input=data,
            capture_output=True,
            check=False,
            cwd=self.folder,
            timeout=30,
            env={**MEASURED, **environment},
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def run(root: Path, tmp_path: Path) -> Command:
    return Command(root, tmp_path)


@pytest.mark.parametrize(
    ("dockerfile", "code", "last"),
    [
        pytest.param(CLEAN, 0, "Dockerfile: no problems found", id="clean"),
        pytest.param(NOTED, 1, "Dockerfile: 2 warnings", id="warnings"),
        pytest.param(WRONG, 1, "Dockerfile: 1 error", id="error"),
        pytest.param(
            "from alpine AS a\nRUN x\nCOPY --from=b / /\nFROM a AS b\n",
            1,
            "Dockerfile: 1 error and 2 warnings",
            id="both",
        ),
    ],
)
def test_check_counts_what_it_found_in_its_exit_code_and_last_line(
    run: Command, dockerfile: str, code: int, last: str
) -> None:
    done = run("check", stdin=dockerfile)
    assert (done.code, done.out.splitlines()[-1], done.err) == (code, last, "")


def test_check_shows_the_lines_around_an_error(run: Command) -> None:
    assert run("check", stdin=WRONG).out == (
        "ERROR: dockerfile parse error on line 2: unknown instruction: RUM (did you mean RUN?)\n"
        "Dockerfile:2\n"
        "--------------------\n"
        "   1 |     FROM alpine\n"
        "   2 | >>> RUM x\n"
        "   3 |     \n"
        "--------------------\n"
        "\n"
        "Dockerfile: 1 error\n"
    )


def test_check_shows_the_onbuild_whose_instruction_is_wrong(run: Command) -> None:
    done = run("check", stdin="FROM alpine AS base\nONBUILD EXPOSE x\n#\n#\n#\nFROM base\n")
    assert [line for line in done.out.splitlines() if ">>>" in line] == [
        "   6 | >>> FROM base",
        "   2 | >>> ONBUILD EXPOSE x",
    ]


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("text", "comments begin with #"),
        ("lines", "Dockerfile:2: error: unknown instruction: //: comments begin with #"),
    ],
)
def test_check_says_how_to_fix_an_error(run: Command, form: str, line: str) -> None:
    assert line in run("check", f"--format={form}", stdin="FROM alpine\n// x\n").out.splitlines()


def test_an_error_without_a_place_is_shown_where_to_look(run: Command) -> None:
    done = run("check", "--format=lines", "--target=bild", stdin="FROM alpine AS a\nFROM alpine AS build\n")
    text = 'target stage "bild" could not be found (did you mean build?): use --target build'
    assert done.out == f"Dockerfile:2: error: {text}\n"


def test_check_writes_lines_that_editors_read(run: Command) -> None:
    done = run("check", "--format=lines", "--name=app/Dockerfile", stdin=NOTED + WRONG + "ENV\n")
    assert done.out.splitlines() == [
        f"app/Dockerfile:2: warning: {DEPRECATED}",
        "app/Dockerfile:4: error: unknown instruction: RUM (did you mean RUN?)",
        "app/Dockerfile:5: error: ENV requires at least one argument",
    ]


def test_check_of_a_clean_file_writes_no_line(run: Command) -> None:
    assert run("check", "--format=lines", stdin=CLEAN) == (0, "", "")


def test_check_in_json_is_the_document_of_the_subrequest(run: Command) -> None:
    done = run("check", "--format=json", stdin=NOTED)
    assert done.code == 1
    assert [warning["ruleName"] for warning in json.loads(done.out)["warnings"]] == [
        "MaintainerDeprecated",
        "ConsistentInstructionCasing",
    ]


def test_check_reads_files_and_the_worst_of_them_counts(run: Command, tmp_path: Path) -> None:
    (tmp_path / "one").write_text(CLEAN)
    (tmp_path / "two").write_text(WRONG)
    done = run("check", "--format=lines", "two", "one")
    assert (done.code, done.out) == (1, "two:2: error: unknown instruction: RUM (did you mean RUN?)\n")


def test_check_of_a_file_knows_the_ignore_file_beside_it(run: Command, tmp_path: Path) -> None:
    text = "# check=experimental=all\nFROM scratch\nCOPY secret.txt /\n"
    (tmp_path / "Dockerfile").write_text(text)
    (tmp_path / ".dockerignore").write_text("*.txt\n")
    assert "CopyIgnoredFile" in run("check", "--format=lines", "Dockerfile").out
    assert run("check", "--format=lines", stdin=text).out == ""


def test_files_that_lines_name_are_read_from_the_context(run: Command, tmp_path: Path) -> None:
    for folder in ("api", "shared"):
        (tmp_path / folder).mkdir()
    text = "FROM scratch\nINCLUDE common\n"
    (tmp_path / "api" / "Dockerfile").write_text(text)
    (tmp_path / "api" / "common").write_text("LABEL of=api\n")
    (tmp_path / "shared" / "common").write_text("LABEL of=shared\n")
    assert "LABEL of=api" in run("plain", "api/Dockerfile").out
    assert "LABEL of=shared" in run("plain", "--context=shared", "api/Dockerfile").out
    assert "LABEL of=shared" in run("plain", "--context=shared", stdin=text).out
    assert run("plain", "--context=api/common", "api/Dockerfile") == (
        *(2, "", "pyfrontend: --context api/common: no such directory\n"),
    )


def test_the_ignore_file_is_that_of_the_context(run: Command, tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / ".dockerignore").write_text("*.txt\n")
    text = "# check=experimental=all\nFROM scratch\nCOPY secret.txt /\n"
    assert "CopyIgnoredFile" in run("check", "--format=lines", "--context=context", stdin=text).out


def test_check_obeys_the_rules_that_a_build_argument_sets(run: Command) -> None:
    done = run("check", "--build-arg", "BUILDKIT_DOCKERFILE_CHECK=skip=all", stdin=NOTED)
    assert (done.code, done.out) == (0, "Dockerfile: no problems found\n")


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (["graph"], "Dockerfile: target app for linux/"),
        (["graph", "--target=base"], "Dockerfile: target base for linux/"),
        (["graph", "--format=mermaid"], "%%{init: "),
        (["graph", "--format=dot"], "digraph Dockerfile {"),
        (["graph", "--format=svg"], "<svg "),
        (["graph", "--format=json"], "{"),
        (["llb"], "{"),
        (["outline"], "TARGET: app"),
        (["targets"], "TARGET        DESCRIPTION"),
    ],
)
def test_every_command_writes_its_answer(run: Command, arguments: list[str], first: str) -> None:
    done = run(*arguments, stdin=CLEAN)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(first)
    assert done.out.endswith("\n")


def test_the_options_of_a_drawing_are_flags(run: Command) -> None:
    text = "FROM alpine AS a\nRUN x\nFROM a AS b\nENV A=b\n"
    assert "RUN x" not in run("graph", "--detail=stages", stdin=text).out
    assert " b " not in run("graph", "--target=a", stdin=text).out
    assert "○ skipped" in run("graph", "--target=a", "--all", stdin=text).out
    svg = run("graph", "--format=svg", "--legend", "--all", "--target=a", "--detail=full", stdin=text).out
    assert "skipped: not needed by the target" in svg
    assert "ENV A=b" in svg


def test_a_stage_of_another_file_is_drawn_with_the_name_of_that_file(run: Command, tmp_path: Path) -> None:
    (tmp_path / "tools.Dockerfile").write_text("FROM alpine AS tools\nRUN x\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY --from=./tools.Dockerfile#tools /x /y\n")
    assert "  line 1 of tools.Dockerfile\n" in run("graph", "Dockerfile").out
    stages = json.loads(run("graph", "--format=json", "Dockerfile").out)["stages"]
    assert [(stage["line"], stage.get("file")) for stage in stages] == [(1, "tools.Dockerfile"), (1, None)]


def test_llb_has_base_images_without_digests(run: Command) -> None:
    ops = json.loads(run("llb", "--platform=linux/arm64", stdin=CLEAN).out)["def"].values()
    assert [op["source"]["identifier"] for op in ops if "source" in op] == [
        "docker-image://docker.io/library/alpine:latest"
    ]
    assert {op["platform"]["Architecture"] for op in ops if "platform" in op} == {"arm64"}


def test_build_arguments_come_from_the_command_line_or_the_environment(run: Command) -> None:
    text = "ARG A\nARG B=b\nFROM alpine:$A-$B\n"
    done = run("graph", "--build-arg=A", "--build-arg=B=1", "--build-arg=C", stdin=text, A="edge")
    assert "FROM alpine:edge-1 " in done.out


@pytest.mark.parametrize(
    "place",
    ["./src", "docker-image://alpine:edge", "https://example.com/a.git"],
    ids=["folder", "image", "git"],
)
def test_named_contexts_are_known(run: Command, place: str) -> None:
    done = run("graph", f"--build-context=src={place}", stdin="FROM scratch\nCOPY --from=src / /\n")
    assert "◂ named context src" in done.out


def test_a_syntax_line_is_not_followed(run: Command) -> None:
    assert run("check", stdin="# syntax=docker/dockerfile:1\n" + CLEAN).code == 0


@pytest.mark.parametrize("command", ["graph", "llb", "outline", "targets"])
def test_an_error_is_reported_with_its_line_on_stderr(run: Command, command: str) -> None:
    message = "unknown instruction: RUM (did you mean RUN?)"
    assert run(command, stdin=WRONG) == (1, "", f"pyfrontend: Dockerfile:2: {message}\n")


def test_every_error_of_the_parser_is_reported_where_nothing_can_be_drawn(run: Command) -> None:
    done = run("graph", stdin=WRONG + "COPPY a b\n")
    assert [line.partition(" (")[0] for line in done.err.splitlines()] == [
        "pyfrontend: Dockerfile:2: unknown instruction: RUM",
        "pyfrontend: Dockerfile:3: unknown instruction: COPPY",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["check", "absent"], "cannot read absent: No such file or directory", id="no file"),
        pytest.param(["check"], "standard input is empty (is -i missing in docker run -i?)", id="empty"),
        pytest.param(["check", "--platform=x/y/z/w"], "failed to parse target platform", id="bad platform"),
    ],
)
def test_what_cannot_be_looked_at_is_said_with_code_2(
    run: Command, arguments: list[str], message: str
) -> None:
    done = run(*arguments, stdin=CLEAN if "--platform=x/y/z/w" in arguments else "")
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize("arguments", [["build"], ["check", "--nonsense"], ["graph", "--format=png"]])
def test_a_wrong_command_line_has_code_2_and_says_what_is_right(run: Command, arguments: list[str]) -> None:
    done = run(*arguments, stdin=CLEAN)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: pyfrontend")


@pytest.mark.parametrize("asked", ["--help", "help"])
def test_help_names_every_command_and_the_exit_codes(run: Command, asked: str) -> None:
    done = run(asked)
    assert done.code == 0
    for word in ("check", "graph", "llb", "outline", "targets", "exit code"):
        assert word in done.out


def test_help_of_one_command_is_that_of_its_option(run: Command) -> None:
    assert run("help", "check").out == run("check", "--help").out


def test_a_terminal_is_not_waited_for(root: Path) -> None:
    master, slave = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pyfrontend", "check"],
            stdin=slave,
            capture_output=True,
            check=False,
            cwd=root,
            timeout=30,
        )
    finally:
        os.close(master)
        os.close(slave)
    assert (done.returncode, done.stderr) == (
        2,
        b"pyfrontend: no Dockerfile on standard input; try: pyfrontend check < FILE\n",
    )


def test_a_reader_that_has_seen_enough_is_no_error(root: Path) -> None:
    text = "FROM alpine\n" + "RUN x\n" * 20_000
    process = subprocess.Popen(
        [sys.executable, "-m", "pyfrontend", "graph"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=root,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(text.encode())
    process.stdin.close()
    assert process.stdout.readline()
    process.stdout.close()
    assert (process.stderr.read(), process.wait(30)) == (b"", 0)
    process.stderr.close()


def test_any_bytes_are_looked_at(run: Command) -> None:
    done = run("check", stdin=b"FROM alpine\nRUM \xff\xfe\n")
    assert (done.code, done.err) == (1, "")


def test_the_command_line_needs_no_grpc(root: Path) -> None:
    code = (
        "import sys; from pyfrontend.cli.main import main; code = main(['check']);"
        " sys.exit(code or 'grpc' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=CLEAN.encode(), check=False, cwd=root, timeout=30
    )
    assert done.returncode == 0


def test_the_version_names_the_language_too(run: Command) -> None:
    done = run("--version")
    assert (done.code, done.out, done.err) == (
        0,
        f"pyfrontend {__version__}, the language of docker/dockerfile 1.26.0\n",
        "",
    )
