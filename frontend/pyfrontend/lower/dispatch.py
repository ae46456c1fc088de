"""From an instruction to the function that lowers it, by its class; plugins register theirs here too."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from pyfrontend.errors import located
from pyfrontend.syntax.declare import expand_fields

if TYPE_CHECKING:
    from pyfrontend.lower.stage import StageState, Step
    from pyfrontend.syntax.declare import Instruction


@singledispatch
def lower(node: Instruction, stage: StageState) -> None:  # noqa: ARG001 - the signature
    """Apply ``node``, its variables expanded, to ``stage``, whose ``sources`` are the stages that it names.

    An instruction, built in or of a plugin, registers its function with ``@lower.register(Class)``.  Raises
    `DockerfileError` without a position for what only shows here.
    """
    raise TypeError(f"no lowering for {type(node).__name__}")


def lower_step(step: Step, stage: StageState) -> Step:
    """Expand the variables of one step and lower it; return it as expanded. Errors get its position."""
    node = step.node
    stage.current = step
    with located(node.span, step.trigger):
        expanded = expand_fields(node, lambda word: stage.expand(word, node))
        lower(expanded, stage)
    return step._replace(node=expanded)
