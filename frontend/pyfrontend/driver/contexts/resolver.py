"""What lowering asks of the outside, answered over the gateway: images, contexts, source times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import DAEMON_ERROR, BridgeError
from pyfrontend.lookups import ImageQuery
from pyfrontend.oci.platforms import default as default_platform
from pyfrontend.oci.platforms import format_all, normalize
from pyfrontend.oci.reference import parse_normalized

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyfrontend.driver.contexts.main import MainContext
    from pyfrontend.driver.contexts.named import Context
    from pyfrontend.driver.options.build_options import BuildOptions
    from pyfrontend.llb.ops import Output
    from pyfrontend.lookups import ImageMeta
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.oci.timestamp import Moment


class GatewayResolver:
    """A `pyfrontend.lower.ports.Resolver` for one lowering; main context and look-ups are shared."""

    def __init__(self, main: MainContext, options: BuildOptions) -> None:
        """Answer for one lowering."""
        self.main = main
        self.options = options
        #: Local named contexts that wait for the paths that the build will have used of them.
        self.unsettled: list[Callable[[], None]] = []

    def image(self, name: str, platform: Platform, log_name: str) -> ImageMeta:
        """Look up an image (FROM-026, FROM-027)."""
        mode = self.options.resolve_mode
        try:
            return self.main.bridge.resolve_image(ImageQuery(name, platform, log_name, mode))
        except BridgeError as error:
            raise DockerfileError(error.message, code=DAEMON_ERROR) from error

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
                from pyfrontend.driver.contexts.named import Context  # noqa: PLC0415 - most builds name no contexts

                return Context(self, short, key, specification, platform, used_paths)
        return None

    def ignore_patterns(self) -> list[str]:
        """Return the patterns of the main context's ignore file."""
        return self.main.ignore_patterns()

    def main_context(self, used_paths: Sequence[str]) -> Output | None:
        """Return the main context, and let the local named ones know which paths they are needed for."""
        while self.unsettled:
            self.unsettled.pop()()
        return self.main.output(used_paths)

    def source_time(self, source: Output | None, log_name: str) -> Moment | None:
        """Return the time of a source (SDE-004)."""
        from pyfrontend.driver.contexts.source_time import source_time  # noqa: PLC0415 - only for SOURCE_DATE_EPOCH

        try:
            return source_time(self.main, source, log_name)
        except BridgeError as error:
            raise DockerfileError(error.message, code=DAEMON_ERROR) from error
