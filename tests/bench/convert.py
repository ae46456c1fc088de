"""One conversion in a process of its own: a series and a size in, time, memory and bytes out as JSON.

`python -m bench.convert SERIES SIZE` measures from the Dockerfile to the definition and the image's config
that a build returns.  The daemon is a stand-in that answers at once.  The time is that without imports, the
memory that of the whole process.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from bench.series import OPTIONS, SERIES
from parity.cases import Case
from parity.world import World
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.serve import serve
from pyfrontend.gateway.results import Result
from pyfrontend.oci.platforms import Platform

if TYPE_CHECKING:
    from pyfrontend.gateway.requests import SolveRequest

#: Ops of a graph that loads files: the source, and the end.
LOADS = 2


class Daemon(World):
    """Keeps the graph of the build as it came, which `World` copies."""

    def solve(self, request: SolveRequest) -> Result:
        """Answer as `World` does for the files of the context."""
        definition: Any = request.definition
        if definition is None or len(getattr(definition, "def")) == LOADS:
            return super().solve(request)
        self.built = definition
        return Result()


def measure(text: str, options: dict[str, str]) -> dict[str, float]:
    """Convert ``text`` once; return milliseconds (of the clock, of the processor), peak megabytes, bytes."""
    world = Daemon(Case("bench", "bench", "", {"dockerfile": text}, {}))
    request = Request(options, "session", [Platform("linux", "amd64")], unique="unique")
    wall, cpu = perf_counter(), process_time()
    result = serve(world, request)
    # Not by ByteSize, for which protobuf writes it all out once more.
    size = sum(map(len, getattr(world.built, "def"))) + sum(map(len, result.metadata.values()))
    took = {"ms": (perf_counter() - wall) * 1000, "cpu": (process_time() - cpu) * 1000}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**took, "mb": peak, "bytes": size}


if __name__ == "__main__":
    gc.disable()  # as frontend/__main__.py does
    name, size = sys.argv[1], int(sys.argv[2])
    json.dump(measure(SERIES[name](size), OPTIONS.get(name, {})), sys.stdout)
