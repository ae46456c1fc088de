"""The Dockerfile of a request: where the options say that it is, read together with its own ignore file."""

from __future__ import annotations

import posixpath

from pyfrontend.driver.contexts.base import IGNORE_FILE, IGNORE_LANGUAGE, definition_of, directory, internal
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import UNKNOWN, BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.golang.paths import join
from pyfrontend.llb.marshal import head
from pyfrontend.parallel import Promise, later
from pyfrontend.record import NamedTuple
from pyfrontend.span import SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.contexts.base import Remote
    from pyfrontend.driver.options.context_options import ContextOptions
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Ref
    from pyfrontend.llb.ops import Output

DEFAULT_FILENAME = "Dockerfile"


class Loaded(NamedTuple):
    """The Dockerfile as it was read; ``digest`` names the op that loaded it.

    ``ignore_file`` is the ignore file that only this Dockerfile has, None without one.
    """

    file: SourceFile
    digest: str
    ignore_file: SourceFile | None


def load_dockerfile(bridge: BridgeProtocol, options: ContextOptions, remote: Remote) -> Loaded:
    """Read the Dockerfile and its ignore file (CTX-004 to CTX-007).

    Raises `DockerfileError` or `BridgeError` saying what could not be read.
    """
    filename = remote.filename or options.filename
    folder = _folder(options, remote, filename)
    definition = definition_of(bridge, folder)
    try:
        ref = bridge.solve(SolveRequest(definition, output=folder)).single_ref()
    except (BridgeError, DockerfileError) as error:
        raise error.wrapped("failed to resolve dockerfile") from error
    own_ignore_file = Promise(later(_read, bridge, ref, filename + IGNORE_FILE))
    data = _read_dockerfile(bridge, ref, filename)
    ignore_file = None
    try:
        name = filename + IGNORE_FILE
        ignore_file = SourceFile(name, own_ignore_file.get(), IGNORE_LANGUAGE, definition)
    except BridgeError:  # there is none
        pass
    file = SourceFile(filename, data, definition=definition)
    return Loaded(file, head(definition).digest if definition is not None else "", ignore_file)


def _folder(options: ContextOptions, remote: Remote, filename: str) -> Output | None:
    """Return the files among which the Dockerfile is."""
    if remote.dockerfile is not None and not options.dockerfile_is_local:
        return remote.dockerfile
    name = options.dockerfile_local
    return directory(
        options,
        name,
        follow_paths=[filename, filename + IGNORE_FILE, *_other_names(filename)],
        shared_key=name,
        differ="none",
        meta=internal(f"load build definition from {filename}"),
    )


def _other_names(filename: str) -> list[str]:
    """Return the lower-case name that will do where the file is called Dockerfile (CTX-006)."""
    if posixpath.basename(filename.rstrip("/")) != DEFAULT_FILENAME:
        return []
    return [join(posixpath.dirname(filename), DEFAULT_FILENAME.lower())]


def _read_dockerfile(bridge: BridgeProtocol, ref: Ref | None, filename: str) -> bytes:
    """Read the file, or its lower-case name where only that is there (CTX-006)."""
    try:
        return _read(bridge, ref, filename)
    except BridgeError as error:
        for name in _other_names(filename):
            try:
                return _read(bridge, ref, name)
            except BridgeError:
                pass
        raise error.wrapped("failed to read dockerfile") from error


def _read(bridge: BridgeProtocol, ref: Ref | None, name: str) -> bytes:
    if ref is None:
        raise BridgeError(UNKNOWN, f"open {name}: no such file or directory")
    return bridge.read_file(ref, name)
