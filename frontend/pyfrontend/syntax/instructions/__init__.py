"""The instructions of the Dockerfile language, one class each: its grammar, fields, checks and inputs.

A class is a complete declaration; what an instruction does to a stage is in `pyfrontend.lower.instructions`.
"""

from pyfrontend.syntax.instructions.settings import (
    Arg,
    ArgPair,
    Cmd,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    KeyValue,
    Label,
    Maintainer,
    Onbuild,
    Shell,
    Stopsignal,
    User,
    Volume,
)
from pyfrontend.syntax.instructions.steps import Add, Copy, HeredocSource, Run, Workdir

__all__ = [
    "Add",
    "Arg",
    "ArgPair",
    "Cmd",
    "Copy",
    "Entrypoint",
    "Env",
    "Expose",
    "From",
    "Healthcheck",
    "HeredocSource",
    "KeyValue",
    "Label",
    "Maintainer",
    "Onbuild",
    "Run",
    "Shell",
    "Stopsignal",
    "User",
    "Volume",
    "Workdir",
]
