"""What the LLB tests share: definitions read back, and small graphs."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from pyfrontend.llb import caps
from pyfrontend.llb.caps import Capabilities
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.sources import image
from pyfrontend.oci.platforms import Platform
from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from pyfrontend.llb.state import State

LINUX = Platform("linux", "amd64")
NEW = Capabilities([*caps.DEFAULTS, caps.EXEC_META_SETS_DEFAULT_PATH])
OLD = Capabilities(caps.DEFAULTS)
BASE = image("docker.io/library/busybox:latest", LINUX)


def ops(definition: pb.Definition) -> list[pb.Op]:
    """The ops of a definition, the terminal one left out."""
    return [pb.Op.FromString(data) for data in getattr(definition, "def")[:-1]]


def digests(definition: pb.Definition) -> list[str]:
    """The digests of all ops, the terminal one last."""
    return ["sha256:" + sha256(data).hexdigest() for data in getattr(definition, "def")]


def last_op(state: State, known: Capabilities | None = NEW) -> pb.Op:
    """The op that made a state."""
    return ops(marshal(state.output, caps=known))[-1]


def caps_of(state: State, known: Capabilities | None = NEW) -> set[str]:
    """The capabilities that the op which made a state asks for."""
    definition = marshal(state.output, caps=known)
    return set(definition.metadata[digests(definition)[-2]].caps)
