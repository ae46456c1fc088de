"""What the user asked for: environment variables in, a `Request` and its `BuildOptions` out."""

from __future__ import annotations

from os import urandom
from typing import TYPE_CHECKING, Any, TypeVar

from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.caps import lack_of
from pyfrontend.gateway.errors import unsupported_frontend_cap
from pyfrontend.gateway.requests import CacheImport
from pyfrontend.golang.strconv import parse_bool
from pyfrontend.llb.caps import FILE_BASE
from pyfrontend.oci.platforms import Platform, normalize
from pyfrontend.oci.platforms import default as default_platform
from pyfrontend.oci.platforms import parse as parse_platform
from pyfrontend.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyfrontend.driver.options.attestations import SBOM
    from pyfrontend.gateway.errors import BridgeError
    from pyfrontend.lint.linter import CheckConfig
    from pyfrontend.llb.caps import Capabilities
    from pyfrontend.llb.ops import LinuxResources, Ulimit

A = TypeVar("A")
T = TypeVar("T")

OPTION_VARIABLE = "BUILDKIT_FRONTEND_OPT_"
BUILD_ARG = "build-arg:"
CHECK_ARG = "build-arg:BUILDKIT_DOCKERFILE_CHECK"
#: A variable of the frontend's own image, which says what it offers: ``labs`` is all that there is.
CHANNEL_VARIABLE = "DOCKERFILE_FRONTEND_CHANNEL"
#: Options that `pyfrontend.driver.options.resources` reads.
LIMITS = (
    *("add-hosts", "shm-size", "ulimit", "memory", "memswap"),
    *("cpushares", "cpuperiod", "cpuquota", "cpusetcpus", "cpusetmems"),
)
#: What this frontend understands beyond a plain build (GW-010).
FRONTEND_CAPS = frozenset(
    {
        "moby.buildkit.frontend.inputs",
        "moby.buildkit.frontend.subrequests",
        "moby.buildkit.frontend.contexts",
        "moby.buildkit.frontend.gitquerystring",
    }
)
RESOLVE_MODES = {"": "default", "default": "default", "pull": "pull", "local": "local"}
#: Option value to the network of a step, where empty is the sandbox.
NETWORKS = {"": "", "sandbox": "", "none": "none", "host": "host"}


class Request(NamedTuple):
    """One build as the daemon asks for it (GW-005, GW-006, GW-008).

    ``workers`` are the platforms of its first worker, ``product`` is what the daemon calls itself.
    ``unique`` marks the local sources of a client without session, so that builds of several such clients
    are kept apart.  ``labs`` says that this is the image with what is not stable yet (CHAN-003).
    """

    options: Mapping[str, str]
    session_id: str = ""
    workers: Sequence[Platform] = ()
    product: str = ""
    unique: str = ""
    labs: bool = False

    @property
    def build_platforms(self) -> tuple[Platform]:
        """The platform that steps run on: the worker's first, else that of this process."""
        return (self.workers[0] if self.workers else default_platform(),)


def read_request(environ: Mapping[str, str]) -> Request:
    """Read the variables that the daemon starts a frontend with; what cannot be read counts as not given."""
    options: dict[str, str] = {}
    for name, text in environ.items():
        if name.startswith(OPTION_VARIABLE):
            key, _, value = text.partition("=")
            options[key] = value
    session = environ.get("BUILDKIT_SESSION_ID", "")
    return Request(
        options,
        session,
        _read_workers(environ.get("BUILDKIT_WORKERS", "")),
        environ.get("BUILDKIT_EXPORTEDPRODUCT", ""),
        unique="" if session else urandom(16).hex(),
        labs=environ.get(CHANNEL_VARIABLE) == "labs",
    )


def _read_workers(text: str) -> list[Platform]:
    from json import loads  # noqa: PLC0415 - loaded here and not for imports of this module

    try:
        return [_read_worker_platform(platform) for platform in loads(text)[0]["platforms"]]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _read_worker_platform(platform: Mapping[str, Any]) -> Platform:
    system, architecture, variant, version = (
        str(platform.get(key) or "") for key in ("os", "architecture", "variant", "os.version")
    )
    return Platform(
        system, architecture, variant, version, tuple(map(str, platform.get("os.features") or ()))
    )


class BuildOptions:
    """The options of a build, read and checked; an option that is not given has its empty value.

    ``platforms`` are those asked for, none where the user named none.  ``no_cache`` is None, or a list of
    stages, empty for all.  ``request_id`` is None for a build.  ``options`` are all of them, as another
    frontend would get them.  ``caps_error`` is what a client must be told that insists on an unknown
    capability, if no other frontend takes over (GW-009).
    """

    args: dict[str, str]
    build_platforms: list[Platform]
    cache_imports: list[CacheImport]
    cache_mount_ns: str
    caps_error: BridgeError | None
    cgroup_parent: str
    check: CheckConfig | None
    contexts: dict[str, str]
    extra_hosts: list[tuple[str, str]]
    hostname: str
    labels: dict[str, str]
    labs: bool
    multi_platform: bool
    network: str
    no_cache: list[str] | None
    options: dict[str, str]
    platforms: list[Platform]
    request_id: str | None
    resolve_mode: str
    resources: LinuxResources | None
    sbom: SBOM | None
    shm_size: int
    target: str
    ulimits: list[Ulimit]

    def is_no_cache(self, stage: str) -> bool:
        """Tell whether steps of ``stage`` (its name, empty for none) must run again (OPT-014)."""
        if not self.no_cache:
            return self.no_cache is not None
        return stage.lower() in {name.lower() for name in self.no_cache}


def parse_options(request: Request, llb_caps: Capabilities) -> BuildOptions:
    """Read all options, in the order in which the reference finds fault with them (areas OPT and SARG).

    Raises DockerfileError for a bad one, BridgeError for a frontend capability that nobody here has.
    """
    given = dict(request.options)
    _check_minimum(given, llb_caps)
    options = BuildOptions()
    options.options = given
    options.build_platforms = list(request.build_platforms)
    options.labs = request.labs
    options.platforms = _read_platforms(given.get("platform", ""))
    options.resolve_mode = _choice(given, "image-resolve-mode", RESOLVE_MODES, "invalid image-resolve-mode: ")
    _read_limits(options, given)
    options.network = _choice(given, "force-network-mode", NETWORKS, "invalid netmode ")
    options.no_cache = _read_no_cache(given.get("no-cache"))
    options.multi_platform = _read_multi_platform(given, len(options.platforms))
    options.cache_imports = _read_cache_imports(given)
    options.sbom = _read_sbom(given)
    _read_plain(options, given)
    options.check = _read_check(given.get(CHECK_ARG))
    options.caps_error = _check_frontend_caps(given.get("frontend.caps", ""))
    return options


def _check_minimum(options: Mapping[str, str], llb_caps: Capabilities) -> None:
    """Refuse daemons from before file ops, and options that went with them (OPT-023, OPT-024, SARG-012)."""
    if not llb_caps.supports(FILE_BASE):
        raise DockerfileError(
            f"needs BuildKit 0.5 or later: {lack_of(llb_caps, FILE_BASE)}", code="UnsupportedByDaemon"
        )
    if options.get("override-copy-image"):
        raise DockerfileError(
            'support for "override-copy-image" was removed in BuildKit 0.11', code="RemovedOption"
        )
    if _bool(options.get("build-arg:BUILDKIT_DISABLE_FILEOP", "")):
        raise DockerfileError(
            'support for "BUILDKIT_DISABLE_FILEOP" build-arg was removed in BuildKit 0.11',
            code="RemovedOption",
        )


def _read_platforms(text: str) -> list[Platform]:
    return [_read_platform(part) for part in text.split(",")] if text else []


def _read_platform(text: str) -> Platform:
    try:
        return normalize(parse_platform(text))
    except ValueError as error:
        raise DockerfileError(
            f"failed to parse target platform {text}: {error}", code="InvalidPlatform"
        ) from None


def _choice(options: Mapping[str, str], name: str, choices: Mapping[str, str], complaint: str) -> str:
    text = options.get(name, "")
    if text not in choices:
        raise DockerfileError(complaint + text, code="InvalidOption")
    return choices[text]


def _read_limits(options: BuildOptions, given: Mapping[str, str]) -> None:
    """Read what is rarely given, with readers that are only then loaded."""
    options.extra_hosts, options.shm_size, options.ulimits, options.resources = [], 0, [], None
    if not any(given.get(name) for name in LIMITS):
        return
    from pyfrontend.driver.options import resources  # noqa: PLC0415 - most builds have no limits

    hosts, ulimits = given.get("add-hosts", ""), given.get("ulimit", "")
    options.extra_hosts = _within("additional hosts", resources.read_extra_hosts, hosts)
    options.shm_size = _within("shm size", resources.read_shm_size, given.get("shm-size", ""))
    options.ulimits = _within("ulimit", resources.read_ulimits, ulimits)
    options.resources = _within("resource limits", resources.read_resources, given)


def _within(what: str, read: Callable[[A], T], given: A) -> T:
    try:
        return read(given)
    except ValueError as error:
        raise DockerfileError(f"failed to parse {what}: {error}", code="InvalidOption") from None


def _read_no_cache(text: str | None) -> list[str] | None:
    return None if text is None else text.split(",") if text else []


def _read_multi_platform(options: dict[str, str], count: int) -> bool:
    """Read whether the result is by platform; the build argument stands in for the option (SARG-003)."""
    argument = options.get("build-arg:BUILDKIT_MULTI_PLATFORM")
    if argument:
        options["multi-platform"] = argument
    text = options.get("multi-platform")
    if not text:
        return count > 1
    wanted = _bool(text)
    if wanted is None:
        raise DockerfileError(f"invalid boolean value for multi-platform: {text}", code="InvalidOption")
    if not wanted and count > 1:
        raise DockerfileError(
            "conflicting config: returning multiple target platforms is not allowed", code="InvalidPlatform"
        )
    return wanted


def _bool(text: str) -> bool | None:
    try:
        return parse_bool(text)
    except ValueError:
        return None


def _read_cache_imports(options: Mapping[str, str]) -> list[CacheImport]:
    """Read the JSON list, then the older comma list of images (OPT-015, OPT-016)."""
    imports: list[CacheImport] = []
    text = options.get("cache-imports")
    if text:
        from pyfrontend.driver.options.cache_imports import read_cache_imports  # noqa: PLC0415 - only with --cache-from

        imports += read_cache_imports(text)
    references = options.get("cache-from")
    if references:
        imports += [CacheImport("registry", {"ref": reference}) for reference in references.split(",")]
    return imports


def _read_sbom(options: Mapping[str, str]) -> SBOM | None:
    """Read attestation requests, of which the frontend itself only serves the SBOM (area ATT)."""
    if not any(name.startswith(("attest:", "build-arg:BUILDKIT_ATTEST_")) for name in options):
        return None
    from pyfrontend.driver.options.attestations import read_sbom  # noqa: PLC0415 - only with attestations

    return read_sbom(options)


def _read_plain(options: BuildOptions, given: dict[str, str]) -> None:
    """Take over what needs no reading."""
    hostname = given.get("build-arg:BUILDKIT_SANDBOX_HOSTNAME")
    if hostname:
        given["hostname"] = hostname
    options.args = _with_prefix(given, BUILD_ARG)
    options.labels = _with_prefix(given, "label:")
    options.contexts = _with_prefix(given, "context:")
    options.cache_mount_ns = given.get("build-arg:BUILDKIT_CACHE_MOUNT_NS", "")
    options.cgroup_parent = given.get("cgroup-parent", "")
    options.hostname = given.get("hostname", "")
    options.request_id = given.get("requestid")
    options.target = given.get("target", "")


def _with_prefix(options: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name[len(prefix) :]: text for name, text in options.items() if name.startswith(prefix)}


def _read_check(text: str | None) -> CheckConfig | None:
    """Read the linter's options, None where the Dockerfile itself may say (SARG-005)."""
    if text is None:
        return None
    from pyfrontend.lint.linter import parse_check_config  # noqa: PLC0415 - beside the one argument that needs it

    return parse_check_config(text, source=CHECK_ARG)


def _check_frontend_caps(text: str) -> BridgeError | None:
    """Return the error for a capability that only another frontend can have, raise it for any other lack."""
    error = None
    for wanted in text.split(",") if text else ():
        name = wanted.partition("+")[0]
        if name not in FRONTEND_CAPS:
            error = unsupported_frontend_cap(name)
            if "+forward" not in wanted:
                raise error
    return error
