"""Fixes by rule: one function for each rule that an edit can satisfy, which yields the edits."""

from __future__ import annotations

import re

from pyfrontend.errors import DockerfileError
from pyfrontend.fix.scripts import (
    add_no_cache,
    add_no_recommends,
    add_yes,
    remove_lists,
    use_apt_get,
)
from pyfrontend.golang.strings import SPACE, to_lower, to_upper
from pyfrontend.syntax import grammars
from pyfrontend.syntax.places import Edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyfrontend.errors import Diagnostic
    from pyfrontend.syntax.places import Placed

    Fixer = Callable[[Placed, Diagnostic], Iterable[Edit]]

AUTHORS = "org.opencontainers.image.authors"
#: A word that a shell takes literally.
PLAIN_WORD = re.compile(r"[\w./:@%+,-][\w./:@%+,=-]*\Z", re.ASCII)
#: Words that only a shell knows.
BUILTINS = frozenset(
    (".", ":", "alias", "cd", "eval", "exec", "exit", "export", "if", "for", "while", "case", "set", "shift",
     "source", "trap", "ulimit", "umask", "unset", "until", "wait", "read", "return", "function", "time")
)  # fmt: skip
#: Characters that mean something between double quotes, or end them.
QUOTED = re.compile(r"""["'\\`]""")


def _casing(placed: Placed, found: Diagnostic) -> Iterator[Edit]:
    keyword = placed.line.keyword
    lowers = "(lowercase)" in found.message
    yield placed.replaced(0, len(keyword), keyword.lower() if lowers else keyword.upper())


def _as_casing(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    start, end = _word(placed, 1)
    change = to_lower if placed.line.keyword.islower() else to_upper
    yield placed.replaced(start, end, change(placed.code[start:end]))


def _stage_name(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    start, end = _word(placed, 2)
    yield placed.replaced(start, end, to_lower(placed.code[start:end]))


def _word(placed: Placed, number: int) -> tuple[int, int]:
    """Return where a word of FROM is in its code."""
    at = placed.rest
    for _ in range(number):
        at = _end(placed.code, at)
        at += len(placed.code[at:]) - len(placed.code[at:].lstrip(grammars.GAP))
    return at, _end(placed.code, at)


def _end(code: str, at: int) -> int:
    while at < len(code) and code[at] not in grammars.GAP:
        at += 1
    return at


def _target_platform(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    start = placed.code.find("--platform=")
    if 0 <= start < placed.rest and placed.is_one_line:
        yield placed.replaced(start, placed.rest, "")


def _maintainer(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    name = placed.line.rest
    keyword = "label" if placed.line.keyword.islower() else "LABEL"
    quoted = len(name) > 1 and name[0] == name[-1] == '"' and not QUOTED.search(name[1:-1])
    if placed.is_one_line and (quoted or not (QUOTED.search(name) or "$" in name)):
        text = name if quoted else f'"{name}"'
        yield placed.replaced(0, len(placed.code.rstrip(SPACE)), f"{keyword} {AUTHORS}={text}")


def _old_form(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    """``KEY VALUE`` becomes ``KEY=VALUE``, in quotes where the value has spaces."""
    rest, escape = placed.line.rest, placed.source.escape
    key = rest.split(None, 1)[0]
    value = rest[len(key) :].lstrip()
    begin = placed.rest + len(rest) - len(value)
    end = placed.rest + len(rest)
    gap = (placed.rest + len(key), begin)
    if not value or "=" in key or "#" in placed.between(*gap):
        return
    if _is_one_word(key, value, escape):
        yield placed.replaced(*gap, "=")
    elif not QUOTED.search(value) and escape not in value:
        yield placed.replaced(*gap, '="')
        yield placed.inserted(end, '"')


def _is_one_word(key: str, value: str, escape: str) -> bool:
    """Tell whether the new form takes ``value`` literally."""
    try:
        return grammars.pairs("ENV", f"{key}={value}", escape).words == (key, value)
    except DockerfileError:
        return False


def _exec_form(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    words = placed.line.rest.split()
    if words[:1] == ["exec"]:
        del words[0]
    plain = words and all(map(PLAIN_WORD.match, words)) and "=" not in words[0]
    if plain and words[0] not in BUILTINS and placed.is_one_line:
        array = ", ".join(f'"{word}"' for word in words)
        yield placed.replaced(placed.rest, placed.rest + len(placed.line.rest), f"[{array}]")


def _empty_lines(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    for number in placed.empty:
        yield Edit(placed.source.starts[number - 1], placed.source.starts[number], "")


def _protocol(placed: Placed, found: Diagnostic) -> Iterator[Edit]:
    port = found.message.partition("'")[2].partition("'")[0]
    start = placed.code.find(port, placed.rest)
    if start >= 0 and "$" not in port:
        yield placed.replaced(start, start + len(port), port.lower())


def _copy(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    known = ("--chown=", "--chmod=", "--link", "--exclude=")
    if all(flag.startswith(known) for flag in placed.line.flags):
        keyword = placed.line.keyword
        yield placed.replaced(0, len(keyword), "copy" if keyword.islower() else "COPY")


def _argument(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    keyword = placed.line.keyword
    if len(placed.line.words) == 2 and not placed.line.arguments.legacy:
        yield placed.replaced(0, len(keyword), "arg" if keyword.islower() else "ARG")


#: Rules whose fixes change no byte of what is built.
STYLE: dict[str, Fixer] = {
    "ConsistentInstructionCasing": _casing,
    "FromAsCasing": _as_casing,
    "StageNameCasing": _stage_name,
    "LegacyKeyValueFormat": _old_form,
    "NoEmptyContinuation": _empty_lines,
    "ExposeProtoCasing": _protocol,
    "RedundantTargetPlatform": _target_platform,
}
#: Every rule that can be satisfied by an edit.
FIXERS: dict[str, Fixer] = {
    **STYLE,
    "MaintainerDeprecated": _maintainer,
    "JSONArgsRecommended": _exec_form,
    "AddInsteadOfCopy": _copy,
    "DebianFrontendKept": _argument,
    "AptInsteadOfAptGet": use_apt_get,
    "AssumeYesMissing": add_yes,
    "RecommendsInstalled": add_no_recommends,
    "PackageCacheKept": add_no_cache,
    "PackageListsKept": remove_lists,
}
