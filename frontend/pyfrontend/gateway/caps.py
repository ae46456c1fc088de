"""Capabilities of the daemon as its answer to Ping lists them, and the errors for those it lacks."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.llb.caps import FILE_BASE, START_INTERVAL, Capabilities

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyfrontend.pb import gateway_pb2

# Capabilities of the gateway that decide what is sent (WIRE-6).
RETURN = "return"
RETURN_MAP = "returnmap"
REF_ARRAY = "proto.refarray"
STAT_FILE = "statfile"
READ_DIR = "readdir"
INPUTS = "frontend.inputs"
EVALUATE = "gateway.solve.evaluate"
META_RESOLVER = "source.metaresolver"
WARNINGS = "gateway.warnings"
#: Containers of a frontend's own, and looking into them without a process; `gateway.container` uses them.
EXEC = "gateway.exec"
EXEC_FILES = "gateway.exec.filesystem"
#: Not used here; it came with Docker Engine 25.0.
EXEC_SECRET_ENV = "gateway.exec.secretenv"  # noqa: S105 - a capability's name

#: What a daemon can do that answers Ping without a list: it is older than the lists (frozen for good).
OLD_API = frozenset({"solve.base", "solve.inlinereturn", "resolveimage", "readfile"})

#: Names that an error shows in addition to the id; the reference gives LLB capabilities hardly any.
NAMES = {
    RETURN_MAP: "return reference map",
    STAT_FILE: "stat a file",
    INPUTS: "frontend inputs",
    "exporter.sourcedateepoch": "source date epoch",
}
#: Since when products have the one capability that is not called experimental.
ADDED_IN = {"docker": "Docker v19.03", "buildkit": "BuildKit v0.5.0"}


class DaemonCapabilities(Capabilities):
    """Capabilities that know what the daemon said about those it does not have.

    ``disabled`` maps the ones it lists as switched off to its reason, which may be empty; ``product``
    names the daemon to the user (GW-006).
    """

    __slots__ = ("disabled", "product")

    def __init__(self, enabled: Iterable[str], disabled: Mapping[str, str], product: str) -> None:
        """Hold what a daemon supports, and what it says of the rest."""
        super().__init__(enabled)
        self.disabled = disabled
        self.product = product


def read_caps(
    listed: Iterable[gateway_pb2.APICap], default: Iterable[str], product: str
) -> DaemonCapabilities:
    """Return the capabilities of the list in a Ping answer; ``default`` for an empty one (GW-007)."""
    states = {cap.ID: cap for cap in listed}
    enabled = {name for name, cap in states.items() if cap.Enabled} if states else default
    disabled = {name: cap.DisabledReasonMsg for name, cap in states.items() if not cap.Enabled}
    return DaemonCapabilities(enabled, disabled, product)


def dropped(api: DaemonCapabilities) -> frozenset[str]:
    """Return the members of an image config that Docker Engine does not keep: it reads and rewrites it.

    No capability stands for them, so a capability of the gateway that came with the same release does.
    """
    is_old = api.product == "docker" and not api.supports(EXEC_SECRET_ENV)
    return frozenset({START_INTERVAL}) if is_old else frozenset()


def require(caps: Capabilities, name: str) -> None:
    """Raise DockerfileError with the reference's text unless ``caps`` has ``name`` (GW-013)."""
    if not caps.supports(name):
        raise DockerfileError(lack_of(caps, name), code="UnsupportedByDaemon")


def lack_of(caps: Capabilities, name: str) -> str:
    """Return the text that says that ``caps`` has no ``name``: switched off, or the daemon is too old."""
    grade = "prerelease" if name == FILE_BASE else "experimental"
    title = f"({NAMES[name]})" if name in NAMES else ""
    text = f"requested {grade} feature {name} {title}"
    if not isinstance(caps, DaemonCapabilities):
        return f"{text} has been disabled on the build server"
    if name in caps.disabled:
        reason = caps.disabled[name]
        return f"{text} has been disabled on the build server{': ' if reason else ''}{reason}"
    added = ADDED_IN.get(caps.product) if name == FILE_BASE else None
    since = f" (added in {added})" if added else ""
    return f"{text} is not supported by build server{since}, please update {caps.product}"
