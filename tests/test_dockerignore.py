"""Ignore files: which lines are patterns, and what the patterns match."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.test_cost import assert_linear

from fakes import lines
from pyfrontend import limits
from pyfrontend.dockerignore import LONGEST_LINE, Matcher, read_patterns
from pyfrontend.errors import DockerfileError
from pyfrontend.golang.paths import clean
from pyfrontend.golang.strings import trim_space
from pyfrontend.span import SourceFile


def read(data: bytes) -> list[str]:
    return read_patterns(SourceFile(".dockerignore", data))


@pytest.mark.parametrize(
    ("data", "patterns"),
    [
        (b"", []),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"\xef\xbb\xbf# c\na", ["a"]),
        (b"a\n\xef\xbb\xbf# c", ["a", "\ufeff# c"]),
        (b" # no comment", ["# no comment"]),
        (b"#c\n\n \t\na#b", ["a#b"]),
        (b" /a/./b//c/../ ", ["a/b"]),
        (b"/\n//\n.\n./", ["/", "/", ".", "."]),
        (b"! /a \n!\n!!a", ["!a", "!", "!!a"]),
        (b"../x", ["../x"]),
        (b"\xff\xc2\xa0", ["\udcff"]),
        (b"a" * LONGEST_LINE + b"\nb", ["a" * LONGEST_LINE, "b"]),
    ],
)
def test_patterns_are_read(data: bytes, patterns: list[str]) -> None:
    assert read(data) == patterns


def test_a_line_that_is_too_long_is_an_error() -> None:
    with pytest.raises(DockerfileError, match=r"^bufio\.Scanner: token too long$") as caught:
        read(b"a\n" + b"a" * (LONGEST_LINE + 1))
    assert caught.value.fallback
    assert lines(caught.value.fallback) == (2, 2)


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("a", "a a/b a/b/c", "b ab b/a"),
        ("a/b", "a/b a/b/c", "a b a/c"),
        (" /a/ ", "/a", "a"),
        ("*", "a a/b", ""),
        ("*.go", "a.go .go a.go/x", "a.gox d/a.go"),
        ("a*c", "ac abc abc/d", "a/c ab"),
        ("*/*.go", "d/a.go", "a.go d/e/a.go"),
        ("a?c", "abc a.c", "ac a/c abbc"),
        ("**", "a a/b/c", ""),
        ("**/*", "a a/b/c", ""),
        ("**/a", "a b/a b/c/a b/a/c a/b", "ba b/ab"),
        ("**a", "a ba b/ba/c", "ab"),
        ("a/**", "a/b a/b/c", "a ab"),
        ("a**", "a ab a/b", "b"),
        ("**/*.go", "a.go b/c/a.go b/a.go/d", "a.gox"),
        ("a/**/b", "a/b a/x/b a/x/y/b a/x/b/y", "ab a/xb"),
        ("a/**/**/b", "a/b a/x/b a/x/y/z/b", "a/xb"),
        ("**/a/**/*.c", "a/x.c y/a/z/x.c", "a.c y/x.c"),
        ("*/**", "a/b a/b/c", "a"),
        ("***", "a a/b", ""),
        ("[a-c]x", "ax bx cx/y", "dx x -x"),
        ("[^a-c]x", "dx", "ax x"),
        ("[a\\]]", "a ]", "b"),
        ("[a]]", "a]", "a ]"),
        ("\\*", "*", "a"),
        ("a\\?b", "a?b", "axb"),
        ("\\d", "7", "d"),
        ("\\w\\S*", "ab", "*b"),
        ("bin\\build", "", "bin/build binbuild bin"),
        ("a\\b.c", "a.c", "a/.c a\bc"),
        ("a\\B.*", "", "a.c"),
        ("\\Aa\\z", "a a/b", "Aaz"),
        ("dir\\Query\\E*", "diruery diruery1", "dirQuery"),
        ("\\pLx", "ax \u00e9x", "1x"),
        ("\\Plx", "1x", "ax"),
        ("\\x41\\102\\0*", "AB\0", "AB"),
        ("[\\D]x", "ax", "1x"),
        ("[\\d_]x", "1x _x", "ax"),
        (".a+(b)|{c}$", ".a+(b)|{c}$", ".aa(b)|{c}$"),
        (".a+(b)|{c}$*", ".a+(b)|{c}$x", ".aa(b)|{c}$"),
        ("a^b*", "", "a^b ab"),
        ("^a*", "ab", "^ab"),
        ("[a*]", "a] ^] a/] ]", "a *]"),
        ("\u00e9?", "\u00e9\u65e5", "\u00e9"),
    ],
)
def test_a_pattern_matches(pattern: str, matching: str, others: str) -> None:
    matcher = Matcher([pattern])

    assert {path: matcher.matches(path) for path in (matching + " " + others).split()} == {
        **dict.fromkeys(matching.split(), True),
        **dict.fromkeys(others.split(), False),
    }


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        (["*", "!a"], "a", False),
        (["*", "!a"], "a/b", False),
        (["*", "!a/b"], "a/c", True),
        (["!a", "*"], "a", True),
        (["*", "!a", "a/b"], "a/b", True),
        (["*", "!a", "a/b"], "a/c", False),
        (["*", "!**/*.go", "x"], "x/a.go", True),
        (["", "  "], "a", False),
        ([], "a", False),
    ],
)
def test_the_last_matching_pattern_decides(patterns: list[str], path: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert Matcher(patterns).matches(path) is expected


def test_exceptions_are_known() -> None:
    assert Matcher(["a", "!b"]).exclusions
    assert not Matcher(["a"]).exclusions


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("!", 'illegal exclusion pattern: "!"'),
        *(
            (text, "syntax error in pattern")
            for text in ("[", "a[", "[]", "[]a]", "[a", "[a-]", "[-a]", "[^]", "a\\", "[a\\", "x*[")
        ),
        ("[\udcff]", "syntax error in pattern"),
    ],
)
def test_a_pattern_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        Matcher(["ok", pattern])
    assert caught.value.message == message


@pytest.mark.parametrize(
    "pattern", ["[z-a]", "\\y*", "\\\u00e9", "x\\pa", "\\1", "\\8", "\\xg1", "\\E", "[\\b]", "\\C"]
)
def test_a_pattern_fails_when_a_path_meets_it(pattern: str) -> None:
    matcher = Matcher([pattern])

    with pytest.raises(DockerfileError, match=r"^syntax error in pattern$"):
        matcher.matches("a")


paths = st.lists(st.sampled_from("abc"), min_size=1).map("/".join)
patterns = st.text("ab/*?[]^-!\\. ") | st.text()


@given(st.lists(patterns), paths)
def test_any_pattern_matches_or_is_refused(texts: list[str], path: str) -> None:
    with contextlib.suppress(DockerfileError):
        Matcher(texts).matches(path)


def matches(patterns: list[str], path: str) -> bool | str:
    try:
        return Matcher(patterns).matches(path)
    except DockerfileError as error:
        return error.message


@given(st.lists(patterns, max_size=4), paths)
def test_many_patterns_match_as_one_after_the_other_does(texts: list[str], path: str) -> None:
    expected: bool | str = False
    for text in filter(None, map(trim_space, texts)):
        exclusion = clean(text).startswith("!")
        if exclusion == expected and isinstance(expected, bool):
            found = matches([clean(text)[exclusion:]], path)
            expected = found if isinstance(found, str) else expected != found
    refused = {message for text in texts if isinstance(message := matches([text], ""), str)}
    found = matches(texts, path)

    assert found == expected or found in refused


@given(paths, paths)
def test_a_plain_path_matches_itself_and_what_is_below(path: str, below: str) -> None:
    assert Matcher([path]).matches(path)
    assert Matcher([path]).matches(f"{path}/{below}")
    assert not Matcher([f"{path}/{below}"]).matches(path)


@given(st.binary())
def test_read_patterns_read_back(data: bytes) -> None:
    once = read(data)
    text = "\n".join(once).encode("utf-8", "surrogateescape")
    # Only a pattern that looks like a comment, or lost a space after its mark, reads otherwise.
    if not any(pattern.startswith(("#", "\ufeff", "!!", "/")) for pattern in once):
        assert read(text) == [pattern for pattern in once if pattern]


@pytest.mark.parametrize(
    "pattern", ["**/" + "a*" * 500 + "b", "/".join(["**"] * 2 + ["*a"] * 50), "a/" + "**/x/" * 200 + "b"]
)
def test_each_character_of_a_path_is_looked_at_once(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyfrontend.golang import regexp  # noqa: PLC0415 - the automaton is counted, not called

    looks = 0
    spread = regexp.Automaton._spread

    def counted(self: regexp.Automaton, states: int, before: str, after: str) -> int:
        nonlocal looks
        looks += 1
        return spread(self, states, before, after)

    monkeypatch.setattr(regexp.Automaton, "_spread", counted)
    path = "a/" * 1000 + "a" * 1000

    Matcher([pattern]).matches(path)

    # Once for the path, once for the directories above it, and once more at each slash and each end.
    assert looks <= 2 * len(path) + path.count("/") + 2


@pytest.mark.parametrize(
    "pattern",
    ["a{}/b", "a{}*/b?", "**/a{}", "a{}/**", "**/a{}/**/b/**", "[a-c]{}[^x]*", "!a{}*", "\\w{}\\B*"],
)
def test_patterns_and_paths_cost_their_sum_and_not_their_product(pattern: str) -> None:
    def work(size: int) -> None:
        matcher = Matcher([pattern.format(number) for number in range(size)])
        for number in range(size):
            matcher.matches(f"x{number}/a/b/c")

    assert_linear(work, 50)


def test_matching_ends_when_its_work_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IGNORE_WORK", 100)
    matcher = Matcher(["**/b"])
    found = [matcher.matches(f"{number}/b") for number in range(50)]

    assert found[0]
    assert not found[-1]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("!a", "a", True),
        ("!a", "a/b", True),
        ("!a/b", "a", True),
        ("!a/b", "ab", False),
        ("!ab", "a", False),
        ("!a*", "ab", True),
        ("!a*", "b", False),
        ("!**/x", "anything", True),
        ("!/a", "a", True),
        ("a", "a", False),
    ],
)
def test_an_exception_may_bring_back_what_it_reaches(pattern: str, path: str, *, expected: bool) -> None:
    assert Matcher(["z", "!yy/y", pattern]).may_include(path) == expected


def test_exceptions_are_asked_for_in_step_with_their_number() -> None:
    def ask(count: int) -> None:
        matcher = Matcher([f"!dir{n}/keep*" for n in range(count)])
        for number in range(count):
            matcher.may_include(f"other{number}/file")

    assert_linear(ask, 60)
