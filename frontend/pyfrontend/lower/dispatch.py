"""From an instruction to the function that lowers it, by its class; those of plugins bring theirs along."""

from __future__ import annotations

from pyfrontend.errors import located
from pyfrontend.syntax.declare import OLD_WAY, expand_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from pyfrontend.lower.stage import StageState, Step
    from pyfrontend.syntax.declare import Instruction

    N = TypeVar("N", bound=Instruction)
    F = TypeVar("F", bound=Callable[..., None])


class Lowerings:
    """The functions that lower instructions, by class; that of the nearest base class is taken.

    `functools.singledispatch` would do, and load four modules that a build does not need.
    """

    __slots__ = ("_functions",)

    def __init__(self) -> None:
        """Begin with none."""
        self._functions: dict[type, Callable[[Any, StageState], None]] = {}

    def register(self, cls: type[N]) -> Callable[[F], F]:
        """Return a decorator that takes a function for ``cls``, a built-in instruction."""

        def registered(function: F) -> F:
            if not function.__module__.startswith("pyfrontend."):
                raise TypeError(f"{function.__name__}: {OLD_WAY}")
            self._functions[cls] = function
            return function

        return registered

    def __call__(self, node: Instruction, stage: StageState) -> None:
        """Apply ``node``, its variables expanded, to ``stage``, whose ``sources`` are stages that it names.

        Raises `DockerfileError` without a position for what only shows here.
        """
        own = type(node).lowering
        if own is not None:
            return own(node, stage)
        for cls in type(node).__mro__:
            function = self._functions.get(cls)
            if function is not None:
                return function(node, stage)
        raise TypeError(f"no lowering for {type(node).__name__}")


lower = Lowerings()


def lower_step(step: Step, stage: StageState) -> Step:
    """Expand the variables of one step and lower it; return it as expanded. Errors get its position."""
    node = step.node
    stage.current = step
    with located(node.span, step.trigger):
        expanded = expand_fields(node, lambda word: stage.expand(word, node))
        lower(expanded, stage)
    return step._replace(node=expanded)
