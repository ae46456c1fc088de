"""The state of one lowering: a request in; its phases store their results here.

`Lowering` contains what all stages share: the options, the scopes, the build context.  Its `StageGraph`
contains the stages.  The phases are in `pyfrontend.lower.target`.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.strings import to_lower
from pyfrontend.limits import Meter
from pyfrontend.lint.facts import ABOVE_FROM, Declared
from pyfrontend.llb.ops import Deferred
from pyfrontend.lower.scope import (
    Globals,
    Usage,
    declarations,
    declared_elsewhere,
    global_scope,
    platform_args,
)
from pyfrontend.syntax.inputs import RESERVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyfrontend.dockerignore import Matcher
    from pyfrontend.lower.ports import NamedContext, Request
    from pyfrontend.lower.scope import Declarations
    from pyfrontend.lower.stage import StageState
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.oci.timestamp import Moment
    from pyfrontend.span import Span
    from pyfrontend.syntax.document import Stage


class Lowering:
    """One lowering under way: what was asked for, the scopes, and the stage graph."""

    __slots__ = (
        "args",
        "build_context",
        "build_platforms",
        "caps",
        "context_platform",
        "contexts",
        "declarations",
        "epoch",
        "escape",
        "globals",
        "graph",
        "ignores",
        "images",
        "linter",
        "meter",
        "options",
        "proxy",
        "request",
        "target_platform",
        "triggers",
    )

    def __init__(self, request: Request) -> None:
        """Prepare to lower; the build arguments are copied, since the epoch may rewrite them."""
        self.request = request
        self.options = request.options
        self.images = request.images
        self.contexts = request.contexts
        self.linter = request.linter
        self.caps = request.caps
        self.escape = request.dockerfile.escape
        self.target_platform, self.build_platforms = request.platforms()
        self.context_platform = request.target_platform
        self.args = dict(request.options.args)
        self.globals = Globals({}, {})
        #: The lines that declare variables in stages, once somebody has asked for them.
        self.declarations: Declarations | None = None
        self.epoch: Moment | None = None
        self.proxy: dict[str, str] = {}
        self.graph = StageGraph()
        self.build_context = Deferred()
        self.ignores: Matcher | None = None
        self.meter = Meter()
        #: How many ONBUILD triggers the stages have taken over.
        self.triggers = 0

    @property
    def target(self) -> str:
        """The stage to build as the Dockerfile calls it, empty for the last."""
        if self.request.gate:
            return self.request.gate
        renamed = self.request.dockerfile.target
        return self.options.target if renamed is None else renamed

    def out_of_sight(self, name: str, user: Span, stage: Stage | None) -> Declared | None:
        """Return a line that declares ``name`` where the lines ``user`` of ``stage`` cannot see it.

        None for a variable that no line declares.
        """
        outer = self.globals.declared.get(name)
        if outer is not None:
            return Declared("ARG", outer.span, ABOVE_FROM)
        if self.declarations is None:
            self.declarations = declarations(self.request.dockerfile.stages)
        return declared_elsewhere(self.declarations.get(name, ()), user, stage)

    def builtin_args(self) -> dict[str, str]:
        """Return the arguments that every build has, with their values in this one."""
        stage = self.target or self.request.dockerfile.stages[-1].name
        return platform_args(self.build_platforms[0], self.target_platform, self.args, stage)

    def open_scope(self, builtin: dict[str, str]) -> None:
        """Evaluate the ARGs above the first FROM; raises `DockerfileError` at one that cannot be expanded."""
        meta_args = self.request.dockerfile.meta_args
        self.globals = global_scope(builtin, meta_args, self.args, escape=self.escape, meter=self.meter)


class StageGraph:
    """All stages in file order, then the images that only a COPY or a mount names (STG-001)."""

    __slots__ = ("_by_name", "stages")

    def __init__(self) -> None:
        """Make an empty graph."""
        self.stages: list[StageState] = []
        self._by_name: dict[str, StageState] = {}

    def add(self, stage: StageState) -> None:
        """Append ``stage``; the latest stage before it with the name of its base is its base (FROM-007)."""
        self.stages.append(stage)
        base = self._by_name.get(stage.base_name)
        if base is not None:
            stage.base = base
            stage.usage = Usage(base.usage.declared, base.usage.used)
        if stage.declared is not None and stage.declared.name:
            self._by_name[stage.declared.name] = stage

    def find(self, name: str) -> StageState | None:
        """Return the stage ``name`` in any case (STG-002), or None if there is none."""
        return self._by_name.get(to_lower(name))

    def at(self, index: int) -> StageState:
        """Return the stage at ``index`` (CPY-020)."""
        if not 0 <= index < len(self.stages):
            raise DockerfileError(
                f"invalid stage index {index}",
                code="UnknownStageIndex",
                index=str(index),
                count=str(sum(not stage.implicit for stage in self.stages)),
            )
        return self.stages[index]

    def user_of(self, stage: StageState) -> Span | None:
        """Return the location for a ``stage`` without its own line: an image that a mount names."""
        place = None
        while not stage.span and (place is None or not place.lines):
            user = next((other for other in self.stages if stage in other.needs), None)
            if user is None:
                return None
            stage, place = user, user.needs[stage]
        return place

    def names(self) -> list[str]:
        """Return the shown names of all stages, for suggestions."""
        return [stage.name for stage in self.stages if stage.name]


def find_context(
    lowering: Lowering, name: str, platform: Platform | None, stage: StageState
) -> NamedContext | None:
    """Return the named context for ``name``, the target platform deciding where the stage has none."""
    if to_lower(name) in RESERVED:  # NCTX-004
        return None
    return lowering.contexts.named_context(name, platform or lowering.context_platform, stage.used_paths)


def find_cycle(
    start: StageState,
    seen: set[StageState],
    edges: Callable[[StageState], Mapping[StageState, Span | None]],
) -> list[Span] | None:
    """Return the lines that lead from ``start`` into a cycle of ``edges`` and around it, None without one.

    ``seen`` grows by the stages that were looked at.
    """
    seen.add(start)
    path: dict[StageState, Span | None] = {start: None}
    branches = [iter(edges(start).items())]
    while branches:
        source, place = next(branches[-1], (None, None))
        if source is None:
            branches.pop()
            path.popitem()
        elif source in path:
            return [line for line in (*path.values(), place) if line is not None]
        elif source not in seen:
            seen.add(source)
            path[source] = place
            branches.append(iter(edges(source).items()))
    return None
