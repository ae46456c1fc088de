"""Shared by all kinds of contexts: directories of the client, inputs, ignore patterns, op names."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import UNKNOWN, BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.llb.imported import Graph
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import CUSTOM_NAME, OpMeta
from pyfrontend.llb.sources import local
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.driver.options.context_options import ContextOptions
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Ref
    from pyfrontend.llb.ops import Output
    from pyfrontend.pb.ops_pb2 import Definition
    from pyfrontend.span import SourceFile

#: What the client calls the directory of the main context, and an input that takes its place.
CONTEXT = "context"
IGNORE_FILE = ".dockerignore"
#: What clients may highlight it as.
IGNORE_LANGUAGE = "ignore"


class Remote(NamedTuple):
    """A main context other than a directory of the client (CTX-009, CTX-015 to CTX-019).

    ``context`` holds its files, ``dockerfile`` those among which the Dockerfile is; both None for the
    usual local ones.  ``filename`` is the name of the file of an http context, if it is not an archive.
    """

    context: Output | None = None
    dockerfile: Output | None = None
    filename: str = ""


class Folder(NamedTuple):
    """Where files are: in ``output``, or where that is None in the client's directory ``name``."""

    name: str
    output: Output | None = None


def directory(  # noqa: PLR0913 - one setting for each attribute
    options: ContextOptions,
    name: str,
    *,
    shared_key: str,
    meta: OpMeta,
    follow_paths: Sequence[str] = (),
    exclude_patterns: Sequence[str] = (),
    differ: str = "",
) -> Output | None:
    """Return the client's directory ``name``, served by its session (CTX-026, NCTX-014).

    ``shared_key`` is the hint by which the daemon finds what it has of it already.
    """
    return local(
        name,
        session_id=options.session_of(name),
        unique=options.unique,
        follow_paths=follow_paths,
        exclude_patterns=exclude_patterns,
        shared_key=shared_key,
        differ=differ,
        meta=meta,
    ).output


def definition_of(bridge: BridgeProtocol, output: Output | None) -> Definition | None:
    """Return the graph that loads ``output``; None for a stand-in for the daemon, which needs none.

    Raises `DockerfileError` for text that is not UTF-8.
    """
    return marshal(output, caps=bridge.llb_caps) if bridge.llb_caps.by_wire else None


def solved(bridge: BridgeProtocol, output: Output | None) -> Ref | None:
    """Return a handle of the files of ``output``, or None if it has none."""
    return bridge.solve(SolveRequest(definition_of(bridge, output), output=output)).single_ref()


def read_inputs(bridge: BridgeProtocol) -> dict[str, Graph]:
    """Return the graphs that the caller of the build handed over, by name (CTX-017).

    Raises `BridgeError` where any of them is empty or damaged, whether this build uses it or not.
    """
    try:
        return {name: Graph(definition) for name, definition in bridge.inputs().items()}
    except DockerfileError as error:
        raise BridgeError(UNKNOWN, error.message) from error


def patterns_of(file: SourceFile) -> list[str]:
    """Return the patterns of an ignore file; raises `DockerfileError` for a line that is too long."""
    if not file.data:
        return []
    from pyfrontend.dockerignore import read_patterns

    try:
        return read_patterns(file)
    except DockerfileError as error:
        raise error.wrapped(f"failed parsing {file.name}") from None


def internal(text: str) -> OpMeta:
    """Return the description of an op that no instruction asked for (PROG-013)."""
    return OpMeta({CUSTOM_NAME: f"[internal] {text}"})
