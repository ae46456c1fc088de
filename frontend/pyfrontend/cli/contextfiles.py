"""What only the files of a build context show: a session and its folder in, findings of a rule out.

A build does not look: it would have to ask the client for files that it may not need.
"""

from __future__ import annotations

from itertools import islice

from pyfrontend.dockerignore import Matcher
from pyfrontend.errors import DockerfileError
from pyfrontend.lint.config import parse_check_config
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.rules import all_rules
from pyfrontend.syntax.directives import detect_check
from pyfrontend.syntax.document import parse_dockerfile
from pyfrontend.syntax.instructions import Add, Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyfrontend.driver.session import Session
    from pyfrontend.errors import Diagnostic

#: The rule about several files that go to one name.
RULE = "CopyToOneFile"
#: So many files are counted.
MOST = 100


def overwritten(session: Session, folder: Path) -> Iterator[Diagnostic]:
    """Yield a finding for each wildcard that matches several files of ``folder``, where one name waits.

    The Dockerfile of ``session`` has no errors.
    """
    file, rule = session.loaded.file, all_rules(strict=False)[RULE]
    options = detect_check(file)
    found: list[Diagnostic] = []
    linter = Linter(parse_check_config(options[0] if options else ""), found.append)
    ignores = Matcher(session.main.ignore_patterns())
    for stage in parse_dockerfile(file).stages:
        for node in stage.written():
            if isinstance(node, Copy | Add) and _is_one_name(node):
                count = _count(folder, node.sources[0], ignores)
                if count > 1 and linter.enabled(rule, node.comments, node.span):
                    text = f"{node.sources[0]} matches {count} files, and each overwrites the one before:"
                    yield rule.found(
                        f"{text} write {node.dest}/ for a directory, or name one file", node.span
                    )


def _is_one_name(node: Copy | Add) -> bool:
    """Tell whether ``node`` copies what one wildcard of the build context matches to the name of a file."""
    if len(node.sources) != 1 or node.heredocs or (isinstance(node, Copy) and (node.stage or node.parents)):
        return False
    source, name = node.sources[0], node.dest.rpartition("/")[2]
    wild = any(mark in source for mark in "*?[") and not any(
        mark in source for mark in ("**", "$", "\\", ":")
    )
    return wild and "." in name.strip(".") and "$" not in name


def _count(folder: Path, pattern: str, ignores: Matcher) -> int:
    """Return how many files ``pattern`` matches that are not ignored, up to `MOST`."""
    try:
        matches = (path for path in folder.glob(pattern.lstrip("/")) if path.is_file())
        names = (path.relative_to(folder).as_posix() for path in matches)
        return sum(1 for _ in islice((name for name in names if not ignores.matches(name)), MOST))
    except (DockerfileError, OSError, ValueError, IndexError):
        return 0  # a pattern that cannot be read, which the build reports
