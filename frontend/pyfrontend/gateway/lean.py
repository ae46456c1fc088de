"""Imports of grpc and protobuf without the parts that a build never runs.

Every build starts a new process, so an import is paid by every user every time.  grpcio's core imports
asyncio (half of its time) for `grpc.aio` alone, and protobuf imports its pure-Python implementation even
where the C one is used.  While `unused` is active a stand-in takes the place of such a module.  A
stand-in is not a dummy: the first attribute that is asked of it loads the real module and hands the
attribute on, so whatever does need the module still finds it, only later.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What `import grpc` loads for `grpc.aio` and for TLS roots; measured at 33 of 60 ms.
GRPC_EXTRAS = ("asyncio", "grpc.aio", "inspect", "pkgutil")
#: What the C protobuf implementation loads and never calls; measured at 8 of 28 ms.
PROTOBUF_EXTRAS = ("google.protobuf.internal.python_message", "calendar")


class StandIn(ModuleType):
    """Takes a module's place in `sys.modules` until somebody wants something of it."""

    def __getattr__(self, name: str) -> Any:
        """Return attribute ``name`` of the real module, which is loaded now."""
        return getattr(_real_module(self), name)


def import_grpc() -> ModuleType:
    """Return the module `grpc`, imported without what its blocking API never uses."""
    try:
        with unused(*GRPC_EXTRAS):
            import grpc  # noqa: PLC0415 - this is the place that imports it
    except Exception:  # noqa: BLE001 - a grpcio that stumbles over a stand-in gets all that it asks for
        import grpc  # noqa: PLC0415 - same
    return grpc


@contextmanager
def unused(*names: str) -> Iterator[None]:
    """Let the modules ``names`` be imported without loading them; those already loaded stay as they are."""
    stand_ins = [StandIn(name) for name in names if name not in sys.modules]
    for stand_in in stand_ins:
        sys.modules[stand_in.__name__] = stand_in
    try:
        yield
    finally:
        for stand_in in stand_ins:
            _withdraw(stand_in)


def _real_module(stand_in: StandIn) -> ModuleType:
    from importlib import import_module  # noqa: PLC0415 - only when a stand-in is found out

    _withdraw(stand_in)
    return import_module(stand_in.__name__)


def _withdraw(stand_in: StandIn) -> None:
    """Make room for the real module, wherever the stand-in has been put."""
    name = stand_in.__name__
    if sys.modules.get(name) is stand_in:
        del sys.modules[name]
