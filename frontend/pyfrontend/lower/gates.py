"""Gates: the stages that ``RUN --requires`` names, resolved and checked for cycles.

Loaded only for files with gates.  A gate is an edge without files: the stage it leads to is lowered and
solved separately (`pyfrontend.driver.gates`), so that the definition of the build is the same as without it.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError, located
from pyfrontend.golang.quote import go_quote
from pyfrontend.lower.lowering import find_context, find_cycle
from pyfrontend.lower.stage import StageState
from pyfrontend.spelling import nearest, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from pyfrontend.lower.lowering import Lowering
    from pyfrontend.oci.platforms import Platform

#: So many names of stages are listed in an error.
MOST_NAMES = 20


def link_gates(lowering: Lowering) -> None:
    """Find the stages that each stage requires.

    Raises `DockerfileError` for a name that is neither a stage nor a named context, and for a cycle.
    """
    for stage in lowering.graph.stages:
        if stage.declared is not None and stage.named_context is None:
            for gate in stage.declared.gates:
                with located(gate.span):
                    found = _find(lowering, gate.name, stage.platform) or _refuse(lowering, gate.written)
                stage.gates.setdefault(found, gate.span)
    _check_circles(lowering.graph.stages)


def find_gate(lowering: Lowering, name: str) -> StageState:
    """Return the stage that is lowered as a gate, which a lowering of the whole build has found before."""
    found = _find(lowering, name, None) or _refuse(lowering, name)
    if found.implicit:
        lowering.graph.add(found)
    return found


def _find(lowering: Lowering, name: str, platform: Platform | None) -> StageState | None:
    """Return the stage of this name or index, or what stands for a named context; None for neither."""
    found = lowering.graph.find(name)
    if found is None and name.isascii() and name.isdecimal():
        found = lowering.graph.at(int(name))
    if found is not None and not found.implicit:
        return found
    found = StageState(lowering, name, None, None)
    found.named_context = find_context(lowering, name, platform, found)
    return found if found.named_context else None


def _refuse(lowering: Lowering, name: str) -> NoReturn:
    names = [stage.name for stage in lowering.request.dockerfile.stages if stage.name]
    meant = nearest(name, names)
    raise DockerfileError(
        f"--requires={name}: no stage is called {go_quote(name)}{suggestion(meant)}"
        f"; there is {', '.join(names[:MOST_NAMES]) or 'no stage with a name'}",
        code="UnknownStage",
    )


def _check_circles(stages: list[StageState]) -> None:
    """Raise for stages that require one another, with the lines that lead around the cycle.

    A gate may well be built on the stage that it guards: that is how to test what is handed out.
    """
    seen: set[StageState] = set()
    for start in stages:
        lines = None if start in seen else find_cycle(start, seen, lambda stage: stage.gates)
        if lines is not None:
            chain = " -> ".join(f"{line.file.name}:{line.start}" for line in lines)
            raise DockerfileError(
                f"stages require each other: {chain}: remove one of these --requires",
                *lines,
                code="CircularRequirement",
            )
