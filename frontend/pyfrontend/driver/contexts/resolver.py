"""The contexts of one lowering: names, paths and sources in, filesystems and times out."""

from __future__ import annotations

from pyfrontend.errors import DAEMON_ERROR, DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.oci.platforms import default as default_platform
from pyfrontend.oci.platforms import format_all, normalize
from pyfrontend.oci.reference import parse_normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyfrontend.driver.contexts.main import MainContext
    from pyfrontend.driver.contexts.named import Context
    from pyfrontend.driver.options.build_options import BuildOptions
    from pyfrontend.llb.ops import Output
    from pyfrontend.lower.ports import Images, Policies, Sources
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.oci.timestamp import Moment
    from pyfrontend.plugins.declared import Scheme


class ContextResolver:
    """The `pyfrontend.lower.ports.Contexts` of one lowering; main context and ports are shared by all."""

    def __init__(
        self,
        main: MainContext,
        options: BuildOptions,
        images: Images,
        sources: Sources,
        policies: Policies | None = None,
    ) -> None:
        """Resolve for one lowering."""
        self.main = main
        self.options = options
        self.images = images
        self.sources = sources
        self.policies = policies
        #: The kinds of contexts that plugins bring.
        self.schemes: Mapping[str, Scheme] | None = None
        #: Local named contexts that wait for the paths that the build will have used of them.
        self.waiting: list[Callable[[], None]] = []

    def named_context(
        self, name: str, platform: Platform | None, used_paths: Callable[[], Sequence[str]]
    ) -> Context | None:
        """Return the named context for ``name``, first the one for the platform (NCTX-001, NCTX-002)."""
        try:
            short = parse_normalized(name).familiar().removesuffix(":latest")
        except ValueError as error:
            raise DockerfileError(f"invalid context name {name}: {error}", code="InvalidContext") from None
        for key in (f"{short}::{format_all(normalize(platform or default_platform()))}", short):
            specification = self.options.contexts.named.get(key)
            if specification is not None:
                # Most builds name no contexts.
                from pyfrontend.driver.contexts.named import Context, ContextQuery, Means

                query = ContextQuery(short, key, platform, used_paths)
                means = Means(self.main, self.options, self.images, self.waiting, self.policies, self.schemes)
                return Context(query, specification, means)
        return None

    def ignore_patterns(self) -> list[str]:
        """Return the patterns of the main context's ignore file."""
        return self.main.ignore_patterns()

    def main_context(self, used_paths: Sequence[str]) -> Output | None:
        """Return the main context, and let the local named ones know which paths they are needed for."""
        while self.waiting:
            self.waiting.pop()()
        return self.main.output(used_paths)

    def source_time(self, source: Output | None, log_name: str) -> Moment | None:
        """Return the time of a source (SDE-004)."""
        from pyfrontend.driver.contexts.source_time import source_time

        try:
            return source_time(self.main.bridge, self.sources, source, log_name)
        except BridgeError as error:
            raise DockerfileError(error.message, code=DAEMON_ERROR) from error
