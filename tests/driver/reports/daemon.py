"""A daemon for test runs: commands fail by their words, and files are where a table says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from fakes import FakeBridge
from parity import graph
from pyfrontend.driver.serve import serve
from pyfrontend.gateway import caps
from pyfrontend.gateway.container import Output
from pyfrontend.gateway.errors import (
    EXIT_URL,
    SOLVE_URL,
    SOURCE_URL,
    UNKNOWN,
    VERTEX_URL,
    BridgeError,
    Detail,
)
from pyfrontend.gateway.results import DirEntry, Ref, Result
from pyfrontend.llb.caps import Capabilities
from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyfrontend.gateway.requests import SolveRequest

ROOT = "failed-root"
#: Output, errors and exit code where the image has no such program.
NO_PROGRAM = (b"", b'exec: "x": executable file not found in $PATH', 1)


class Answer:
    """What a call came to: text, document and exit code, and the files of its folder."""

    def __init__(self, result: Result, made: dict[str, str]) -> None:
        self.text = result.metadata["result.txt"].decode()
        self.document: Any = json.loads(result.metadata["result.json"])
        self.code = int(result.metadata["result.statuscode"])
        self.has_files = result.ref is not None
        self.made = made

    def reasons(self, stage: str) -> dict[str, list[str]]:
        """Return what of a stage is not in the reports, by reason."""
        found = next(one for one in self.document["stages"] if one["name"] == stage)
        return {one["reason"]: one["paths"] for one in found["skipped"]}


class FakeContainer:
    """A container on what a failed step has left: the tree of the daemon, and programs of the image."""

    def __init__(self, daemon: TestDaemon, root: str) -> None:
        self.daemon = daemon
        self.root = root

    def __enter__(self) -> Self:
        assert self.root == ROOT
        self.daemon.containers += 1
        if self.daemon.refuses:
            raise BridgeError(UNKNOWN, "no room for a container")
        return self

    def __exit__(self, *_: object) -> None:
        self.daemon.containers -= 1

    def read_dir(self, path: str) -> list[DirEntry]:
        return self.daemon.list(path)

    def read_file(self, path: str) -> bytes:
        return self.daemon.files[path]

    def run(self, args: Sequence[str]) -> FakeProcess:
        self.daemon.programs.append(list(args))
        return FakeProcess(
            *self.daemon.answers.get(args[0], (b"", b'exec: "x": executable file not found', 1))
        )


class FakeProcess:
    """A process that writes to both its outputs."""

    def __init__(self, out: bytes, errors: bytes, code: int) -> None:
        self.parts = [Output(2, errors), *(Output(1, out[at : at + 1000]) for at in range(0, len(out), 1000))]
        self._code = code
        self.code: int | None = None

    def output(self) -> Iterator[Output]:
        yield from self.parts
        self.code = self._code


class TestDaemon(FakeBridge):
    """Fails at commands with ``bad``, and has ``files``, by path, behind every step."""

    __test__ = False

    def __init__(
        self,
        dockerfile: str,
        files: Mapping[str, bytes] | None = None,
        *,
        can: Sequence[str] = (caps.EXEC, caps.EXEC_FILES),
        answers: Mapping[str, tuple[bytes, bytes, int]] | None = None,
        refuses: bool = False,
        without: Sequence[str] = (),
        **given: Any,
    ) -> None:
        super().__init__(dockerfile, **given)
        #: Details that its errors do not have.
        self.without = without
        self.api_caps = Capabilities(
            {*self.api_caps.enabled, caps.READ_DIR} - {caps.EXEC, caps.EXEC_FILES} | {*can}
        )
        self.files = dict(files or {})
        self.answers = dict(answers or {})
        self.refuses = refuses
        self.containers = 0
        self.programs: list[list[str]] = []
        self.ran: list[str] = []
        #: What the folder of reports was made of: the data of a file, or where it is copied from.
        self.made: dict[str, str] = {}

    def ask(self, **options: str) -> Answer:
        """Run the tests."""
        result = serve(self, self.request(requestid="frontend.test", **options))
        assert self.containers == 0 or self.refuses
        return Answer(result, self.made)

    def solve(self, request: SolveRequest) -> Result:
        ops = {graph.digest_of(data): pb.Op.FromString(data) for data in graph.defs(request.definition)}
        for digest, op in ops.items():
            if op.WhichOneof("op") == "exec" and request.evaluate:
                self.ran.append(op.exec.meta.args[-1])
                if "bad" in op.exec.meta.args[-1]:
                    raise self._failure(digest, op, request.definition)
            if (
                op.WhichOneof("op") == "exec"
                and "lost later" in op.exec.meta.args[-1]
                and not request.evaluate
            ):
                raise BridgeError(UNKNOWN, "the result is gone")
        for op in ops.values():
            for action in op.file.actions:
                if action.WhichOneof("action") == "mkfile" and b"refuse me" in action.mkfile.data:
                    raise BridgeError(UNKNOWN, "disk full")
                if action.WhichOneof("action") == "mkfile":
                    self.made[action.mkfile.path] = action.mkfile.data.decode(errors="backslashreplace")
                elif action.WhichOneof("action") == "copy" and action.copy.dest.count("/") > 1:
                    self.made[action.copy.dest] = f"<{action.copy.src}>"
        return super().solve(request)

    def container(self, root: str, platform: pb.Platform | None) -> Any:  # noqa: ARG002 - the protocol names it
        return FakeContainer(self, root)

    def read_dir(self, ref: Ref, path: str) -> list[DirEntry]:  # noqa: ARG002 - one tree for all
        return self.list(path)

    def list(self, folder: str) -> list[DirEntry]:
        prefix = f"{folder.rstrip('/')}/"
        names = {path[len(prefix) :]: data for path, data in self.files.items() if path.startswith(prefix)}
        if not names:
            raise BridgeError(UNKNOWN, f"open {folder}: no such file or directory")
        folders = dict.fromkeys(name.partition("/")[0] for name in names if "/" in name)
        plain = [DirEntry(name, False, True, 0, len(data)) for name, data in names.items() if "/" not in name]
        return [*(DirEntry(name, True) for name in folders), *plain]

    def _failure(self, digest: str, op: pb.Op, definition: Any) -> BridgeError:
        ids = [ROOT if mount.dest == "/" else f"not-{mount.dest}" for mount in op.exec.mounts]
        ranges = definition.Source.locations[digest].locations[0].ranges
        place = {"info": {"filename": "Dockerfile"}, "ranges": [{"start": {"line": ranges[0].start.line}}]}
        details = {
            EXIT_URL: {"Code": 3},
            VERTEX_URL: {"digest": digest},
            SOLVE_URL: {"mountIDs": ids},
            SOURCE_URL: place,
        }
        packed = [
            Detail(url, json.dumps(value).encode())
            for url, value in details.items()
            if url not in self.without
        ]
        return BridgeError(UNKNOWN, f"process {op.exec.meta.args[-1]} failed: exit code: 3", packed)
