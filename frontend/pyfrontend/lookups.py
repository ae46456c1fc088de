"""Lookups as plain values: questions about images and other sources, and the metadata that answers them."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.pb import ops_pb2


# What a rule does (WIRE-5).
ALLOW, DENY, CONVERT = 0, 1, 2


class SourceRule(NamedTuple):
    """A rule of a source policy of the daemon: what it does with sources whose ``identifier`` matches.

    An asterisk stands for any text, unless the rule is for the one source that it names (``exact``).
    ``convert_to`` is the identifier that takes its place, with these ``attrs``.
    """

    action: int
    identifier: str
    exact: bool = False
    convert_to: str = ""
    attrs: tuple[tuple[str, str], ...] = ()


class ImageQuery(NamedTuple):
    """A question about the image ``name``; ``log_name`` is the line that the progress shows for it.

    ``platform`` is None for that of the worker.  ``store`` names an OCI layout on the client's disk, which
    ``session`` serves; it is empty for an image of a registry.  ``resolve_mode`` says whether one that is
    here already will do: ``default``, ``pull``, ``local``, or empty for the daemon's own choice.
    ``policies`` are source policies that the daemon must apply.
    """

    name: str
    platform: Platform | None = None
    log_name: str = ""
    resolve_mode: str = ""
    session: str = ""
    store: str = ""
    policies: tuple[tuple[SourceRule, ...], ...] = ()


class SourceQuery(NamedTuple):
    """A question about any source; ``git_object`` asks for the raw commit and tag of a repository too."""

    source: ops_pb2.SourceOp
    platform: Platform | None = None
    log_name: str = ""
    resolve_mode: str = ""
    git_object: bool = False
    policies: tuple[tuple[SourceRule, ...], ...] = ()


class ImageMeta(NamedTuple):
    """What a registry says of an image: its name after policies, its digest, and its config as JSON."""

    name: str
    digest: str
    config: bytes


class NotAnImageError(DockerfileError):
    """A source policy made something else of an image: the source with the new ``identifier`` (NCTX-006)."""

    def __init__(self, message: str, identifier: str) -> None:
        """Say what became of the image."""
        super().__init__(message, code="NotAnImage")
        self.identifier = identifier


class GitMeta(NamedTuple):
    """What a git server says of a ref; the raw objects only where they were asked for."""

    checksum: str
    ref: str
    commit_checksum: str
    commit_object: bytes
    tag_object: bytes


class HTTPMeta(NamedTuple):
    """What a web server says of a file; ``last_modified`` in seconds since 1970, None if it did not say."""

    digest: str
    filename: str
    last_modified: int | None


class SourceMeta(NamedTuple):
    """What is known of a source: its identifier and attributes after policies, and one of the three."""

    identifier: str
    attrs: dict[str, str]
    image: ImageMeta | None
    git: GitMeta | None
    http: HTTPMeta | None
