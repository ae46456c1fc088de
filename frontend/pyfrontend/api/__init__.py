"""The stable interface for plugins, version 1: what they declare, and what that requires (docs/plugins.md).

A plugin is a Python module.  The decorators attach a record to what they decorate, and the loader of the
module finds the records.  Each name is loaded on first use.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend import llb as llb
    from pyfrontend.api.lowering import lower as lower
    from pyfrontend.driver.subrequests.plugged import Question as Question
    from pyfrontend.errors import DockerfileError as DockerfileError
    from pyfrontend.lint import facts as facts
    from pyfrontend.lint.registry import Finding as Finding
    from pyfrontend.lower.stage import StageState as StageState
    from pyfrontend.plugins.decorators import call as call
    from pyfrontend.plugins.decorators import context as context
    from pyfrontend.plugins.decorators import extend as extend
    from pyfrontend.plugins.decorators import instruction as instruction
    from pyfrontend.plugins.decorators import macro as macro
    from pyfrontend.plugins.decorators import policy as policy
    from pyfrontend.plugins.decorators import rule as rule
    from pyfrontend.policies.values import Allow as Allow
    from pyfrontend.policies.values import Deny as Deny
    from pyfrontend.policies.values import Rewrite as Rewrite
    from pyfrontend.policies.values import Source as Source
    from pyfrontend.syntax import grammars as grammars
    from pyfrontend.syntax import instructions as instructions
    from pyfrontend.syntax.declare import Instruction as Instruction
    from pyfrontend.syntax.document import Dockerfile as Dockerfile
    from pyfrontend.syntax.document import Stage as Stage
    from pyfrontend.syntax.fields import flag as flag
    from pyfrontend.syntax.fields import word as word
    from pyfrontend.syntax.heredocs import Heredoc as Heredoc
    from pyfrontend.syntax.inputs import Input as Input

#: The version of this interface.  A frontend with another version rejects a plugin that sets ``API = 1``.
API = 1

#: The public names, and the module that each comes out of; a module itself is behind a slash.
PUBLIC = {
    "Allow": "policies.values",
    "Deny": "policies.values",
    "Dockerfile": "syntax.document",
    "DockerfileError": "errors",
    "Finding": "lint.registry",
    "Heredoc": "syntax.heredocs",
    "Input": "syntax.inputs",
    "Instruction": "syntax.declare",
    "Question": "driver.subrequests.plugged",
    "Rewrite": "policies.values",
    "Source": "policies.values",
    "Stage": "syntax.document",
    "StageState": "lower.stage",
    "call": "plugins.decorators",
    "context": "plugins.decorators",
    "extend": "plugins.decorators",
    "facts": "lint.facts/",
    "flag": "syntax.fields",
    "grammars": "syntax.grammars/",
    "instruction": "plugins.decorators",
    "instructions": "syntax.instructions/",
    "llb": "llb/",
    "lower": "api.lowering",
    "macro": "plugins.decorators",
    "policy": "plugins.decorators",
    "rule": "plugins.decorators",
    "word": "syntax.fields",
}


def __getattr__(name: str) -> object:
    """Return a public name."""
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    place = PUBLIC[name]
    module = import_module(f"pyfrontend.{place.removesuffix('/')}")
    found: object = module if place.endswith("/") else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(("API", *PUBLIC))
