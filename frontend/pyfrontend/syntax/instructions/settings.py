"""Instructions that change no files: FROM, variables, and settings in the image config."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strconv import parse_int
from pyfrontend.golang.strings import SPACE, to_lower, to_upper
from pyfrontend.record import NamedTuple
from pyfrontend.syntax import grammars
from pyfrontend.syntax.declare import Instruction, doc_comments, instruction
from pyfrontend.syntax.fields import flag, word
from pyfrontend.syntax.inputs import STAGE, Input

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.fields import Fields

MILLISECOND = 1_000_000


@instruction("FROM", grammars.word_list)
class From(Instruction):
    """``FROM [--platform=p] image [AS name]`` begins a stage.

    ``image`` and ``platform`` see global arguments only, so the stage's expansion leaves them alone.
    """

    image: str = word()
    platform: str = flag(default="")
    stage_name: str = word()
    as_keyword: str = word()

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read ``IMAGE [AS NAME]`` (FROM-001 to FROM-003)."""
        image, as_keyword, name = _from_words(line.words)
        return {"image": image, "as_keyword": as_keyword, "stage_name": name, **cls.read_flags(line)}

    def inputs(self) -> Iterable[Input]:
        """Return the base."""
        return (Input(STAGE, self.image, key="from"),)


def _from_words(words: tuple[str, ...]) -> tuple[str, str, str]:
    """Check the words of FROM; the name may hold letters in either case, digits and ``-_.``."""
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
            name=words[2],
        )
    return words


class ArgPair(NamedTuple):
    """One name of ARG with its default, if it has one, and its description comment, if there is one."""

    key: str
    value: str | None
    doc: str


@instruction("ARG", grammars.quoted_words)
class Arg(Instruction):
    """``ARG name[=default]...`` declares build arguments; expanded one after the other when lowered."""

    pairs: tuple[ArgPair, ...] = word(many=True)

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read ``NAME ["=" VALUE]...``; flags are ignored (INS-001 to INS-003, TOK-009)."""
        if not line.words:
            raise cls.too_few()
        docs = doc_comments(line.comments)
        return {"pairs": tuple([_arg_pair(word, docs) for word in line.words])}


def _arg_pair(word: str, docs: Mapping[str, str]) -> ArgPair:
    key, equals, value = word.partition("=")
    if equals and not key:
        raise DockerfileError("ARG names can not be blank", code="BlankName")
    return ArgPair(key, value if equals else None, docs.get(key, ""))


class KeyValue(NamedTuple):
    """One pair of ENV or LABEL; both parts still hold their quotes and variables."""

    key: str
    value: str


@instruction("ENV", grammars.pairs)
class Env(Instruction):
    """``ENV key=value...`` sets variables; ``legacy`` is the old form ``ENV key value``."""

    pairs: tuple[KeyValue, ...] = word(many=True, expand=True)
    legacy: bool = word()

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read the pairs."""
        return _pairs(cls, line)


@instruction("LABEL", grammars.pairs)
class Label(Instruction):
    """``LABEL key=value...`` sets labels of the image; ``legacy`` is the old form ``LABEL key value``."""

    pairs: tuple[KeyValue, ...] = word(many=True, expand=True)
    legacy: bool = word()

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read the pairs."""
        return _pairs(cls, line)


def _pairs(cls: type[Env | Label], line: Line) -> Fields:
    """``KEY VALUE in turn`` (INS-012, INS-014, INS-017, INS-018)."""
    flags, words = cls.read_flags(line), line.words
    if not words:
        raise cls.too_few()
    if "" in words[::2]:
        raise DockerfileError(f"{cls.keyword} names can not be blank", code="BlankName")
    pairs = tuple(map(KeyValue, words[::2], words[1::2]))
    return {"pairs": pairs, "legacy": line.arguments.legacy, **flags}


@instruction("USER", grammars.rest_of_line)
class User(Instruction):
    """``USER user[:group]`` changes who runs what follows."""

    user: str = word(expand=True)


@instruction("CMD", grammars.json_or_text)
class Cmd(Instruction):
    """``CMD command`` is what a container runs by default; ``args`` as in RUN (INS-006)."""

    args: tuple[str, ...] = word(many=True)
    shell: bool = word()

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read a command in shell or exec form (TOK-022)."""
        return {**cls.read_flags(line), **line.command()}


@instruction("ENTRYPOINT", grammars.json_or_text)
class Entrypoint(Instruction):
    """``ENTRYPOINT command`` is what a container always runs; ``args`` as in RUN (INS-009)."""

    args: tuple[str, ...] = word(many=True)
    shell: bool = word()

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read a command in shell or exec form (TOK-022)."""
        return {**cls.read_flags(line), **line.command()}


@instruction("SHELL", grammars.json_or_text)
class Shell(Instruction):
    """``SHELL ["program", "argument"]`` is put before the commands in shell form."""

    args: tuple[str, ...] = word(many=True)

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read a JSON array (INS-034)."""
        flags = cls.read_flags(line)
        if not line.words:
            raise cls.too_few()
        if not line.arguments.json:
            raise DockerfileError("SHELL requires the arguments to be in JSON form", code="ShellNotJson")
        return {"args": line.words, **flags}


@instruction("EXPOSE", grammars.word_list)
class Expose(Instruction):
    """``EXPOSE port[/protocol]...`` names ports, sorted; each may expand to several words."""

    ports: tuple[str, ...] = word(many=True)

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read ``PORT...`` (INS-020)."""
        if not line.words:
            raise cls.too_few()
        ports = sorted(line.words, key=lambda port: port.encode("utf-8", "surrogateescape"))
        return {**cls.read_flags(line), "ports": tuple(ports)}


@instruction("VOLUME", grammars.json_or_word_list)
class Volume(Instruction):
    """``VOLUME path...`` names directories that keep their data outside the image."""

    paths: tuple[str, ...] = word(many=True, expand=True)

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read ``PATH...`` (INS-039)."""
        if not line.words:
            raise cls.too_few()
        flags = cls.read_flags(line)
        paths = tuple([path.strip(SPACE) for path in line.words])
        if "" in paths:
            raise DockerfileError("VOLUME specified can not be an empty string", code="EmptyVolume")
        return {"paths": paths, **flags}


@instruction("STOPSIGNAL", grammars.rest_of_line)
class Stopsignal(Instruction):
    """``STOPSIGNAL signal`` is how a container is asked to stop."""

    signal: str = word(expand=True)

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read ``SIGNAL``; flags are ignored (INS-036, TOK-009)."""
        if not line.words:
            raise DockerfileError("STOPSIGNAL requires exactly one argument", code="WrongArgumentCount")
        return {"signal": line.words[0]}


def _interval(name: str, text: str) -> int:
    """Return a time in nanoseconds, at least a millisecond or nothing."""
    if not text:
        return 0
    from pyfrontend.golang.durations import parse_duration

    try:
        duration = parse_duration(text)
    except ValueError as error:
        raise DockerfileError(str(error), code="InvalidDuration", value=text) from None
    if duration and duration < MILLISECOND:
        raise DockerfileError(f'Interval "{name}" cannot be less than 1ms', code="DurationTooShort")
    return duration


def _retries(_name: str, text: str) -> int:
    """Return a number of 32 bits that is not negative."""
    if not text:
        return 0
    try:
        number = parse_int(text, bits=32)
    except ValueError as error:
        raise DockerfileError(str(error), code="InvalidRetries") from None
    if number < 0:
        raise DockerfileError(f"--retries cannot be negative ({number})", code="InvalidRetries")
    return number


@instruction("HEALTHCHECK", grammars.healthcheck)
class Healthcheck(Instruction):
    """``HEALTHCHECK NONE`` or ``HEALTHCHECK [flags] CMD command``; times are nanoseconds."""

    test: tuple[str, ...] = word(many=True)
    interval: int = flag(default=0, read=_interval)
    timeout: int = flag(default=0, read=_interval)
    start_period: int = flag(default=0, read=_interval)
    start_interval: int = flag(default=0, read=_interval)
    retries: int = flag(default=0, read=_retries)

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read ``TYPE COMMAND`` (INS-026 to INS-029)."""
        if not line.words:
            raise cls.too_few()
        kind, *command = line.words
        kind = to_upper(kind)
        if kind == "NONE":
            if command:
                raise DockerfileError("HEALTHCHECK NONE takes no arguments", code="WrongArgumentCount")
            return {"test": ("NONE",)}
        flags = cls.read_flags(line)
        if kind != "CMD":
            raise DockerfileError(
                f"Unknown type {go_quote(kind)} in HEALTHCHECK (try CMD)",
                code="InvalidHealthcheck",
                kind=kind,
            )
        if not command:
            raise DockerfileError("Missing command after HEALTHCHECK CMD", code="InvalidHealthcheck")
        return {"test": ("CMD" if line.arguments.json else "CMD-SHELL", *command), **flags}


@instruction("MAINTAINER", grammars.rest_of_line)
class Maintainer(Instruction):
    """``MAINTAINER name`` names the author; superseded by labels."""

    name: str = word()


@instruction("ONBUILD", grammars.onbuild)
class Onbuild(Instruction):
    """``ONBUILD instruction`` keeps an instruction, heredoc bodies included, for images built upon this."""

    expression: str = word()

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read an instruction, kept as text with its heredocs (OBD-001, OBD-002, OBD-004)."""
        if not line.words:
            raise cls.too_few()
        flags = cls.read_flags(line)
        inner = to_upper(line.words[0])
        if inner == "ONBUILD":
            raise DockerfileError(
                "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", code="InvalidTrigger"
            )
        if inner in {"MAINTAINER", "FROM"}:
            raise DockerfileError(f"{inner} isn't allowed as an ONBUILD trigger", code="InvalidTrigger")
        bodies = [f"\n{heredoc.content}{heredoc.name}" for heredoc in line.heredocs]
        return {"expression": "".join([_without_keyword(line.code), *bodies]), **flags}


def _without_keyword(code: str) -> str:
    """Return what follows ONBUILD; after white space of another kind the reference keeps the keyword."""
    space = "\t\n\f\r "
    text = code.lstrip(space)
    return text[7:].lstrip(space) if text[:7].upper() == "ONBUILD" else code
