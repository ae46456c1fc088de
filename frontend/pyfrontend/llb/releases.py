"""The first releases that support a feature: a capability in, versions of BuildKit and Docker Engine out.

Daemons list capabilities by names that mean nothing to users.  docs/compatibility.md has the same table.
"""

from __future__ import annotations

from pyfrontend.llb import caps
from pyfrontend.record import NamedTuple


class Release(NamedTuple):
    """The first BuildKit that has a capability, the first Docker Engine with it, and what it is for."""

    buildkit: str
    docker: str
    feature: str


RELEASES = {
    caps.SOURCE_GIT_KNOWN_SSH_HOSTS: Release("0.8", "20.10", "a git repository over SSH"),
    caps.SOURCE_GIT_MOUNT_SSH_SOCK: Release("0.8", "20.10", "a git repository over SSH"),
    caps.FILE_COPY_PATTERNS: Release("0.9", "23.0", "COPY --exclude or --parents"),
    caps.SOURCE_GIT_SUBDIR: Release("0.9", "23.0", "a subdirectory of a git repository"),
    caps.EXEC_MOUNT_TMPFS_SIZE: Release("0.10", "23.0", "RUN --mount=type=tmpfs with size"),
    caps.EXEC_SECRET_ENV: Release("0.10", "23.0", "RUN --mount=type=secret with env"),
    caps.SOURCE_OCI_LAYOUT: Release("0.11", "24.0", "a build context of type oci-layout"),
    caps.FILE_COPY_MODE_TEXT: Release("0.17", "27.4", "--chmod with letters"),
    caps.EXEC_META_CDI: Release("0.20", "28.0", "RUN --device"),
    caps.SOURCE_GIT_CHECKSUM: Release("0.22", "28.2", "the checksum of a git repository"),
    caps.SOURCE_GIT_SKIP_SUBMODULES: Release("0.24", "28.4", "a git repository without its submodules"),
    caps.SOURCE_GIT_MTIME: Release("0.29", "29.4", "SOURCE_DATE_EPOCH or mtime with a git repository"),
    caps.SOURCE_GIT_FETCH_BY_COMMIT: Release("0.30", "29.5", "a git repository with fetch-by-commit"),
}


def not_supported(feature: str, capability: str) -> str:
    """Return the message that this engine cannot do ``feature``, for which it lacks ``capability``."""
    return f"this engine does not support {feature}, which needs {_since(RELEASES[capability])}"


def needs(capability: str) -> str:
    """Return which engine has ``capability``, and what it is for; empty where that is not known."""
    release = RELEASES.get(capability)
    return f"{release.feature} needs {_since(release)}" if release else ""


def _since(release: Release) -> str:
    return f"BuildKit {release.buildkit} (Docker Engine {release.docker}) or newer"
