"""Scripts as strict rules read them: commands, and nothing that only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.lint.strict.scripts import commands_of_run, interpreter
from pyfrontend.lint.strict.shell import Command, commands_of, expansion_end
from pyfrontend.syntax.document import parse_instruction
from pyfrontend.syntax.instructions import Run

CASES = [
    ("", []),
    ("a", [["a"]]),
    ("  a  b\tc ", [["a", "b", "c"]]),
    ("a && b || c; d & e | f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
    ("a\nb\r\n\n\nc", [["a"], ["b"], ["c"]]),
    ("a \\\n b", [["a", "b"]]),
    ("a \\\r\n b", [["a", "b"]]),
    ("a\\ b 'c d' \"e f\"", [["a b", "c d", "e f"]]),
    ("a '' \"\"", [["a", "", ""]]),
    (r'echo "a \" b \n $x"', [["echo", 'a " b \\n $x']]),
    ('echo "a\\\nb"', [["echo", "ab"]]),
    ("echo 'a; b' \"c && d\"", [["echo", "a; b", "c && d"]]),
    ("a # b; c\nd", [["a"], ["d"]]),
    ("a b#c", [["a", "b#c"]]),
    ("# a\n", []),
    ("a >b 2>&1 </dev/null >>c &>d", [["a"]]),
    ("a 2 > b c", [["a", "2", "c"]]),
    ("a <<<b c", [["a", "c"]]),
    ("cat <<E\nrm -rf / ; x\nE\nb", [["cat"], ["b"]]),
    ("cat <<-'E' | d\n\tx\n\tE\nb", [["cat"], ["d"], ["b"]]),
    ("cat <<A <<B\nx\nA\ny\nB\nz", [["cat"], ["z"]]),
    ("cat <<E\nno end", [["cat"]]),
    ("a $(b; c) `d; e` ${f:-(g)}", [["a", "$(b; c)", "`d; e`", "${f:-(g)}"]]),
    ('a "$(b "$(c \')\')")" d', [["a", "$(b \"$(c ')')\")", "d"]]),
    ("a $((1 + (2)))", [["a", "$((1 + (2)))"]]),
    ("a <(b) >(c)", [["a", "<(b)", ">(c)"]]),
    ("A=1 B= c", [["c"]]),
    ("A=1", []),
    ("1A=2", [["1A=2"]]),
    ("if a; then b; elif c; then d; else e; fi", [["a"], ["b"], ["c"], ["d"], ["e"]]),
    ("for x in a b; do c; done", [["for", "x", "in", "a", "b"], ["c"]]),
    ("case $x in a|b) c ;; esac", [["case", "$x", "in", "a"], ["b"], ["c"]]),
    ("! a && { b; }", [["a"], ["b"]]),
    ("f() { a; }", [["f"], ["a"]]),
    ("$", [["$"]]),
    ("a $", [["a", "$"]]),
    ("'", [[""]]),
    ('"', [[""]]),
    ("`", [["`"]]),
    ("$(", [["$("]]),
    ("${", [["${"]]),
    ("$('", [["$('"]]),
    ("a \\", [["a", ""]]),
    (")))", []),
]


@pytest.mark.parametrize(("script", "words"), CASES)
def test_a_script_is_cut_into_commands(script: str, words: list[list[str]]) -> None:
    assert [list(command.words) for command in commands_of(script)] == words


def test_a_command_knows_the_operators_around_it_and_the_parentheses() -> None:
    found = [(one.program, one.before, one.after, one.depth) for one in commands_of("a | b; (c && (d)) & e")]
    assert found == [
        ("a", "", "|", 0),
        ("b", "|", ";", 0),
        ("c", "(", "&&", 1),
        ("d", "(", ")", 2),
        ("e", "&", "", 0),
    ]


@pytest.mark.parametrize(
    ("script", "wrappers", "words"),
    [
        ("sudo a b", ["sudo"], ["a", "b"]),
        ("sudo -u me -E A=1 a", ["sudo"], ["a"]),
        ("exec env A=1 a", ["exec", "env"], ["a"]),
        ("/usr/bin/sudo", [], ["/usr/bin/sudo"]),
        ("sudo", [], ["sudo"]),
        ("env", [], ["env"]),
        ("sudo -u", ["sudo"], []),
    ],
)
def test_programs_that_run_others_are_kept_apart(script: str, wrappers: list[str], words: list[str]) -> None:
    found = [(list(one.wrappers), list(one.words)) for one in commands_of(script)]
    assert found == ([(wrappers, words)] if words else [])


@pytest.mark.parametrize(
    ("option", "words", "given"),
    [
        ("-y", "a -y", True),
        ("-y", "a -qy", True),
        ("-y", "a --y", False),
        ("-y", "a -", False),
        ("-r", "a -rfile.txt", True),
        ("-r", "a -o=r1", False),
        ("--yes", "a --yes", True),
        ("--yes", "a --yes=1", True),
        ("--yes", "a --yesterday", False),
    ],
)
def test_options_are_found_in_their_spellings(option: str, words: str, *, given: bool) -> None:
    assert Command(tuple(words.split())).has(option) is given


def test_operands_are_what_is_no_option() -> None:
    command = Command(("apt-get", "-o", "A=b", "-q", "install", "--x=y", "a", "-"))
    assert command.operands("-o") == ["install", "a", "-"]
    assert Command(()).program == ""


@given(st.text(alphabet="ab $(){}\\'\"`<>&|;#\n\r\tE-", max_size=200))
def test_no_text_is_too_odd_to_be_read(script: str) -> None:
    for command in commands_of(script):
        assert command.words
    assert all(
        0 <= expansion_end(script, at) <= len(script) for at, mark in enumerate(script) if mark in "$`"
    )


def test_deep_nesting_is_no_recursion() -> None:
    assert commands_of("$(" * 50_000 + ")" * 50_000)
    assert commands_of("(" * 50_000 + "a")[0].depth == 50_000
    assert commands_of('"$(' * 50_000)


@pytest.mark.parametrize(
    ("text", "shell", "words"),
    [
        ("RUN a; b", None, [["a"], ["b"]]),
        ('RUN ["a", "b; c"]', None, [["a", "b; c"]]),
        ('RUN ["/bin/sh", "-ec", "a; b"]', None, [["a"], ["b"]]),
        ("RUN a; b", ("/bin/bash", "-c"), [["a"], ["b"]]),
        ("RUN a; b", ("powershell", "-Command"), []),
        ("RUN <<E\na\nb\nE", None, [["a"], ["b"]]),
        ("RUN <<E\n#!/usr/bin/env python3\na\nE", None, []),
        ("RUN <<E\n#!/usr/bin/env -S bash -e\na\nE", None, [["a"]]),
        ("RUN cat <<E >x && b\na\nE", None, [["cat"], ["b"]]),
        ("RUN <<A cat && cat <<B\na\nA\nb\nB", None, [["cat"], ["cat"]]),
    ],
)
def test_the_script_of_a_run_is_found_in_every_form(
    text: str, shell: tuple[str, ...] | None, words: list[list[str]]
) -> None:
    node = parse_instruction(text)
    assert isinstance(node, Run)
    assert [list(command.words) for command in commands_of_run(node, shell)] == words


@pytest.mark.parametrize(
    ("script", "name"),
    [("a", "sh"), ("#!", "sh"), ("#!/bin/bash -e", "bash"), ("#! /usr/bin/env python3\nx", "python3")],
)
def test_a_script_names_its_interpreter(script: str, name: str) -> None:
    assert interpreter(script) == name
