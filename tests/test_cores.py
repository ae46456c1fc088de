"""gRPC and protobuf by their cores; in new interpreters, since imports happen once."""

from __future__ import annotations

import inspect
import os
import site
import subprocess
import sys
from typing import TYPE_CHECKING

import grpc
import pytest
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.internal import api_implementation
from grpc import _channel as channel
from peer import Peer
from process import Daemon, environment

from pyfrontend import cores
from pyfrontend.pb import gateway_pb2, ops_pb2

if TYPE_CHECKING:
    from pathlib import Path

FALLBACK = "from pyfrontend import cores; cores.PUBLIC = True"
RUN = """
import runpy, sys
sys.argv[1:] = []
runpy.run_module('pyfrontend', run_name='__main__', alter_sys=True)
"""
DOCKERFILE = b"FROM alpine AS one\nRUN echo > /one\nFROM alpine\nCOPY --from=one /one /\n"


def python(root: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "PYTHONPATH": f"{root / 'frontend'}:{root / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


#: As after ``pip install pyfrontend`` without the extra.
ALONE = "import sys; sys.modules.update(dict.fromkeys(('google', 'grpc'))); from pyfrontend import cores"
CAUGHT = """
def caught(call):
    try:
        call()
    except cores.MissingExtraError as error:
        print(error)
"""


def test_without_protobuf_messages_name_the_extra_that_brings_it(root: Path) -> None:
    code = f"{ALONE}\n{CAUGHT}\nfrom pyfrontend.pb import ops_pb2\ncaught(lambda: ops_pb2.Op)"
    assert (
        python(root, code) == "this needs protobuf, which is not installed: pip install 'pyfrontend[build]'"
    )
    assert (
        python(root, f"{ALONE}\nfrom pyfrontend.pb import ops_pb2\nprint(hasattr(ops_pb2, '__path__'))")
        == "False"
    )


def test_without_grpc_a_channel_names_the_extra_that_brings_it(root: Path) -> None:
    code = f"{ALONE}\n{CAUGHT}\ncaught(lambda: cores.Channel('unix-abstract:nobody', []))"
    assert python(root, code) == "this needs grpcio, which is not installed: pip install 'pyfrontend[build]'"


def test_without_protobuf_a_check_works_and_llb_says_what_is_missing(root: Path, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(DOCKERFILE)
    call = f"command_line(['{{}}', '{tmp_path}/Dockerfile'])"
    code = f"{ALONE}\nfrom pyfrontend.__main__ import command_line\nprint({call})"
    assert python(root, code.format("check")).endswith("Dockerfile: no problems found\n0")
    assert python(root, f"{code.format('llb')}; sys.stderr.close()") == "2"


def test_without_grpc_a_frontend_names_the_extra_in_its_log(root: Path) -> None:
    code = f"{ALONE}; from pyfrontend.gateway import run; print(run.run(None, {{}}, '', stdio=(0, 1)))"
    assert "1" in python(root, code)


def test_the_installed_grpc_is_as_it_is_known_here(root: Path) -> None:
    assert python(root, "from pyfrontend import cores; print(cores.grpc_core().__name__)").endswith("cygrpc")
    opened = cores.Channel("unix-abstract:nobody", [("grpc.enable_retries", 0)])
    assert opened.core is not None, "the core has changed: see what cores.py relies on"
    with pytest.raises(cores.CallError) as caught:
        opened.start("/a/b", b"")()
    assert caught.value.code == grpc.StatusCode.UNAVAILABLE.value[0]
    assert opened.core is not None
    opened.close()


def test_grpc_itself_begins_a_call_as_it_is_begun_here() -> None:
    blocking = inspect.getsource(channel._UnaryUnaryMultiCallable._blocking)
    call = "".join(blocking.partition("self._channel.segregated_call(")[2].split())
    assert call.startswith(
        "cygrpc.PropagationConstants.GRPC_PROPAGATE_DEFAULTS,self._method,None,_determine_deadline(deadline),"
    )
    assert "((operations,None,),),self._context,self._registered_call_handle,)" in call
    begin = inspect.getsource(channel._UnaryUnaryMultiCallable._prepare)
    for operation in (name for name in cores.CALLS if name.endswith("Operation")):
        assert f"cygrpc.{operation}(" in begin


def test_the_installed_protobuf_is_as_it_is_known_here() -> None:
    assert api_implementation.Type() == "upb"
    core = cores.protobuf_core()
    assert core.default_pool is descriptor_pool.Default()
    make = inspect.getsource(message_factory._InternalCreateMessageClass)  # type: ignore[attr-defined] # the stub has no private names
    assert "'DESCRIPTOR': descriptor" in make
    assert type(gateway_pb2.PingRequest) is core.MessageMeta


def test_what_is_lent_to_the_core_of_protobuf_is_not_taken_from_a_module_that_it_loads(root: Path) -> None:
    path = os.pathsep.join([str(root / "frontend"), *site.getsitepackages()])
    code = "from pyfrontend import cores; cores.protobuf_core(); import collections.abc, traceback, typing; "
    code += "assert collections.abc.Callable and typing.Callable and traceback.format_exc"
    # Without `site`, as in the image: what that imports would hide it.
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env={**os.environ, "PYTHONPATH": path}, check=False
    )
    assert done.returncode == 0


def test_messages_are_those_that_protobuf_would_make() -> None:
    for name in ("SolveRequest", "ReturnRequest", "PongResponse"):
        descriptor = getattr(gateway_pb2, name).DESCRIPTOR
        assert message_factory.GetMessageClass(descriptor) is getattr(gateway_pb2, name)


def test_enumerations_and_their_values_are_found_by_name() -> None:
    assert ops_pb2.NetMode.Name(ops_pb2.HOST) == "HOST"
    assert ops_pb2.NetMode.Value("NONE") == ops_pb2.NONE == 2
    with pytest.raises(AttributeError, match="NO_SUCH"):
        ops_pb2.NO_SUCH  # type: ignore[attr-defined] # noqa: B018 - that it fails is the point


def build(root: Path, code: str) -> tuple[Daemon, str]:
    """Let a process that begins with ``code`` build; return the daemon, and what it wrote to stderr."""
    with Daemon(DOCKERFILE) as peer:
        read_fd, write_fd = peer.fds
        process = subprocess.Popen(
            [sys.executable, "-c", f"{code}\n{RUN}"],
            stdin=read_fd,
            stdout=write_fd,
            stderr=subprocess.PIPE,
            text=True,
            env={**environment(), "PYTHONPATH": str(root / "frontend")},
        )
        os.close(read_fd)
        os.close(write_fd)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return peer, errors


#: What becomes of a core that is another one than is known here.
MOVED = {
    "asked for": FALLBACK,
    "an unknown release": "from pyfrontend import cores; cores.RELEASES = ('0.1.',)",
    "a name is missing": "from pyfrontend import cores\n"
    "cores.CALLS += ('Moved',)\ncores.MESSAGES += ('Moved',)",
    "a call is begun otherwise": "from pyfrontend import cores; begin = cores.Channel._begin\n"
    "cores.Channel._begin = lambda self, method, data, timeout: self._channel.segregated_call()",
    "a channel is opened otherwise": "from pyfrontend import cores\n"
    "class Core: pass\n"
    "cores.grpc_core = lambda: Core",
}


@pytest.mark.parametrize("code", MOVED.values(), ids=MOVED)
def test_without_the_cores_a_build_is_the_same(root: Path, code: str) -> None:
    usual, _ = build(root, "")
    public, errors = build(root, code)
    assert errors == ""
    assert [call for call in public.calls if call[0] != "Ping"][-1] == usual.calls[-1]
    assert sorted(name for name, _ in public.calls) == sorted(name for name, _ in usual.calls)


@pytest.mark.parametrize("public", ["", FALLBACK], ids=["core", "public"])
def test_errors_are_the_same_either_way(root: Path, public: str) -> None:
    code = f"""{public}
from grpc import _channel as channel
from peer import Peer
from pyfrontend.gateway.errors import BridgeError, Detail
from pyfrontend.gateway.transport import Transport
from pyfrontend.pb import gateway_pb2 as pb
read = "/moby.buildkit.v1.frontend.LLBBridge/ReadFile"
with Peer() as peer:
    transport = Transport(*peer.fds)
    peer.answers["ReadFile"] = BridgeError(5, "none: é", [Detail("x/y", b"z")])
    for method, request, reply in (
        (read, pb.ReadFileRequest(), pb.ReadFileResponse),
        ("/no/such", pb.PingRequest(), pb.PongResponse),
        (read, pb.ReadFileRequest(FilePath="x" * (17 << 20)), pb.ReadFileResponse),
    ):
        try:
            transport.unary(method, request, reply, timeout=20)
        except BridgeError as error:
            print(error.code, error.message, error.details)
    transport.close()
"""
    found = python(root, code).splitlines()
    assert found[0] == "5 none: é (Detail(type_url='x/y', value=b'z'),)"
    assert found[1].startswith("12 ")
    assert found[2].startswith("8 the build is too large for a frontend image: ReadFile takes 178")


def test_the_public_interfaces_still_work_after_the_cores(root: Path) -> None:
    code = """
from pyfrontend.gateway import transport
from pyfrontend.pb import gateway_pb2
from pyfrontend import cores
channel = cores.Channel("unix-abstract:nobody", ())
import asyncio, grpc, grpc.aio, collections, enum, logging, re, threading, typing
for module in (collections, enum, logging, re, threading, typing):
    assert module.__file__, module
async def call():
    async with grpc.aio.insecure_channel("unix-abstract:nobody") as channel:
        try:
            await channel.unary_unary("/a/b")(b"")
        except grpc.RpcError as error:
            print(error.code().name)
asyncio.run(call())
try:
    grpc.insecure_channel("unix-abstract:nobody").unary_unary("/a/b")(b"")
except grpc.RpcError as error:
    print(error.code().name, dict(error.trailing_metadata() or ()))
from google.protobuf.json_format import MessageToDict
print(MessageToDict(gateway_pb2.PingRequest()))
"""
    expected = ["UNAVAILABLE", "UNAVAILABLE {}", "{}"]
    assert python(root, code).splitlines() == expected


def test_a_stand_in_is_the_real_module_as_soon_as_something_is_asked_of_it(root: Path) -> None:
    code = """
import sys
from pyfrontend.cores import StandIn, standing_in
with standing_in([StandIn("calendar", {"given": 1})], "nothing."):
    import calendar as stand_in
    import colorsys
assert not {"calendar", "colorsys"} & set(sys.modules)
assert stand_in.given == 1
assert stand_in.timegm((1970, 1, 2, 0, 0, 0)) == 86400
import calendar
assert calendar is not stand_in and calendar.timegm is stand_in.timegm
"""
    python(root, code)


def test_a_module_that_is_loaded_already_stays(root: Path) -> None:
    code = """
import calendar as first
from pyfrontend.cores import StandIn, standing_in
with standing_in([StandIn("calendar")], "nothing."):
    import calendar
    assert calendar is first
assert __import__("sys").modules["calendar"] is first
"""
    python(root, code)


def test_calls_are_sent_in_the_order_in_which_they_begin() -> None:
    with Peer() as peer:
        from pyfrontend.gateway.transport import Transport  # noqa: PLC0415 - beside the peer

        transport = Transport(*peer.fds)
        method = "/moby.buildkit.v1.frontend.LLBBridge/ReadFile"
        waits = []
        for number in range(30):
            request = gateway_pb2.ReadFileRequest(FilePath=str(number))
            waits.append(transport.start(method, request, gateway_pb2.ReadFileResponse, timeout=20))
        for wait in waits:
            wait()
        transport.close()
    numbers = [int(request.FilePath) for request in peer.requests("ReadFile")]
    assert sorted(numbers) == list(range(30))
