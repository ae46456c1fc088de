"""BuildKit's own API on the engine, for requests that no option of `docker buildx` makes.

Such a request comes straight to our image: the engine's built-in frontend does not read the Dockerfile
before it.  There is no client session, so contexts are URLs.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from engine.machines import Tunnel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyfrontend.pb.ops_pb2 import Definition

SOLVE = "/moby.buildkit.v1.Control/Solve"
SECONDS = 120
#: The members of SolveRequest that are used here, with their numbers.
TEXTS = {"Ref": 1, "ExporterDeprecated": 3, "Frontend": 6}
MAPS = {"ExporterAttrsDeprecated": 4, "FrontendAttrs": 7}
#: A map to messages, which are encoded like the bytes that they are given as.
BYTES_MAPS = {"FrontendInputs": 10}


NO_INPUTS: Mapping[str, Definition] = {}


class RefusedError(Exception):
    """The engine's answer to a request that it did not fulfil."""

    def __init__(self, error: grpc.RpcError) -> None:
        """Take the text and the details over."""
        super().__init__(error.details())
        found = error.trailing_metadata() or ()
        details = [item.value for item in found if item.key == "grpc-status-details-bin"]
        self.details = b"".join(text if isinstance(text, bytes) else text.encode() for text in details)


class Control:
    """A connection to the engine's API."""

    def __init__(self, channel: grpc.Channel) -> None:
        """Use an open channel."""
        self._solve = channel.unary_unary(SOLVE, _encoded, bytes)

    def solve(
        self,
        image: str,
        options: Mapping[str, str],
        tag: str = "",
        inputs: Mapping[str, Definition] = NO_INPUTS,
    ) -> None:
        """Let the frontend ``image`` build with ``options``; store the result as ``tag`` of Docker Hub.

        ``inputs`` are graphs for it, by name.  Raises `RefusedError` if that fails.
        """
        request: dict[str, str | Mapping[str, str | bytes]] = {
            "Ref": uuid.uuid4().hex,
            "ExporterDeprecated": "image" if tag else "",
            "ExporterAttrsDeprecated": {"name": f"docker.io/library/{tag}:latest", "unpack": "true"},
            "Frontend": "gateway.v0",
            "FrontendAttrs": {"source": image, **options},
            "FrontendInputs": {name: graph.SerializeToString() for name, graph in inputs.items()},
        }
        try:
            self._solve(request, timeout=SECONDS)
        except grpc.RpcError as error:
            raise RefusedError(error) from None


@contextmanager
def control(host: str) -> Iterator[Control]:
    """Connect to the engine at ``host``, a ``unix://`` URL."""
    tunnel = Tunnel(host)
    with grpc.insecure_channel(tunnel.address) as channel:
        yield Control(channel)
    tunnel.close()


def _encoded(request: Mapping[str, str | Mapping[str, str | bytes]]) -> bytes:
    return bytes(_request_class()(**request).SerializeToString())


def _request_class() -> type:
    """Return a message class that writes the used part of ``moby.buildkit.v1.SolveRequest``."""
    file = descriptor_pb2.FileDescriptorProto(name="solve.proto", package="pyfrontend.test", syntax="proto3")
    message = file.message_type.add(name="SolveRequest")
    field = descriptor_pb2.FieldDescriptorProto
    for name, number in TEXTS.items():
        message.field.add(name=name, number=number, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    for name, number in {**MAPS, **BYTES_MAPS}.items():
        entry = message.nested_type.add(name=f"{name}Entry")
        entry.options.map_entry = True
        value = field.TYPE_BYTES if name in BYTES_MAPS else field.TYPE_STRING
        for key, at, kind in (("key", 1, field.TYPE_STRING), ("value", 2, value)):
            entry.field.add(name=key, number=at, type=kind, label=field.LABEL_OPTIONAL)
        message.field.add(
            name=name,
            number=number,
            type=field.TYPE_MESSAGE,
            label=field.LABEL_REPEATED,
            type_name=f".pyfrontend.test.SolveRequest.{name}Entry",
        )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("pyfrontend.test.SolveRequest"))
