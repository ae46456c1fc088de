"""Classes of plugins that are instructions: guarded, so that their errors name plugin and line."""

from __future__ import annotations

from pyfrontend.errors import located
from pyfrontend.llb.state import State
from pyfrontend.plugins.calls import Owner, place_of_function, run
from pyfrontend.plugins.declared import kind_of, named_function
from pyfrontend.syntax.declare import Arguments, Instruction
from pyfrontend.syntax.inputs import CONTEXT, GIT, HTTP, INLINE, NOTHING, STAGE, Input

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pyfrontend.plugins.declared import Body
    from pyfrontend.syntax.declare import Grammar

KINDS = frozenset((CONTEXT, STAGE, HTTP, GIT, INLINE, NOTHING))
#: The method that lowers an instruction.
LOWER = "lower"


def checked_grammar(grammar: Grammar, keyword: str) -> Grammar:
    """Return ``grammar``, with errors that name the plugin if it is one of its own.

    Raises TypeError for what is no function.
    """
    if not callable(grammar):
        raise TypeError(f"{keyword}: a grammar is a function, such as grammars.word_list")
    if grammar.__module__.startswith("pyfrontend."):
        return grammar
    owner = Owner(grammar.__module__, f"the grammar of {keyword}", place_of_function(grammar))

    def cut(written: str, rest: str, escape: str) -> Arguments:
        found = grammar(written, rest, escape)
        if not isinstance(found, Arguments):
            raise TypeError(f"it returned {kind_of(found)}, and not grammars.Arguments")
        return found

    return lambda written, rest, escape: run(owner, cut, written, rest, escape)


def guard(cls: type[Instruction], lower: Body | None) -> None:
    """Have errors in the methods of ``cls`` name the plugin; ``lower`` stands in for the method of that name.

    Raises TypeError for a class that does not say what it does to a stage.
    """
    owner = Owner(cls.__module__, cls.keyword, _origin(cls))
    body: Body | None = lower or getattr(cls, LOWER, None)
    if body is not None:
        setattr(cls, "lowering", staticmethod(_lowering(owner, body)))  # noqa: B010 - a method is no ClassVar
    elif not any(base.keyword for base in cls.__mro__[1:] if issubclass(base, Instruction)):
        raise TypeError(
            f"{cls.keyword} does not say what it does: give the class {cls.__name__} a method"
            ' lower(self, stage), or the decorator lower="module:function"'
        )
    _guard_reading(cls, owner)
    if "inputs" in vars(cls):
        _guard_inputs(cls, owner)


def _origin(cls: type[Instruction]) -> str:
    """Return where a class is written: that of its first method, where it has one."""
    return next((place for one in vars(cls).values() if (place := place_of_function(one))), "")


def _lowering(owner: Owner, body: Body) -> Callable[[Any, Any], None]:
    def lowering(node: Instruction, stage: Any) -> None:
        run(owner, lowered, node, stage)

    def lowered(node: Instruction, stage: Any) -> None:
        (named_function(body, owner) if isinstance(body, str) else body)(node, stage)
        if not isinstance(stage.state, State):
            raise TypeError(f"it made {kind_of(stage.state)} of the state of the stage")

    return lowering


def _guard_reading(cls: type[Instruction], owner: Owner) -> None:
    read: Any = getattr(cls.of, "__func__")  # noqa: B009 - unknown to type checkers

    def of(own: type[Instruction], line: Any) -> Any:
        return run(owner, read, own, line)

    if not getattr(read, "is_guarded", False):
        of.is_guarded = True  # type: ignore[attr-defined]
        cls.of = classmethod(of)  # type: ignore[assignment,method-assign]


def _guard_inputs(cls: type[Instruction], owner: Owner) -> None:
    named: Any = cls.inputs

    def listed(node: Instruction) -> list[Input]:
        found = list(named(node))
        for one in found:
            if not isinstance(one, Input):
                raise TypeError(f"inputs() yields Input(...), and not {kind_of(one)}")
            if one.kind not in KINDS:
                raise ValueError(f"{one.kind!r} is no kind of input: there are {', '.join(sorted(KINDS))}")
        return found

    def inputs(node: Instruction) -> list[Input]:
        with located(node.span):
            return run(owner, listed, node)

    cls.inputs = inputs  # type: ignore[method-assign,assignment]
