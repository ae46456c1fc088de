"""The daemon behind a bridge, as bytes: requests in, and answers that the input may replace one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf.message import DecodeError

from parity import daemon, graph
from pyfrontend.gateway.errors import MESSAGE_LIMIT, UNKNOWN, BridgeError, from_status
from pyfrontend.pb import gateway_pb2, ops_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from google.protobuf.message import Message

DIGEST = "sha256:" + 64 * "a"
CONFIG = b"""{"os": "linux", "architecture": "amd64",
"config": {"Env": ["A=b"], "Cmd": ["scan"]},
"rootfs": {"type": "layers", "diff_ids": ["sha256:0"]}}"""
COMMIT = b"tree 0\nauthor A <a@b> 1700000000 +0100\ncommitter A <a@b> 1700000000 +0100\n\ntext\n"
PONG = gateway_pb2.PongResponse(
    FrontendAPICaps=[gateway_pb2.APICap(ID=name, Enabled=True) for name in sorted(daemon.GATEWAY)],
    LLBCaps=[gateway_pb2.APICap(ID=name, Enabled=True) for name in sorted(daemon.LLB)],
)
#: What stands between the parts of an input.
MARK = b"\n---\n"
#: Codes of gRPC for an answer that is none.
INTERNAL = 13


class Replaced(NamedTuple):
    """What stands in place of the answer to one call: the bytes of a message, or of an error's status."""

    data: bytes
    is_error: bool


class Wire:
    """A transport that never leaves the process.

    ``files`` are in every source; every image exists and has the ``config``.  ``replaced`` has answers by the
    number of the call.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        config: bytes = CONFIG,
        inputs: Mapping[str, ops_pb2.Definition] = {},
        replaced: Mapping[int, Replaced] = {},
    ) -> None:
        self.files = files
        self.config = config
        self.given = inputs
        self.replaced = replaced
        self.calls = 0
        self.answers: dict[str, Callable[[Any], Message]] = {
            "Ping": lambda _: PONG,
            "Solve": self._solve,
            "ReadFile": self._read_file,
            "ResolveSourceMeta": self._resolve,
            "Inputs": lambda _: gateway_pb2.InputsResponse(Definitions=self.given),
        }

    def start(self, method: str, request: Message, reply: type[Any]) -> Callable[[], Any]:
        """Begin a call, which is made when its answer is waited for."""
        return lambda: self.unary(method, request, reply)

    def unary(self, method: str, request: Message, reply: type[Any], *, timeout: float | None = None) -> Any:
        """Answer a call as `pyfrontend.gateway.transport.Transport` does."""
        number, self.calls = self.calls, self.calls + 1
        if len(request.SerializeToString()) > MESSAGE_LIMIT:
            raise BridgeError(UNKNOWN, f"too large for {method}, within {timeout} seconds")
        if number in self.replaced:
            return _decoded(self.replaced[number], reply)
        answer = self.answers.get(method.rpartition("/")[2])
        return answer(request) if answer else reply()

    def _solve(self, request: gateway_pb2.SolveRequest) -> gateway_pb2.SolveResponse:
        if not request.Frontend and not graph.defs(request.Definition):
            return gateway_pb2.SolveResponse(result=gateway_pb2.Result())
        return gateway_pb2.SolveResponse(
            result=gateway_pb2.Result(ref=gateway_pb2.Ref(id=f"ref{self.calls}"), metadata={"k": b"v"})
        )

    def _read_file(self, request: gateway_pb2.ReadFileRequest) -> gateway_pb2.ReadFileResponse:
        if request.FilePath not in self.files:
            raise BridgeError(UNKNOWN, f"open {request.FilePath}: no such file or directory")
        data = self.files[request.FilePath]
        if request.HasField("Range"):
            data = data[request.Range.Offset :][: request.Range.Length]
        return gateway_pb2.ReadFileResponse(Data=data)

    def _resolve(
        self, request: gateway_pb2.ResolveSourceMetaRequest
    ) -> gateway_pb2.ResolveSourceMetaResponse:
        scheme = request.Source.identifier.partition("://")[0]
        response = gateway_pb2.ResolveSourceMetaResponse(Source=request.Source)
        if scheme in {"docker-image", "oci-layout"}:
            response.Image.Digest, response.Image.Config = DIGEST, self.config
        elif scheme == "git":
            response.Git.Checksum, response.Git.CommitObject = 40 * "b", COMMIT
        return response


def replacements(data: bytes) -> dict[int, Replaced]:
    """Read answers from the input: number of the call with a bit for errors, two bytes of length, bytes."""
    found: dict[int, Replaced] = {}
    while len(data) >= 3:
        number, length = data[0], int.from_bytes(data[1:3], "big")
        found[number & 0x7F] = Replaced(data[3 : 3 + length], is_error=number > 0x7F)
        data = data[3 + length :]
    return found


def written(answers: Mapping[int, Replaced]) -> bytes:
    """Return the input that `replacements` reads."""
    return b"".join(
        bytes([number | is_error << 7]) + len(data).to_bytes(2, "big") + data
        for number, (data, is_error) in answers.items()
    )


def _decoded(answer: Replaced, reply: type[Any]) -> Any:
    try:
        if answer.is_error:
            raise from_status(gateway_pb2.Status.FromString(answer.data))
        return reply.FromString(answer.data)
    except DecodeError as error:
        # gRPC itself reports an answer that cannot be read.
        raise BridgeError(INTERNAL, f"exception deserializing response: {error}") from None


def parts(data: bytes, count: int) -> Sequence[bytes]:
    """Split the input at lines of three dashes; parts that are missing are empty."""
    found = data.split(MARK, count - 1)
    return [*found, *[b""] * (count - len(found))]
