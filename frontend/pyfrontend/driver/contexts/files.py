"""Text files named by lines of a Dockerfile, or that belong to it: a path in, the file out.

Each is loaded with its own local source, so that the loads of a plain build do not change, and a file that
the ignore file excludes can be read, like the Dockerfile itself.
"""

from __future__ import annotations

from pyfrontend.driver.contexts.base import CONTEXT, Folder, definition_of, directory, internal
from pyfrontend.errors import DAEMON_ERROR, DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.limits import DOCKERFILE_BYTES
from pyfrontend.span import SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.contexts.main import MainContext
    from pyfrontend.llb.ops import Output

#: So much is read of a file: one byte more than the largest that any line may name.
MOST_BYTES = DOCKERFILE_BYTES + 1


def context_folder(main: MainContext) -> Folder:
    """Return the main context: a directory of the client, a repository, an archive, or an input."""
    return Folder(CONTEXT, main.remote.context)


def dockerfile_folder(main: MainContext) -> Folder:
    """Return the folder that the Dockerfile is read from."""
    options = main.options
    return Folder(options.dockerfile_local, None if options.dockerfile_is_local else main.remote.dockerfile)


class TextFiles:
    """The text files of a folder, each of which is read once in a session, whoever asks and however often."""

    def __init__(self, main: MainContext, folder: Folder) -> None:
        """Read nothing yet."""
        self.main = main
        self.folder = folder

    def read(self, path: str) -> SourceFile | None:
        """Return the file at ``path`` (clean, relative to the folder), or None if there is none.

        Of a file that is larger than any may be, only the beginning is there.  Raises `DockerfileError` for
        what is there and cannot be read.
        """
        key = (self.folder, path)
        with self.main.lock:
            if key not in self.main.texts:
                self.main.texts[key] = self._load(path)
            return self.main.texts[key]

    def _load(self, path: str) -> SourceFile | None:
        bridge = self.main.bridge
        output = self._output(path)
        definition = definition_of(bridge, output)
        try:
            ref = bridge.solve(SolveRequest(definition, output=output)).single_ref()
            data = None if ref is None else bridge.read_file(ref, path, length=MOST_BYTES)
        except BridgeError as error:
            if error.is_not_found:
                return None
            raise DockerfileError(f"failed to read {path}: {error.message}", code=DAEMON_ERROR) from error
        return None if data is None else SourceFile(path, data, definition=definition)

    def _output(self, path: str) -> Output | None:
        """Return the folder, cut down to the one file where the client has to send it."""
        folder = self.folder
        if folder.output is not None:
            return folder.output
        return directory(
            self.main.options,
            folder.name,
            follow_paths=[path],
            shared_key=f"{folder.name}-{path}",
            differ="none",
            meta=internal(f"load {path}"),
        )
