"""Which words are heredocs."""

from __future__ import annotations

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.syntax.heredocs import Heredoc, heredocs_of, parse_heredoc, strip_leading_tabs

WORDS = [
    ("<<E", Heredoc("E"), "the plain operator"),
    ("<<-E", Heredoc("E", strip_tabs=True), "with tabs stripped"),
    ("3<<E", Heredoc("E", fd=3), "with a file descriptor"),
    ("<< E", Heredoc("E"), "with blanks before the name"),
    ("<<'E'", Heredoc("E", expand=False), "quoted"),
    ('<<"E"F', Heredoc("EF", expand=False), "partly quoted"),
    ("<<\\E", Heredoc("E"), "escaped"),
    ("<<\\'E", Heredoc("'E"), "an escaped quote is part of the name"),
    ("<<E$x${y}", Heredoc("E$x${y}"), "variables stay in the name"),
    ("<<E\udcff", Heredoc("E\ufffd"), "a byte that is no letter is replaced"),
    ("<<\ufeffE", Heredoc("E"), "a byte order mark is passed over"),
    ("<<", None, "no name"),
    ("<<-", None, "no name after the dash"),
    ("<<''", None, "an empty name"),
    ("<<<E", None, "a here-string"),
    ("<<E<F", None, "an arrow in the name"),
    ("a<<E", None, "something else before"),
    ("\u0663<<E", None, "digits of another script before"),
    ("<<a b", None, "two words"),
    ("E", None, "no operator"),
]


@pytest.mark.parametrize(("word", "expected"), [pytest.param(*row[:2], id=row[2]) for row in WORDS])
def test_parse_heredoc(word: str, expected: Heredoc | None) -> None:
    assert parse_heredoc(word) == expected


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("<<'a", "unexpected end of statement while looking for matching single-quote"),
        ('<<"a', "unexpected end of statement while looking for matching double-quote"),
        ("<<${", "syntax error: missing '}'"),
        ("<<${a", "unsupported modifier (\ufffd) in substitution"),
        ("<<${}", "syntax error: bad substitution"),
        ("<<${a^b}", "unsupported modifier (^) in substitution"),
        ("<<${a:#b}", "unsupported modifier (:#) in substitution"),
        ("<<${a:-'b", "syntax error: missing '}'"),
        ("<<${a/b", "syntax error: missing '/' in ${}"),
        ("<<${a/${}", "syntax error: bad substitution"),
    ],
)
def test_a_name_with_an_error_fails(word: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse_heredoc(word)
    assert caught.value.message.partition('": ')[2] == message


LINES = [
    ("RUN <<a <<b", ["a", "b"], "several"),
    ("RUN '<<a' \"<<b\" \\<<c", [], "not in quotes nor escaped"),
    ("RUN a<<b", [], "not inside a word"),
    ("RUN << a", ["a"], "blanks belong to the operator"),
    ("RUN <<- a", [], "but not after a dash"),
    ("RUN <<'a b'", ["a b"], "a quoted name with a space"),
    ("RUN 'a <<b", [], "none at all after an open quote"),
    ("RUN ${x:-a <<b c}", ["b"], "even inside a variable"),
    ("RUN <<a${x:-b}", [], "a substitution forgets what came before it"),
    ('RUN "${x:-b}"<<a', [], "and quotes are glued to what follows"),
    ("RUN ${x/ <<a /b}", ["a"], "a pattern is lexed too"),
    ("RUN $x <<a $", ["a"], "plain variables"),
    ('RUN "a\\n\\"b" \'c\' <<d', ["d"], "escapes in quotes"),
]


@pytest.mark.parametrize(("code", "names"), [pytest.param(*row[:2], id=row[2]) for row in LINES])
def test_heredocs_of_a_line(code: str, names: list[str]) -> None:
    assert [heredoc.name for heredoc in heredocs_of(code)] == names


def test_nesting_has_no_limit() -> None:
    code = "RUN <<a " + "${a:-" * 20000 + "}" * 20000
    assert [heredoc.name for heredoc in heredocs_of(code)] == ["a"]


def test_tabs_go_from_the_start_of_every_line() -> None:
    assert strip_leading_tabs("\t\ta\n\n b\tc\n\td") == "a\n\n b\tc\nd"
