"""Digests of downloads and repositories for daemons that cannot look them up: the daemon fetches them.

The digest is that of what was fetched: the bytes of a file, or the commit that is checked out.
"""

from __future__ import annotations

from hashlib import sha256

from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.sources import git, http

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Ref
    from pyfrontend.giturl import GitRef
    from pyfrontend.llb.state import State

#: What a download is called here, and how much of it is read at once: less than a message may hold.
NAME, CHUNK = "download", 4 << 20
HEAD = ".git/HEAD"


def file_digest(session: Session, url: str) -> str:
    """Return the digest of the file at ``url``; raises `BridgeError` where it cannot be fetched."""
    ref = _fetched(session, http(url, filename=NAME))
    found = sha256()
    size = 0
    while ref is not None:
        data = session.bridge.read_file(ref, NAME, offset=size, length=CHUNK)
        found.update(data)
        size += len(data)
        if len(data) < CHUNK:
            break
    return f"sha256:{found.hexdigest()}"


def commit(session: Session, ref: GitRef) -> str:
    """Return the commit that ``ref`` names now; raises `BridgeError` where it cannot be fetched."""
    whole = ref._replace(subdir="", submodules=False)
    fetched = _fetched(session, git(whole, keep_git_dir=True))
    return (
        "" if fetched is None else session.bridge.read_file(fetched, HEAD).decode("ascii", "replace").strip()
    )


def _fetched(session: Session, state: State) -> Ref | None:
    definition = marshal(state.output, caps=session.bridge.llb_caps)
    return session.bridge.solve(SolveRequest(definition)).single_ref()
