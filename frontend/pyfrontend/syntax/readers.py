"""From the words of a line to the fields of its declaration: how many, in which form, with which values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pyfrontend.errors import NOT_TEXT, UNKNOWN_INSTRUCTION, DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strings import SPACE, to_lower, to_upper
from pyfrontend.spelling import suggestion
from pyfrontend.syntax.declare import REGISTRY, nearest_keyword, read_flags
from pyfrontend.syntax.heredocs import Heredoc, parse_heredoc, strip_leading_tabs
from pyfrontend.syntax.instructions import (
    Add,
    Arg,
    ArgPair,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    HeredocSource,
    KeyValue,
    Label,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    Volume,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.syntax.declare import Instruction
    from pyfrontend.syntax.lines import Line

    Values = dict[str, Any]
    Reader = Callable[[Line], Values]

R = TypeVar("R", bound="Callable[[Line], Values]")

#: Instructions whose words need more than counting.
READERS: dict[type[Instruction], Reader] = {}


def reads(*classes: type[Instruction]) -> Callable[[R], R]:
    """Let the function below read the arguments of ``classes``; it returns their fields."""

    def register(reader: R) -> R:
        for cls in classes:
            READERS[cls] = reader
        return reader

    return register


def instruction_of(line: Line) -> Instruction:
    """Return the typed instruction of a line.

    Raises DockerfileError, without a range, for anything wrong with its flags or words.
    """
    cls = line.cls
    if cls is None:
        raise _unknown_instruction(line.keyword)
    reader = READERS.get(cls)
    values = reader(line) if reader else _counted(cls, line)
    for field in cls.plan.readable:
        if field.name in values:
            values[field.name] = field.value(values[field.name])
    return cls(
        written=line.keyword, code=line.code.strip(SPACE), span=line.span, comments=line.comments, **values
    )


def _unknown_instruction(keyword: str) -> DockerfileError:
    """Return the error for a keyword that nobody declared, with the nearest one, if any is near (ERR-009).

    What a terminal should not be shown is quoted: then this is a picture, or a program, or UTF-16.
    """
    meant = nearest_keyword(keyword, REGISTRY)
    if not meant and any(char < " " or char == "\x7f" for char in keyword):
        wide = keyword.startswith(("\udcff\udcfe", "\udcfe\udcff"))
        what = "this file is UTF-16, save it as UTF-8" if wide else "this is not a text file"
        return DockerfileError(f"unknown instruction: {go_quote(keyword[:20])} ({what})", code=NOT_TEXT)
    message = f"unknown instruction: {keyword}{suggestion(meant)}"
    return DockerfileError(message, code=UNKNOWN_INSTRUCTION, word=keyword, meant=meant)


def doc_comment(comments: tuple[str, ...], name: str) -> str:
    """Return the text of the first comment that describes ``name`` (INS-005, FROM-031)."""
    if name:
        for comment in comments:
            if comment.startswith(f"{name} "):
                return comment[len(name) + 1 :]
    return ""


def _flags(line: Line) -> Values:
    """Read the flags of a line; most have none, which costs nothing."""
    return read_flags(line.cls, line.flags) if line.flags and line.cls else {}


def _counted(cls: type[Instruction], line: Line) -> Values:
    """Spread words over the declared ones: one each, all that are left to one that takes many."""
    given, wanted = list(line.arguments.words), cls.plan.words
    many = [field.many for field in wanted]
    if True in many:
        if len(given) < len(wanted):
            raise _at_least(cls.keyword, len(wanted))
        first, rest = many.index(True), len(wanted) - many.index(True) - 1
        end = len(given) - rest
        given[first:end] = [tuple(given[first:end])]  # type: ignore[list-item]  # the field is a tuple
    elif len(given) != len(wanted):
        count = "one argument" if len(wanted) == 1 else f"{len(wanted)} arguments"
        raise DockerfileError(f"{cls.keyword} requires exactly {count}", code="WrongArgumentCount")
    return _flags(line) | {field.name: value for field, value in zip(wanted, given, strict=True)}


def _at_least(keyword: str, count: int = 1) -> DockerfileError:
    """Return the error for too few words."""
    many = "one argument" if count == 1 else f"{count} arguments"
    return DockerfileError(f"{keyword} requires at least {many}", code="WrongArgumentCount")


@reads(From)
def _from(line: Line) -> Values:
    """``IMAGE [AS NAME]`` (FROM-001 to FROM-003)."""
    image, as_keyword, name = _from_words(line.arguments.words)
    return {"image": image, "as_keyword": as_keyword, "stage_name": name, **_flags(line)}


def _from_words(words: tuple[str, ...]) -> tuple[str, str, str]:
    """Check the words of FROM; the name may hold small and capital letters, digits and ``-_.``."""
    if len(words) == 1:
        return words[0], "", ""
    if len(words) != 3 or len(words[1]) != 2 or words[1].casefold() != "as":
        raise DockerfileError("FROM requires either one or three arguments", code="WrongArgumentCount")
    name = to_lower(words[2])
    bare = name.replace("-", "").replace("_", "").replace(".", "")
    if not (name.isascii() and name[0].isalpha() and bare.isalnum()):
        raise DockerfileError(
            f"invalid name for build stage: {go_quote(words[2])}, "
            "name can't start with a number or contain symbols",
            code="InvalidStageName",
        )
    return words


@reads(Env, Label)
def _pairs(line: Line) -> Values:
    """``KEY VALUE in turn`` (INS-012, INS-014, INS-017, INS-018)."""
    flags = _flags(line)
    keyword, words = _keyword(line), line.arguments.words
    if not words:
        raise _at_least(keyword)
    if "" in words[::2]:
        raise DockerfileError(f"{keyword} names can not be blank", code="BlankName")
    pairs = tuple(map(KeyValue, words[::2], words[1::2]))
    return {"pairs": pairs, "legacy": line.arguments.legacy, **flags}


def _keyword(line: Line) -> str:
    """Return the keyword of a line in capitals."""
    return line.cls.keyword if line.cls else line.keyword


@reads(Arg)
def _arg(line: Line) -> Values:
    """``NAME ["=" VALUE]...``; flags are ignored (INS-001 to INS-003, TOK-009)."""
    if not line.arguments.words:
        raise _at_least("ARG")
    return {"pairs": tuple([_arg_pair(word, line.comments) for word in line.arguments.words])}


def _arg_pair(word: str, comments: tuple[str, ...]) -> ArgPair:
    """Cut one word of ARG."""
    key, equals, value = word.partition("=")
    if equals and not key:
        raise DockerfileError("ARG names can not be blank", code="BlankName")
    return ArgPair(key, value if equals else None, doc_comment(comments, key))


@reads(Run)
def _run(line: Line) -> Values:
    """``command`` (area RUN)."""
    return {**_flags(line), "heredocs": line.heredocs, **_command(line)}


@reads(Cmd, Entrypoint)
def _cmd(line: Line) -> Values:
    """``command`` (INS-006, INS-009, TOK-022)."""
    return {**_flags(line), **_command(line)}


def _command(line: Line) -> Values:
    """Return a command in shell or exec form."""
    return {"args": line.arguments.words, "shell": not line.arguments.json}


@reads(Shell)
def _shell(line: Line) -> Values:
    """``JSON-ARRAY`` (INS-034)."""
    flags = _flags(line)
    if not line.arguments.words:
        raise _at_least("SHELL")
    if not line.arguments.json:
        raise DockerfileError("SHELL requires the arguments to be in JSON form", code="WrongArgumentCount")
    return {"args": line.arguments.words, **flags}


@reads(Copy, Add)
def _copy(line: Line) -> Values:
    """``SOURCE... DEST``, where sources may be heredocs (CPY-001, HDOC-010 to HDOC-012)."""
    keyword, words = _keyword(line), line.arguments.words
    if len(words) < 2:
        raise DockerfileError(
            f"{keyword} requires at least two arguments, but only one was provided. "
            "Destination could not be determined",
            code="MissingDestination",
        )
    flags = _flags(line)
    if not any("<<" in word for word in words):
        return {"sources": words[:-1], "dest": words[-1], "heredocs": (), **flags}
    if _heredoc(words[-1]):
        raise DockerfileError(
            f"{keyword} cannot accept a heredoc as a destination", code="HeredocAsDestination"
        )
    bodies = {heredoc.name: heredoc.content for heredoc in line.heredocs}
    sources = [(word, _heredoc(word)) for word in words[:-1]]
    return {
        "sources": tuple([word for word, heredoc in sources if not heredoc]),
        "dest": words[-1],
        "heredocs": tuple([_in_place(heredoc, bodies) for _, heredoc in sources if heredoc]),
        **flags,
    }


def _heredoc(word: str) -> Heredoc | None:
    """Return the heredoc that a word of COPY is; one with a mistake in it is a path."""
    try:
        return parse_heredoc(word)
    except DockerfileError:
        return None


def _in_place(heredoc: Heredoc, bodies: dict[str, str]) -> HeredocSource:
    """Give a heredoc its body, found by name, so that the last of equal names serves all of them."""
    body = bodies.get(heredoc.name, "")
    return HeredocSource(
        heredoc.name, strip_leading_tabs(body) if heredoc.strip_tabs else body, heredoc.expand
    )


@reads(Expose)
def _expose(line: Line) -> Values:
    """``PORT...`` (INS-020)."""
    words = line.arguments.words
    if not words:
        raise _at_least("EXPOSE")
    flags = _flags(line)
    return {"ports": tuple(sorted(words, key=lambda port: port.encode("utf-8", "surrogateescape"))), **flags}


@reads(Volume)
def _volume(line: Line) -> Values:
    """``PATH...`` (INS-039)."""
    if not line.arguments.words:
        raise _at_least("VOLUME")
    flags = _flags(line)
    paths = tuple([path.strip(SPACE) for path in line.arguments.words])
    if "" in paths:
        raise DockerfileError("VOLUME specified can not be an empty string", code="EmptyVolume")
    return {"paths": paths, **flags}


@reads(Stopsignal)
def _stopsignal(line: Line) -> Values:
    """``SIGNAL``; flags are ignored (INS-036, TOK-009)."""
    if not line.arguments.words:
        raise DockerfileError("STOPSIGNAL requires exactly one argument", code="WrongArgumentCount")
    return {"signal": line.arguments.words[0]}


@reads(Onbuild)
def _onbuild(line: Line) -> Values:
    """``INSTRUCTION``, kept as text with its heredocs (OBD-001, OBD-002, OBD-004)."""
    words = line.arguments.words
    if not words:
        raise _at_least("ONBUILD")
    flags = _flags(line)
    inner = to_upper(words[0])
    if inner == "ONBUILD":
        raise DockerfileError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", code="InvalidTrigger")
    if inner in {"MAINTAINER", "FROM"}:
        raise DockerfileError(f"{inner} isn't allowed as an ONBUILD trigger", code="InvalidTrigger")
    blank = "\t\n\f\r "
    expression = line.code.lstrip(blank)
    # After white space of another kind the reference fails to find the keyword, and keeps it.
    is_first = expression[:7].upper() == "ONBUILD"
    expression = expression[7:].lstrip(blank) if is_first else line.code
    bodies = [f"\n{heredoc.content}{heredoc.name}" for heredoc in line.heredocs]
    return {"expression": "".join([expression, *bodies]), **flags}


@reads(Healthcheck)
def _healthcheck(line: Line) -> Values:
    """``TYPE COMMAND`` (INS-026 to INS-029)."""
    if not line.arguments.words:
        raise _at_least("HEALTHCHECK")
    kind, *command = line.arguments.words
    kind = to_upper(kind)
    if kind == "NONE":
        if command:
            raise DockerfileError("HEALTHCHECK NONE takes no arguments", code="WrongArgumentCount")
        return {"test": ("NONE",)}
    flags = _flags(line)
    if kind != "CMD":
        raise DockerfileError(
            f"Unknown type {go_quote(kind)} in HEALTHCHECK (try CMD)", code="InvalidHealthcheck"
        )
    if not command:
        raise DockerfileError("Missing command after HEALTHCHECK CMD", code="InvalidHealthcheck")
    return {"test": ("CMD" if line.arguments.json else "CMD-SHELL", *command), **flags}
