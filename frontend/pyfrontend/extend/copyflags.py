"""``COPY --if-exists``: sources that may be missing, rewritten as patterns, which may match nothing."""

from __future__ import annotations

import json

from pyfrontend.errors import DockerfileError
from pyfrontend.giturl import parse_git_ref
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strings import to_lower

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.extend.draft import Draft

FLAG = "--if-exists"
#: Characters that mean something in a pattern or a path, so that brackets around them would not be the same.
SPECIAL = frozenset("*?[]\\/^-$`\"'")


def if_exists(draft: Draft, value: str | None) -> None:
    """``--if-exists[=true|false]``: a source that matches nothing is left out."""
    if value is not None and to_lower(value) not in {"true", "false"}:
        raise DockerfileError(
            f"expecting boolean value for flag {FLAG}, not: {value}",
            code="InvalidFlagValue",
            flag=FLAG.removeprefix("--"),
            value=value,
        )
    words = draft.line.arguments.words
    if (value is not None and to_lower(value) == "false") or len(words) < 2:
        return
    sources = [_pattern(word, draft) for word in words[:-1]]
    if draft.line.arguments.json:
        draft.rest = json.dumps([*sources, words[-1]], ensure_ascii=False)
    else:
        draft.rest = " ".join([*sources, words[-1]])


def _pattern(source: str, draft: Draft) -> str:
    """Return ``source`` with one character of its first part in brackets: ``nodir/x`` is ``nodi[r]/x``."""
    if source.startswith("<<"):
        raise _refusal(source, "a heredoc always exists")
    if "://" in source or _is_git(source):
        raise _refusal(source, "whether a download exists is not known before the build runs")
    start = len(source) - len(source.lstrip("./"))
    if source[start - 1 : start] == "." and source[start : start + 1] not in {"", "/"}:
        start -= 1  # the dot of a name such as .env
    first, slash, rest = source[start:].partition("/")
    if "$" in first:
        first = draft.scope.expand(first, FLAG)
    if not first:
        raise _refusal(source, "the root of a context or stage always exists")
    return f"{source[:start]}{_bracketed(first, source)}{slash}{rest}"


def _bracketed(part: str, source: str) -> str:
    depth = False
    place = -1
    for at, character in enumerate(part):
        if character in "[]":
            depth = character == "["
        elif not depth and character not in SPECIAL and part[at - 1 : at] != "\\":
            place = at
    if place < 0:
        raise _refusal(
            source, "its first part is made of wildcards; a pattern may match nothing without the flag"
        )
    return f"{part[:place]}[{part[place]}]{part[place + 1 :]}"


def _is_git(source: str) -> bool:
    try:
        return parse_git_ref(source) is not None
    except (ValueError, DockerfileError):
        return False


def _refusal(source: str, reason: str) -> DockerfileError:
    return DockerfileError(
        f"{FLAG} cannot be used with {go_quote(source)}: {reason}", code="ConflictingFlags"
    )
