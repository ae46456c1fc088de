"""The stage graph as plain values: stages with their steps, external inputs, and every edge between them.

It is derived only from the text and the options: no image is looked up and nothing is solved, so a drawing
needs no network, and errors inside steps do not prevent it.  It lacks what only a registry knows, such as
ONBUILD triggers of base images.
"""

from __future__ import annotations

from pyfrontend.driver.convert import lowering_request, parse
from pyfrontend.errors import DockerfileError
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import CheckConfig
from pyfrontend.lower.lowering import Lowering, find_context
from pyfrontend.lower.onbuild import pull_triggers
from pyfrontend.lower.plan import plan_stages, reachable
from pyfrontend.oci.platforms import format_all
from pyfrontend.oci.reference import parse_normalized, tag_name_only
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.declare import expand_fields
from pyfrontend.syntax.expand import expand
from pyfrontend.syntax.inputs import CONTEXT, REMOTE, SCRATCH
from pyfrontend.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.driver.session import Session
    from pyfrontend.driver.subrequests.graph.policed import Policed
    from pyfrontend.lower.ports import NamedContext
    from pyfrontend.lower.stage import StageState, Step
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.syntax.declare import Instruction

# The kinds of edges, besides the keyword of an instruction that takes files from outside the Dockerfile.
FROM, MOUNT = "FROM", "RUN --mount"
#: An edge that no files go along: the one stage is handed out only if the other succeeds.
REQUIRES = "requires"
#: Follows the keyword of an instruction that takes files from a stage or image.
OF_STAGE = " --from"
# What may lie outside.
IMAGE, NAMED = "image", "named-context"  # and the kinds of inputs other than stages

#: So many characters of a script are drawn.
MOST_SCRIPT = 160


class Source(NamedTuple):
    """Something outside of the Dockerfile; ``detail`` is where a context comes from.

    Of what policies rewrite it is the name that stands in the Dockerfile.
    """

    id: str
    kind: str
    name: str
    platform: str = ""
    detail: str = ""


class Edge(NamedTuple):
    """Files that go from a stage or source to a stage; ``step`` is an index into its steps, -1 for FROM."""

    source: str
    target: str
    kind: str
    step: int
    line: int
    paths: tuple[str, ...] = ()


class DrawnMount(NamedTuple):
    """A mount of a RUN that brings no files of the build: ``kind`` is ``cache``, ``secret`` or ``ssh``."""

    kind: str
    id: str
    target: str


class DrawnStep(NamedTuple):
    """One instruction; ``number`` is that in the progress, 0 for one that makes no step there.

    ``code`` is in one line, ``script`` the lines of a heredoc that is run.  ``file`` is set where it is not
    that of the stage.  A ``skipped`` one stands under a condition that is not met, and is as the user wrote
    it.
    """

    keyword: str
    code: str
    line: int
    number: int
    triggered: bool
    script: tuple[str, ...] | None = None
    mounts: tuple[DrawnMount, ...] = ()
    file: str = ""
    skipped: bool = False
    #: Where tests write their reports, as written.
    reports: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """``code`` followed by a script in brackets: on one line, cut, without its comments."""
        if self.script is None:
            return self.code
        lines = (" ".join(line.split()) for line in self.script)
        script = " ↵ ".join(line for line in lines if line and not line.startswith("#"))
        return f"{self.code} ({script if len(script) <= MOST_SCRIPT else script[: MOST_SCRIPT - 1] + '…'})"


class DrawnStage:
    """One stage; ``steps`` is empty for one that a named context stands for."""

    __slots__ = (
        "doc",
        "file",
        "id",
        "index",
        "line",
        "name",
        "origin",
        "platform",
        "reached",
        "steps",
        "total",
    )

    def __init__(self, state: StageState, index: int) -> None:
        """Draw the stage number ``index``, before its steps."""
        declared = state.declared
        self.id = f"stage:{index}"
        self.index = index
        self.name = (declared.name if declared else "") or f"stage-{index}"
        self.doc = declared.doc if declared else ""
        self.line = state.span.start if state.span else 0
        #: Name of the file that the stage is in, empty for the Dockerfile itself.
        self.file = ""
        self.platform = ""
        #: What FROM names: id of a stage or source, or ``scratch``.
        self.origin = SCRATCH
        self.reached = False
        self.steps: list[DrawnStep] = []
        self.total = state.step_total


class Drawing:
    """The graph of one target; ``sources`` and ``edges`` in the order of their first use."""

    __slots__ = ("edges", "filename", "platform", "platforms", "sources", "stages", "target")

    def __init__(self, filename: str, platform: Platform, platforms: list[str]) -> None:
        """Begin with nothing drawn."""
        self.filename = filename
        self.platform = format_all(platform)
        #: All platforms that were asked for, of which the first is drawn.
        self.platforms = platforms
        self.stages: list[DrawnStage] = []
        self.sources: dict[str, Source] = {}
        self.edges: list[Edge] = []
        self.target = ""

    def reached_ids(self) -> set[str]:
        """Return the ids of stages and sources that the target needs, its own among them."""
        edges: dict[str, list[str]] = {}
        for edge in self.edges:
            edges.setdefault(edge.target, []).append(edge.source)
        found, waiting = {self.target}, [self.target]
        while waiting:
            new = {source for source in edges.get(waiting.pop(), ()) if source not in found}
            found |= new
            waiting += new
        return found


def draw(session: Session) -> Drawing:
    """Return the stage graph of a request, for its first platform.

    Raises `DockerfileError` for a text that cannot be parsed, an unknown target, and cycles.
    """
    lowering = _opened(session)
    target = plan_stages(lowering)
    pull_triggers(list(lowering.graph.stages))
    platforms = [format_all(platform) for platform in session.options.platforms]
    drawing = Drawing(session.loaded.file.name, lowering.target_platform, platforms)
    _Draughtsman(drawing, session, lowering, target).add_all()
    drawing.target = f"stage:{lowering.graph.stages.index(target)}"
    reached = drawing.reached_ids()
    for stage in drawing.stages:
        stage.reached = stage.id in reached
    return drawing


def _opened(session: Session) -> Lowering:
    """Return a lowering that knows its global arguments, and will look nothing up."""
    platforms = session.options.platforms
    platform = platforms[0] if platforms else None
    linter = Linter(CheckConfig())
    dockerfile = parse(session, linter, platform)
    lowering = Lowering(lowering_request(session, dockerfile, linter, platform))
    lowering.open_scope(lowering.builtin_args())
    return lowering


class _Draughtsman:
    """Turns the states of stages into a drawing."""

    def __init__(self, drawing: Drawing, session: Session, lowering: Lowering, target: StageState) -> None:
        self.drawing = drawing
        self.session = session
        self.lowering = lowering
        self.ids: dict[StageState, str] = {}
        self.policed: Policed | None = None
        if session.guard is not None:
            from pyfrontend.driver.subrequests.graph.policed import Policed

            self.policed = Policed(session.guard, reachable(target))

    def add_all(self) -> None:
        """Draw all stages in file order."""
        declared = [state for state in self.lowering.graph.stages if not state.implicit]
        for index, state in enumerate(declared):
            stage = DrawnStage(state, index)
            if state.span and state.span.file is not self.session.loaded.file:
                stage.file = state.span.file.name
            self.ids[state] = stage.id
            self.drawing.stages.append(stage)
        for state, stage in zip(declared, self.drawing.stages, strict=True):
            stage.origin = self._origin(state)
            stage.platform = self._platform(state)
            if stage.origin != SCRATCH:
                self.drawing.edges.append(Edge(stage.origin, stage.id, FROM, -1, stage.line))
            if state.named_context is None:
                self._add_steps(state, stage)
                for gate, span in state.gates.items():
                    self.drawing.edges.append(
                        Edge(self._stage_or_source(gate), stage.id, REQUIRES, -1, span.start)
                    )

    def _platform(self, state: StageState) -> str:
        """Return the platform of a stage, which is that of the stage that it builds upon (STG-011)."""
        if state.base is not None:
            return self.drawing.stages[int(self.ids[state.base].partition(":")[2])].platform
        return format_all(state.platform or self.lowering.target_platform)

    def _origin(self, state: StageState) -> str:
        if state.base is not None:
            return self.ids[state.base]
        if state.named_context is not None:
            return self._context(state.named_context, state)
        if state.base_name == SCRATCH:
            return SCRATCH
        return self._image(state)

    def _image(self, state: StageState) -> str:
        """Return the source that an image name stands for: the image, or a named context (NCTX-017)."""
        platform = state.platform or self.lowering.target_platform
        try:
            reference = tag_name_only(parse_normalized(state.base_name))
        except ValueError as error:
            message = f"failed to parse stage name {state.base_name}: {error}"
            raise DockerfileError(message, code="InvalidImageName", name=state.base_name) from None
        context = find_context(self.lowering, str(reference), platform, state)
        if context is not None:
            return self._context(context, state)
        name, shown = reference.familiar(), format_all(platform)
        detail = ""
        if self.policed is not None:
            name, detail = self.policed.image(name, reference, platform, state)
        return self._source(Source(f"image:{name}@{shown}", IMAGE, name, shown, detail))

    def _context(self, context: NamedContext, state: StageState) -> str:
        key, detail = context.key, context.specification
        if self.policed is not None:
            platform = state.platform or self.lowering.target_platform
            detail = self.policed.context(context, platform, state)
        return self._source(Source(f"context:{key}", NAMED, key, detail=detail))

    def _main_context(self) -> str:
        address = self.session.options.contexts.address
        return self._source(Source(CONTEXT, CONTEXT, CONTEXT, detail=address or "local directory"))

    def _source(self, source: Source) -> str:
        self.drawing.sources.setdefault(source.id, source)
        return source.id

    def _add_steps(self, state: StageState, stage: DrawnStage) -> None:
        number = int(state.base is None and state.base_name != SCRATCH)
        triggered = sum(step.triggered for step in state.steps)
        skipped = list(state.declared.skipped) if state.declared else []
        for position, step in enumerate(state.steps):
            while skipped and skipped[0][0] + triggered <= position:
                stage.steps.append(_skipped(skipped.pop(0)[1], stage))
            counts = step.node.is_step
            number += counts
            for source, kind, paths in self._inputs(step, state):
                line = step.node.span.start
                self.drawing.edges.append(Edge(source, stage.id, kind, len(stage.steps), line, paths))
            stage.steps.append(_drawn(step, number if counts else 0, stage))
        stage.steps += [_skipped(node, stage) for _, node in skipped]

    def _inputs(self, step: Step, state: StageState) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield where the files of a step come from: source, kind of the edge, paths."""
        for one in expand_fields(step.node, self._without_quotes).inputs():
            source = step.sources.get(one.key)
            if source is not None and (source.base_name != SCRATCH or not source.implicit):
                kind = MOUNT if one.mount else f"{step.node.keyword}{OF_STAGE}"
                yield self._stage_or_source(source), kind, one.paths
            elif one.kind in REMOTE:
                name, detail = one.name, ""
                if self.policed is not None:
                    name, detail = self.policed.remote(one.kind, one.name, step.node, state)
                remote = Source(f"{one.kind}:{name}", one.kind, name, detail=detail)
                yield self._source(remote), step.node.keyword, (one.name,)
            elif one.kind == CONTEXT:
                yield self._main_context(), MOUNT if one.mount else step.node.keyword, one.paths

    def _stage_or_source(self, state: StageState) -> str:
        return self.ids.get(state) or self._origin(state)

    def _without_quotes(self, text: str) -> str:
        """Return ``text`` without its quotes, variables as they are; as written where it is wrong."""
        try:
            return expand(text, {}, escape=self.lowering.escape, skip_unset=True).text
        except DockerfileError:
            return text


def _skipped(node: Instruction, stage: DrawnStage) -> DrawnStep:
    code = " ".join((node.extras.written if node.extras else node.code).split())
    return DrawnStep(
        node.keyword, code, node.span.start, 0, triggered=False, file=_file(node, stage), skipped=True
    )


def _file(node: Instruction, stage: DrawnStage) -> str:
    """Return the name of the file of an instruction, where it is not that of its stage."""
    name = node.span.file.name
    return name if node.span.file.named_by and name != stage.file else ""


def _drawn(step: Step, number: int, stage: DrawnStage) -> DrawnStep:
    node = step.node
    code = " ".join(node.code.split())
    drawn = DrawnStep(node.keyword, code, node.span.start, number, step.triggered, file=_file(node, stage))
    if not isinstance(node, Run):
        return drawn
    script = tuple(node.heredocs[0].content.splitlines()) if node.heredocs else None
    reports = node.extras.reports if node.extras else ()
    return drawn._replace(script=script, mounts=tuple(_other_mounts(node)), reports=reports)


def _other_mounts(node: Run) -> Iterator[DrawnMount]:
    """Yield the caches, secrets and ssh agents of ``node``, with the ids that BuildKit gives them."""
    for mount in node.mounts:
        kind, id_, target = mount.written("type").lower(), mount.written("id"), mount.written("target")
        place = target or mount.written("env")
        if kind == "cache":
            yield DrawnMount(kind, id_ or target, place)
        elif kind == "secret":
            yield DrawnMount(kind, id_ or mount.written("source") or target.rpartition("/")[2], place)
        elif kind == "ssh":
            yield DrawnMount(kind, id_ or "default", place)
