"""``APT package...``: a RUN that installs Debian packages and keeps the downloads for the next build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.syntax import grammars
from pyfrontend.syntax.declare import instruction
from pyfrontend.syntax.instructions import Run

if TYPE_CHECKING:
    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.fields import Fields

CACHES = ("type=cache,target=/var/cache/apt,sharing=locked", "type=cache,target=/var/lib/apt,sharing=locked")
#: Debian's images delete downloads after each install, which would empty the cache.
INSTALL = (
    "rm -f /etc/apt/apt.conf.d/docker-clean && apt-get -q update"
    " && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "
)


@instruction("APT", grammars.word_list)
class Apt(Run):
    """``APT [flags of RUN] package...``; the shell of the stage expands variables."""

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Turn the packages into the command of a RUN, and add the caches to its mounts."""
        if not line.words:
            raise cls.too_few()
        run = super().read(line)
        return {**run, "args": (INSTALL + " ".join(line.words),), "mounts": (*CACHES, *run.get("mounts", ()))}
