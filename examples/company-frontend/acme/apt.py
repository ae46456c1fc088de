"""An instruction: ``APT curl git`` installs Debian packages, and keeps the downloads for the next build."""

from pyfrontend.api import DockerfileError, macro

CACHES = (
    "--mount=type=cache,target=/var/cache/apt,sharing=locked"
    " --mount=type=cache,target=/var/lib/apt,sharing=locked"
)
# Debian's images delete downloads after each install, which would empty the cache.
KEEP = "rm -f /etc/apt/apt.conf.d/docker-clean"
INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends"


@macro("APT")
def apt(*packages: str) -> str:
    """Return the line that ``APT package...`` stands for."""
    if not packages:
        raise DockerfileError("APT needs a package, as in: APT curl")
    return f"RUN {CACHES} {KEEP} && apt-get update -q && {INSTALL} {' '.join(packages)}"
