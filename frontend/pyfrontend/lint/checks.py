"""The facts that the text of a file shows, reported in the order of the reference (LINT-010)."""

from __future__ import annotations

from pyfrontend.lint import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lint.linter import Linter
    from pyfrontend.syntax.document import Dockerfile


def check_syntax(dockerfile: Dockerfile, linter: Linter) -> None:
    """Report to ``linter`` what the syntax alone shows, up to the first error of ``dockerfile``.

    A file whose text is malformed gives nothing at all; one with a bad instruction gives what comes before
    it, and what shows in that instruction before its arguments are read (ERR-019).
    """
    if dockerfile.malformed:
        return
    for span in dockerfile.empty_continuations:
        linter.report(facts.empty_continuation, span)
    failing = dockerfile.errors[0].spans if dockerfile.errors else ()
    for line in dockerfile.lines:
        fact = facts.LINES.get(line.cls)
        if fact is not None:
            linter.report(fact, line)
        if line.span in failing:
            break
        fact = facts.INSTRUCTIONS.get(line.cls)
        if fact is not None:
            linter.report(fact, line)
    if not dockerfile.errors:
        names: dict[str, None] = {}
        for stage in dockerfile.stages:
            linter.report(facts.stage_read, stage, names.keys())
            if stage.name:
                names[stage.name] = None
        linter.report(facts.file_read, dockerfile)
