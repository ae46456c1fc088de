"""SBOM attestations: a scanner image runs on the result of each platform (area ATT)."""

from __future__ import annotations

from pyfrontend.driver.result import platform_id
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.gateway.results import BUNDLE, Attestation
from pyfrontend.llb.execop import BindMount, TmpfsMount
from pyfrontend.llb.fileop import mkdir
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import CUSTOM_NAME, OpMeta
from pyfrontend.llb.sources import image
from pyfrontend.lookups import ImageQuery
from pyfrontend.oci.image_json import read_image
from pyfrontend.parallel import gather

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyfrontend.driver.options.attestations import SBOM
    from pyfrontend.driver.result import Solved
    from pyfrontend.driver.session import Session
    from pyfrontend.llb.execop import ExecMount
    from pyfrontend.llb.state import State
    from pyfrontend.lower.target import Lowered

PREDICATE = "https://spdx.dev/Document"
OUT, CORE, EXTRAS, TMP = "/run/out/", "/run/src/core/sbom", "/run/src/extras", "/tmp"  # noqa: S108 - in the scan


class Scanner:
    """The scanner image of one build, looked up once for the first build platform (ATT-006)."""

    def __init__(self, session: Session, sbom: SBOM) -> None:
        """Look the scanner up; raises `DockerfileError` for one that has no command (ATT-007)."""
        self.bridge = session.bridge
        self.sbom = sbom
        self.platform = session.options.build_platforms[0]
        generator = sbom.generator
        if session.guard is not None:
            generator = session.guard.scanner(generator, self.platform)
        query = ImageQuery(generator, self.platform, resolve_mode=sbom.resolve_mode)
        meta = session.images.resolve(query)
        self.name = meta.name
        try:
            self.config = read_image(meta.config)
        except DockerfileError as error:
            raise error.wrapped(f"scanner {meta.name}") from None
        self.args = (*self.config.entrypoint, *self.config.cmd)
        if not self.args:
            raise DockerfileError(f"scanner {meta.name} does not have cmd", code="InvalidScanner")

    def scan_all(self, solved: Sequence[Solved]) -> dict[str, list[Attestation]]:
        """Scan every platform in parallel; return the attestations by platform id (ATT-008)."""
        ids = [platform_id(one.converted.platform) for one in solved]
        calls = [self._scan_call(key, one.converted.lowered) for key, one in zip(ids, solved, strict=True)]
        found: dict[str, list[Attestation]] = {}
        for key, attestation in zip(ids, gather(calls), strict=True):
            found.setdefault(key, []).append(attestation)
        return found

    def _scan_call(self, key: str, lowered: Lowered) -> Callable[[], Attestation]:
        def scan() -> Attestation:
            state = self.scan_state(key, lowered)
            definition = marshal(state.output, caps=None, platform=self.platform)
            ref = self.bridge.solve(SolveRequest(definition)).single_ref()
            return Attestation(BUNDLE, ref, PREDICATE, {"reason": b"sbom", "sbom-core": b"sbom"})

        return scan

    def scan_state(self, key: str, lowered: Lowered) -> State:
        """Return what the scanner leaves in its output directory (ATT-013 to ATT-017)."""
        config = self.config
        state = image(self.name, self.platform).with_cwd(config.working_dir or "/")
        state = state.with_variables(self._environment(lowered))
        meta = OpMeta(
            {CUSTOM_NAME: f"[{key}] generating sbom using {self.name}"},
            ignore_cache=lowered.ignore_cache,
        )
        return state.run(self.args, mounts=self._mounts(state, lowered), meta=meta).mounted(OUT)

    def _environment(self, lowered: Lowered) -> dict[str, str]:
        values = dict(entry.partition("=")[::2] for entry in self.config.env)
        values["BUILDKIT_SCAN_DESTINATION"] = OUT
        values["BUILDKIT_SCAN_SOURCE"] = CORE
        if lowered.scans:
            values["BUILDKIT_SCAN_SOURCE_EXTRAS"] = EXTRAS
        for name, value in self.sbom.parameters.items():
            values[f"BUILDKIT_SCAN_{name}"] = value
        return values

    def _mounts(self, state: State, lowered: Lowered) -> list[ExecMount]:
        mounts: list[ExecMount] = [
            self._temporary(state),
            BindMount(CORE, lowered.state.output, readonly=True),
            BindMount(OUT, None),
        ]
        extras = sorted(lowered.scans.items())
        return mounts + [BindMount(f"{EXTRAS}/sbom-{name}", s.output, readonly=True) for name, s in extras]

    def _temporary(self, state: State) -> ExecMount:
        if self.platform.os != "windows":
            return TmpfsMount(TMP)
        made = state.file((mkdir(TMP, 0o777, make_parents=True),))
        return BindMount(TMP, made.output, TMP, no_output=True)
