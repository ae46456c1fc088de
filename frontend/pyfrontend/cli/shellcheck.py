"""Run ShellCheck, if installed, on the scripts of a Dockerfile: a session in, findings out."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from pyfrontend.cli.shellscripts import scripts_of
from pyfrontend.driver.convert import Converter
from pyfrontend.errors import NOTE, WARNING, DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.lint.registry import Rule
from pyfrontend.span import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from pyfrontend.cli.shellscripts import Script
    from pyfrontend.driver.session import Session
    from pyfrontend.errors import Diagnostic

PROGRAM = "shellcheck"
PAGE = "https://www.shellcheck.net/wiki/"
#: What cannot be known or does not count in a RUN: variables that are set elsewhere, files that are not
#: there, the first line of a script.
EXCLUDED = "SC1090,SC1091,SC1128,SC2148,SC2154"
#: Its severities; the rest are notes.
WARNINGS = ("error", "warning")
#: Scripts for one process, and seconds that it gets.
BATCH, PATIENCE = 500, 120


class ShellcheckError(Exception):
    """ShellCheck was asked for and cannot be had, or has failed."""


def findings(session: Session, *, needed: bool) -> list[Diagnostic]:
    """Return what ShellCheck finds in the scripts of RUN, none for a file with errors.

    Where it is not installed there are none either; if it is ``needed``, `ShellcheckError` is raised.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        if needed:
            raise ShellcheckError(f"{PROGRAM} is not installed, or not on the PATH")
        return []
    try:
        converter = Converter(session, lambda _: None, session.platform)
    except (DockerfileError, BridgeError):
        return []
    scripts = scripts_of(converter.document)
    found = []
    for start in range(0, len(scripts), BATCH):
        batch = scripts[start : start + BATCH]
        for script, comment in _run(program, batch):
            rule = Rule(
                f"SC{comment['code']}",
                "A finding of ShellCheck",
                severity=WARNING if comment["level"] in WARNINGS else NOTE,
                page=f"{PAGE}SC{comment['code']}",
            )
            if converter.linter.enabled(rule, script.node.comments):
                found.append(rule.found(comment["message"], _span(script, comment)).displayed())
    return found


def _span(script: Script, comment: dict[str, Any]) -> Span:
    """Return where a comment is in the Dockerfile; a finding about our own lines applies to all lines."""
    offset = script.first - 1 - script.header
    start, end = comment["line"] + offset, comment["endLine"] + offset
    if start < script.first:
        return script.node.span
    return Span(script.node.span.file, start, end, comment["column"], comment["endColumn"])


def _run(program: str, scripts: Sequence[Script]) -> Iterator[tuple[Script, dict[str, Any]]]:
    """Let one process look at all ``scripts``, and yield its comments with their scripts."""
    with tempfile.TemporaryDirectory(prefix="pyfrontend-") as folder:
        for number, script in enumerate(scripts):
            Path(folder, f"{number}.sh").write_bytes(script.text.encode("utf-8", "replace"))
        names = [f"{number}.sh" for number in range(len(scripts))]
        command = [program, "--format=json1", f"--exclude={EXCLUDED}", *names]
        try:
            done = subprocess.run(  # noqa: S603 - the user's own program, and file names of ours
                command, cwd=folder, capture_output=True, check=False, timeout=PATIENCE
            )
            comments = json.loads(done.stdout)["comments"]
        except (OSError, subprocess.TimeoutExpired, ValueError, LookupError, TypeError) as error:
            raise ShellcheckError(f"{PROGRAM} failed: {error}") from None
    for comment in comments:
        yield scripts[int(comment["file"].partition(".")[0])], comment
