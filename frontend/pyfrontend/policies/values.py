"""What a policy is given, a `Source`, and what it returns: `Allow`, `Deny`, `Rewrite`, or None."""

from __future__ import annotations

from pyfrontend.golang.paths import join
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.span import Span

# The kinds of sources.
IMAGE = "image"
#: An image in an OCI layout on the client's disk.
LAYOUT = "oci-layout"
GIT, HTTP = "git", "http"
#: A directory of the client that a named context stands for.
LOCAL = "local"
#: What bake has built from another target.
TARGET = "target"

# What names a source that no instruction names.
BUILD_CONTEXT = "--build-context"
MAIN_CONTEXT = "build context"
SCANNER = "--sbom"
SYNTAX = "BUILDKIT_SYNTAX"
LOCK = "--call=lock"
#: A graph that others have made: an input of bake, an instruction of a plugin.
GRAPH = "graph"


class Allow(NamedTuple):
    """The policy has nothing against the source; the others are asked all the same, as after None."""


class Deny(NamedTuple):
    """The build ends at the line that names the source; ``message`` says why, and what to do."""

    message: str


class Rewrite(NamedTuple):
    """The source ``ref``, of the same kind, takes the place of this one; all policies are asked about it."""

    ref: str


class Source(NamedTuple):
    """What a build is about to take from elsewhere.

    - ``kind``: ``image``, ``oci-layout``, ``git``, ``http``, ``local``, ``target`` if bake has built it, or
      the scheme of a context that a plugin loads.
    - ``ref``: its whole name as the daemon gets it: ``docker.io/library/node:22``, or the address of a
      download or repository.  ``written`` is what stands in the Dockerfile, its variables replaced.
    - ``registry``, ``repository``, ``tag``, ``digest``: the parts of an image.  The registry is in lower
      case, ``docker.io`` by all its names, without ``:443``; the tag is ``latest`` where neither tag nor
      digest is written.  Of an address, ``registry`` and ``repository`` are host and path.
    - ``url``: the address of a ``git`` or ``http`` source; ``checksum``: the digest that a download must
      have, or the commit that a repository is taken at, empty for one that may change.
    - ``platform``: ``linux/amd64``, empty where it has none.
    - ``instruction``: ``FROM``, ``COPY``, ``RUN`` (a mount), ``ADD``; or what else names it:
      ``--build-context``, ``build context`` (the main one), ``--sbom``, ``--call=lock``,
      ``BUILDKIT_SYNTAX``, or ``graph`` where bake or a plugin has put it into the graph.  ``context`` is the
      name of a named context.
    - ``stage``, ``file``, ``line``: where it is named first, 0 and empty where that is in no file.
    - ``rewritten``: the names that policies replaced to arrive at this one, the first of them the original;
      ``rewritten_by``: the plugin or variable of the policy that replaced the last of them.
    """

    kind: str
    ref: str
    written: str = ""
    registry: str = ""
    repository: str = ""
    tag: str = ""
    digest: str = ""
    url: str = ""
    checksum: str = ""
    platform: str = ""
    instruction: str = ""
    context: str = ""
    stage: str = ""
    file: str = ""
    line: int = 0
    rewritten: tuple[str, ...] = ()
    rewritten_by: str = ""

    @property
    def host(self) -> str:
        """The registry of an image, the host of an address: in lower case, without the usual port."""
        return self.registry

    @property
    def name(self) -> str:
        """An image without tag and digest, ``docker.io/library/node``; host and path of an address."""
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    def is_within(self, *places: str) -> bool:
        """Tell whether the source comes from one of ``places``: a host, or host and beginning of a path.

        Whole parts of a path count: ``example.com/team`` has ``example.com/team/app`` and not
        ``example.com/teamwork``, and ``example.com`` has neither ``example.com.evil.net`` nor
        ``example.com:5000``.  An address that leads up with ``..`` is within its host, and within no path.
        """
        name = self.name
        return any(name == place or name.startswith(f"{place}/") for place in places)


class NamedPolicy(NamedTuple):
    """A policy with what errors call it: its name, and the plugin or variable that it comes from."""

    name: str
    plugin: str
    function: Callable[[Source], Allow | Deny | Rewrite | None]

    @property
    def shown(self) -> str:
        """What errors call it."""
        return f"{self.name} ({self.plugin})"


class Use(NamedTuple):
    """Where a source is named: as it is written, by which instruction, in which stage and lines."""

    written: str
    instruction: str
    stage: str = ""
    span: Span | None = None
    context: str = ""


def clean_path(path: str) -> str:
    """Return the path of an address without doubled slashes; one that leads up begins with ``..``."""
    if ".." in path.split("/"):
        return "../" + path.lstrip("/")
    return join("/", path).removeprefix("/")
