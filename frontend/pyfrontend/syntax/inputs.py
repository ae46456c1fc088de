"""What instructions take files from: one `Input` for each source, as written.

Every declaration has `Instruction.inputs`; code that tracks files calls it, and checks no instruction
classes.
"""

from __future__ import annotations

from pyfrontend.giturl import parse_git_ref
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyfrontend.syntax.mounts import MountFlag

# The kinds of inputs.
CONTEXT = "context"  # the build context
STAGE = "stage"  # what FROM or a flag `from` names: a stage, a named context or an image
HTTP, GIT = "http", "git"  # a download, a repository
INLINE = "inline"  # heredocs
NOTHING = "nothing"  # a mount that begins empty, or is no directory at all

REMOTE = (HTTP, GIT)

#: The name of no image at all.
SCRATCH = "scratch"
#: Names that mean something else already: a stage or a context that is called so cannot be reached by name.
RESERVED = frozenset((SCRATCH, CONTEXT))


class Input(NamedTuple):
    """Files that an instruction takes from one place.

    ``name`` is what a flag names, or the address of a remote source; ``paths`` are those in that place, all
    as written.  Within its instruction an input is known by its ``key``, the flag that it comes from:
    ``from``, ``mount.0``.  ``mount`` is that flag if it is a mount.
    """

    kind: str
    name: str = ""
    paths: tuple[str, ...] = ()
    key: str = ""
    mount: MountFlag | None = None


def mount_input(mount: MountFlag, number: int) -> Input:
    """Return what the mount with this ``number`` (from 0) takes; its type counts as it is written."""
    paths = (mount.written("source") or "/",)
    key = f"mount.{number}"
    if mount.from_:
        return Input(STAGE, mount.from_, paths, key, mount)
    kind = mount.written("type").lower()
    is_bind = kind in ("", "bind") or "$" in kind  # what a variable makes of it is not known here
    return Input(CONTEXT, "", paths, key, mount) if is_bind else Input(NOTHING, "", (), key, mount)


def files_and_downloads(sources: Sequence[str]) -> Iterator[Input]:
    """Yield the remote ``sources`` of an ADD one by one, then those in the context together."""
    local = []
    for source in sources:
        kind = _remote_kind(source)
        if kind:
            yield Input(kind, source)
        else:
            local.append(source)
    if local:
        yield Input(CONTEXT, paths=tuple(local))


def _remote_kind(source: str) -> str:
    """Return `GIT` or `HTTP`, empty for a path; what is wrong with an address shows when it is used."""
    try:
        ref = parse_git_ref(source)
    except ValueError:
        ref = None
    if ref is not None and not ref.indistinguishable_from_local:
        return GIT
    return HTTP if source.startswith(("http://", "https://")) else ""
