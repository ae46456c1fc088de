"""Physical lines into instructions: what no golden file can show well."""

from __future__ import annotations

import time

import pytest

from fakes import Lines, lines
from pyfrontend.span import SourceFile
from pyfrontend.syntax.lines import Lines as ReadLines
from pyfrontend.syntax.lines import read_lines

LONG = 65535


def read(data: bytes) -> ReadLines:
    return read_lines(SourceFile("Dockerfile", data))


def errors(data: bytes) -> list[tuple[str, list[Lines]]]:
    return [(error.message, list(map(lines, error.spans))) for error in read(data).errors]


OPEN_QUOTE = "unexpected end of statement while looking for matching double-quote"
TOO_LONG = f"dockerfile line greater than max allowed size of {LONG}"
LABEL = b"LABEL a="


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(LABEL.ljust(LONG, b"x"), [], id="the longest line is read"),
        pytest.param(b"FROM a\n" + LABEL.ljust(LONG, b"x") + b"\n", [], id="its line end does not count"),
        pytest.param(
            b"FROM a\n" + LABEL.ljust(LONG + 1, b"x"),
            [(TOO_LONG, [(1, 1)])],
            id="a longer line is reported at the line before",
        ),
        pytest.param(
            b"FROM a\n" + LABEL + "é".encode() * 32764,
            [(TOO_LONG, [(1, 1)])],
            id="bytes count, not letters",
        ),
        pytest.param(
            b"FROM a\nRUN <<E\n" + b"x" * (LONG + 1) + b"\nE\n",
            [("unterminated heredoc", [(2, 2)]), (TOO_LONG, [(2, 2)])],
            id="a long line in a heredoc leaves it open",
        ),
        pytest.param(
            b"x" * (LONG + 1),
            [("file with no instructions", [(0, 0)])],
            id="a long first line leaves no instruction",
        ),
        pytest.param(
            b"# escape=\\\n# escape=`\nFROM a\n",
            [("only one escape parser directive can be used", [(1, 1)])],
            id="a repeated directive is reported at the line before",
        ),
        pytest.param(
            b"# escape=^\nFROM a\n",
            [("invalid escape token '^' does not match ` or \\", [(0, 0)])],
            id="an escape must be backslash or backtick",
        ),
        pytest.param(
            b"# escape= \nFROM a\n",
            [("invalid escape token ' ' does not match ` or \\", [(0, 0)])],
            id="a space as the escape",
        ),
        pytest.param(
            b'FROM a\nRUN echo ${x:- <<"a b"}\n',
            [
                (
                    f'failed to process "\\"a": {OPEN_QUOTE}',
                    [(2, 2)],
                )
            ],
            id="a heredoc name needs both its quotes",
        ),
        pytest.param(
            b"FROM a\nENV x\nCMD [1]\nLABEL y\nRUN z\n",
            [
                ("ENV must have two arguments", [(2, 2)]),
                (
                    "when using JSON array syntax, arrays must be comprised of strings only",
                    [(3, 3)],
                ),
                ("LABEL must have two arguments", [(4, 4)]),
            ],
            id="all errors are collected",
        ),
    ],
)
def test_errors_have_their_lines(data: bytes, expected: list[tuple[str, list[Lines]]]) -> None:
    assert errors(data) == expected


def test_lines_with_errors_are_left_out() -> None:
    found = read(b"FROM a\nENV x\nRUN y\n").lines
    assert [line.code for line in found] == ["FROM a", "RUN y"]


def test_bytes_that_are_no_utf8_survive_in_code() -> None:
    data = b"RUN \xff \xc3 \xed\xa0\x80"
    assert read(data).lines[0].code.encode("utf-8", "surrogateescape") == data


def test_a_letter_cut_by_a_continuation_is_whole_again() -> None:
    assert read(b"\xffLABEL a\nLABEL a=\xc3\\\n\xa9").lines[1].arguments.words == ("a", "é")


def test_indented_comment_after_a_wide_space_loses_one_byte_only() -> None:
    line = read(b"\xc2\xa0# x\nFROM a\n").lines[0]
    assert [text.encode("utf-8", "surrogateescape") for text in line.comments] == [b"\xa0# x"]


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param(b"RUN echo hello && make\n", id="instructions"),
        pytest.param(b"# comment\n", id="comments"),
        pytest.param(b"RUN <<EOF\ntext\nEOF\n", id="heredocs"),
        pytest.param(b"ENV a=\"b\" c='d'\n", id="pairs"),
        pytest.param(b"x \\\n", id="continuations"),
        pytest.param(b"ONBUILD \\\n", id="nested triggers"),
        pytest.param(b"RUN \\\n--x \\\n", id="flags"),
        pytest.param(b"RUN \\\n--x\\\n\t", id="flags after tabs"),
        pytest.param(b"RUN <<a ${a:-\\\n", id="nested substitutions"),
    ],
)
def test_twice_the_text_takes_about_twice_the_time(unit: bytes) -> None:
    def seconds(count: int) -> float:
        data = b"FROM a\nRUN " + unit * count
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            read(data)
            best = min(best, time.process_time() - start)
        return best

    # Quadratic cost would make it 16 times the time; twice linear leaves room for a busy machine.
    assert seconds(8000) < 8 * seconds(2000) + 0.01
