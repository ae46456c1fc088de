"""Containers of the gateway: a filesystem that the daemon holds, to read files and run processes in.

Loaded only on demand.  The container has only that filesystem: no mounts, secrets, agents or caches of a
build, and no network.
"""

from __future__ import annotations

import os

from pyfrontend.gateway.errors import UNKNOWN, BridgeError, from_status
from pyfrontend.gateway.results import dir_entry
from pyfrontend.pb import gateway_pb2, ops_pb2
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, Self

    from pyfrontend.gateway.results import DirEntry
    from pyfrontend.gateway.streams import Stream

#: Seconds that a process may take.
TIMEOUT = 120.0
ROOT = "/"
STDOUT, STDERR = 1, 2


class Gateway(NamedTuple):
    """What a container needs of the gateway: plain calls, and streams by name and seconds."""

    call: Callable[..., Any]
    stream: Callable[[str, float], Stream]


class Output(NamedTuple):
    """Bytes that a process wrote to its standard output (``fd`` 1) or error (2)."""

    fd: int
    data: bytes


class Container:
    """A container for the time of a ``with`` block; at its end the daemon gives it up in any case."""

    def __init__(self, gateway: Gateway, root: str, platform: ops_pb2.Platform | None) -> None:
        """Be made on the result ``root``: the id of a reference, or of a mount in the details of an error."""
        self._gateway = gateway
        self._root = root
        self._platform = platform
        self.id = os.urandom(12).hex()

    def __enter__(self) -> Self:
        """Make it; raises `BridgeError` where the daemon refuses."""
        request = gateway_pb2.NewContainerRequest(
            ContainerID=self.id,
            Mounts=[ops_pb2.Mount(dest=ROOT, resultID=self._root)],
            Network=ops_pb2.NONE,
            platform=self._platform,
        )
        self._gateway.call("NewContainer", request, gateway_pb2.NewContainerResponse)
        return self

    def __exit__(self, *_: object) -> None:
        """Give it up; what the daemon says of processes that this ends is of no interest."""
        request = gateway_pb2.ReleaseContainerRequest(ContainerID=self.id)
        try:
            self._gateway.call("ReleaseContainer", request, gateway_pb2.ReleaseContainerResponse)
        except BridgeError:
            return

    def read_dir(self, path: str) -> list[DirEntry]:
        """Return what is in a directory; for daemons with `caps.EXEC_FILES`."""
        request = gateway_pb2.ReadDirRequest(Ref=self.id, DirPath=path)
        found = self._gateway.call("ReadDirContainer", request, gateway_pb2.ReadDirResponse)
        return list(map(dir_entry, found.entries))

    def stat(self, path: str) -> DirEntry:
        """Return what is known of a file; for daemons with `caps.EXEC_FILES`."""
        request = gateway_pb2.StatFileRequest(Ref=self.id, Path=path)
        return dir_entry(self._gateway.call("StatFileContainer", request, gateway_pb2.StatFileResponse).stat)

    def read_file(self, path: str) -> bytes:
        """Return a file, all of it: the daemon cuts nothing; for daemons with `caps.EXEC_FILES`."""
        request = gateway_pb2.ReadFileRequest(Ref=self.id, FilePath=path)
        data: bytes = self._gateway.call("ReadFileContainer", request, gateway_pb2.ReadFileResponse).Data
        return data

    def run(self, args: Sequence[str], *, timeout: float = TIMEOUT) -> Process:
        """Return a process in the container, which begins when its output is asked for.

        The container ends with its first process: use another one for another process.
        """
        return Process(self._gateway, self.id, args, timeout)


class Process:
    """A process.

    Once all output is read, ``code`` is its exit code, and ``reason`` what the daemon says of it.
    """

    def __init__(self, gateway: Gateway, container: str, args: Sequence[str], timeout: float) -> None:
        """Be ready to start."""
        self._gateway = gateway
        self._init = gateway_pb2.InitMessage(
            ContainerID=container, Meta=ops_pb2.Meta(args=args, cwd=ROOT), Fds=[STDOUT, STDERR]
        )
        self._timeout = timeout
        self.code: int | None = None
        self.reason = ""

    def output(self) -> Iterator[Output]:
        """Start, and yield what the process writes as it comes; whoever stops reading ends the process.

        Raises `BridgeError` where the stream fails, or ends before the process has.
        """
        stream = self._gateway.stream("ExecProcess", self._timeout)
        try:
            first = gateway_pb2.ExecMessage(ProcessID="1", Init=self._init)
            stream.send(first.SerializeToString())
            while (data := stream.receive()) is not None:
                message = gateway_pb2.ExecMessage.FromString(data)
                match message.WhichOneof("Input"):
                    case "File" if message.File.Data:
                        yield Output(message.File.Fd, message.File.Data)
                    case "Exit":
                        self._exited(message.Exit)
                    case (
                        "Done"
                    ):  # before this the daemon takes the end of our side for the end of the process
                        stream.end()
        finally:
            stream.close()
        if self.code is None:
            raise BridgeError(UNKNOWN, "the stream of a process ended before the process did")

    def _exited(self, message: gateway_pb2.ExitMessage) -> None:
        self.code = message.Code
        if message.HasField("Error"):
            self.reason = from_status(message.Error).message
