"""Further errors of a failed build, shown as warnings: reported by the driver, not through facts."""

from __future__ import annotations

from pyfrontend.lint.registry import Rule, register

FURTHER_ERROR = register(Rule("SyntaxError", "Another syntax error in the same file", advisory=True, page=""))
MORE = register(Rule("MoreWarnings", "There are more warnings than are shown", advisory=True, page=""))
