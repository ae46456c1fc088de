"""The main build context, a directory of the client or what replaces it, and its ignore file."""

from __future__ import annotations

from _thread import allocate_lock

from pyfrontend.driver.contexts.base import (
    CONTEXT,
    IGNORE_FILE,
    IGNORE_LANGUAGE,
    Remote,
    definition_of,
    directory,
    internal,
    patterns_of,
    read_inputs,
)
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.caps import INPUTS
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.span import SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.driver.contexts.base import Folder
    from pyfrontend.driver.options.context_options import ContextOptions
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.llb.ops import OpMeta, Output

#: The input in which the Dockerfile is.
DOCKERFILE = "dockerfile"


def open_remote_context(bridge: BridgeProtocol, options: ContextOptions) -> Remote:
    """Return where the context is, or an empty `Remote` if it is a directory of the client."""
    remote = Remote()
    if options.address:
        from pyfrontend.driver.contexts.remote import open_remote

        remote = open_remote(bridge, options)
    if remote.context is None and bridge.api_caps.supports(INPUTS):
        remote = _from_inputs(bridge)
    if remote.context is not None and options.subdirectory is not None:
        from pyfrontend.driver.contexts.remote import subdirectory

        remote = remote._replace(context=subdirectory(remote.context, options.subdirectory))
    return remote


def _from_inputs(bridge: BridgeProtocol) -> Remote:
    """Take context and Dockerfile from the frontend's inputs (CTX-017)."""
    try:
        inputs = read_inputs(bridge)
    except BridgeError as error:
        raise error.wrapped("failed to get frontend inputs") from error
    outputs = {name: inputs[name].head for name in (DOCKERFILE, CONTEXT) if name in inputs}
    return Remote(outputs.get(CONTEXT), outputs.get(DOCKERFILE))


class MainContext:
    """The main context of one request, shared by all platforms.

    ``own_ignore_file`` is the one that only the Dockerfile of the request has; without it that of the
    context is read, once and when first asked for.
    """

    def __init__(
        self,
        bridge: BridgeProtocol,
        options: ContextOptions,
        remote: Remote,
        own_ignore_file: SourceFile | None,
    ) -> None:
        """Ask nothing of the daemon yet."""
        self.bridge = bridge
        self.options = options
        self.remote = remote
        self._ignore_file = own_ignore_file
        self.lock = allocate_lock()
        #: Text files that lines named, None for those that are not there; see `files`.
        self.texts: dict[tuple[Folder, str], SourceFile | None] = {}

    def ignore_patterns(self) -> list[str]:
        """Return the ignore patterns of a local context (CTX-020 to CTX-024)."""
        return patterns_of(self.ignore_file())

    def ignore_file(self) -> SourceFile:
        """Return the ignore file in effect, an empty one if there is none."""
        if self.remote.context is not None:
            return SourceFile(IGNORE_FILE, b"")
        with self.lock:
            if self._ignore_file is None:
                self._ignore_file = self.read_ignore_file(CONTEXT, CONTEXT, internal(f"load {IGNORE_FILE}"))
            return self._ignore_file

    def output(self, used_paths: Sequence[str] = ()) -> Output | None:
        """Return the files of the context; of a local one only ``used_paths``, where there are any."""
        if self.remote.context is not None:
            return self.remote.context
        try:
            excludes = self.ignore_patterns()
        except DockerfileError as error:
            raise error.wrapped("failed to read dockerignore patterns") from None
        return directory(
            self.options,
            CONTEXT,
            follow_paths=used_paths,
            exclude_patterns=excludes,
            shared_key=CONTEXT,
            meta=internal("load build context"),
        )

    def read_ignore_file(self, name: str, key: str, meta: OpMeta, *, evaluate: bool = False) -> SourceFile:
        """Return the ignore file of the client's directory ``name``; empty if there is none (CTX-022).

        ``key`` begins the hint by which the daemon finds what it has of it (CTX-003, NCTX-015).
        """
        output = directory(
            self.options,
            name,
            follow_paths=[IGNORE_FILE],
            shared_key=f"{key}-{IGNORE_FILE}",
            differ="none",
            meta=meta,
        )
        definition = definition_of(self.bridge, output)
        ref = self.bridge.solve(SolveRequest(definition, evaluate=evaluate, output=output)).single_ref()
        try:
            data = b"" if ref is None else self.bridge.read_file(ref, IGNORE_FILE)
        except BridgeError:
            data = b""
        return SourceFile(IGNORE_FILE, data, IGNORE_LANGUAGE, definition)
