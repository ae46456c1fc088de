"""The built-in rules by subject; their modules are loaded when a fact needs them."""

from __future__ import annotations

from importlib import import_module

from pyfrontend.lint.registry import RULES, RULES_PACKAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lint.registry import Rule

MODULES = (
    "syntax",
    "bases",
    "values",
    "commands",
    "copy",
    "options",
    "mistakes",
    "lines",
    "habits",
    "errors",
    "lock",
)
#: Modules of strict rules, and those that they load.
STRICT_MODULES = ("strict.images", "strict.runs", "strict.files", "strict.stages")


def all_rules(*, strict: bool = True) -> dict[str, Rule]:
    """Return every rule, sorted by name: the built-in ones, and those of the plugins that are loaded.

    Without ``strict`` no module of strict rules is loaded for it.
    """
    for module in (*MODULES, *(STRICT_MODULES if strict else ())):
        import_module(RULES_PACKAGE + module)
    return dict(sorted(RULES.items()))
