"""The frontend with a clock in its hand.

`python -m bench.profiled` is `python -m frontend` that tells on stderr, as a JSON list, what it did when:
[phase, thread, start, end] in milliseconds since ``BENCH_START``.  The clock goes around what a phase begins
with, from outside, so that the frontend itself needs none.
"""

from __future__ import annotations

from time import perf_counter

STARTED = perf_counter()

import builtins  # noqa: E402 - the program begins where Python's own start ends
import gc  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402
from typing import Any  # noqa: E402

#: Where phases begin, once the modules are there.
PHASES = {
    "read": ("pyfrontend.driver.session", "load_dockerfile"),
    "parse": ("pyfrontend.driver.convert", "read_lines parse_lines"),
    "lint": ("pyfrontend.driver.convert", "check_syntax"),
    "plan": ("pyfrontend.lower.target", "plan_stages resolve_bases"),
    "lower": ("pyfrontend.driver.convert", "lower_target"),
    "marshal": ("pyfrontend.driver.convert", "marshal"),
}

#: (phase, thread, start, end)
events: list[tuple[str, str, float, float]] = []
#: When the process started; what this module took until `main` is taken out.
begin = float(os.environ["BENCH_START"])


def note(phase: str, start: float, end: float) -> None:
    """Remember that ``phase`` went on from ``start`` to ``end``."""
    thread = threading.current_thread()
    name = "main" if thread is threading.main_thread() else thread.name
    events.append((phase, name, (start - begin) * 1000, (end - begin) * 1000))


def timed(call: Any, phase: str) -> Any:
    """Return ``call``, noted as ``phase``."""

    def timer(*arguments: Any, **options: Any) -> Any:
        start = perf_counter()
        try:
            return call(*arguments, **options)
        finally:
            note(phase, start, perf_counter())

    return timer


def watch_imports() -> None:
    """Note imports, the outermost of each, and put clocks into what they brought."""
    load: Any = builtins.__import__
    depth = threading.local()

    def timer(name: str, *arguments: Any) -> Any:
        if getattr(depth, "inside", False):
            return load(name, *arguments)
        depth.inside, count, start = True, len(sys.modules), perf_counter()
        try:
            return load(name, *arguments)
        finally:
            depth.inside = False
            if len(sys.modules) > count:
                note("import", start, perf_counter())
                put_clocks()

    builtins.__import__ = timer  # type: ignore[assignment] # the arguments pass through


def put_clocks() -> None:
    """Put clocks into the modules that have come."""
    for phase, (module, names) in list(PHASES.items()):
        owner: Any = sys.modules.get(module)
        # Another thread may still be importing it.
        if all(hasattr(owner, name) for name in names.split()):
            del PHASES[phase]
            for name in names.split():
                setattr(owner, name, timed(getattr(owner, name), phase))
    transport: Any = sys.modules.get("pyfrontend.gateway.transport")
    if transport is not None and not hasattr(transport, "clocked"):
        transport.clocked = True
        transport.Transport.__init__ = timed(transport.Transport.__init__, "connect")
        transport.Transport.unary = clocked_call(transport.Transport.unary)


def clocked_call(unary: Any) -> Any:
    """Return the method of the transport, each call noted under its own name."""

    def timer(self: Any, method: str, *arguments: Any, **options: Any) -> Any:
        return timed(unary, f"wait: {method.rpartition('/')[2]}")(self, method, *arguments, **options)

    return timer


def main() -> None:
    """Run the frontend, then tell."""
    global begin  # noqa: PLW0603 - set once, before anything else is noted
    gc.disable()  # as frontend/__main__.py does
    note("start of Python", begin, STARTED)
    watch_imports()
    sys.argv = ["frontend"]
    begin += perf_counter() - STARTED
    from pyfrontend.__main__ import main as serve  # noqa: PLC0415 - measured
    from pyfrontend.gateway.run import leave  # noqa: PLC0415 - measured

    code = serve()
    note("rest", perf_counter(), perf_counter())
    json.dump(events, sys.stderr)
    leave(code)


if __name__ == "__main__":
    main()
