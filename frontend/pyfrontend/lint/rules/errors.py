"""What is shown beside the error of a build: no facts lead here, the driver reports it when a build fails."""

from __future__ import annotations

from pyfrontend.lint.registry import Rule, register

FURTHER_ERROR = register(Rule("SyntaxError", "Another syntax error in the same file", advisory=True, page=""))
MORE = register(Rule("MoreWarnings", "There are more warnings than are shown", advisory=True, page=""))
