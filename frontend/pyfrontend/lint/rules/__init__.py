"""The built-in rules by what they are about; their modules are loaded when a fact needs them."""

from __future__ import annotations

from importlib import import_module

from pyfrontend.lint.registry import RULES, RULES_PACKAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lint.registry import Rule

MODULES = ("syntax", "bases", "values", "commands", "copy", "options", "mistakes", "errors", "lock")


def all_rules() -> dict[str, Rule]:
    """Return every rule, sorted by name: the built-in ones, and those of the plugins that are loaded."""
    for module in MODULES:
        import_module(RULES_PACKAGE + module)
    return dict(sorted(RULES.items()))
