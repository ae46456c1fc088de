"""Warnings in addition to the error that stops a build: the errors after it in the file (docs/parity.md)."""

from __future__ import annotations

from pyfrontend.errors import NO_BUILD_STAGE, UNKNOWN_INSTRUCTION
from pyfrontend.lint.rules.errors import FURTHER_ERROR
from pyfrontend.span import Span
from pyfrontend.syntax.instructions import From

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pyfrontend.errors import Diagnostic, DockerfileError
    from pyfrontend.span import SourceFile

#: So many errors after the first are shown one by one, each cut at so many characters.
MOST, LONGEST = 20, 300
#: Lines that an error about many lines marks.
MARKED = 100


def further_errors(first: DockerfileError, through: int = 0) -> list[DockerfileError]:
    """Return the errors that the parser found after ``first``, those that have a place below ``through``."""
    # If FROM is misspelt, the missing stage is not a separate error.
    misspelt = first.code == UNKNOWN_INSTRUCTION and first.facts.get("meant", "").upper() == From.keyword
    known = NO_BUILD_STAGE if misspelt else None
    errors = (error for error in first.further if error.spans and error.spans[0].start > through)
    return [error for error in errors if error.code != known]


def beside(
    first: DockerfileError, ignore_file: Callable[[], SourceFile], contexts: Sequence[str] = ()
) -> Iterator[Diagnostic]:
    """Fill in the help for ``first``; yield the errors after it, and how many more there are.

    Where each of several lines is an unknown instruction they are reported as one: most likely they belong
    to the instruction above them.
    """
    from pyfrontend.driver.diagnostics.help import explain

    through = explain(first, ignore_file, contexts)
    groups = _grouped([first, *further_errors(first, through)])
    if len(groups[0]) > 1 and not through:
        first.help, first.related = _text(groups[0]), [_marked(groups[0])]
    groups = groups[1:]
    for group in groups[:MOST]:
        yield FURTHER_ERROR.found(_text(group), _marked(group))
    if len(groups) > MOST:
        yield FURTHER_ERROR.found(f"and {sum(map(len, groups[MOST:]))} more errors")


def _grouped(errors: list[DockerfileError]) -> list[list[DockerfileError]]:
    """Put unknown instructions, unlike any known one, that follow one another line by line into one group."""
    groups: list[list[DockerfileError]] = []
    for error in errors:
        last = groups[-1][-1] if groups else error
        follows = bool(groups and last.spans) and error.spans[0].start == last.spans[0].end + 1
        if follows and _is_no_instruction(last) and _is_no_instruction(error):
            groups[-1].append(error)
        else:
            groups.append([error])
    return groups


def _lines(group: list[DockerfileError]) -> Span:
    """Return the span of all lines of ``group``."""
    start, end = group[0].spans[0], group[-1].spans[0]
    return Span(start.file, start.start, end.end)


def _marked(group: list[DockerfileError]) -> Span:
    """Return the lines of ``group`` to mark: a client takes seconds to show an excerpt of thousands."""
    span = _lines(group)
    return Span(span.file, span.start, min(span.end, span.start + MARKED - 1))


def _text(group: list[DockerfileError]) -> str:
    """Return the message of an error, or what is wrong with the lines of several."""
    if len(group) == 1:
        return _short(group[0])
    from pyfrontend.driver.diagnostics.help import begins_the_file

    foreign = begins_the_file(_lines(group))
    question = "is this a Dockerfile?" if foreign else "is a line continuation missing above them?"
    return f"{len(group)} lines do not start with an instruction; {question}"


def _is_no_instruction(error: DockerfileError) -> bool:
    return error.code == UNKNOWN_INSTRUCTION and not error.facts.get("meant")


def _short(error: DockerfileError) -> str:
    """Return the message without the line that a warning names anyway, and not endless."""
    text = error.diagnostic().message
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
