"""One build request from options to result: load, convert for every platform, solve, gather."""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from pyfrontend.driver.contexts.main import MainContext
from pyfrontend.driver.contexts.resolver import GatewayResolver
from pyfrontend.driver.forward import forward
from pyfrontend.driver.options.build_options import parse_options
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.caps import READ_DIR
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.requests import SolveRequest, WarnRequest
from pyfrontend.gateway.results import Result
from pyfrontend.golang.json import json_text
from pyfrontend.lint.checks import check_syntax
from pyfrontend.lint.linter import Linter, parse_check_config
from pyfrontend.llb.marshal import marshal
from pyfrontend.lower.ports import Request as LowerRequest
from pyfrontend.lower.target import Lowered, lower_target
from pyfrontend.oci.image_json import write_image
from pyfrontend.oci.platforms import Platform, format_all, normalize
from pyfrontend.oci.platforms import default as default_platform
from pyfrontend.parallel import gather, race
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.directives import detect_check
from pyfrontend.syntax.document import parse_dockerfile
from pyfrontend.syntax.inputs import CONTEXT, REMOTE, STAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.driver.contexts.main import Loaded
    from pyfrontend.driver.options.build_options import BuildOptions, Request
    from pyfrontend.errors import Diagnostic
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Attestation, Ref
    from pyfrontend.lint.linter import CheckConfig
    from pyfrontend.lower.stage import StageState
    from pyfrontend.pb.ops_pb2 import Definition
    from pyfrontend.syntax.document import Dockerfile


#: Warnings carry the whole Dockerfile for an excerpt of it.  After so many bytes of it they go without:
#: thousands of warnings on a large file would keep a client busy for minutes, or be too much for it.
EXCERPTS = 4 << 20


class Converted(NamedTuple):
    """The build for one platform before it is solved; ``platform`` is None where the user named none."""

    platform: Platform | None
    definition: Definition
    lowered: Lowered


class Solved(NamedTuple):
    """The build for one platform as a handle of the daemon's."""

    converted: Converted
    ref: Ref | None


class Build:
    """A request under way."""

    def __init__(self, bridge: BridgeProtocol, request: Request) -> None:
        """Take the request; nothing happens before `run`."""
        self.bridge = bridge
        self.request = request
        self._warn_lock = Lock()
        self._excerpts = EXCERPTS

    def run(self) -> Result:
        """Do what was asked for and return its result (WIRE-3).

        Raises `DockerfileError` for mistakes of the user, `BridgeError` for what the daemon refused.
        """
        self.open()
        forwarded = forward(self.bridge, self.options.options, self.loaded)
        if forwarded is not None:
            return forwarded
        if self.options.caps_error is not None:
            raise self.options.caps_error
        if self.options.request_id is not None:
            from pyfrontend.driver.subrequests import answer  # noqa: PLC0415 - a build asks no questions

            return answer(self)
        solved, attestations = self._solve_all()
        return self._result(solved, attestations)

    def open(self) -> None:
        """Read options and Dockerfile."""
        self.options: BuildOptions = parse_options(self.request, self.bridge.llb_caps)
        self.main = MainContext(self.bridge, self.request)
        self.loaded: Loaded = self.main.load()

    def converters(self) -> list[Callable[[], Converted]]:
        """Return a call for each requested platform that converts for it; only the first lints (LINT-007)."""
        platforms: list[Platform | None] = [*self.options.platforms] or [None]
        return [partial(self._convert, platform, lints=not n) for n, platform in enumerate(platforms)]

    def lower(
        self,
        platform: Platform | None,
        sink: Callable[[Diagnostic], object] | None,
        *,
        all_stages: bool = False,
    ) -> Lowered:
        """Parse and lower the Dockerfile for ``platform``; warnings go to ``sink``."""
        if not self.loaded.file.data:
            raise DockerfileError("the Dockerfile cannot be empty", code="EmptyFile")
        linter = Linter(self._check_config(), sink)
        dockerfile = self.parse(linter)
        self._check_names(dockerfile, linter, sink)
        resolver = GatewayResolver(self.main, self.options)
        return lower_target(
            LowerRequest(
                dockerfile,
                self.options,
                resolver,
                self.bridge.llb_caps,
                linter,
                platform,
                self.options.build_platforms,
                all_stages=all_stages,
            )
        )

    def parse(self, linter: Linter) -> Dockerfile:
        """Parse the Dockerfile; the first of its errors is raised, with the others (ERR-018, ERR-019)."""
        dockerfile = parse_dockerfile(self.loaded.file)
        check_syntax(dockerfile, linter)
        error = dockerfile.error()
        if error is not None:
            raise error
        return dockerfile

    def _check_names(
        self, dockerfile: Dockerfile, linter: Linter, sink: Callable[[Diagnostic], object] | None
    ) -> None:
        """Warn of options that look misspelt; no rule of the reference does, so that never fails a build."""
        written = any(stage.source.platform for stage in dockerfile.stages)
        if sink is None or not (self.options.args or self.options.platforms or written):
            return
        from pyfrontend.driver.diagnostics import extra_warnings  # noqa: PLC0415 - most builds have no such options
        from pyfrontend.lint.extra_rules import EXTRA_RULES  # noqa: PLC0415 - the same

        found = [
            *extra_warnings.unknown_arguments(dockerfile, self.options.args),
            *extra_warnings.unknown_platforms(self.options.platforms),
            *(extra_warnings.unknown_bases(dockerfile) if written else ()),
        ]
        for diagnostic in found:
            if linter.enabled(EXTRA_RULES[diagnostic.code]):
                sink(diagnostic)

    def warn(self, diagnostic: Diagnostic) -> None:
        """Show a warning to the user; a daemon that cannot show it is no reason to fail (ERR-016, GW-020)."""
        with self._warn_lock:
            source = diagnostic.spans[0].file if diagnostic.spans else self.loaded.file
            shown = self._excerpts > 0
            self._excerpts -= len(source.data) if shown else 0
            try:
                self.bridge.warn(
                    WarnRequest(
                        self.loaded.digest,
                        diagnostic.short,
                        [diagnostic.description],
                        diagnostic.url,
                        source if shown else None,
                        diagnostic.spans,
                    )
                )
            except BridgeError:
                return

    def marshal(self, lowered: Lowered) -> Definition:
        """Return the graph of ``lowered`` on the wire, with the files that it came from as its source map."""
        return marshal(
            lowered.state.output,
            caps=self.bridge.llb_caps,
            platform=lowered.lowering.target_platform,
        )

    def marshal_result(self, lowered: Lowered) -> Definition:
        """Return the same graph to be built; its errors say that they come so late."""
        try:
            return self.marshal(lowered)
        except DockerfileError as error:
            raise error.wrapped("failed to marshal LLB definition") from error

    def _convert(self, platform: Platform | None, *, lints: bool) -> Converted:
        try:
            lowered = self.lower(platform, self.warn if lints else None)
        except DockerfileError as error:
            if lints:
                self.warn_beside(error)
            raise
        return Converted(platform, self.marshal_result(lowered), lowered)

    def warn_beside(self, error: DockerfileError) -> None:
        """Show what is known beyond the ``error`` of a build: its help, and the errors after it."""
        from pyfrontend.driver.diagnostics import extra_warnings  # noqa: PLC0415 - only when a build has failed

        for diagnostic in extra_warnings.beside(error, self.main.ignore_file):
            self.warn(diagnostic)

    def _check_config(self) -> CheckConfig:
        if self.options.check is not None:
            return self.options.check
        found = detect_check(self.loaded.file)
        try:
            return parse_check_config(found[0] if found else "")
        except DockerfileError as error:
            error.fallback = found[1] if found else None
            raise

    def _solve_all(self) -> tuple[list[Solved], dict[str, list[Attestation]]]:
        """Convert and solve for every platform; return what came of it, and attestations by platform id."""
        scanner = None
        if self.options.sbom is not None:
            from pyfrontend.driver.sbom import Scanner  # noqa: PLC0415 - only with --sbom

            scanner = Scanner(self, self.options.sbom)
        converted = gather(self.converters())
        # A platform that fails ends the build; those that would go on for an hour are not waited for.
        solved = race([partial(self._solve, one) for one in converted])
        return solved, scanner.scan_all(solved) if scanner else {}

    def _solve(self, converted: Converted) -> Solved:
        """Solve a definition; where a failure could be explained, do not leave it to the export.

        The daemon does the same work either way, but only an evaluated solve tells this process of a
        failure while it can still say why, and where.  Who wants a graph and no files says
        ``evaluate=false``.
        """
        copies = _copies_files(self.main, converted.lowered)
        explains = self.request.options.get("evaluate") != "false" and (
            copies or any(map(_fails_without_place, converted.lowered.lowering.graph.stages))
        )
        imports = self.options.cache_imports
        request = SolveRequest(converted.definition, cache_imports=imports, evaluate=explains)
        try:
            result = self.bridge.solve(request)
        except BridgeError as error:
            if not explains:
                raise
            from pyfrontend.driver.diagnostics.failed_step import placed  # noqa: PLC0415 - only when a build has failed

            failure = placed(error, converted.definition)
            if copies:
                from pyfrontend.driver.diagnostics.missing_files import explained  # noqa: PLC0415 - the same

                failure = explained(failure, self.main, converted.lowered, converted.definition)
            raise failure from error
        return Solved(converted, result.single_ref())

    def _result(self, solved: list[Solved], attestations: dict[str, list[Attestation]]) -> Result:
        """Gather refs, configs and platforms into what the exporter reads (WIRE-10)."""
        result = Result(attestations=attestations)
        platforms = []
        for converted, ref in solved:
            exported = export_platform(converted)
            platforms.append({"ID": platform_id(converted.platform), "Platform": _platform_json(exported)})
            suffix = ""
            if self.options.multi_platform:
                suffix = f"/{platform_id(converted.platform)}"
                result.refs[suffix[1:]] = ref
            else:
                result.ref = ref
            _add_metadata(result.metadata, converted.lowered, suffix)
        result.metadata["refs.platforms"] = json_text({"Platforms": platforms}).encode()
        return result


def _copies_files(main: MainContext, lowered: Lowered) -> bool:
    """Tell whether the build takes files from a context or another stage, into which one can look."""
    if not main.bridge.api_caps.supports(READ_DIR):
        return False
    inputs = (one for stage in lowered.lowering.graph.stages if stage.is_ready for one in stage.inputs())
    return any(one.kind in (CONTEXT, STAGE) for one in inputs)


def _fails_without_place(stage: StageState) -> bool:
    """Tell whether a step of ``stage`` can fail in a way that the daemon gives no line for."""
    if not stage.is_ready:
        return False
    permitted = any(step.node.entitlements() for step in stage.steps)
    return permitted or any(one.kind in REMOTE for one in stage.inputs())


def platform_id(platform: Platform | None) -> str:
    """Return the key of a platform in results (RES-004, RES-005)."""
    return format_all(normalize(platform or default_platform()))


def export_platform(converted: Converted) -> Platform:
    """Return the platform that the exporter shall write, Windows details from the image (RES-007)."""
    platform = normalize(converted.platform or default_platform())
    image = converted.lowered.image.platform
    if platform.os == image.os == "windows":
        platform = platform._replace(
            os_version=platform.os_version or image.os_version,
            os_features=platform.os_features or image.os_features,
        )
    return normalize(platform)


def _add_metadata(metadata: dict[str, bytes], lowered: Lowered, suffix: str) -> None:
    metadata[f"containerimage.config{suffix}"] = write_image(lowered.image)
    if lowered.base_image is not None:
        metadata[f"containerimage.base.config{suffix}"] = write_image(lowered.base_image)
    if lowered.epoch is not None:
        metadata[f"source.date.epoch{suffix}"] = str(lowered.epoch.seconds).encode()


def _platform_json(platform: Platform) -> dict[str, object]:
    members = {
        "architecture": platform.architecture,
        "os": platform.os,
        "os.version": platform.os_version,
        "os.features": list(platform.os_features),
        "variant": platform.variant,
    }
    return {name: value for name, value in members.items() if value or name in ("architecture", "os")}
