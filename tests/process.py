"""The frontend as BuildKit runs it: a process of its own, with a daemon behind its pipes."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from peer import Peer

from parity import daemon
from parity.registry import lookup, read_platform
from pyfrontend.gateway.errors import UNKNOWN, BridgeError
from pyfrontend.pb import gateway_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent

#: Longer than any of these builds takes on a slow machine.
PATIENCE = 60.0

PONG = gateway_pb2.PongResponse(
    FrontendAPICaps=[gateway_pb2.APICap(ID=name, Enabled=True) for name in sorted(daemon.GATEWAY)],
    LLBCaps=[gateway_pb2.APICap(ID=name, Enabled=True) for name in sorted(daemon.LLB)],
)
WORKERS = '[{"id":"w","platforms":[{"architecture":"amd64","os":"linux"}]}]'


#: Passed on to processes of tests, so that what they run counts where branches are measured; not to those
#: that are cancelled, for it takes time to write the counts down.
MEASURED = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


class Ended(NamedTuple):
    """A process that has ended: its exit code, what it wrote to stderr, and the seconds it took."""

    code: int
    stderr: str
    seconds: float


class Process:
    """``python -m frontend`` connected to ``peer``, with frontend options and more of the environment."""

    def __init__(self, peer: Peer, options: Mapping[str, str] = {}, **environ: str) -> None:
        read_fd, write_fd = peer.fds
        self._started = time.monotonic()
        self.popen = subprocess.Popen(
            [sys.executable, "-X", "dev", "-W", "error", "-m", "pyfrontend"],
            cwd=ROOT,
            stdin=read_fd,
            stdout=write_fd,
            stderr=subprocess.PIPE,
            env=environment(options) | environ,
        )
        os.close(read_fd)
        os.close(write_fd)

    def end(self, within: float = PATIENCE) -> Ended:
        """Wait for the end of the process, which must come ``within`` seconds from now."""
        try:
            _, errors = self.popen.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.communicate()
            raise
        return Ended(self.popen.returncode, errors.decode(), time.monotonic() - self._started)


def environment(options: Mapping[str, str] = {}) -> dict[str, str]:
    """Return the environment that BuildKit gives a frontend."""
    named = {
        f"BUILDKIT_FRONTEND_OPT_{number}": f"{key}={value}"
        for number, (key, value) in enumerate(options.items())
    }
    return {"BUILDKIT_SESSION_ID": "session", "BUILDKIT_WORKERS": WORKERS, **named}


class Daemon(Peer):
    """A peer that answers a whole build of ``dockerfile``: every image exists, every other file does not.

    ``answers`` replaces single calls, as in `Peer`.
    """

    def __init__(self, dockerfile: bytes, answers: Mapping[str, Any] | None = None) -> None:
        files = {"Dockerfile": dockerfile}
        usual = {
            "Ping": PONG,
            "Solve": _numbered(),
            "ReadFile": lambda request: _read(files, request),
            "ResolveSourceMeta": resolve,
        }
        super().__init__({**usual, **(answers or {})})

    def returned(self) -> gateway_pb2.ReturnRequest:
        """Return what came back, which must have come back once."""
        (request,) = self.requests("Return")
        assert isinstance(request, gateway_pb2.ReturnRequest)
        return request

    @property
    def error(self) -> gateway_pb2.Status:
        """The error that was returned; there must be one."""
        request = self.returned()
        assert request.HasField("error"), "the build succeeded"
        return request.error


def build(
    dockerfile: bytes, options: Mapping[str, str] = {}, answers: Mapping[str, Any] = {}
) -> tuple[Daemon, Ended]:
    """Let the process build ``dockerfile``; return the daemon, closed, and how the process ended."""
    with Daemon(dockerfile, answers) as peer:
        ended = Process(peer, options, **MEASURED).end()
    return peer, ended


def resolve(request: gateway_pb2.ResolveSourceMetaRequest) -> gateway_pb2.ResolveSourceMetaResponse:
    """Answer a look-up: any image exists, for any platform."""
    name = request.Source.identifier.partition("://")[2]
    found = lookup({}, name, read_platform("linux/amd64"))
    image = gateway_pb2.ResolveSourceImageResponse(Digest=found.digest, Config=found.config)
    return gateway_pb2.ResolveSourceMetaResponse(Source=request.Source, Image=image)


def _numbered() -> Any:
    numbers = itertools.count(1)
    lock = threading.Lock()

    def solve(_: object) -> gateway_pb2.SolveResponse:
        with lock:
            ref = gateway_pb2.Ref(id=f"ref{next(numbers)}")
        return gateway_pb2.SolveResponse(result=gateway_pb2.Result(ref=ref))

    return solve


def _read(files: Mapping[str, bytes], request: gateway_pb2.ReadFileRequest) -> object:
    if request.FilePath in files:
        return gateway_pb2.ReadFileResponse(Data=files[request.FilePath])
    return BridgeError(UNKNOWN, f"open {request.FilePath}: no such file or directory")
