"""What the frontend alone takes for a hostile input: `python -m bench.hostile_alone SERIES SIZE [CALL]`.

The answer is JSON: milliseconds of the processor without imports, and megabytes of the whole process.
"""

from __future__ import annotations

import base64
import gc
import json
import resource
import sys
from time import process_time
from typing import TYPE_CHECKING

from bench.hostile import SERIES
from parity.cases import Case
from parity.world import World, options
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.serve import serve
from pyfrontend.driver.subrequests import PREFIX
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import UNKNOWN, BridgeError, to_status

if TYPE_CHECKING:
    from pyfrontend.gateway.requests import SolveRequest
    from pyfrontend.gateway.results import Result


class Daemon(World):
    """A daemon whose solves fail with the file as the command that failed."""

    text = ""

    def solve(self, request: SolveRequest) -> Result:
        """Fail where files are waited for, as a build does whose RUN fails."""
        if request.evaluate:
            raise BridgeError(UNKNOWN, f'process "/bin/sh -c {self.text}" did not complete: exit code: 3')
        return super().solve(request)


def measure(name: str, size: int, call: str = "") -> dict[str, float]:
    """Build one input, or answer a call about it; return milliseconds of the processor, and megabytes."""
    hostile = SERIES[name](size)
    given = {
        "dockerfile_b64": base64.b64encode(hostile.text.encode("utf-8", "surrogateescape")).decode(),
        "build_args": dict(hostile.arguments),
        "dockerignore": hostile.ignore,
    }
    daemon = Daemon(Case("hostile", "hostile", "", given, {}))
    daemon.text = hostile.text
    asked = {"cmdline": "x", **options(given), **({"requestid": PREFIX + call} if call else {})}
    started = process_time()
    try:
        serve(daemon, Request(asked, "session", daemon.workers, "", unique="u"))
    except (DockerfileError, BridgeError) as error:
        to_status(error)
    took = (process_time() - started) * 1000
    return {"cpu": took, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    gc.disable()  # as frontend/__main__.py does
    measure("words", 1000, *sys.argv[3:])  # what is imported on first use is no cost of an input
    json.dump(measure(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]), sys.stdout)
