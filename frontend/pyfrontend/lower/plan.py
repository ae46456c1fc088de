"""The stage graph: declared stages, where their files come from, cycles, what the target needs."""

from __future__ import annotations

from collections import ChainMap

from pyfrontend.errors import DockerfileError, located
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strconv import atoi
from pyfrontend.lint import facts
from pyfrontend.lower.lowering import find_context, find_cycle
from pyfrontend.lower.scope import Usage
from pyfrontend.lower.stage import StageState, Step
from pyfrontend.oci.platforms import parse as parse_platform
from pyfrontend.spelling import did_you_mean, nearest, suggestion
from pyfrontend.syntax.expand import ExpandError, expand
from pyfrontend.syntax.inputs import SCRATCH, STAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

    from pyfrontend.lower.lowering import Lowering, StageGraph
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Instruction
    from pyfrontend.syntax.document import Stage
    from pyfrontend.syntax.expand import Expanded
    from pyfrontend.syntax.inputs import Input


def plan_stages(lowering: Lowering) -> StageState:
    """Fill the graph and return the stage to build; nothing is looked up.

    Raises `DockerfileError` for a name that cannot be expanded, an unknown target, and cycles.
    """
    for stage in lowering.request.dockerfile.stages:
        _declare(lowering, stage)
    if not (lowering.request.dockerfile.has_gates or lowering.request.gate):
        target = _find_target(lowering)
        _link_stages(lowering)
        return target
    from pyfrontend.lower.gates import find_gate, link_gates

    gate = lowering.request.gate
    target = find_gate(lowering, gate) if gate else _find_target(lowering)
    _link_stages(lowering)
    link_gates(lowering)
    return target


def _find_target(lowering: Lowering) -> StageState:
    """Return the stage to build (STG-004, STG-005)."""
    graph, name = lowering.graph, lowering.target
    if not name:
        return graph.stages[-1]
    found = graph.find(name)
    if found is None:
        meant = nearest(name, graph.names())
        failure = DockerfileError(
            f"target stage {go_quote(name)} could not be found{suggestion(meant)}",
            code="UnknownTarget",
            name=name,
            meant=meant,
            stages="\n".join(stage.name for stage in lowering.request.dockerfile.stages),
        )
        shown = graph.find(meant) if meant else _unnamed(graph, name)
        failure.fallback = shown.span if shown else None
        raise failure
    return found


def _unnamed(graph: StageGraph, name: str) -> StageState | None:
    """Return the stage that is shown as ``name``, as ``stage-1`` is, or that has it as its number."""
    for stage in graph.stages:
        if name == stage.name or (stage.declared is not None and name == str(stage.declared.index)):
            return stage
    return None


def _link_stages(lowering: Lowering) -> None:
    """Turn each instruction into a step that knows its sources: here ``COPY --from`` becomes an edge.

    Images that only a flag names join the graph as implicit stages.  Raises for cycles (STG-007).
    """
    graph = lowering.graph
    position = 0
    while position < len(graph.stages):  # grows while it is walked
        stage = graph.stages[position]
        position += 1
        if stage.declared is not None:
            stage.steps = [link_step(lowering, stage, node) for node in stage.declared.instructions]
    _check_cycles(graph.stages)
    if len(graph.stages) == 1:
        graph.stages[0].name = ""


def link_step(lowering: Lowering, stage: StageState, node: Instruction, trigger: Span | None = None) -> Step:
    """Return ``node`` as a step of ``stage``, its sources found or added to the graph."""
    try:
        found = [(one.key, _source_of(one, node, lowering)) for one in node.inputs()]
    except DockerfileError as error:
        error.fallback = node.span
        raise
    sources = {key: source for key, source in found if source is not None}
    for source in sources.values():
        stage.needs[source] = node.span
        if source.implicit:
            source.user = (stage, node)
            lowering.graph.add(source)
    return Step(node, sources, trigger)


def reachable(target: StageState) -> set[StageState]:
    """Return all stages that ``target`` needs, itself included (STG-003, STG-006)."""
    found = {target}
    waiting = [target]
    while waiting:
        stage = waiting.pop()
        for other in (stage.base, *stage.needs):
            if other is not None and other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _declare(lowering: Lowering, declared: Stage) -> None:
    with located(declared.span):
        base = _expand_from(lowering, declared, declared.source.image)
        if not base.text:
            raise DockerfileError(
                f"base name ({declared.source.image}) should not be blank", code="BlankBaseName"
            )
    stage = StageState(lowering, base.text, declared, declared.span)
    stage.usage = Usage(lowering.globals.declared)
    used = dict.fromkeys(base.used)
    if declared.source.platform:
        stage.platform, names = _stage_platform(lowering, declared)
        used.update(dict.fromkeys(names))
    if declared.name:
        stage.named_context = find_context(lowering, declared.name, stage.platform, stage)
    lowering.graph.add(stage)
    if stage.named_context is not None:
        stage.base = None
        return
    stage.name = declared.name or f"stage-{declared.index}"
    stage.usage.used.update(used)
    uses = lowering.request.dockerfile.uses
    if uses:
        stage.usage.used.update(dict.fromkeys((*uses.get(None, ()), *uses.get(declared.span, ()))))
    stage.step_total = (stage.base is None and base.text != SCRATCH) + count_steps(declared.instructions)
    stage.ignore_cache = lowering.options.is_no_cache(declared.name)


def count_steps(nodes: Iterable[Instruction]) -> int:
    """Return how many of ``nodes`` the progress counts (STG-019)."""
    return sum(node.is_step for node in nodes)


def _expand_from(lowering: Lowering, declared: Stage, word: str) -> Expanded:
    scope = lowering.globals
    try:
        expanded = expand(word, scope.values, escape=lowering.escape, meter=lowering.meter)
    except ExpandError as error:
        _report_unset(lowering, declared, error.unset)
        raise
    _report_unset(lowering, declared, expanded.unset)
    return expanded


def _report_unset(lowering: Lowering, declared: Stage, unset: Collection[str]) -> None:
    if unset:
        scope = lowering.globals
        # A view: thousands of FROM lines must not put together thousands of names each.
        names: ChainMap[str, Any] = ChainMap(scope.declared, scope.values)
        known = names.keys()
        linter = lowering.linter
        linter.report(facts.from_variables_unset, declared.source, unset, known, linter.speller.did_you_mean)


def _stage_platform(lowering: Lowering, declared: Stage) -> tuple[Platform, Iterable[str]]:
    """Return the platform of ``FROM --platform`` and the names in it (FROM-013 to FROM-015)."""
    word, source = declared.source.platform, declared.source
    with located(declared.span):
        try:
            expanded = _expand_from(lowering, declared, word)
        except DockerfileError as error:
            raise error.wrapped("failed to process arguments for platform ") from None
        target = lowering.globals.values.get("TARGETPLATFORM", "")
        lowering.linter.report(facts.platform_expanded, source, declared.name, expanded, target)
        if not expanded.text:
            hint = _suggest(expanded.unset, lowering.globals.values)
            raise DockerfileError(
                f"empty platform value from expression {word}{hint}", code="InvalidPlatform"
            )
        try:
            return parse_platform(expanded.text), expanded.used
        except ValueError as error:
            hint = _suggest(expanded.unset, lowering.globals.values)
            raise DockerfileError(
                f"failed to parse platform {word}: {error}{hint}",
                declared.span,
                code="InvalidPlatform",
                value=expanded.text,
            ) from None


def _suggest(names: Iterable[str], options: Iterable[str]) -> str:
    return next((hint for name in names if (hint := did_you_mean(name, options))), "")


def _source_of(one: Input, node: Instruction, lowering: Lowering) -> StageState | None:
    """Return the stage that an input of ``node`` comes from, None for the context and remote sources.

    An image that is not a stage becomes an implicit one; so does the empty one of a mount without ``from``
    (MNT-040).
    """
    if one.mount is not None:
        name = one.name or SCRATCH
        return lowering.graph.find(name) or StageState(lowering, name, None, None)
    return _named_stage(one.name, node, lowering) if one.kind == STAGE else None


def _named_stage(name: str, node: Instruction, lowering: Lowering) -> StageState:
    """Return the stage of ``--from``: by index, by name, else an image (CPY-019 to CPY-022)."""
    if expand(name, {}, escape=lowering.escape).text != name:
        raise DockerfileError(
            "variable expansion is not supported for --from, define a new stage with FROM using ARG from"
            " global scope as a workaround",
            code="VariableInFrom",
        )
    try:
        index = atoi(name)
    except ValueError:
        place = node.span if node.span.lines else None
        return lowering.graph.find(name) or StageState(lowering, name, None, place)
    return lowering.graph.at(index)


def _check_cycles(stages: Iterable[StageState]) -> None:
    """Raise for the first cycle of ``COPY --from`` and mounts, with the lines that lead around it."""
    seen: set[StageState] = set()
    for start in stages:
        if start not in seen:
            places = find_cycle(start, seen, lambda stage: stage.needs)
            if places is not None:
                raise DockerfileError(
                    f"circular dependency detected on stage: {start.name}",
                    *places,
                    code="CircularDependency",
                    lines=str(len(places)),
                )
