"""Checks that need only the syntax of the file, in the order of the reference (LINT-010)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.golang.strings import to_lower, to_upper
from pyfrontend.lint import names, rules
from pyfrontend.lint.reports import report
from pyfrontend.syntax.instructions import Arg, From, Maintainer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.lint.linter import Linter
    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.document import Dockerfile


def check_syntax(dockerfile: Dockerfile, linter: Linter) -> None:
    """Report to ``linter`` what the syntax alone shows, up to the first error of ``dockerfile``.

    A file whose text is malformed gives nothing at all; one with a bad instruction gives what comes before
    it, and what shows in that instruction before its arguments are read (ERR-019).
    """
    if dockerfile.malformed:
        return
    for place in dockerfile.empty_continuations:
        linter.warn(rules.NO_EMPTY_CONTINUATION, rules.NO_EMPTY_CONTINUATION.message(), place)
    failing = dockerfile.errors[0].spans if dockerfile.errors else ()
    for line in dockerfile.lines:
        failed = line.span in failing
        _check_line(line, linter, failed=failed)
        if failed:
            break
    if not dockerfile.errors:
        _check_stage_names(dockerfile, linter)
        _check_keyword_casing(dockerfile, linter)


def _check_line(line: Line, linter: Linter, *, failed: bool) -> None:
    words = line.arguments.words
    if line.cls is From:
        _check_from_words(line, linter)
        if len(words) == 3 and not failed:
            _check_description(line, "FROM", [to_lower(words[2])], linter)
    elif line.cls is Maintainer:
        report(linter, rules.MAINTAINER_DEPRECATED, line)
    elif line.cls is Arg and not failed:
        _check_description(line, "ARG", words, linter)


def _check_from_words(line: Line, linter: Linter) -> None:
    """Report the casing of ``AS name``, whatever these words are (LINT-011, LINT-012)."""
    words, keyword = line.arguments.words, line.keyword
    if len(words) < 3:
        return
    if len(words) == 3 and words[2] != to_lower(words[2]):
        report(linter, rules.STAGE_NAME_CASING, line, words[2])
    # A keyword in mixed case is no measure; ConsistentInstructionCasing reports it.
    alike = to_lower(words[1]) if keyword == keyword.lower() else to_upper(words[1])
    if names.is_one_case(keyword) and words[1] != alike:
        report(linter, rules.FROM_AS_CASING, line, keyword, words[1])


def _check_description(line: Line, keyword: str, defined: Sequence[str], linter: Linter) -> None:
    """Report a comment above a definition that does not start with a defined name (LINT-030)."""
    rule = rules.INVALID_DEFINITION_DESCRIPTION
    if not line.comments or not linter.enabled(rule, line.comments):
        return
    keys = [word.partition("=")[0] for word in defined]
    if line.comments[-1].partition(" ")[0] not in keys:
        report(linter, rule, line, keyword, keys[0] if len(keys) == 1 else "<arg_key>")


def _check_stage_names(dockerfile: Dockerfile, linter: Linter) -> None:
    """Report names that mean something else already or were given before (LINT-015, LINT-016)."""
    seen: set[str] = set()
    for stage in dockerfile.stages:
        if stage.name in names.RESERVED_STAGES:
            text = rules.RESERVED_STAGE_NAME.message(stage.name)
            linter.warn(rules.RESERVED_STAGE_NAME, text, stage.source.span)
        if stage.name in seen:
            text = rules.DUPLICATE_STAGE_NAME.message(stage.name)
            linter.warn(rules.DUPLICATE_STAGE_NAME, text, stage.source.span)
        if stage.name:
            seen.add(stage.name)


def _check_keyword_casing(dockerfile: Dockerfile, linter: Linter) -> None:
    """Report keywords in another case than most of them (LINT-014)."""
    nodes = [node for stage in dockerfile.stages for node in (stage.source, *stage.instructions)]
    lower = sum(node.written.islower() for node in nodes)
    upper = sum(node.written.isupper() for node in nodes)
    casing = "lowercase" if lower > upper else "uppercase"
    for node in nodes:
        if node.written != (node.written.lower() if lower > upper else node.written.upper()):
            text = rules.CONSISTENT_INSTRUCTION_CASING.message(node.written, casing)
            linter.warn(rules.CONSISTENT_INSTRUCTION_CASING, text, node.span)
