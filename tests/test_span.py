"""Positions: lines of a file, and the columns of a word in them."""

from __future__ import annotations

import pytest

from pyfrontend.span import SourceFile, Span

FILE = SourceFile("Dockerfile", "FROM a\nENV ad=1 \\\n  b='d' d\n# \u00e4 d\n".encode())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("d", (3, 3, 6, 7), id="a value in quotes"),
        pytest.param("ad=1", (2, 2, 5, 9), id="a whole word"),
        pytest.param("1", (2, 2, 8, 9), id="a value"),
        pytest.param("a", (2, 3, 0, 0), id="a part of a word is none"),
        pytest.param("FROM", (2, 3, 0, 0), id="a word of another line"),
        pytest.param("", (2, 3, 0, 0), id="nothing"),
    ],
)
def test_a_span_is_narrowed_to_a_word(text: str, place: tuple[int, int, int, int]) -> None:
    assert Span(FILE, 2, 3).narrowed(text)[1:] == place


def test_columns_count_characters() -> None:
    assert Span(FILE, 4, 4).narrowed("d")[1:] == (4, 4, 5, 6)


@pytest.mark.parametrize(("start", "end", "numbers"), [(2, 4, [2, 3, 4]), (0, 0, [0]), (1, 0, [])])
def test_the_lines_of_a_span(start: int, end: int, numbers: list[int]) -> None:
    assert list(Span(FILE, start, end).lines) == numbers


def test_nowhere_has_no_lines() -> None:
    assert list(FILE.nowhere.lines) == []


def test_two_files_are_never_equal() -> None:
    assert Span(FILE, 1, 1) == Span(FILE, 1, 1)
    assert Span(FILE, 1, 1) != Span(SourceFile(FILE.name, FILE.data), 1, 1)


def test_a_file_is_decoded_once_for_all_who_look_at_its_lines() -> None:
    class Counted(bytes):
        decoded = 0

        def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
            Counted.decoded += 1
            return super().decode(encoding, errors)

    file = SourceFile("Dockerfile", Counted(b"FROM a\nRUN \xff\n"))
    assert Span(file, 2, 2).texts == ["RUN \ufffd"]
    assert Span(file, 1, 2).narrowed("a")[1:3] == (1, 1)
    assert file.texts == ["FROM a", "RUN \ufffd", ""]
    assert Counted.decoded == 1
