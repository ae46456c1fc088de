"""``frontend.lock``, ``lock-check`` and ``lock-policy``: write, compare and translate Dockerfile.lock."""

from __future__ import annotations

from functools import partial

from pyfrontend.display import one_line
from pyfrontend.driver.extended import rewritten, words_of
from pyfrontend.driver.locks import context_names, find_lock_file, lock_name
from pyfrontend.driver.subrequests import PREFIX
from pyfrontend.driver.subrequests.document import texts
from pyfrontend.errors import DAEMON_ERROR, DockerfileError, located
from pyfrontend.extend.lockfile import GIT, HTTP, IMAGE, Key, Pin, lock_text, read_lock
from pyfrontend.extend.locking import Lock
from pyfrontend.extend.words import PINNED
from pyfrontend.gateway.errors import UNIMPLEMENTED, BridgeError
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
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.pb.ops_pb2 import SourceOp
    from pyfrontend.span import Span

    Found = dict[Key, Span | None]
    #: From a session, a reference and its lines to the present digest.
    LookUp = Callable[[Session, Key, Span | None], str]


def respond(session: Session) -> Result:
    """Return the lock as a file and a text, what would change in it, or the policy that stands for it."""
    name = (session.options.request_id or "").removeprefix(PREFIX)
    return {"lock": _write, "lock-check": _check, "lock-policy": _policy}[name](session)


def _write(session: Session) -> Result:
    """Look up all references, those of the present lock too, and return the new file."""
    file = find_lock_file(session)
    found: Found = {key: pin.span for key, pin in read_lock(file).items()} if file else {}
    text = lock_text(_looked_up(session, found | _references(session), _digest)) + _rewrites(session)
    result = texts({"filename": lock_name(session), "lock": text}, text)
    state = State().file((mkfile(f"/{lock_name(session)}", 0o644, text),))
    definition = marshal(state.output, caps=session.bridge.llb_caps)
    result.ref = session.bridge.solve(SolveRequest(definition)).single_ref()
    return result


def _rewrites(session: Session) -> str:
    """Return comments that say which references were looked up elsewhere: entries have them as written."""
    rewrites = session.guard.rewrites() if session.guard is not None else []
    rows = (f"# {source}: digest of {taken} ({policy})" for source, taken, policy in rewrites)
    return "".join(f"{one_line(row)}\n" for row in rows)


def _check(session: Session) -> Result:
    """Compare the lock with what is found now; the status is 1 where they differ.

    Digests that cannot be looked up, as without BuildKit, are not compared.
    """
    name, file = lock_name(session), find_lock_file(session)
    pins = read_lock(file) if file else {}
    now = _looked_up(session, _references(session), _digest_if_known)
    rows = list(_differences(pins, now))
    same = (
        "is up to date"
        if all(pin.digest for pin in now.values())
        else "has all entries; digests were not compared"
    )
    result = texts(
        {"filename": name, "changes": rows}, "".join(f"{row}\n" for row in rows) or f"{name} {same}\n"
    )
    result.metadata["result.statuscode"] = b"1" if rows else b"0"
    return result


def _differences(pins: Mapping[Key, Pin], now: Mapping[Key, Pin]) -> Iterator[str]:
    """Yield a row for each entry that is missing, unused or of another digest, by kind and reference."""
    for key in sorted({*pins, *now}):
        entry = f"{key.kind} {key.reference}"
        if key not in pins:
            yield f"+ {entry} {now[key].digest}".rstrip()
        elif key not in now:
            yield f"- {entry} {pins[key].digest}"
        elif now[key].digest not in {"", pins[key].digest}:
            yield f"~ {entry} {pins[key].digest} -> {now[key].digest}"


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
    read = read_lines(session.loaded.file, session.language)
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


def _looked_up(session: Session, found: Mapping[Key, Span | None], look_up: LookUp) -> dict[Key, Pin]:
    """Return the present digest of each reference; raises `DockerfileError` at the line of one without."""
    calls = [partial(look_up, session, key, span) for key, span in found.items()]
    return dict(zip(found, map(Pin, gather(calls)), strict=True))


def _digest_if_known(session: Session, key: Key, span: Span | None) -> str:
    """Do as `_digest`, and return an empty text where nobody can look the reference up."""
    try:
        return _digest(session, key, span)
    except DockerfileError as error:
        if isinstance(error.__cause__, BridgeError) and error.__cause__.code == UNIMPLEMENTED:
            return ""
        raise


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
        return _fetched_digest(session, key)


def _fetched_digest(session: Session, key: Key) -> str:
    """Return the digest of what the daemon fetches: older ones can look up images only."""
    from pyfrontend.driver.downloads import commit, file_digest

    ref = parse_git_ref(key.reference) if key.kind == GIT else None
    try:
        return file_digest(session, key.reference) if ref is None else commit(session, ref)
    except BridgeError as error:
        raise DockerfileError(error.message, code=DAEMON_ERROR) from error


def _op(key: Key) -> SourceOp:
    """Return the source that ADD makes of a reference."""
    ref = parse_git_ref(key.reference) if key.kind == GIT else None
    state = http(key.reference) if ref is None else git(ref)
    output = state.output
    vertex: Any = output.vertex if output else None
    op: SourceOp = vertex.message()
    return op
