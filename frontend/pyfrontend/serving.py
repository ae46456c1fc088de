"""`pyfrontend.frontend`: serve a function that turns a file into an image as a BuildKit frontend.

In: the file and the build options, as a `Client`.  Out: a `State` or an `Image`.  Transport, options and
contexts are those of the Dockerfile frontend.
"""

# ruff: noqa: SLF001 - this module may read the private parts of states and clients
from __future__ import annotations

import traceback

from pyfrontend.__main__ import served
from pyfrontend.driver.result import Converted, Solved, gathered
from pyfrontend.driver.session import open_session
from pyfrontend.errors import WARNING, Diagnostic, DockerfileError
from pyfrontend.gateway.errors import BridgeError, unsupported_request
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.gateway.run import leave
from pyfrontend.llb.builder import Definition, State
from pyfrontend.llb.locations import ops_by_digest
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.sources import image as image_source
from pyfrontend.llb.state import State as InnerState
from pyfrontend.lookups import ImageQuery
from pyfrontend.oci.image import ImageConfig
from pyfrontend.oci.image_json import read_image, write_image
from pyfrontend.oci.platforms import format_all, normalize
from pyfrontend.oci.platforms import parse as parse_platform
from pyfrontend.oci.reference import parse_normalized, tag_name_only, with_digest
from pyfrontend.parallel import gather, later
from pyfrontend.record import NamedTuple
from pyfrontend.span import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from pyfrontend.driver.options.request import Request
    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Ref, Result
    from pyfrontend.library.source import Given
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.pb import ops_pb2 as pb

NO_GATEWAY = """\
This is a BuildKit frontend: BuildKit starts it, in a container. Name its image on the first line of a file

    # syntax=<image of this frontend>

and run `docker buildx build --file FILE .`
"""


class Image(NamedTuple):
    """The result of a frontend: the files of ``state``, and how a container starts.

    The environment, working directory and user are those of the state; ``ports`` are written as in
    ``EXPOSE``, such as ``80/tcp``.
    """

    state: State
    cmd: Sequence[str] = ()
    entrypoint: Sequence[str] = ()
    labels: Mapping[str, str] = {}
    ports: Sequence[str] = ()
    stop_signal: str = ""


class Files:
    """Files in BuildKit that the frontend can read."""

    def __init__(self, bridge: BridgeProtocol, ref: Ref | None) -> None:
        """Read files through a handle; None has no files."""
        self._bridge = bridge
        self._ref = ref

    def read(self, path: str) -> bytes:
        """Return the content of a file; raises FileNotFoundError if it does not exist."""
        ref = self._there(path)
        try:
            return self._bridge.read_file(ref, path)
        except BridgeError as error:
            if error.is_not_found:
                raise FileNotFoundError(path) from error
            raise

    def names(self, path: str = "/") -> list[str]:
        """Return the names in a directory; raises FileNotFoundError if it does not exist."""
        ref = self._there(path)
        try:
            return [entry.name for entry in self._bridge.read_dir(ref, path)]
        except BridgeError as error:
            if error.is_not_found:
                raise FileNotFoundError(path) from error
            raise

    def _there(self, path: str) -> Ref:
        if self._ref is None:
            raise FileNotFoundError(path)
        return self._ref


class Client:
    """A build for one platform: the user's options, and requests to BuildKit.

    - ``name`` and ``text``: the file to build, found where a Dockerfile would be
    - ``args``: the build arguments; ``target``: the value of ``--target``, or empty
    - ``platform``: such as ``linux/arm64``; ``build_platform``: that of the build host, for cross-compilers
    """

    def __init__(self, session: Session, platform: Platform | None) -> None:
        """Serve the build of ``session`` for ``platform``, None for that of the worker."""
        self._session = session
        self._platform = normalize(platform or session.options.build_platforms[0])
        self.name: str = session.loaded.file.name
        self.text: str = session.loaded.file.data.decode("utf-8", "replace")
        self.args: Mapping[str, str] = session.options.args
        self.target: str = session.options.target
        self.platform: str = format_all(self._platform)
        self.build_platform: str = format_all(normalize(session.options.build_platforms[0]))

    def context(self, paths: Sequence[str] = ()) -> State:
        """Return the build context, a directory, a repository or an archive, without ignored files.

        ``paths`` are the paths that the build needs, by default all.  Only these are sent from a directory.
        """
        return State(InnerState(self._session.main.output(list(paths))))

    def image(self, ref: str, *, platform: str = "") -> State:
        """Look up an image, and return its files with its environment, working directory and user.

        The graph refers to it by digest.  Commands on it run for ``platform``, by default that of the build.
        Raises ValueError for an invalid reference, and `DockerfileError` if the image does not exist.
        """
        reference = tag_name_only(parse_normalized(ref))
        wanted = normalize(parse_platform(platform)) if platform else self._platform
        query = ImageQuery(str(reference), wanted, f"load metadata for {reference}")
        meta = self._session.images.resolve(query)
        pinned = parse_normalized(meta.name)
        pinned = with_digest(pinned, meta.digest) if meta.digest else pinned
        config = read_image(meta.config)
        state = image_source(str(pinned), wanted).with_variables(config.variables())
        state = state.with_user(config.user) if config.user else state
        return State(state.with_cwd(config.working_dir) if config.working_dir else state)

    def files(self, state: State) -> Files:
        """Build a state immediately, and return its files, so that the graph can depend on their content."""
        request = SolveRequest(self._definition(state), output=state._inner.output)
        return Files(self._session.bridge, self._session.bridge.solve(request).single_ref())

    def warn(self, rule: str, message: str, line: int = 0) -> None:
        """Show a warning named ``rule`` at a line of the file; 0 for no line."""
        self._session.warnings.show(Diagnostic(WARNING, rule, message, self._spans(line)))

    def error(self, message: str, line: int = 0) -> DockerfileError:
        """Return an exception to raise, at a line of the file; 0 for no line."""
        return DockerfileError(message, *self._spans(line), code="Frontend")

    def _spans(self, line: int) -> list[Span]:
        return [Span(self._session.loaded.file, line, line)] if line else []

    def _definition(self, state: State) -> pb.Definition:
        options, caps = self._session.options, self._session.bridge.llb_caps
        definition = marshal(state._inner.output, caps=caps, platform=self._platform)
        if options.no_cache is not None:
            _without_cache(definition)
        return definition


class Built(NamedTuple):
    """The result of `Frontend.lower`: a graph, and the image config as JSON."""

    definition: Definition
    config: bytes


class Frontend:
    """A frontend, created from a function by `frontend`; calling it without arguments serves BuildKit."""

    def __init__(self, function: Callable[[Client], State | Image]) -> None:
        """Create a frontend from ``function``."""
        self.function = function
        self.__doc__ = function.__doc__ or type(self).__doc__

    def __call__(self) -> None:
        """Serve the build for which BuildKit started this process, and exit."""
        leave(served(self.serve, NO_GATEWAY))

    def lower(
        self,
        source: Given,
        *,
        name: str | None = None,
        platform: str = "",
        target: str = "",
        args: Mapping[str, str] | None = None,
    ) -> Built:
        """Return what the frontend returns for a file, without BuildKit: for tests.

        ``source`` and the options are as for `pyfrontend.lower`; images have an empty config.
        """
        from pyfrontend.library.source import Asked, Source, opened

        session = opened(Source.of(source, name), Asked(target, platform, args or {}))
        client = Client(session, session.platform)
        image = self._image(client)
        return Built(Definition(client._definition(image.state)), write_image(_config(image, client)))

    def serve(self, bridge: BridgeProtocol, request: Request) -> Result:
        """Answer one request from BuildKit."""
        session = open_session(bridge, request)
        if session.options.caps_error is not None:
            raise session.options.caps_error
        if session.options.request_id is not None:
            raise unsupported_request(session.options.request_id)
        platforms: list[Platform | None] = [*session.options.platforms] or [None]
        solved = gather([later(self._solved, session, platform) for platform in platforms])
        return gathered(solved, {}, multi_platform=session.options.multi_platform)

    def _solved(self, session: Session, platform: Platform | None) -> Solved:
        client = Client(session, platform)
        image = self._image(client)
        definition = client._definition(image.state)
        imports = session.options.cache_imports
        ref = session.bridge.solve(SolveRequest(definition, cache_imports=imports)).single_ref()
        outcome: Any = _Outcome(_config(image, client))
        return Solved(Converted(platform, definition, outcome), ref)

    def _image(self, client: Client) -> Image:
        """Call the function; an exception or a wrong return value becomes an error that says where."""
        try:
            made: object = self.function(client)
        except (DockerfileError, BridgeError):
            raise
        except Exception as error:
            traceback.print_exception(error)  # stderr is the daemon's log
            told = "".join(traceback.format_exception_only(error)[-1:]).strip()
            message = f"the frontend failed: {told}{self._place(error)}"
            raise DockerfileError(message, code="Frontend") from error
        if isinstance(made, State):
            return Image(made)
        if not isinstance(made, Image):
            kind = type(made).__name__
            raise DockerfileError(f"the frontend returned {kind}, not a State or an Image", code="Frontend")
        return made

    def _place(self, error: Exception) -> str:
        """Return the innermost line of the function's own module in the traceback of ``error``."""
        own = self.function.__code__.co_filename
        frames = traceback.walk_tb(error.__traceback__)
        lines = [line for frame, line in frames if frame.f_code.co_filename == own]
        return f" ({own}, line {lines[-1]})" if lines else ""


def frontend(function: Callable[[Client], State | Image]) -> Frontend:
    r"""Turn a function into a BuildKit frontend.

    The function gets a `Client` and returns a `pyfrontend.llb.State`, or an `Image` with a config.  It is
    called once for each platform of a build, in parallel.  For example:

    >>> from pyfrontend import Client, Image, frontend, llb
    >>> @frontend
    ... def hello(client: Client) -> Image:
    ...     "Writes the first word of the file into an image."
    ...     words = client.text.split()
    ...     if not words:
    ...         raise client.error("there is no word in the file", line=1)
    ...     state = llb.scratch().mkfile("/word", words[0] + "\n")
    ...     return Image(state, labels={"word": words[0]})
    >>> hello.lower("hello world").definition
    Definition(1 ops)

    To serve BuildKit, end the module with ``if __name__ == "__main__": hello()``.
    """
    return Frontend(function)


class _Outcome(NamedTuple):
    """The part of a lowered Dockerfile that results need."""

    image: ImageConfig
    base_image: ImageConfig | None = None
    epoch: None = None


def _without_cache(definition: pb.Definition) -> None:
    """Make every step run again, for ``--no-cache``."""
    for digest, op in ops_by_digest(definition).items():
        if op.WhichOneof("op") in ("exec", "file"):
            definition.metadata[digest].ignore_cache = True


def _config(image: Image, client: Client) -> ImageConfig:
    """Return the config of ``image``."""
    inner = image.state._inner
    config = ImageConfig.empty(client._platform)
    for key, value in inner.env.items():
        config.set_env(key, value)
    config.working_dir, config.user = inner.cwd, inner.user
    config.cmd, config.entrypoint = tuple(image.cmd), tuple(image.entrypoint)
    for key, value in image.labels.items():
        config.set_label(key, value)
    config.add_ports(image.ports)
    config.stop_signal = image.stop_signal
    return config
