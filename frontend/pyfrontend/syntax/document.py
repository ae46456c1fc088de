"""A whole Dockerfile: bytes in, stages of typed instructions and all errors out."""

from __future__ import annotations

from pyfrontend import limits
from pyfrontend.errors import (
    EXPANDED,
    NO_BUILD_STAGE,
    NOT_TEXT,
    UNKNOWN_FLAG,
    UNKNOWN_INSTRUCTION,
    DockerfileError,
)
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strings import to_lower, to_upper
from pyfrontend.record import NamedTuple
from pyfrontend.span import SourceFile
from pyfrontend.spelling import nearest, suggestion
from pyfrontend.syntax.declare import doc_comments
from pyfrontend.syntax.extended import BUILT_IN
from pyfrontend.syntax.fields import unknown_flag
from pyfrontend.syntax.inputs import SCRATCH
from pyfrontend.syntax.instructions import Arg, From
from pyfrontend.syntax.lines import Lines, read_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Extras, Instruction, Line
    from pyfrontend.syntax.extended import Language


class Gate(NamedTuple):
    """A stage that has to succeed before another one is handed out: its name or index, and who says so.

    It is ``written`` on the lines of ``span``, and the plain file calls it ``name``.
    """

    name: str
    written: str
    span: Span


class Stage:
    """A FROM and what follows it; ``name`` in lower case, empty if the stage has none.

    ``gates`` are what ``RUN --requires`` names in it.  ``skipped`` are instructions that a condition leaves
    out, each with the number of those above it that are there.
    """

    __slots__ = ("doc", "gates", "index", "instructions", "name", "skipped", "source")

    def __init__(self, source: From, index: int) -> None:
        """Begin the stage number ``index`` (from 0) at its FROM."""
        self.source = source
        self.index = index
        self.name = to_lower(source.stage_name)
        self.doc = doc_comments(source.comments).get(self.name, "")
        self.instructions: list[Instruction] = []
        self.gates: list[Gate] = []
        self.skipped: list[tuple[int, Instruction]] = []

    def add(self, node: Instruction, extras: Extras | None) -> None:
        """Take an instruction, or what it asks for where it is none of the plain file."""
        if extras is None:
            self.instructions.append(node)
        elif extras.skipped:
            self.skipped.append((len(self.instructions), node))
        else:
            self.gates += [Gate(*names, node.span) for names in extras.requires]
            if not extras.gate:
                self.instructions.append(node)

    def written(self) -> list[Instruction]:
        """Return the instructions as they are written, with those that a condition leaves out."""
        found = list(self.instructions)
        for already, (place, node) in enumerate(self.skipped):
            found.insert(already + place, node)
        return found

    @property
    def span(self) -> Span:
        """The lines of the FROM."""
        return self.source.span

    @property
    def code(self) -> str:
        """The text of the FROM."""
        return self.source.code

    @property
    def comments(self) -> tuple[str, ...]:
        """The comments above the FROM."""
        return self.source.comments

    def __repr__(self) -> str:
        return f"Stage({self.source!r}, {self.index}, {len(self.instructions)} instructions)"


class Dockerfile:
    """What was understood of a file, and in ``errors`` what is wrong with it.

    The first error is the one that the reference reports.  If ``malformed``, it stopped before it looked
    at any instruction; else it stopped at the instruction on the lines of that error.  ``lines`` holds
    all instructions as text, those with wrong arguments too.  If ``orphaned``, one stands before any FROM.
    If ``extended``, this is what an extended file stands for on one platform, and ``target`` is what the
    target is called in it.  ``uses`` are then the ARGs that extensions use, by the FROM of their stage, None
    for those above the first; ``origins`` are the lines of files that give ARGs their values.
    """

    __slots__ = (
        "empty_continuations",
        "errors",
        "escape",
        "extended",
        "file",
        "language",
        "lines",
        "malformed",
        "meta_args",
        "origins",
        "orphaned",
        "stages",
        "target",
        "uses",
    )

    def __init__(self, file: SourceFile) -> None:
        """Begin with nothing understood."""
        self.file = file
        self.language = BUILT_IN
        self.escape = "\\"
        self.meta_args: list[Arg] = []
        self.stages: list[Stage] = []
        self.lines: list[Line] = []
        self.empty_continuations: list[Span] = []
        self.errors: list[DockerfileError] = []
        self.malformed = False
        self.orphaned = False
        self.extended = False
        self.target: str | None = None
        self.uses: Mapping[Span | None, Iterable[str]] = {}
        self.origins: Mapping[str, Span] = {}

    @property
    def has_gates(self) -> bool:
        """Whether a stage requires another one."""
        return any(stage.gates for stage in self.stages)

    def error(self) -> DockerfileError | None:
        """Return the first error, which knows those after it; None where nothing is wrong."""
        if not self.errors:
            return None
        first, *others = self.errors
        if first.code != NOT_TEXT:  # of which no line is fit to be shown
            first.further = others
        return first


def parse_dockerfile(file: SourceFile, language: Language = BUILT_IN) -> Dockerfile:
    """Parse a file; never raises for what is written in it, the errors are in ``errors``.

    The order is the reference's: errors in the text first, then those in the instructions
    (TOK-021, LEX-016 to LEX-018).
    """
    if not file.data:
        parsed = Dockerfile(file)
        parsed.malformed = True
        parsed.errors.append(DockerfileError("the Dockerfile cannot be empty", code="EmptyFile"))
        return parsed
    return parse_lines(file, read_lines(file, language))


def parse_lines(file: SourceFile, read: Lines) -> Dockerfile:
    """Make a Dockerfile of the lines of ``file``, as they were read or rewritten; never raises."""
    parsed = Dockerfile(file)
    parsed.language = read.language
    parsed.lines = read.lines
    parsed.escape = read.escape
    parsed.errors = read.errors
    parsed.empty_continuations = read.warnings
    parsed.malformed = bool(read.errors)
    for line in read.lines:
        _add(parsed, line)
    if not parsed.stages and not parsed.errors:
        parsed.errors.append(DockerfileError("dockerfile contains no stages to build", code="NoStages"))
    return parsed


def _add(parsed: Dockerfile, line: Line) -> None:
    """Add one instruction to the last stage, or its error to the errors."""
    extras = line.extras
    try:
        if extras and extras.error:
            raise extras.error
        keywords = parsed.language.instructions if len(parsed.errors) < limits.HINTED_ERRORS else ()
        node = _instruction(line, keywords)
    except DockerfileError as error:
        if error.code == UNKNOWN_FLAG and line.cls and line.cls.keyword in parsed.language.flags:
            own = parsed.language.flags[line.cls.keyword]
            error = unknown_flag(error.facts["flag"], (*line.cls.plan.flags, *own))
        if extras and extras.macro:
            error = error.wrapped(f"{extras.macro} stands for {go_quote(extras.written)}")
            error.facts = {**error.facts, EXPANDED: extras.written}
        error = error.on_line(f"dockerfile parse error on line {line.span.start}{_in_file(line, parsed)}")
        if error.code != NOT_TEXT:
            error.spans.append(line.span)
        parsed.errors.append(error)
        if line.cls is From:
            _add_stage(parsed, _stand_in(line))
        return
    if isinstance(node, From):
        _add_stage(parsed, node)
    elif parsed.stages:
        parsed.stages[-1].add(node, extras)
    elif isinstance(node, Arg):
        parsed.meta_args.append(node)
    else:
        _orphan(parsed, line)


def _in_file(line: Line, parsed: Dockerfile) -> str:
    """Return the name of the file of ``line`` where it is one that the main file names."""
    return f" of {line.span.file.name}" if line.span.file is not parsed.file else ""


def _instruction(line: Line, keywords: Iterable[str]) -> Instruction:
    """Return the typed instruction of a line; raises DockerfileError without a span.

    ``keywords`` are those that an unknown one may have been meant for.
    """
    if line.cls is None:
        raise _unknown_instruction(line.keyword, keywords)
    return line.cls.of(line)


def _unknown_instruction(keyword: str, keywords: Iterable[str]) -> DockerfileError:
    """Return the error for a keyword that nobody declared, with the nearest of ``keywords`` (ERR-009).

    What a terminal should not be shown is quoted: then this is a picture, or a program, or UTF-16.
    """
    meant = _nearest_keyword(keyword, keywords)
    if not meant and any(char < " " or char == "\x7f" for char in keyword):
        wide = keyword.startswith(("\udcff\udcfe", "\udcfe\udcff"))
        what = "this file is UTF-16, save it as UTF-8" if wide else "this is not a text file"
        return DockerfileError(f"unknown instruction: {go_quote(keyword[:20])} ({what})", code=NOT_TEXT)
    message = f"unknown instruction: {keyword}{suggestion(meant)}"
    return DockerfileError(message, code=UNKNOWN_INSTRUCTION, word=keyword, meant=meant)


def _nearest_keyword(written: str, keywords: Iterable[str]) -> str:
    """Return the one of ``keywords`` that an unknown one is nearest to, in the case it was typed (ERR-009).

    Of equally near keywords the one with the same letters is meant: two letters change places easily.
    """
    if written != to_upper(written) or written == to_lower(written):
        written, keywords = to_lower(written), [keyword.lower() for keyword in keywords]
    letters = sorted(written)
    return nearest(written, sorted(keywords, key=lambda keyword: sorted(keyword) != letters))


def _add_stage(parsed: Dockerfile, source: From) -> None:
    """Begin a stage."""
    parsed.stages.append(Stage(source, len(parsed.stages)))


def _stand_in(line: Line) -> From:
    """Return a FROM to replace one with an error, so that its instructions still have a stage."""
    return From(
        image=next(iter(line.words), SCRATCH),
        stage_name="",
        as_keyword="",
        written=line.keyword,
        code=line.code,
        span=line.span,
        comments=line.comments,
    )


def _orphan(parsed: Dockerfile, line: Line) -> None:
    """Report an instruction before any FROM, but only the first: the others follow from it (LEX-018)."""
    if not parsed.orphaned:
        parsed.orphaned = True
        parsed.errors.append(
            DockerfileError("no build stage in current context", line.span, code=NO_BUILD_STAGE)
        )


#: What a trigger is called as a file; its lines are never shown, for it is one of an image's.
TRIGGER = "ONBUILD"


def parse_instruction(text: str) -> Instruction:
    """Parse a trigger of ONBUILD: exactly one instruction, which may have heredocs (OBD-008, OBD-009).

    Its span counts within the trigger, so callers set another with `Instruction.at`; a DockerfileError
    comes without spans for the same reason.
    """
    read = read_lines(SourceFile(TRIGGER, text.encode("utf-8", "surrogateescape")))
    if read.errors:
        raise read.errors[0].at()
    if len(read.lines) != 1:
        raise DockerfileError("onbuild trigger should be a single expression", code="InvalidTrigger")
    node = _instruction(read.lines[0], read.language.instructions)
    if isinstance(node, From):
        raise DockerfileError("*instructions.Stage is not a command type", code="InvalidTrigger")
    return node
