"""``APT package...``: a RUN that installs Debian packages and keeps the downloads for the next build."""

# ruff: noqa: INP001 - a plugin may be one module and no package
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyfrontend.errors import DockerfileError
from pyfrontend.syntax import grammars
from pyfrontend.syntax.declare import instruction, read_flags
from pyfrontend.syntax.instructions import Run
from pyfrontend.syntax.readers import reads

if TYPE_CHECKING:
    from pyfrontend.syntax.lines import Line

CACHES = ("type=cache,target=/var/cache/apt,sharing=locked", "type=cache,target=/var/lib/apt,sharing=locked")
#: Debian's images delete downloads after each install, which would empty the cache.
INSTALL = (
    "rm -f /etc/apt/apt.conf.d/docker-clean && apt-get -q update"
    " && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "
)


@instruction("APT", grammars.spaced)
class Apt(Run):
    """``APT [flags of RUN] package...``; the shell of the stage expands variables."""


@reads(Apt)
def _apt(line: Line) -> dict[str, Any]:
    packages = line.arguments.words
    if not packages:
        raise DockerfileError("APT requires at least one package")
    flags = read_flags(Apt, line.flags)
    mounts = (*CACHES, *flags.pop("mounts", ()))
    return {"args": (INSTALL + " ".join(packages),), "shell": True, "heredocs": (), "mounts": mounts, **flags}
