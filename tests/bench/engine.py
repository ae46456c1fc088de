"""A stand-in for an engine: it answers a plain build in the time that an engine takes, and notes when."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from process import Daemon

from bench.cached import DOCKERFILE
from bench.processes import reap
from pyfrontend.pb import gateway_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.samples import Sample

#: Milliseconds that an engine on the same machine takes for a call (the last Solve has its own).
DELAYS = {"Ping": 0.5, "Inputs": 0.5, "Solve": 2, "ReadFile": 2, "ResolveSourceMeta": 24, "Return": 1}
IGNORE_FILE, LAST_SOLVE = 10, 50
#: Answers that say nothing.
EMPTY = {"Inputs": gateway_pb2.InputsResponse(), "Return": gateway_pb2.ReturnResponse()}
#: What a figure of a sample is called that says when a call came.
CALL = "call "


class Engine(Daemon):
    """A daemon for one build of `DOCKERFILE`.

    ``came`` has when each call came, by `perf_counter`, ``megabytes`` what process ``pid`` took at the end.
    """

    def __init__(self) -> None:
        super().__init__(DOCKERFILE.encode(), EMPTY)
        self.came: list[tuple[str, float]] = []
        self.pid = 0
        self.megabytes = 0.0
        for name, delay in DELAYS.items():
            self.answers[name] = self._late(name, self.answers[name], delay)

    def _late(self, name: str, answer: Any, delay: float) -> Callable[[Any], Any]:
        def answer_late(request: Any) -> Any:
            self.came.append((name, time.perf_counter()))
            if name == "Return" and self.pid:
                self.megabytes = _peak(self.pid)
            time.sleep(_delay(request, delay) / 1000)
            return answer(request) if callable(answer) else answer

        return answer_late


def _peak(pid: int) -> float:
    """Return the megabytes that a process and its children have had in memory, what they share once.

    `wait4` would count what was there before its exec, too.
    """
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    own = re.findall(r"^(?:Private_Clean|Private_Dirty): +(\d+)", _proc(pid, "smaps_rollup"), re.MULTILINE)
    peak = int(_proc(children[0] if children else pid, "status").partition("VmHWM:")[2].split()[0])
    return (peak + (sum(map(int, own)) if children else 0)) / 1024


def _proc(pid: int | str, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text("ascii")


def _delay(request: Any, usual: float) -> float:
    if getattr(request, "FilePath", "") == ".dockerignore":
        return IGNORE_FILE
    large = len(getattr(getattr(request, "Definition", None), "def", ())) > 2
    return LAST_SOLVE if large else usual


def plain_build(command: Sequence[str], environ: Mapping[str, str]) -> Sample:
    """Run the frontend ``command`` for one build; return what it took, and when each call came."""
    with Engine() as engine:
        read_fd, write_fd = engine.fds
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environ, stdin=read_fd, stdout=write_fd)
        engine.pid = process.pid
        os.close(read_fd)
        os.close(write_fd)
        used = reap(process)
        took = (time.perf_counter() - start) * 1000
        calls = _numbered([(name, (came - start) * 1000) for name, came in engine.came])
        failed = not engine.returned().HasField("result")
    if failed or process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command))
    return {"ms": took, **used, "mb": engine.megabytes, **calls}


def _numbered(came: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Return when each call came by its name, the second and later ones with a number."""
    found: dict[str, float] = {}
    for name, at in came:
        again = sum(known.partition(",")[0] == CALL + name for known in found)
        found[f"{CALL}{name}, {again + 1}" if again else CALL + name] = at
    return found
