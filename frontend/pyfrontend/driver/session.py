"""Everything known about a request before conversion: the daemon, the options, the Dockerfile."""

from __future__ import annotations

from _thread import allocate_lock

from pyfrontend import limits
from pyfrontend.driver.contexts.dockerfile import load_dockerfile
from pyfrontend.driver.contexts.main import MainContext, open_remote_context
from pyfrontend.driver.options.build_options import parse_options
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.lookups import DaemonImages, DaemonSources
from pyfrontend.gateway.requests import WarnRequest
from pyfrontend.limits import LineBudget
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.directives import detect_syntax
from pyfrontend.syntax.extended import BUILT_IN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.contexts.dockerfile import Loaded
    from pyfrontend.driver.guard import Guard
    from pyfrontend.driver.options.build_options import BuildOptions
    from pyfrontend.driver.options.request import Request
    from pyfrontend.errors import Diagnostic
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.lower.ports import Images, Sources
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.plugins.gather import Plugins
    from pyfrontend.syntax.extended import Language


class Session(NamedTuple):
    """A request with all that is read once for it.

    All images and other sources are looked up through ``images`` and ``sources``.  ``platform`` is the one
    that subrequests are answered for: None for that of the worker, whatever a client asks for (SUB-012).
    ``guard`` has the policies that these are asked by, None where there are none.
    ``plugins`` are those of the request.
    """

    bridge: BridgeProtocol
    options: BuildOptions
    main: MainContext
    loaded: Loaded
    warnings: Warnings
    images: Images
    sources: Sources
    platform: Platform | None = None
    guard: Guard | None = None
    plugins: Plugins | None = None

    @property
    def language(self) -> Language:
        """What the Dockerfile may be written in."""
        return BUILT_IN if self.plugins is None else self.plugins.language

    def has_words(self) -> bool:
        """Tell whether the syntax line or a build argument asks for something of the extended language."""
        options = self.options
        if " " in (options.cmdline or "") or "BUILDKIT_DOCKERFILE_LOCK" in options.args:
            return True
        if options.cmdline is not None and options.syntax is None:
            return False
        # BuildKit passes the argument instead of the line; the command line passes nothing.
        syntax = detect_syntax(self.loaded.file)
        return syntax is not None and " " in syntax.cmdline


def open_session(bridge: BridgeProtocol, request: Request) -> Session:
    """Read the options, and the Dockerfile.

    Raises `DockerfileError` or `BridgeError` for bad options and for what cannot be read.
    """
    try:
        options = parse_options(request, bridge.llb_caps)
    except DockerfileError as error:
        from pyfrontend.driver.diagnostics.help import explain_option

        explain_option(error)
        raise
    guard: Guard | None = None
    images: Images = DaemonImages(bridge)
    sources: Sources = DaemonSources(bridge)
    if request.policies or (request.plugins is not None and request.plugins.policies):
        from pyfrontend.driver.guarded import guarded

        guard, bridge, options, images, sources = guarded(bridge, request, options)
    remote = open_remote_context(bridge, options.contexts)
    loaded = load_dockerfile(bridge, options.contexts, remote)
    main = MainContext(bridge, options.contexts, remote, loaded.ignore_file)
    warnings = Warnings(bridge, loaded)
    return Session(
        bridge, options, main, loaded, warnings, images, sources, guard=guard, plugins=request.plugins
    )


class Warnings:
    """Shows warnings to the user, from any thread, one after another, and not without end.

    Each may carry a whole file for an excerpt of it: thousands of them would keep a client busy for minutes.
    """

    __slots__ = ("_bridge", "_excerpts", "_left", "_lines", "_loaded", "_lock")

    def __init__(self, bridge: BridgeProtocol, loaded: Loaded) -> None:
        """Show them under the op that loaded the Dockerfile."""
        self._bridge = bridge
        self._loaded = loaded
        self._lock = allocate_lock()
        self._excerpts = limits.EXCERPTS
        self._left = limits.BUILD_WARNINGS
        self._lines = LineBudget()

    def show(self, diagnostic: Diagnostic) -> None:
        """Show a warning; do not fail if the daemon cannot show it (ERR-016, GW-020)."""
        with self._lock:
            self._left -= 1
            if self._left > 0:
                self._show(self._lines.within(diagnostic.displayed()))
            elif self._left == 0:
                from pyfrontend.lint.rules.errors import MORE

                most = f"{limits.BUILD_WARNINGS - 1:,}"
                self._show(MORE.found(f"only {most} warnings are shown: docker build --check lists more"))

    def _show(self, diagnostic: Diagnostic) -> None:
        file = diagnostic.spans[0].file if diagnostic.spans else self._loaded.file
        shown = self._excerpts > 0
        self._excerpts -= len(file.data) if shown else 0
        try:
            self._bridge.warn(WarnRequest(self._loaded.digest, diagnostic, file if shown else None))
        except BridgeError:
            return
