"""What a definition needs and the daemon lacks: an error with the feature, the version and the line."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.caps import lack_of
from pyfrontend.llb.caps import SOURCE_GIT_SUBDIR
from pyfrontend.llb.locations import ops_by_digest, spans_of
from pyfrontend.llb.releases import needs, not_supported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.llb.caps import Capabilities
    from pyfrontend.pb import ops_pb2 as pb


def check(definition: pb.Definition, caps: Capabilities) -> None:
    """Raise DockerfileError for the first capability, by name, that ``definition`` needs and ``caps`` lacks.

    The message begins with that of the reference, for the ops that ask for a capability (GW-013).
    """
    asked = sorted(
        (name, digest)
        for digest, metadata in definition.metadata.items()
        for name in metadata.caps
        if not caps.supports(name)
    )
    for name, digest in asked:
        since = needs(name)
        text = f"{lack_of(caps, name)}{': ' if since else ''}{since}"
        raise DockerfileError(text, *spans_of(definition, digest), code="UnsupportedByDaemon")
    if not caps.supports(SOURCE_GIT_SUBDIR):
        for digest in _git_subdirectories(definition):
            text = not_supported("a subdirectory of a git repository", SOURCE_GIT_SUBDIR)
            raise DockerfileError(text, *spans_of(definition, digest), code="OldEngine")


def _git_subdirectories(definition: pb.Definition) -> Iterator[str]:
    """Yield the sources that are a part of a repository: their ops ask for nothing."""
    for digest, op in ops_by_digest(definition).items():
        if op.source.identifier.startswith("git://") and ":" in op.source.identifier.partition("#")[2]:
            yield digest
