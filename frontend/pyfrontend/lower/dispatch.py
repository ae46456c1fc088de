"""The one door of every instruction: `lower` picks the function that is registered for its class."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from pyfrontend.errors import located
from pyfrontend.syntax.declare import expand_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.lower.stage import StageState, Step
    from pyfrontend.syntax.declare import Instruction


@singledispatch
def lower(node: Instruction, stage: StageState, sources: Sequence[StageState]) -> None:  # noqa: ARG001 - the signature
    """Apply ``node`` to ``stage``; ``sources`` are the stages that its flags name, in their order.

    An instruction, built in or of a plugin, registers its function with ``@lower.register(Class)``.  Raises
    `DockerfileError` without a position for what only shows here.
    """
    raise TypeError(f"no lowering for {type(node).__name__}")


def lower_step(step: Step, stage: StageState) -> None:
    """Expand the variables of one step and lower it; errors get its position."""
    node = step.node
    stage.current = step
    with located(node.span):
        lower(expand_fields(node, lambda word: stage.expand(word, node)), stage, step.sources)
