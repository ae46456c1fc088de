"""Sources: images, directories of the client, git, http and OCI layouts, each as a `State`.

The identifiers and attributes are those of WIRE-7; one attribute more or less changes the digest.
"""

from __future__ import annotations

from pyfrontend.giturl import locate
from pyfrontend.golang.json import json_text
from pyfrontend.golang.paths import join
from pyfrontend.llb import caps
from pyfrontend.llb.ops import NO_META, Output, Source
from pyfrontend.llb.state import State
from pyfrontend.oci.platforms import normalize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.giturl import GitRef
    from pyfrontend.llb.ops import OpMeta
    from pyfrontend.oci.platforms import Platform


def image(
    ref: str, platform: Platform | None = None, *, resolve_mode: str = "", meta: OpMeta = NO_META
) -> State:
    """Return the image ``ref``, which is normalized and should name a digest (LLB-017).

    ``resolve_mode`` is ``pull``, ``local``, or ``default`` and empty for neither.
    """
    attrs: dict[str, str] = {}
    needs = [caps.SOURCE_IMAGE]
    if resolve_mode not in ("", "default"):
        attrs["image.resolvemode"] = resolve_mode
    if resolve_mode == "pull":
        needs.append(caps.SOURCE_IMAGE_RESOLVE_MODE)
    return _state("docker-image://" + ref, attrs, needs, platform, meta)


def oci_layout(
    ref: str,
    platform: Platform | None = None,
    *,
    session_id: str = "",
    store_id: str = "",
    meta: OpMeta = NO_META,
) -> State:
    """Return the image ``ref`` (name and digest) out of the client's layout ``store_id``."""
    attrs = _set({"oci.session": session_id, "oci.store": store_id})
    return _state("oci-layout://" + ref, attrs, [caps.SOURCE_OCI_LAYOUT], platform, meta)


def local(  # noqa: PLR0913 - one setting for each attribute
    name: str,
    *,
    session_id: str = "",
    unique: str = "",
    follow_paths: Sequence[str] = (),
    exclude_patterns: Sequence[str] = (),
    shared_key: str = "",
    differ: str = "",
    meta: OpMeta = NO_META,
) -> State:
    """Return the client's directory ``name``, all of it unless ``follow_paths`` name parts.

    Without a ``session_id`` any session of the build may send it, and ``unique`` keeps it apart from
    those of other builds.
    """
    attrs = _set(
        {
            "local.session": session_id,
            "local.followpaths": json_text(list(follow_paths)) if follow_paths else "",
            "local.excludepatterns": json_text(list(exclude_patterns)) if exclude_patterns else "",
            "local.sharedkeyhint": shared_key,
            "local.differ": differ,
        }
    )
    if not session_id:
        attrs["local.unique"] = unique
    needs = [cap for key, cap in _LOCAL_CAPS.items() if key in attrs]
    return _state("local://" + name, attrs, [caps.SOURCE_LOCAL, *needs], None, meta)


def http(url: str, *, filename: str = "", checksum: str = "", meta: OpMeta = NO_META) -> State:
    """Return the file at ``url`` under the name ``filename``; ``checksum`` is a digest or empty."""
    attrs = _set({"http.checksum": checksum, "http.filename": filename})
    needs = [caps.SOURCE_HTTP]
    if checksum:
        needs.append(caps.SOURCE_HTTP_CHECKSUM)
    return _state(url, attrs, needs, None, meta)


def git(
    ref: GitRef,
    *,
    keep_git_dir: bool = False,
    checksum: str = "",
    mtime: str = "",
    meta: OpMeta = NO_META,
) -> State:
    """Return the files of the repository ``ref`` (LLB-015, LLB-016).

    The identifier names host and path only, so that ssh and https give the same one; a remote that is
    none stands for itself, and fails in the daemon.
    """
    try:
        place = locate(ref.remote)
    except ValueError:
        identifier, url, over_ssh = ref.remote, ref.remote, False
    else:
        identifier, url, over_ssh = place.host + join("/", place.path), place.remote, place.scheme == "ssh"
        if ref.ref or ref.subdir:
            identifier += f"#{ref.ref}:{ref.subdir}" if ref.subdir else f"#{ref.ref}"
    attrs = {
        "git.fullurl": url,
        "git.authtokensecret": "GIT_AUTH_TOKEN",
        "git.authheadersecret": "GIT_AUTH_HEADER",
    }
    optional = {
        "git.keepgitdir": "true" if keep_git_dir else "",
        "git.checksum": checksum,
        "git.skipsubmodules": "true" if ref.submodules is False else "",
        "git.mtime": mtime,
        "git.fetchbycommit": "true" if ref.fetch_by_commit else "",
        "git.mountsshsock": "default" if over_ssh else "",
    }
    attrs |= _set(optional)
    needs = [cap for key, cap in _GIT_CAPS.items() if key in attrs]
    if over_ssh:
        # The keys of hosts are left to the daemon, because there is no network here to request them.
        needs.append(caps.SOURCE_GIT_KNOWN_SSH_HOSTS)
    return _state("git://" + identifier, attrs, [caps.SOURCE_GIT, *needs], None, meta)


_LOCAL_CAPS = {
    "local.session": caps.SOURCE_LOCAL_SESSION_ID,
    "local.unique": caps.SOURCE_LOCAL_UNIQUE,
    "local.followpaths": caps.SOURCE_LOCAL_FOLLOW_PATHS,
    "local.excludepatterns": caps.SOURCE_LOCAL_EXCLUDE_PATTERNS,
    "local.sharedkeyhint": caps.SOURCE_LOCAL_SHARED_KEY_HINT,
}
_GIT_CAPS = {
    "git.fullurl": caps.SOURCE_GIT_FULL_URL,
    "git.keepgitdir": caps.SOURCE_GIT_KEEP_DIR,
    "git.checksum": caps.SOURCE_GIT_CHECKSUM,
    "git.skipsubmodules": caps.SOURCE_GIT_SKIP_SUBMODULES,
    "git.mtime": caps.SOURCE_GIT_MTIME,
    "git.fetchbycommit": caps.SOURCE_GIT_FETCH_BY_COMMIT,
    "git.mountsshsock": caps.SOURCE_GIT_MOUNT_SSH_SOCK,
}


def _set(attrs: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in attrs.items() if value}


def _state(
    identifier: str, attrs: dict[str, str], needs: list[str], platform: Platform | None, meta: OpMeta
) -> State:
    source = Source(identifier, attrs, caps=tuple(needs), platform=platform, meta=meta)
    return State(Output(source), platform=normalize(platform) if platform else None)
