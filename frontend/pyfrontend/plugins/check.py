"""Plugins before any build uses them: what is loaded late is loaded, and what functions take is looked at."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.plugins.calls import place_of_function
from pyfrontend.plugins.declared import (
    Call,
    Declaration,
    LineFlag,
    Macro,
    Policy,
    RuleOf,
    Scheme,
    named_function,
)
from pyfrontend.plugins.signature import signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.plugins.declared import Record
    from pyfrontend.plugins.gather import Plugins

#: What the functions of records are called with.
ARGUMENTS: dict[type, tuple[str, ...]] = {
    LineFlag: ("rest", "value"),
    Call: ("question",),
    Policy: ("source",),
    Scheme: ("rest",),
}


def checked(plugins: Plugins) -> list[str]:
    """Return a line for each plugin with what it declares.

    Raises `DockerfileError` for a body that is not there, and for a function that cannot be called.
    """
    parts: dict[str, list[str]] = {name: [] for name in plugins.names}
    for record in plugins.records:
        parts[record.part.plugin].append(_checked(record))
    return [f"{name}: {', '.join(found)}" for name, found in parts.items()]


def _checked(record: Record) -> str:
    """Return what a record is called."""
    if isinstance(record, Macro):
        asked = record.signature(record.part.function())
        if asked.heredocs != record.heredocs:
            raise DockerfileError(
                f"{record.part.owner.text}: heredocs=True and the argument heredocs go together",
                code="PluginFailed",
            )
    elif isinstance(record, Declaration):
        if record.lower:
            named_function(record.lower, record.part.owner)
    elif isinstance(record, RuleOf):
        record.part.function()
    else:
        _check_count(record, ARGUMENTS[type(record)])
    return record.part.name


def _check_count(record: Record, names: tuple[str, ...]) -> None:
    function = record.part.function()
    try:
        asked = signature(function)
    except TypeError:  # an object that can be called: nobody knows how
        return
    if asked.least > len(names) or (asked.most is not None and asked.most < len(names)) or asked.required:
        raise DockerfileError(
            f"{record.part.owner.text}: its function is called with {' and '.join(names)}, and takes others"
            f"{place_of_function(function)}",
            code="PluginFailed",
        )
