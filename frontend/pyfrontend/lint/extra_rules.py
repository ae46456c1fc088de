"""Rules that the reference does not have: for what looks wrong but is no error, and for help beside an error.

No build fails for them.  Most builds have nothing that they are about, so they stay apart from the others.
"""

from __future__ import annotations

from pyfrontend.lint.rules import Rule

FURTHER_ERROR = Rule("SyntaxError", "Another syntax error in the same file", str, page="")
HINT = Rule("Hint", "How to fix the error that stopped the build", str, page="")
UNKNOWN_ARGUMENT = Rule(
    "UnknownBuildArg",
    "A build argument should be declared by an ARG",
    lambda name, hint: f"build argument {name} is not declared by any ARG{hint}",
    page="",
)
UNKNOWN_PLATFORM = Rule(
    "UnknownPlatform",
    "A platform should name a known operating system and architecture",
    lambda name, hint: f"unknown platform {name}{hint}",
    page="",
)

#: All of them by name.
EXTRA_RULES = {rule.name: rule for rule in (FURTHER_ERROR, HINT, UNKNOWN_ARGUMENT, UNKNOWN_PLATFORM)}
