"""Rules about the files that COPY and ADD take."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.paths import clean
from pyfrontend.golang.quote import go_quote
from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.dockerignore import Matcher
    from pyfrontend.syntax.declare import Instruction


@rule(
    "CopyIgnoredFile",
    "Attempting to Copy file that is excluded by .dockerignore",
    facts.path_copied,
)
def copy_ignored_file(node: Instruction, source: str, ignores: Matcher) -> Iterator[Finding]:
    """LINT-029.

    With an exception among the patterns nothing is reported, since the path alone does not tell what is
    hidden.  Nor is it where a pattern cannot be read: a build does not fail for that.
    """
    path = clean(source)
    if ignores.exclusions or (path in (".", "/") and not ignores.ignores_root):
        return
    try:
        ignored = ignores.matches(path)
    except DockerfileError:
        return
    if ignored:
        verb = node.keyword.capitalize()
        yield Finding(f"Attempting to {verb} file {go_quote(path)} that is excluded by .dockerignore")
