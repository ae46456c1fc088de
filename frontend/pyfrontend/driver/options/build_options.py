"""The user's build options: a `Request` in, its options out, parsed and checked."""

from __future__ import annotations

from pyfrontend.driver.options.context_options import read_context_options, with_prefix
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.caps import lack_of
from pyfrontend.gateway.errors import unsupported_frontend_cap
from pyfrontend.gateway.requests import CacheImport
from pyfrontend.golang.strconv import parse_bool
from pyfrontend.llb.caps import FILE_BASE
from pyfrontend.lower.ports import Limits
from pyfrontend.oci.platforms import normalize
from pyfrontend.oci.platforms import parse as parse_platform
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from pyfrontend.driver.options.attestations import SBOM
    from pyfrontend.driver.options.context_options import ContextOptions
    from pyfrontend.driver.options.request import Request
    from pyfrontend.gateway.errors import BridgeError
    from pyfrontend.lint.registry import CheckConfig
    from pyfrontend.llb.caps import Capabilities
    from pyfrontend.oci.platforms import Platform

    A = TypeVar("A")
    T = TypeVar("T")


BUILD_ARG = "build-arg:"
CHECK_ARG = "build-arg:BUILDKIT_DOCKERFILE_CHECK"
SYNTAX_ARG = "build-arg:BUILDKIT_SYNTAX"
#: Build arguments that stand in for an option.
STAND_INS = (
    ("build-arg:BUILDKIT_MULTI_PLATFORM", "multi-platform"),
    ("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "hostname"),
)
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
        "moby.buildkit.frontend.contexts.zstd",
    }
)
RESOLVE_MODES = {"": "default", "default": "default", "pull": "pull", "local": "local"}
#: Option value to the network of a step, where empty is the sandbox.
NETWORKS = {"": "", "sandbox": "", "none": "none", "host": "host"}


class BuildOptions(NamedTuple):
    """The options of a build, read and checked; an option that is not given has its empty value.

    ``given`` are all of them as texts.  ``platforms`` are those asked for, none where the user named none.
    ``no_cache`` is None, or the stages in lower case, none for all.  ``request_id`` is None for a build.
    ``cmdline`` is what the daemon says of the line that named this frontend, None where none did, and
    ``syntax`` the argument that names another one.  ``evaluate`` is false for who wants a graph and no
    files.  ``caps_error`` is the error for a client that insists on an unknown capability, if no other
    frontend takes over (GW-009).
    """

    given: Mapping[str, str]
    args: dict[str, str]
    build_platforms: tuple[Platform, ...]
    cache_imports: list[CacheImport]
    cache_mount_ns: str
    caps_error: BridgeError | None
    cgroup_parent: str
    check: CheckConfig | None
    cmdline: str | None
    contexts: ContextOptions
    evaluate: bool
    extensions: bool
    hostname: str
    labels: dict[str, str]
    limits: Limits
    multi_platform: bool
    network: str
    no_cache: frozenset[str] | None
    platforms: list[Platform]
    request_id: str | None
    resolve_mode: str
    sbom: SBOM | None
    syntax: str | None
    target: str

    def is_no_cache(self, stage: str) -> bool:
        """Tell whether steps of ``stage`` (its name, empty for none) must run again (OPT-014)."""
        if not self.no_cache:
            return self.no_cache is not None
        return stage.lower() in self.no_cache

    def for_frontend(self, source: str, cmdline: str) -> dict[str, str]:
        """Return the options that another frontend gets: the image ``source``, named by ``cmdline``."""
        return {**self.given, "cmdline": cmdline, "source": source}


def parse_options(request: Request, llb_caps: Capabilities) -> BuildOptions:
    """Read all options, in the order in which the reference finds fault with them (areas OPT and SARG).

    Raises DockerfileError for a bad one, BridgeError for a frontend capability that nobody here has.
    """
    given = _with_arguments(request.options)
    _check_minimum(given, llb_caps)
    platforms = _read_platforms(given.get("platform", ""))
    return BuildOptions(
        given=given,
        platforms=platforms,
        build_platforms=request.build_platforms,
        extensions=request.extensions,
        resolve_mode=_choice(given, "image-resolve-mode", RESOLVE_MODES, "invalid image-resolve-mode: "),
        limits=_read_limits(given),
        network=_choice(given, "force-network-mode", NETWORKS, "invalid netmode "),
        no_cache=_read_no_cache(given.get("no-cache")),
        multi_platform=_read_multi_platform(given.get("multi-platform"), len(platforms)),
        cache_imports=_read_cache_imports(given),
        sbom=_read_sbom(given),
        args=with_prefix(given, BUILD_ARG),
        labels=with_prefix(given, "label:"),
        cache_mount_ns=given.get("build-arg:BUILDKIT_CACHE_MOUNT_NS", ""),
        cgroup_parent=given.get("cgroup-parent", ""),
        hostname=given.get("hostname", ""),
        request_id=given.get("requestid"),
        target=given.get("target", ""),
        cmdline=given.get("cmdline"),
        syntax=given.get(SYNTAX_ARG),
        evaluate=given.get("evaluate") != "false",
        contexts=read_context_options(request),
        check=_read_check(given.get(CHECK_ARG)),
        caps_error=_check_frontend_caps(given.get("frontend.caps", "")),
    )


def _with_arguments(options: Mapping[str, str]) -> dict[str, str]:
    """Return ``options`` with those that a build argument stands in for (SARG-003)."""
    given = dict(options)
    for argument, name in STAND_INS:
        if given.get(argument):
            given[name] = given[argument]
    return given


def _check_minimum(options: Mapping[str, str], llb_caps: Capabilities) -> None:
    """Refuse daemons from before file ops, and options that went with them (OPT-023, OPT-024, SARG-012)."""
    if not llb_caps.supports(FILE_BASE):
        raise DockerfileError(
            f"needs BuildKit 0.5 or later: {lack_of(llb_caps, FILE_BASE)}", code="UnsupportedByDaemon"
        )
    if options.get("override-copy-image"):
        raise DockerfileError(
            'support for "override-copy-image" was removed in BuildKit 0.11',
            code="RemovedOption",
            option="the option override-copy-image",
        )
    if _bool(options.get("build-arg:BUILDKIT_DISABLE_FILEOP", "")):
        raise DockerfileError(
            'support for "BUILDKIT_DISABLE_FILEOP" build-arg was removed in BuildKit 0.11',
            code="RemovedOption",
            option="the build argument BUILDKIT_DISABLE_FILEOP",
        )


def _read_platforms(text: str) -> list[Platform]:
    return [_read_platform(part) for part in text.split(",")] if text else []


def _read_platform(text: str) -> Platform:
    try:
        return normalize(parse_platform(text))
    except ValueError as error:
        raise DockerfileError(
            f"failed to parse target platform {text}: {error}", code="InvalidPlatform", value=text
        ) from None


def _choice(options: Mapping[str, str], name: str, choices: Mapping[str, str], complaint: str) -> str:
    text = options.get(name, "")
    if text not in choices:
        raise DockerfileError(complaint + text, code="InvalidOption", option=name, value=text)
    return choices[text]


def _read_limits(given: Mapping[str, str]) -> Limits:
    """Read what is rarely given, with readers that are only then loaded."""
    if not any(given.get(name) for name in LIMITS):
        return Limits()
    from pyfrontend.driver.options import resources

    return Limits(
        _within("additional hosts", resources.read_extra_hosts, given.get("add-hosts", "")),
        _within("shm size", resources.read_shm_size, given.get("shm-size", "")),
        _within("ulimit", resources.read_ulimits, given.get("ulimit", "")),
        _within("resource limits", resources.read_resources, given),
    )


def _within(what: str, read: Callable[[A], T], given: A) -> T:
    try:
        return read(given)
    except ValueError as error:
        raise DockerfileError(
            f"failed to parse {what}: {error}",
            code="InvalidOption",
            option=getattr(error, "option", what),  # of several, the one that is wrong
            value=given if isinstance(given, str) else "",
        ) from None


def _read_no_cache(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(text.lower().split(",") if text else ())


def _read_multi_platform(text: str | None, count: int) -> bool:
    """Read whether the result is by platform, which it is at any rate for several (OPT-003)."""
    if not text:
        return count > 1
    wanted = _bool(text)
    if wanted is None:
        raise DockerfileError(
            f"invalid boolean value for multi-platform: {text}",
            code="InvalidOption",
            option="multi-platform",
            value=text,
        )
    if not wanted and count > 1:
        raise DockerfileError(
            "conflicting config: returning multiple target platforms is not allowed",
            code="InvalidPlatform",
            kind="several",
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
        from pyfrontend.driver.options.cache_imports import read_cache_imports

        imports += read_cache_imports(text)
    references = options.get("cache-from")
    if references:
        imports += [CacheImport("registry", {"ref": reference}) for reference in references.split(",")]
    return imports


def _read_sbom(options: Mapping[str, str]) -> SBOM | None:
    """Read attestation requests, of which the frontend itself only serves the SBOM (area ATT)."""
    if not any(name.startswith(("attest:", "build-arg:BUILDKIT_ATTEST_")) for name in options):
        return None
    from pyfrontend.driver.options.attestations import read_sbom

    return read_sbom(options)


def _read_check(text: str | None) -> CheckConfig | None:
    """Read the linter's options, None where the Dockerfile itself may say (SARG-005)."""
    if text is None:
        return None
    from pyfrontend.lint.config import parse_check_config

    return parse_check_config(text, source=CHECK_ARG)


def _check_frontend_caps(text: str) -> BridgeError | None:
    """Return the error for a capability that only another frontend can have, raise it for any other lack."""
    error = None
    for wanted in text.split(",") if text else ():
        name = wanted.partition("+")[0]
        if name not in FRONTEND_CAPS:
            error = unsupported_frontend_cap(name)
            error.help = f"remove {name} from frontend.caps, or name another frontend with BUILDKIT_SYNTAX"
            if "+forward" not in wanted:
                raise error
    return error
