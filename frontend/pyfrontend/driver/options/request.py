"""A build as requested by the daemon: environment variables in, a `Request` out, its options still text."""

from __future__ import annotations

from os import urandom

from pyfrontend.golang.json import load_json
from pyfrontend.oci.platforms import Platform
from pyfrontend.oci.platforms import default as default_platform
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pyfrontend.plugins.gather import Plugins

OPTION_VARIABLE = "BUILDKIT_FRONTEND_OPT_"
#: A variable of the frontend's own image, for the extended language: with ``off`` a derived image refuses it.
EXTENSIONS_VARIABLE = "DOCKERFILE_FRONTEND_EXTENSIONS"
#: Variables of the frontend's own image; those that are not for other things configure policies.
IMAGE_VARIABLE = "DOCKERFILE_FRONTEND_"
OTHERS = (EXTENSIONS_VARIABLE, "DOCKERFILE_FRONTEND_PLUGINS")
#: Options that go along with every solve (WIRE-3).
PASSED_ON = ("cache-imports", "cache-from")


NONE: Mapping[str, str] = {}


class Request(NamedTuple):
    """One build as the daemon asks for it (GW-005, GW-006, GW-008).

    ``workers`` are the platforms of its first worker, ``product`` is what the daemon calls itself.
    ``unique`` marks the local sources of a client without session, so that builds of several such clients
    are kept apart.  ``extensions`` says that the extended language is not switched off.  ``policies`` are the
    texts of the variables that configure policies; ``plugins`` is what plugins bring, None without any.
    """

    options: Mapping[str, str]
    session_id: str = ""
    workers: Sequence[Platform] = ()
    product: str = ""
    unique: str = ""
    extensions: bool = True
    policies: Mapping[str, str] = NONE
    plugins: Plugins | None = None

    @property
    def build_platforms(self) -> tuple[Platform]:
        """The platform that steps run on: the worker's first, else that of this process."""
        return (self.workers[0] if self.workers else default_platform(),)

    @property
    def passed_on(self) -> dict[str, str]:
        """The options that go along with every solve of this build."""
        return {name: self.options[name] for name in PASSED_ON if name in self.options}


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
        extensions=environ.get(EXTENSIONS_VARIABLE) != "off",
        policies=policy_variables(environ),
    )


def policy_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of the variables that configure policies, those with unknown names among them."""
    return {
        name: text for name, text in environ.items() if name.startswith(IMAGE_VARIABLE) and name not in OTHERS
    }


def _read_workers(text: str) -> list[Platform]:
    try:
        return [_read_worker_platform(platform) for platform in load_json(text)[0]["platforms"]]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _read_worker_platform(platform: Mapping[str, Any]) -> Platform:
    system, architecture, variant, version = (
        str(platform.get(key) or "") for key in ("os", "architecture", "variant", "os.version")
    )
    return Platform(
        system, architecture, variant, version, tuple(map(str, platform.get("os.features") or ()))
    )
