"""``APT package...``: installs Debian packages and keeps the downloads for the next build."""

from __future__ import annotations

from pyfrontend.api import DockerfileError, macro

CACHES = (
    "--mount=type=cache,target=/var/cache/apt,sharing=locked"
    " --mount=type=cache,target=/var/lib/apt,sharing=locked"
)
#: Debian images delete downloads after each install, which would empty the cache.
INSTALL = (
    "rm -f /etc/apt/apt.conf.d/docker-clean && apt-get -q update"
    " && DEBIAN_FRONTEND=noninteractive apt-get -qy install"
)


@macro("APT")
def apt(*packages: str, recommends: bool = False) -> str:
    """``APT [--recommends] package...``; the shell of the stage expands variables."""
    if not packages:
        raise DockerfileError("APT needs a package, as in: APT curl")
    option = "" if recommends else " --no-install-recommends"
    return f"RUN {CACHES} {INSTALL}{option} {' '.join(packages)}"
