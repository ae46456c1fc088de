"""`pyfrontend.frontend`: a function that makes an image of a file, served as a BuildKit frontend of its own.

In go the file and the options of a build, as a `Client`; out comes a `State` or an `Image`.  Transport,
options and contexts are those of the Dockerfile frontend.
"""

# ruff: noqa: SLF001 - states and clients are read by what they are made for
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
    """What a frontend makes: the files of ``state``, and how a container of them starts.

    Environment, directory and user are those of the state; ``ports`` are as in ``EXPOSE``: ``80/tcp``.
    """

    state: State
    cmd: Sequence[str] = ()
    entrypoint: Sequence[str] = ()
    labels: Mapping[str, str] = {}
    ports: Sequence[str] = ()
    stop_signal: str = ""


class Files:
    """Files that BuildKit holds, to look into."""

    def __init__(self, bridge: BridgeProtocol, ref: Ref | None) -> None:
        """Look through a handle; None has no files."""
        self._bridge = bridge
        self._ref = ref

    def read(self, path: str) -> bytes:
        """Return what is in a file; raises FileNotFoundError where there is none."""
        ref = self._there(path)
        try:
            return self._bridge.read_file(ref, path)
        except BridgeError as error:
            if error.is_not_found:
                raise FileNotFoundError(path) from error
            raise

    def names(self, path: str = "/") -> list[str]:
        """Return the names in a folder; raises FileNotFoundError where there is none."""
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
    """A build for one platform: what the user asked for, and what BuildKit does for it.

    - ``name`` and ``text``: the file that is built, found where a Dockerfile would be
    - ``args``: build arguments; ``target``: the argument of ``--target``, or empty
    - ``platform``: such as ``linux/arm64``; ``build_platform``: that of the builder, for cross-compilers
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
        """Return the build context: a directory, a repository or an archive, without what is ignored.

        ``paths`` are those that the build needs, all by default: of a directory no others are sent.
        """
        return State(InnerState(self._session.main.output(list(paths))))

    def image(self, ref: str, *, platform: str = "") -> State:
        """Look an image up, and return its files with its environment, working directory and user.

        The graph has its digest; what runs on it runs on its ``platform``, by default that of the build.
        Raises ValueError for what is no reference, and `DockerfileError` for an image that is not there.
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
        """Have a state built now, and return its files, to decide what to do by what is in them."""
        request = SolveRequest(self._definition(state), output=state._inner.output)
        return Files(self._session.bridge, self._session.bridge.solve(request).single_ref())

    def warn(self, rule: str, message: str, line: int = 0) -> None:
        """Show a warning, called ``rule``, at a line of the file; 0 for none."""
        self._session.warnings.show(Diagnostic(WARNING, rule, message, self._spans(line)))

    def error(self, message: str, line: int = 0) -> DockerfileError:
        """Return an error at a line of the file, to be raised; 0 for none."""
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
    """What a frontend makes of a file: a graph, and the config of the image as JSON."""

    definition: Definition
    config: bytes


class Frontend:
    """A frontend, made of a function by `frontend`; called without arguments it serves BuildKit."""

    def __init__(self, function: Callable[[Client], State | Image]) -> None:
        """Make a frontend of ``function``."""
        self.function = function
        self.__doc__ = function.__doc__ or type(self).__doc__

    def __call__(self) -> None:
        """Serve the build that BuildKit has started this process for, and end the process."""
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
        """Return what the frontend makes of a file, without BuildKit: for tests.

        ``source`` and the others are as for `pyfrontend.lower`; images say nothing about themselves.
        """
        from pyfrontend.library.source import Asked, Source, opened

        session = opened(Source.of(source, name), Asked(target, platform, args or {}))
        client = Client(session, session.platform)
        image = self._image(client)
        return Built(Definition(client._definition(image.state)), write_image(_config(image, client)))

    def serve(self, bridge: BridgeProtocol, request: Request) -> Result:
        """Answer one request of BuildKit."""
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
        """Call the function; what it raises or returns by mistake is an error that says where."""
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
        """Return the innermost line of the function's own module that ``error`` came through."""
        own = self.function.__code__.co_filename
        frames = traceback.walk_tb(error.__traceback__)
        lines = [line for frame, line in frames if frame.f_code.co_filename == own]
        return f" ({own}, line {lines[-1]})" if lines else ""


def frontend(function: Callable[[Client], State | Image]) -> Frontend:
    r"""Make a BuildKit frontend of a function.

    It gets a `Client` for each platform of a build, several at the same time, and returns a
    `pyfrontend.llb.State`, or an `Image` with a config.  To serve BuildKit, call what it has become:

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

    and at the end of the module ``if __name__ == "__main__": hello()``.
    """
    return Frontend(function)


class _Outcome(NamedTuple):
    """What results say about an image, as of a Dockerfile that has been lowered."""

    image: ImageConfig
    base_image: ImageConfig | None = None
    epoch: None = None


def _without_cache(definition: pb.Definition) -> None:
    """Have every step run again, as ``--no-cache`` asks."""
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
