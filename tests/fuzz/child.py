"""The fuzzer's own process: ``python -m fuzz.child TARGET [options and folders of libFuzzer]``."""

from __future__ import annotations

import pkgutil
import random
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fuzz.targets import Target

#: How many times slower instrumented code may be; what is found is judged without instrumentation.
SLOWER = 5


def main() -> None:
    """Fuzz until the time is over or an input fails."""
    atheris: Any = import_module("atheris")  # no dependency of the tests: `hack/fuzz` installs it
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=["pyfrontend"]):
        _import_all()
        targets = import_module("fuzz.targets")
        limits = import_module("fuzz.limits")
    targets.without_threads()
    target: Target = targets.TARGETS[name]
    target.run(b"")

    def one(data: bytes) -> None:
        limits.check(target.run, data, SLOWER)

    def mutate(data: bytes, size: int) -> bytes:
        return bytes(atheris.Mutate(data, size))  # looked up late: which library has it is decided by Setup

    mutator = _line_mutator(mutate, target.words) if target.lines else None
    atheris.Setup(sys.argv, one, **({"custom_mutator": mutator} if mutator else {}))
    atheris.Fuzz()


def _import_all() -> None:
    """Import all of the package, also what is only imported inside of functions."""
    package = import_module("pyfrontend")
    for module in pkgutil.walk_packages(package.__path__, "pyfrontend."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


def _line_mutator(
    mutate: Callable[[bytes, int], bytes], words: Sequence[str]
) -> Callable[[bytes, int, int], bytes]:
    """Return a mutator that moves, repeats, drops and makes whole lines, every other time."""

    def mutator(data: bytes, size: int, seed: int) -> bytes:
        chosen = random.Random(seed)
        if chosen.random() < 0.5:
            return mutate(data, size)
        lines = data.split(b"\n")
        at, other = chosen.randrange(len(lines)), chosen.randrange(len(lines))
        kind = chosen.randrange(4)
        if kind == 0:
            lines.insert(at, lines[other])
        elif kind == 1:
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 2:
            del lines[at]
        else:
            made = "".join(chosen.choice(words) for _ in range(chosen.randrange(1, 5)))
            lines.insert(at, made.encode("utf-8", "surrogateescape"))
        return b"\n".join(lines)[:size]

    return mutator


if __name__ == "__main__":
    main()
