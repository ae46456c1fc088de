"""Heredocs: the text of an instruction in, the files it announces with ``<<NAME`` out.

The heredocs of a line are found by lexing it as a shell would, with every variable unset and left as written,
and always with the backslash as the escape character (HDOC-002, HDOC-003, DIR-006).
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.expand import expand_words


class Heredoc(NamedTuple):
    """An inline file: its body as written, ``strip_tabs`` for ``<<-``, ``expand`` unless quoted."""

    name: str
    content: str = ""
    expand: bool = True
    strip_tabs: bool = False
    fd: int = 0


def heredocs_of(code: str) -> list[Heredoc]:
    """Return the heredocs that a line announces, their contents still empty (HDOC-003, HDOC-008).

    Raises DockerfileError for a heredoc whose name is not properly quoted.
    """
    try:
        words = expand_words(code, {}, raw_quotes=True, raw_escapes=True, skip_unset=True)
    except DockerfileError:
        return []
    found = (parse_heredoc(word) for word in words)
    return [heredoc for heredoc in found if heredoc]


def parse_heredoc(word: str) -> Heredoc | None:
    """``heredoc = [FD] "<<" ["-"] {SPACE} NAME`` (HDOC-002, HDOC-004 to HDOC-006).

    Returns None for any other word; raises DockerfileError for a name not properly quoted.
    """
    fd, operator, name = word.partition("<<")
    if not operator or (fd and not (fd.isascii() and fd.isdigit())):
        return None
    strip_tabs = name.startswith("-")
    name = name[strip_tabs:].lstrip("\t\n\f\r ")
    if not name or "<" in name:
        return None
    words = expand_words(name, {}, skip_unset=True)
    raw = expand_words(name, {}, raw_quotes=True, skip_unset=True)
    if len(words) != 1:
        return None
    if len(raw) != 1:
        raise DockerfileError(
            f"internal lexing of heredoc produced inconsistent results: {name}", code="InvalidHeredocName"
        )
    expand = _quotes(words[0]) == _quotes(raw[0])
    return Heredoc(words[0], expand=expand, strip_tabs=strip_tabs, fd=int(fd[-18:] or 0))


def _quotes(word: str) -> int:
    """Count the quotes in a word."""
    return word.count("'") + word.count('"')


def strip_leading_tabs(content: str) -> str:
    """Remove the tabs at the start of every line, as ``<<-`` does (HDOC-006)."""
    if "\t" not in content:
        return content
    return "\n".join([line.lstrip("\t") for line in content.split("\n")])
