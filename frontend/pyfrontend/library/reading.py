"""`pyfrontend.parse`: a Dockerfile in, its commands, stages and errors out."""

from __future__ import annotations

from collections.abc import Sequence

from pyfrontend.driver.convert import Converter
from pyfrontend.driver.subrequests.lint import diagnostics_of
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.library.findings import finding
from pyfrontend.library.source import Asked, Source, loaded, opened
from pyfrontend.record import NamedTuple
from pyfrontend.span import SourceFile
from pyfrontend.syntax.declare import declaration
from pyfrontend.syntax.directives import detect_check, detect_syntax
from pyfrontend.syntax.document import parse_dockerfile
from pyfrontend.syntax.grammars import split_instruction
from pyfrontend.syntax.instructions import From, Onbuild
from pyfrontend.syntax.lines import read_lines
from pyfrontend.syntax.mounts import MountFlag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any, overload

    from pyfrontend.driver.session import Session
    from pyfrontend.library.findings import Finding
    from pyfrontend.library.source import Given, Pluggable
    from pyfrontend.syntax.declare import Instruction, Line
    from pyfrontend.syntax.document import Dockerfile


class Input(NamedTuple):
    """Files that a command takes from one source; all values as written.

    ``kind`` is ``context``, ``stage`` (a stage, an image or a named context), ``http``, ``git``, ``inline``
    (a heredoc) or ``nothing`` (an empty mount); ``name`` is the stage or the URL, ``paths`` are paths in it.
    """

    kind: str
    name: str
    paths: tuple[str, ...]


class Heredoc(NamedTuple):
    """An inline file; ``expand`` tells whether variables in it are expanded."""

    name: str
    content: str
    expand: bool


class Command(NamedTuple):
    """One instruction.

    The first eight fields are those of the package ``dockerfile`` on PyPI:

    - ``cmd``: the keyword in lowercase; ``sub_cmd``: the keyword after ``ONBUILD``, otherwise None
    - ``json``: whether the arguments are a JSON array
    - ``original``: the whole instruction on one line
    - ``start_line``, ``end_line``: counted from 1
    - ``flags``: as written, such as ``--from=build``
    - ``value``: the arguments; a command in shell form is a single argument

    The others are specific to pyfrontend:

    - ``fields``: the parsed flags and arguments by name, such as ``sources``, ``dest`` and ``chown`` of a
      ``COPY``; a mount of ``RUN`` is a dict; empty for a command with an error
    - ``inputs``: where it takes files from
    - ``heredocs``, and the ``comments`` above it
    """

    cmd: str
    sub_cmd: str | None
    json: bool
    original: str
    start_line: int
    end_line: int
    flags: tuple[str, ...]
    value: tuple[str, ...]
    fields: Mapping[str, Any] = {}
    inputs: tuple[Input, ...] = ()
    heredocs: tuple[Heredoc, ...] = ()
    comments: tuple[str, ...] = ()


class Stage(NamedTuple):
    """A ``FROM`` and the commands below it.

    ``number`` counts from 0; ``name`` is in lowercase, and empty for a stage without a name; ``base`` is the
    image or stage in the ``FROM``, and ``platform`` its ``--platform``, as written.
    """

    number: int
    name: str
    base: str
    platform: str
    start_line: int
    commands: tuple[Command, ...]

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Where its commands take files from, in order."""
        return tuple(one for command in self.commands for one in command.inputs)


class Stages(Sequence[Stage]):
    """The stages of a file in order, by number or by name."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        """Wrap ``stages``."""
        self._stages = tuple(stages)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: int | str) -> Stage: ...
        @overload
        def __getitem__(self, key: slice) -> Sequence[Stage]: ...

    def __getitem__(self, key: int | str | slice) -> Stage | Sequence[Stage]:
        """Return a stage; if several have the name, the last.  Raises KeyError or IndexError."""
        if not isinstance(key, str):
            return self._stages[key]
        found: Stage | None = next(
            (stage for stage in reversed(self._stages) if stage.name == key.lower()), None
        )
        if found is None:
            raise KeyError(key)
        return found

    def has(self, name: str) -> bool:
        """Tell whether a stage has this name."""
        return any(stage.name == name.lower() for stage in self)

    def __len__(self) -> int:
        """Return the number of stages."""
        return len(self._stages)

    def __repr__(self) -> str:
        return f"Stages({[stage.name or stage.number for stage in self]})"


class File(NamedTuple):
    """A parsed Dockerfile.

    - ``name`` and ``data``: its name and its bytes
    - ``directives``: ``syntax``, ``escape`` and ``check`` from the first lines
    - ``commands``: all instructions as written, including those with errors
    - ``stages``: its stages; for a file in the extended language, those of the plain file that it stands for
      on this machine's platform
    - ``errors``: everything that would stop a build before any lookup, starting with the build's own error
    - ``folder``: the directory that contains it, or None for text
    """

    name: str
    data: bytes
    directives: Mapping[str, str]
    commands: tuple[Command, ...]
    stages: Stages
    errors: tuple[Finding, ...]
    folder: Path | None = None

    @property
    def text(self) -> str:
        """The file as text; invalid UTF-8 is replaced."""
        return self.data.decode("utf-8", "replace")


def parse(source: Given, *, name: str | None = None, plugins: Pluggable = ()) -> File:
    r"""Parse a Dockerfile.

    ``source`` is text (`str`), `bytes`, or the path of a file (`pathlib.Path`); ``name`` is the file name
    shown in errors.  ``plugins`` are modules that declare something with `pyfrontend.api`, or their names.
    The result is always a `File`, whatever its content: problems are listed in ``errors``.  Raises OSError
    for a path that cannot be read, and `DockerfileError` for a plugin that cannot be loaded.

    >>> import pyfrontend
    >>> file = pyfrontend.parse("FROM alpine AS base\nCOPY --from=tools a b /bin/\nCMD [\"a\"]\n")
    >>> [(command.cmd, command.value) for command in file.commands]
    [('from', ('alpine', 'AS', 'base')), ('copy', ('a', 'b', '/bin/')), ('cmd', ('a',))]
    >>> file.stages["base"].base
    'alpine'
    >>> file.stages["base"].inputs
    (Input(kind='stage', name='tools', paths=('a', 'b')),)
    >>> file.commands[1].fields["dest"], file.commands[2].json
    ('/bin/', True)

    >>> for error in pyfrontend.parse("FROM alpine\nRUM make\nENV\n").errors:
    ...     print(error)
    Dockerfile:2: error: unknown instruction: RUM (did you mean RUN?)
    Dockerfile:3: error: ENV requires at least one argument
    """
    given = Source.of(source, name)
    file = SourceFile(given.name, given.data)
    session = opened(given, Asked(plugins=loaded(plugins)))
    read = read_lines(file, session.language)
    commands = tuple(map(_command, read.lines))
    document, errors = _document(given, session)
    if document is None:
        document = parse_dockerfile(file, session.language)
    return File(
        given.name,
        given.data,
        _directives(file, read.escape),
        commands,
        _stages(document),
        errors,
        given.folder,
    )


def _document(given: Source, session: Session) -> tuple[Dockerfile | None, tuple[Finding, ...]]:
    """Return the file as a build reads it, or None if it has errors; and its errors, with help."""
    try:
        return Converter(session, None, session.platform).document, ()
    except (DockerfileError, BridgeError) as error:
        return None, tuple(finding(one.displayed(), given.name) for one in diagnostics_of(error, session))


def _directives(file: SourceFile, escape: str) -> dict[str, str]:
    found = {}
    syntax, check = detect_syntax(file), detect_check(file)
    if syntax is not None:
        found["syntax"] = syntax.cmdline
    if escape != "\\":
        found["escape"] = escape
    if check is not None:
        found["check"] = check[0]
    return found


def _stages(document: Dockerfile) -> Stages:
    """Return the stages with their commands, without those that a condition leaves out."""
    below: list[list[Command]] = []
    for line in document.lines:
        if line.cls is From:
            below.append([])
        elif below and not (line.extras and line.extras.skipped):
            below[-1].append(_command(line))
    return Stages(
        [
            Stage(
                stage.index,
                stage.name,
                stage.source.image,
                stage.source.platform,
                stage.span.start,
                tuple(commands),
            )
            for stage, commands in zip(document.stages, below, strict=True)
        ]
    )


def _command(line: Line) -> Command:
    """Return the command of a line, parsed as far as it is valid."""
    try:
        node = line.cls.of(line) if line.cls else None
    except DockerfileError:
        node = None
    flags, words, sub = line.flags, line.words, None
    if line.cls is Onbuild:
        written, flags, rest = split_instruction(line.rest, "\\")
        sub, inner = written.lower(), declaration(written)
        words = inner.grammar(inner.keyword, rest, "\\").words if inner and inner.grammar else ()
    return Command(
        line.keyword.lower(),
        sub,
        line.arguments.json,
        line.code.strip(),
        line.span.start,
        line.span.end,
        flags,
        words,
        _fields(node) if node else {},
        _inputs(node) if node else (),
        tuple(Heredoc(one.name, one.content, one.expand) for one in line.heredocs),
        line.comments,
    )


def _fields(node: Instruction) -> dict[str, Any]:
    fields = (*node.plan.words, *node.plan.flags.values())
    return {field.name: _value(getattr(node, field.name)) for field in fields}


def _value(value: Any) -> Any:
    if isinstance(value, MountFlag):
        return {field.key: field.value for field in value.fields}
    if type(value) is tuple:
        return tuple(map(_value, value))
    return value


def _inputs(node: Instruction) -> tuple[Input, ...]:
    return tuple(Input(one.kind, one.name, tuple(one.paths)) for one in node.inputs())
