"""The facts that are visible in the text of a file, reported in the order of the reference (LINT-010)."""

from __future__ import annotations

from pyfrontend.lint import facts
from pyfrontend.syntax.instructions import (
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Healthcheck,
    Label,
    Run,
    Shell,
    Volume,
    Workdir,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lint.linter import Linter
    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.document import Dockerfile

#: What begins a list that may have been meant as an array, and the dashes of a flag as it is not written.
ARRAY_STARTS, DASHES = frozenset('"{'), frozenset("-\u2013\u2014\u2212")
#: Instructions that rarely occur in a command.
KEYWORDS = ("RUN ", "COPY ", "ADD ", "ENV ", "CMD ", "WORKDIR ", "ENTRYPOINT ", "EXPOSE ", "FROM ")
#: Instructions with names and values, with paths, and with a command; and what looks odd in the former.
VALUES, PATHS, COMMANDS = (Env, Label, Arg), (Workdir, Copy, Add), (Cmd, Entrypoint, Run)
ODD_MARKS = ("$(", "`", ", ", "; ", ": ", " # ")
#: What only a shell understands among the arguments of a command.
OPERATORS = frozenset(("&&", "||", "|", ">", ">>", "2>&1", "2>/dev/null"))
#: Instructions whose flags are sometimes put after the rest.
FLAGGED = (Copy, Add, Healthcheck)


def check_syntax(dockerfile: Dockerfile, linter: Linter) -> None:
    """Report to ``linter`` what the syntax alone shows, up to the first error of ``dockerfile``.

    A file whose text is malformed gives nothing at all; one with a bad instruction gives what comes before
    it, and what shows in that instruction before its arguments are read (ERR-019).
    """
    if dockerfile.malformed:
        return
    for span in dockerfile.empty_continuations:
        linter.report(facts.empty_continuation, span)
    if _has_doubtful_directives(dockerfile.file.data):
        linter.report(facts.directives_in_doubt, dockerfile)
    _check_lines(dockerfile, linter)
    if not dockerfile.errors:
        names: dict[str, None] = {}
        for stage in dockerfile.stages:
            linter.report(facts.stage_read, stage, names.keys())
            if stage.name:
                names[stage.name] = None
        linter.report(facts.file_read, dockerfile)
        if linter.is_strict:
            from pyfrontend.lint.strict.report import check_strictly

            check_strictly(dockerfile, linter)


def _check_lines(dockerfile: Dockerfile, linter: Linter) -> None:
    """Report what each line shows, up to the first error."""
    failing = dockerfile.errors[0].spans if dockerfile.errors else ()
    for line in dockerfile.lines:
        fact = facts.LINES.get(line.cls)
        if fact is not None:
            linter.report(fact, line)
        _look_closer(line, linter)
        if line.span in failing:
            break
        fact = facts.INSTRUCTIONS.get(line.cls)
        if fact is not None:
            linter.report(fact, line)


def _has_doubtful_directives(data: bytes) -> bool:
    """Tell whether there may be directives that are misspelt, or have no effect at their position."""
    head, _, rest = data.partition(b"\n")
    if b"check=" in data or b"syntax=" in rest or b"escape=" in rest:
        return True
    key, equals, _ = head.partition(b"=")
    if key[:1] != b"#":
        return False
    word = key[1:].strip().lower()
    return word not in (b"syntax", b"escape") if equals else word[:6] in (b"syntax", b"escape", b"check:")


def _look_closer(line: Line, linter: Linter) -> None:
    """Report what looks like a mistake at first sight; a rule decides whether it is one."""
    rest = line.rest
    if not line.arguments.json and ("[" in rest[:8] or rest[:1] in ARRAY_STARTS):
        linter.report(facts.array_broken, line)
    if rest[:1] in DASHES or (" --" in rest and line.cls in FLAGGED):
        linter.report(facts.flag_looks_off, line)
    if _has_habit(line):
        linter.report(facts.habit_of_others, line)
    if line.heredocs:
        if any("\r" in heredoc.content for heredoc in line.heredocs):
            linter.report(facts.heredoc_has_returns, line)
    elif line.span.start != line.span.end and any(keyword in rest for keyword in KEYWORDS):
        linter.report(facts.keyword_within, line)
    elif rest.startswith(("cd ", "export ")):
        linter.report(facts.effect_may_be_lost, line)


def _has_habit(line: Line) -> bool:
    """Tell whether ``line`` may be written as in a shell or another language, and not as in a Dockerfile."""
    if line.cls in VALUES:
        return any(mark in line.rest for mark in ODD_MARKS)
    if line.cls in PATHS:
        return "~" in line.rest or ("{" in line.rest and "," in line.rest)
    words = line.words
    if line.cls in COMMANDS:
        if line.arguments.json:
            return (len(words) == 1 and " " in words[0]) or not OPERATORS.isdisjoint(words)
        return line.cls is not Run and (line.rest[-1:] == "&" or line.rest[:1] in "\"'")
    if line.cls is Volume:
        return any(word[:1] != "/" or ":" in word or word[-1:] in ",;" for word in words)
    return line.cls is Shell and len(words) == 1
