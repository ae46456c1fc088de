"""Words on the syntax line."""

from __future__ import annotations

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.extend.words import lock_mode, read_words
from pyfrontend.span import SourceFile, Span
from pyfrontend.syntax.directives import Syntax

FILE = SourceFile("Dockerfile", b"")


def syntax(text: str) -> Syntax:
    return Syntax(text.partition(" ")[0], text, Span(FILE, 1, 1))


#: name, what BuildKit hands over, the file's own line, mode of the lock, files of values
ROWS = [
    ("no words", "ourorg/pyfrontend", "ourorg/pyfrontend", "off", ()),
    ("lock", "ourorg/pyfrontend lock", "ourorg/pyfrontend lock", "pinned", ()),
    ("lock with its mode", "o/p lock=frozen", "o/p lock=frozen", "frozen", ()),
    ("files of values", "o/p args=a.env,b.env lock args=c", "o/p", "pinned", ("a.env", "b.env", "c")),
    ("another tag of the same image", "o/p:2@sha256:" + "a" * 64, "docker.io/o/p:1 lock", "pinned", ()),
    ("a line for another frontend", "o/p", "docker/dockerfile:1 lock", "off", ()),
    ("the command line", "", "o/p lock", "pinned", ()),
    ("the command line, for another frontend", "", "docker/dockerfile:1 hello", "off", ()),
    ("a comment", "o/p # lock", "o/p # lock", "off", ()),
]


@pytest.mark.parametrize(
    ("cmdline", "line", "mode", "files"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_words_are_read(cmdline: str, line: str, mode: str, files: tuple[str, ...]) -> None:
    words = read_words(cmdline, syntax(line))
    assert (words.lock, words.value_files) == (mode, files)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("lok", "(did you mean lock?)"),
        ("lock=frosen", "unknown lock mode lock=frosen (did you mean frozen?)"),
        ("args=", 'unknown word "args="'),
        ("args=,", 'unknown word "args=,"'),
        ("frozen", "(did you mean lock=frozen?)"),
        ("lock=on", "unknown lock mode lock=on"),
    ],
)
def test_an_unknown_word_is_an_error_at_the_syntax_line(words: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        read_words(f"o/p {words}", syntax(f"o/p {words}"))
    assert message in caught.value.message
    assert caught.value.spans == [Span(FILE, 1, 1)]


def test_the_build_argument_wins_over_the_word() -> None:
    words = read_words("o/p lock", None)
    assert [lock_mode(words, argument) for argument in (None, "off", "frozen")] == ["pinned", "off", "frozen"]
    with pytest.raises(DockerfileError, match="BUILDKIT_DOCKERFILE_LOCK=on"):
        lock_mode(words, "on")
