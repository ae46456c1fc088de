"""What is shown beyond the reference's one error."""

from __future__ import annotations

from pyfrontend.driver.diagnostics.extra_warnings import LONGEST, MARKED, MOST, beside
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile


def shown(text: str) -> list[str]:
    """Return the help for the first error of a Dockerfile, and what is shown beside it."""
    error = parse_dockerfile(SourceFile("Dockerfile", text.encode())).error()
    assert error
    others = [diagnostic.short for diagnostic in beside(error, lambda: SourceFile(".dockerignore", b""))]
    return [*([f"Help: {error.help} (line {error.related[0].start})"] if error.help else []), *others]


NO_INSTRUCTIONS = (
    "SyntaxError: 3 lines do not start with an instruction; is a line continuation missing above them?"
)


def test_one_error_has_no_others() -> None:
    assert shown("FROM a\nCOPPY\n") == []


def test_every_error_comes_with_its_line() -> None:
    assert shown("FROM a\nCOPPY\nRUN x\nRUN --foo x\nUSER\n") == [
        "SyntaxError: unknown flag: --foo (line 4)",
        "SyntaxError: USER requires exactly one argument (line 5)",
    ]


def test_lines_that_are_no_instructions_are_shown_together() -> None:
    assert shown("FROM a\nCOPPY\nRUN install \n  curl\n  wget\n  git\nRUN x\nENV\n") == [
        f"{NO_INSTRUCTIONS} (line 4)",
        "SyntaxError: ENV requires at least one argument (line 8)",
    ]


def test_lines_right_after_the_first_error_are_shown_together_too() -> None:
    help_ = NO_INSTRUCTIONS.replace("SyntaxError", "Help")
    assert shown("FROM a\nRUN install \n  curl\n  wget\n  git\n") == [f"{help_} (line 3)"]


def test_of_thousands_of_lines_the_first_are_marked() -> None:
    source = SourceFile("Dockerfile", b"FROM a\nRUN x\n" + b"x\n" * 5_000)
    error = parse_dockerfile(source).error()
    assert error
    assert list(beside(error, lambda: source)) == []
    assert error.help.startswith("5000 lines do not start")
    assert (error.related[0].start, error.related[0].end) == (3, 2 + MARKED)


def test_a_misspelt_instruction_keeps_its_hint_among_others() -> None:
    assert shown("FROM a\nCOPPY x\nRUMN x\n") == [
        "SyntaxError: unknown instruction: RUMN (did you mean RUN?) (line 3)"
    ]


def test_so_many_errors_are_shown_and_the_others_counted() -> None:
    found = shown("FROM a\n" + "FOO\nRUN x\n" * (MOST + 6))
    assert len(found) == MOST + 1
    assert found[-1] == "SyntaxError: and 5 more errors"


def test_a_long_message_is_cut() -> None:
    (text,) = shown("FROM a\nCOPPY\nRUN x\n" + "F" * 10_000 + "\n")
    assert len(text) < LONGEST + 40


def test_no_line_of_a_file_that_is_no_text_is_shown() -> None:
    assert shown("\x00\x01\nUSER\nENV\n") == []
