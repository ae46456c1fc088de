"""Where files come from: the main build context, the Dockerfile in it, and its ignore file."""

from __future__ import annotations

import posixpath
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.caps import INPUTS
from pyfrontend.gateway.errors import UNKNOWN, BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.golang.paths import join
from pyfrontend.llb.imported import Graph
from pyfrontend.llb.marshal import head, marshal
from pyfrontend.llb.ops import CUSTOM_NAME, OpMeta, Output
from pyfrontend.llb.sources import local
from pyfrontend.parallel import Promise
from pyfrontend.record import NamedTuple
from pyfrontend.span import SourceFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.driver.options.build_options import Request
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Ref

DEFAULT_FILENAME = "Dockerfile"
IGNORE_FILE = ".dockerignore"
#: What clients may highlight it as.
IGNORE_LANGUAGE = "ignore"
CONTEXT = "context"
DOCKERFILE = "dockerfile"


class Loaded(NamedTuple):
    """The Dockerfile as it was read; ``digest`` names the op that loaded it."""

    file: SourceFile
    digest: str


class Remote(NamedTuple):
    """A main context that is no directory of the client (CTX-009, CTX-015 to CTX-019).

    ``context`` holds its files, ``dockerfile`` those among which the Dockerfile is; both None for the
    usual local ones.  ``filename`` is what the one file of an http context is called, if it is no archive.
    """

    context: Output | None = None
    dockerfile: Output | None = None
    filename: str = ""


class MainContext:
    """The main context and the Dockerfile of one request, each read once and shared by all platforms."""

    def __init__(self, bridge: BridgeProtocol, request: Request) -> None:
        """Look at the options only; nothing is asked of the daemon yet."""
        self.bridge = bridge
        self.request = request
        self.options = request.options
        self.dockerfile_name = self.options.get("dockerfilekey", DOCKERFILE)
        self.filename = self.options.get("filename", DEFAULT_FILENAME)
        self.remote = Remote()
        self._ignore_file: SourceFile | None = None
        self._lock = Lock()

    def load(self) -> Loaded:
        """Read the Dockerfile, and the ignore file beside it (CTX-004 to CTX-007).

        Raises `DockerfileError` or `BridgeError` saying what could not be read.
        """
        self._open_remote()
        definition = marshal(self._dockerfile_output(), caps=self.bridge.llb_caps)
        try:
            ref = self.bridge.solve(SolveRequest(definition)).single_ref()
        except (BridgeError, DockerfileError) as error:
            raise error.wrapped("failed to resolve dockerfile") from error
        own_ignore_file = Promise(partial(self._read, ref, self.filename + IGNORE_FILE))
        data = self._read_dockerfile(ref)
        with suppress(BridgeError):  # there is none
            name = self.filename + IGNORE_FILE
            self._ignore_file = SourceFile(name, own_ignore_file.get(), IGNORE_LANGUAGE, definition)
        file = SourceFile(self.filename, data, definition=definition)
        return Loaded(file, head(definition).digest)

    def ignore_patterns(self) -> list[str]:
        """Return the ignore patterns of a local context (CTX-020 to CTX-024)."""
        return patterns_of(self.ignore_file())

    def ignore_file(self) -> SourceFile:
        """Return the ignore file in effect, an empty one where there is none."""
        if self.remote.context is not None:
            return SourceFile(IGNORE_FILE, b"")
        with self._lock:
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
        return local(
            CONTEXT,
            session_id=self.session_of(CONTEXT),
            unique=self.request.unique,
            follow_paths=used_paths,
            exclude_patterns=excludes,
            shared_key=CONTEXT,
            meta=internal("load build context"),
        ).output

    def session_of(self, name: str) -> str:
        """Return the session that serves the local directory ``name`` (CTX-026)."""
        return self.options.get(f"local-sessionid:{name}", self.request.session_id)

    def read_ignore_file(self, name: str, key: str, meta: OpMeta, *, evaluate: bool = False) -> SourceFile:
        """Return the ignore file of the local directory ``name``, empty where there is none (CTX-022).

        ``key`` begins the hint by which the daemon finds what it has of it (CTX-003, NCTX-015).
        """
        output = local(
            name,
            session_id=self.session_of(name),
            unique=self.request.unique,
            follow_paths=[IGNORE_FILE],
            shared_key=f"{key}-{IGNORE_FILE}",
            differ="none",
            meta=meta,
        ).output
        definition = marshal(output, caps=self.bridge.llb_caps)
        ref = self.bridge.solve(SolveRequest(definition, evaluate=evaluate)).single_ref()
        try:
            data = self._read(ref, IGNORE_FILE)
        except BridgeError:
            data = b""
        return SourceFile(IGNORE_FILE, data, IGNORE_LANGUAGE, definition)

    def _open_remote(self) -> None:
        place = self.options.get(self.options.get("contextkey", CONTEXT), "")
        if place:
            from pyfrontend.driver.contexts.remote import open_remote  # noqa: PLC0415 - most contexts are local

            self.remote = open_remote(self.bridge, self.options, place)
        if self.remote.context is None and self.bridge.api_caps.supports(INPUTS):
            self._use_inputs()
        if self.remote.filename:
            self.filename = self.remote.filename
        if self.remote.context is not None and "contextsubdir" in self.options:
            from pyfrontend.driver.contexts.remote import subdirectory  # noqa: PLC0415 - most contexts are local

            inside = subdirectory(self.remote.context, self.options["contextsubdir"])
            self.remote = self.remote._replace(context=inside)

    def _use_inputs(self) -> None:
        """Take context and Dockerfile from the frontend's inputs (CTX-017)."""
        try:
            inputs = read_inputs(self.bridge)
        except BridgeError as error:
            raise error.wrapped("failed to get frontend inputs") from error
        outputs = {name: inputs[name].head for name in (DOCKERFILE, CONTEXT) if name in inputs}
        self.remote = Remote(outputs.get(CONTEXT), outputs.get(DOCKERFILE))

    def _dockerfile_output(self) -> Output | None:
        if self.remote.dockerfile is not None and "dockerfilekey" not in self.options:
            return self.remote.dockerfile
        paths = [self.filename, self.filename + IGNORE_FILE]
        paths += self._other_names()
        return local(
            self.dockerfile_name,
            session_id=self.session_of(self.dockerfile_name),
            unique=self.request.unique,
            follow_paths=paths,
            shared_key=self.dockerfile_name,
            differ="none",
            meta=internal(f"load build definition from {self.filename}"),
        ).output

    def _other_names(self) -> list[str]:
        """Return the lower-case name that will do where the file is called Dockerfile (CTX-006)."""
        if posixpath.basename(self.filename.rstrip("/")) != DEFAULT_FILENAME:
            return []
        return [join(posixpath.dirname(self.filename), DEFAULT_FILENAME.lower())]

    def _read_dockerfile(self, ref: Ref | None) -> bytes:
        """Read the file, or its lower-case name where only that is there (CTX-006)."""
        try:
            return self._read(ref, self.filename)
        except BridgeError as error:
            for name in self._other_names():
                try:
                    return self._read(ref, name)
                except BridgeError:
                    pass
            raise error.wrapped("failed to read dockerfile") from error

    def _read(self, ref: Ref | None, name: str) -> bytes:
        if ref is None:
            raise BridgeError(UNKNOWN, f"open {name}: no such file or directory")
        return self.bridge.read_file(ref, name)


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
    from pyfrontend.dockerignore import read_patterns  # noqa: PLC0415 - only with an ignore file

    try:
        return read_patterns(file)
    except DockerfileError as error:
        raise error.wrapped(f"failed parsing {file.name}") from None


def internal(text: str) -> OpMeta:
    """Return the description of an op that no instruction asked for (PROG-013)."""
    return OpMeta({CUSTOM_NAME: f"[internal] {text}"})
