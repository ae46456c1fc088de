"""Rules about the files that COPY and ADD take."""

from __future__ import annotations

import re
from itertools import islice

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.paths import clean
from pyfrontend.golang.quote import go_quote
from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.syntax.instructions import Copy, User

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyfrontend.dockerignore import Matcher
    from pyfrontend.syntax.declare import Instruction
    from pyfrontend.syntax.instructions import Add

#: So many lines above a COPY are looked at for its destination.
MOST_ABOVE = 500
#: Directories that nearly every image has.
DIRECTORIES = frozenset((
    "/", "/bin", "/boot", "/etc", "/home", "/lib", "/media", "/mnt", "/opt", "/root", "/run", "/sbin", "/srv",
    "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/local/etc", "/usr/local/lib",
    "/usr/local/sbin", "/usr/local/share", "/usr/sbin", "/usr/share", "/usr/src", "/var", "/var/lib",
    "/var/log", "/var/www", "/var/www/html",
    "/tmp", "/var/tmp",  # noqa: S108 - of the image
))  # fmt: skip


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


@rule(
    "CopyHiddenFile",
    "Copied files should not be excluded by the ignore file",
    facts.path_copied_with_exceptions,
    advisory=True,
    page="",
)
def copy_hidden_file(_node: Instruction, source: str, ignores: Matcher) -> Iterator[Finding]:
    """Report a path that is excluded where no exception can bring it, or anything below it, back."""
    path = clean(source)
    if path in (".", "/") or any(mark in path for mark in "*?[") or ignores.may_include(path):
        return
    try:
        ignored = ignores.matches(path)
    except DockerfileError:
        return
    if ignored:
        yield Finding(f"the ignore file excludes {path}, and no ! pattern includes it again")


@rule(
    "CopyToOneFile",
    "The destination of several sources should end with a slash",
    facts.copied_together,
    advisory=True,
    page="",
)
def copy_to_one_file(
    node: Copy | Add, dest: str, cwd: str, above: Iterable[str], below: Iterable[str]
) -> Iterator[Finding]:
    """Report several files that go to one name, of which only the last is left.

    Directories do not overwrite one another, so only names with an ending count; and a destination that is
    the working directory, that a line above names, or that a line below takes for a directory, may be one.
    """
    written = node.dest
    files = sum("." in name.rpartition("/")[2].strip(".") for name in node.sources) + len(node.heredocs)
    named = re.split(r"[/\\]", written)[-1] not in ("", ".", "..")
    if files < 2 or not named or (isinstance(node, Copy) and node.parents):
        return
    if dest in DIRECTORIES or f"{cwd}/".startswith(f"{dest}/") or _may_name(dest, above):
        return
    enters = re.compile(rf"\b(?:cd|WORKDIR) {re.escape(dest)}\b")
    if any(f"{dest}/" in text or enters.search(text) for text in islice(below, MOST_ABOVE)):
        return
    yield Finding(
        f"unless {written} is a directory already, each source overwrites the one before:"
        f" write {written}/ for a directory"
    )


def _may_name(dest: str, above: Iterable[str]) -> bool:
    """Tell whether a line ``above`` names ``dest``, or there are too many of them to look."""
    looked_at = list(islice(above, MOST_ABOVE + 1))
    return len(looked_at) > MOST_ABOVE or any(dest in text for text in looked_at)


@rule(
    "IncompleteOwner",
    "An owner should name a user, and a group after a colon",
    facts.owner_incomplete,
    advisory=True,
    page="",
)
def incomplete_owner(node: Instruction, owner: str) -> Iterator[Finding]:
    """Report an owner with nothing before or after its colon, and a USER of two words."""
    user, _, group = owner.partition(":")
    if isinstance(node, User):
        if " " in owner:
            first, second, *_ = owner.split()
            fix = f"{first}:{second}" if second.isalnum() else first
            yield Finding(f"USER takes one word and no space: write USER {fix}")
        elif user:
            yield Finding(f"the group of {owner} is empty: write USER {user}:GROUP, or USER {user}")
        else:
            yield Finding(f"the user of {owner} is empty, which is root: write USER USER{owner}")
        return
    if user:
        yield Finding(
            f"--chown={owner} gives the files to the group root: write {user}:GROUP, or {user} alone"
        )
    elif group:
        yield Finding(f"--chown={owner} gives the files to the user root: write USER{owner}")


@rule(
    "FlagTakesNoVariable",
    "Variables should be used only where they are expanded",
    facts.files_excluded,
    advisory=True,
    page="",
)
def flag_takes_no_variable(_node: Instruction, patterns: Sequence[str]) -> Iterator[Finding]:
    """Report a variable in ``--exclude``, which stays as it is."""
    for pattern in patterns:
        found = re.search(r"\$\{?[A-Za-z_]\w*\}?", pattern)
        if found:
            yield Finding(f"--exclude does not expand variables: {found[0]} is taken literally")
