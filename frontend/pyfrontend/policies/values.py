"""The argument of a policy, a `Source`, and its result: `Allow`, `Deny`, `Rewrite`, or None."""

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
    """The policy does not object to the source; like after None, the other policies still apply."""


class Deny(NamedTuple):
    """The build fails at the line that names the source; ``message`` says why, and what to do."""

    message: str


class Rewrite(NamedTuple):
    """The source is replaced with ``ref``, of the same kind, which is passed to all policies again."""

    ref: str


class Source(NamedTuple):
    """Something that a build is about to fetch.

    - ``kind``: ``image``, ``oci-layout``, ``git``, ``http``, ``local``, ``target`` if bake has built it, or
      the scheme of a context that a plugin loads.
    - ``ref``: its full name as passed to the daemon: ``docker.io/library/node:22``, or the URL of a download
      or repository.  ``written`` is the name in the Dockerfile, with variables expanded.
    - ``registry``, ``repository``, ``tag``, ``digest``: the parts of an image.  The registry is in
      lowercase, always ``docker.io`` for Docker Hub, and without ``:443``; the tag is ``latest`` if neither
      tag nor digest is written.  For a URL, ``registry`` and ``repository`` are host and path.
    - ``url``: the URL of a ``git`` or ``http`` source; ``checksum``: the expected digest of a download, or
      the commit of a repository, empty if it may change.
    - ``platform``: such as ``linux/amd64``, and ``linux/arm64`` for ``linux/arm64/v8``; empty if it has none.
    - ``instruction``: ``FROM``, ``COPY``, ``RUN`` (a mount), ``ADD``; or what else names it:
      ``--build-context``, ``build context`` (the main one), ``--sbom``, ``--call=lock``,
      ``BUILDKIT_SYNTAX``, or ``graph`` if bake or a plugin has added it to the graph.  ``context`` is the
      name of a named context.
    - ``stage``, ``file``, ``line``: where it is first named; empty and 0 if that is not in a file.
    - ``rewritten``: the names that policies replaced to arrive at this one, the original first;
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
        """The registry of an image, or the host of a URL: in lowercase, without the default port."""
        return self.registry

    @property
    def name(self) -> str:
        """An image without tag and digest, ``docker.io/library/node``, or the host and path of a URL."""
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    def is_within(self, *places: str) -> bool:
        """Tell whether the source comes from one of ``places``: a host, or a host and the start of a path.

        Paths are compared by whole components: ``example.com/team`` includes ``example.com/team/app`` but not
        ``example.com/teamwork``, and ``example.com`` includes neither ``example.com.evil.net`` nor
        ``example.com:5000``.  A URL that leads up with ``..`` is within its host, but not within any path.
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
