"""Expansion of variables: the table in cases/expand.txt, what is reported besides the text, and its cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.errors import DockerfileError
from pyfrontend.syntax.expand import ExpandError, expand, expand_words

CASES = Path(__file__).parent.parent / "cases" / "expand.txt"
ENV = {
    "set": "val",
    "empty": "",
    "path": "/usr/local/bin/tool.tar.gz",
    "star": "a*b",
    "\u540d": "name",
    "n1": "1",
}

#: Texts that are likely to mean something, so that random words reach deep.
PIECES = [
    "$",
    "${",
    "}",
    ":-",
    ":+",
    "?",
    "#",
    "%",
    "/",
    "//",
    "'",
    '"',
    "\\",
    "<<",
    " ",
    "*",
    "set",
    "nope",
    "x",
]
words = st.lists(st.sampled_from([*PIECES, "\n", "\u00e9", "\udcff", "\ufeff"])).map("".join)


def _cases() -> list[tuple[str, str, str]]:
    cases, section = [], ""
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            word, separator, expected = f"{line} ".partition(" | ")
            assert separator, line
            cases.append((section, word, expected.removesuffix(" ")))
    return cases


def _expanded(section: str, word: str) -> str:
    if section == "words":
        return json.dumps(expand_words(word, ENV), separators=(",", ":"))
    switches = dict.fromkeys(section.split(), True)
    if switches.pop("backtick", False):
        return expand(word, ENV, escape="`").text
    return expand(word, ENV, **switches).text  # type: ignore[arg-type] # all switches are booleans


@pytest.mark.parametrize(("section", "word", "expected"), _cases())
def test_a_word_expands_to(section: str, word: str, expected: str) -> None:
    if not expected.startswith("error: "):
        assert _expanded(section, word) == expected
        return
    with pytest.raises(DockerfileError) as caught:
        _expanded(section, word)
    quoted = word.replace("\\", "\\\\").replace('"', '\\"')
    assert caught.value.message == f'failed to process "{quoted}": {expected.removeprefix("error: ")}'


def test_names_come_in_the_order_of_their_use() -> None:
    expanded = expand("$b ${a:-$c} $set ${empty#$set} '$d' $b", ENV)

    assert list(expanded.unset) == ["b", "c", "a"]
    assert list(expanded.used) == ["set", "empty"]


def test_a_word_that_is_not_taken_still_uses_its_names() -> None:
    assert list(expand("${set:-$nope}", ENV).unset) == ["nope"]


def test_an_error_keeps_the_names_that_were_unset_before_it() -> None:
    with pytest.raises(ExpandError) as caught:
        expand("$a ${b:?because $c} $d", ENV)

    assert list(caught.value.unset) == ["a", "c", "b"]


@pytest.mark.parametrize("word", ["plain", "$set"])
def test_bytes_that_are_no_text_become_one_sign_each(word: str) -> None:
    assert expand(f"\udce4\udcf6{word}", ENV).text == "\ufffd\ufffd" + word.replace("$set", "val")


@pytest.mark.parametrize("word", ["plain", "$set"])
def test_a_byte_order_mark_before_a_word_is_dropped(word: str) -> None:
    assert expand(f"\ufeff{word}", ENV).text == word.replace("$set", "val")


def test_an_error_quotes_the_word_as_it_was() -> None:
    with pytest.raises(DockerfileError, match=r'failed to process "\\xe4\\\"": '):
        expand('\udce4"', ENV)


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("a\nb", "//*/x", "x\nx"),
        ("a\nb", "/?b/x", "a\nb"),
        ("ab\ncab", "/c*b/x", "ab\nx"),
        ("a\nb", "#*", "a\nb"),
        ("a\nb", "##*", "\nb"),
        ("xaxb\nxab", "//x*b/-", "-\n-"),
        ("aXbXc", "%%X*", "a"),
        ("aXbXc", "#*X", "bXc"),
        ("aXbXcYd", "#*X*Y", "d"),
        ("aXbXcYdYe", "##*X*Y", "e"),
        ("aXbXcYdYe", "%X*Y*", "aXb"),
        ("\n\n\n\nb\n", "//\n*b/_", "\n\n\n_\n"),
        ("a\na\nab", "//a\na*b/_", "a\n_"),
    ],
)  # fmt: skip
def test_wildcards_stop_at_line_ends(value: str, pattern: str, expected: str) -> None:
    assert expand("${v" + pattern + "}", {"v": value}).text == expected


@given(words, st.sets(st.sampled_from(["raw_quotes", "raw_escapes", "skip_unset", "skip_quotes"])))
def test_any_word_expands_or_is_an_error(word: str, switches: set[str]) -> None:
    try:
        expanded = expand(word, ENV, **dict.fromkeys(switches, True))  # type: ignore[arg-type] # booleans all
    except ExpandError:
        return
    assert not set(expanded.unset) & set(expanded.used)
    # No surrogate is left of what was no text.
    expanded.text.encode()


@given(words)
def test_any_word_splits_or_is_an_error(word: str) -> None:
    try:
        parts = expand_words(word, ENV)
    except ExpandError:
        return
    assert all(parts)


@given(st.text(st.characters(exclude_characters="$\\'\"\ufeff", exclude_categories=["Cs"])))
def test_text_without_signs_stays(word: str) -> None:
    assert expand(word, ENV).text == word


@given(st.text(st.characters(exclude_characters="'\ufeff", exclude_categories=["Cs"])))
def test_single_quotes_keep_everything(text: str) -> None:
    assert expand(f"'{text}'", ENV).text == text


@given(st.text(st.characters(exclude_characters="\ufeff", exclude_categories=["Cs"])))
def test_an_escaped_word_is_itself(text: str) -> None:
    assert expand("".join(f"\\{character}" for character in text), ENV).text == text


class _Counted(dict[str, str]):
    """An environment that counts how often it is asked."""

    asked = 0

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override] # narrower
        self.asked += 1
        return super().get(key, default)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("${x:-", "}"),
        ("${x:+", "}"),
        ("${x#", "}"),
        ("${x:-a", "}"),
        ('"${x:-', '}"'),
        ("${x/", "a/}"),
        ("${x//a/", "}"),
    ],
)
def test_nesting_has_no_limit_and_asks_once_a_level(opening: str, closing: str) -> None:
    depth = 20_000
    env = _Counted()

    expand(opening * depth + closing * depth, env)

    assert env.asked == depth


def test_a_deep_word_keeps_the_order_of_its_text() -> None:
    depth = 5_000
    text = expand("${x:-a" * depth + "b}" * depth, {}).text

    assert text == "a" * depth + "b" * depth


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("a" * 30_000, "#" + "a*" * 50 + "b"),
        ("a" * 30_000, "%" + "*a" * 50 + "b*"),
        ("a" * 30_000, "/a*a*a*b/x"),
        ("a\n" * 15_000, "//a*b/x"),
    ],
)
def test_a_pattern_that_fails_late_gives_up_soon(value: str, pattern: str) -> None:
    assert expand("${v" + pattern + "}", {"v": value}).text == value
