"""``frontend.lock``, ``lock-check`` and ``lock-policy``: Dockerfile.lock is written, compared, translated."""

from __future__ import annotations

from functools import partial

from pyfrontend.driver.extended import rewritten, words_of
from pyfrontend.driver.locks import context_names, find_lock_file, lock_name
from pyfrontend.driver.subrequests import PREFIX
from pyfrontend.driver.subrequests.document import texts
from pyfrontend.errors import DockerfileError, located
from pyfrontend.extend.lockfile import GIT, HTTP, IMAGE, Key, Pin, lock_text, read_lock
from pyfrontend.extend.locking import Lock
from pyfrontend.extend.words import PINNED
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.giturl import parse_git_ref
from pyfrontend.golang.json import indented_json
from pyfrontend.llb.fileop import mkfile
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.sources import git, http
from pyfrontend.llb.state import State
from pyfrontend.lookups import ImageQuery, SourceQuery
from pyfrontend.parallel import gather
from pyfrontend.syntax.lines import read_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.pb.ops_pb2 import SourceOp
    from pyfrontend.span import Span

    Found = dict[Key, Span | None]


def respond(session: Session) -> Result:
    """Return the lock as a file and a text, what would change in it, or the policy that stands for it."""
    name = (session.options.request_id or "").removeprefix(PREFIX)
    return {"lock": _write, "lock-check": _check, "lock-policy": _policy}[name](session)


def _write(session: Session) -> Result:
    """Look up all references, those of the present lock too, and return the new file."""
    file = find_lock_file(session)
    found: Found = {key: pin.span for key, pin in read_lock(file).items()} if file else {}
    text = lock_text(_looked_up(session, found | _references(session)))
    result = texts({"filename": lock_name(session), "lock": text}, text)
    state = State().file((mkfile(f"/{lock_name(session)}", 0o644, text),))
    definition = marshal(state.output, caps=session.bridge.llb_caps)
    result.ref = session.bridge.solve(SolveRequest(definition)).single_ref()
    return result


def _check(session: Session) -> Result:
    """Compare the lock with what is found now; the status is 1 where they differ."""
    file = find_lock_file(session)
    pins = read_lock(file) if file else {}
    references = _references(session)
    now = _looked_up(session, references)
    rows = [
        *(f"+ {key.kind} {key.reference} {pin.digest}" for key, pin in now.items() if key not in pins),
        *(f"- {key.kind} {key.reference} {pin.digest}" for key, pin in pins.items() if key not in now),
        *(
            f"~ {key.kind} {key.reference} {pins[key].digest} -> {pin.digest}"
            for key, pin in now.items()
            if key in pins and pin.digest and pin.digest != pins[key].digest
        ),
    ]
    rows.sort(key=lambda row: row[2:])
    text = "".join(f"{row}\n" for row in rows) or f"{lock_name(session)} is up to date\n"
    result = texts({"filename": lock_name(session), "changes": rows}, text)
    result.metadata["result.statuscode"] = b"1" if rows else b"0"
    return result


def _policy(session: Session) -> Result:
    """Return the lock as a source policy of BuildKit, which any frontend heeds."""
    file = find_lock_file(session)
    if file is None:
        raise DockerfileError(f"there is no {lock_name(session)}", code="NoLock")
    document = {"rules": [_rule(key, pin) for key, pin in sorted(read_lock(file).items())]}
    return texts(document, indented_json(document))


def _rule(key: Key, pin: Pin) -> dict[str, Any]:
    if key.kind == IMAGE:
        identifier = f"docker-image://{key.reference}"
        updates: dict[str, Any] = {"identifier": f"{identifier}@{pin.digest}"}
    elif key.kind == HTTP:
        identifier, updates = key.reference, {"attrs": {"http.checksum": pin.digest}}
    else:
        identifier, updates = _op(key).identifier, {"attrs": {"git.checksum": pin.digest}}
    return {"action": "CONVERT", "selector": {"identifier": identifier}, "updates": updates}


def _references(session: Session) -> Found:
    """Return what the Dockerfile takes from elsewhere, for all platforms that are asked for."""
    read = read_lines(session.loaded.file)
    platforms: list[Platform | None] = [*session.options.platforms] or [session.platform]
    words = words_of(session)
    found: Found = {}
    for platform in platforms:
        lock = Lock(PINNED, lock_name(session), {}, context_names(session))
        document = rewritten(session, read, platform, words, lock)
        error = document.error()
        if error is not None:
            raise error
        found |= {use.key: use.span for use in lock.uses if use.key not in found}
    return found


def _looked_up(session: Session, found: Mapping[Key, Span | None]) -> dict[Key, Pin]:
    """Return the present digest of each reference; raises `DockerfileError` at the line of one without."""
    calls = [partial(_digest, session, key, span) for key, span in found.items()]
    return dict(zip(found, map(Pin, gather(calls)), strict=True))


def _digest(session: Session, key: Key, span: Span | None) -> str:
    with located(span):
        if key.kind == IMAGE:
            log_name = f"[internal] load metadata for {key.reference}"
            platform = (
                session.options.platforms[0]
                if session.options.platforms
                else session.options.build_platforms[0]
            )
            query = ImageQuery(key.reference, platform, log_name, session.options.resolve_mode)
            return session.images.resolve(query).digest
        meta = session.sources.resolve(SourceQuery(_op(key), log_name=f"[internal] resolve {key.reference}"))
        if meta.http is not None:
            return meta.http.digest
        if meta.git is not None:
            return meta.git.commit_checksum or meta.git.checksum
        raise DockerfileError(f"this daemon cannot look up {key.reference}", code="UnsupportedByDaemon")


def _op(key: Key) -> SourceOp:
    """Return the source that ADD makes of a reference."""
    ref = parse_git_ref(key.reference) if key.kind == GIT else None
    state = http(key.reference) if ref is None else git(ref)
    output = state.output
    vertex: Any = output.vertex if output else None
    op: SourceOp = vertex.message()
    return op
