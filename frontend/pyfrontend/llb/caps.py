"""Capabilities: what a BuildKit daemon supports, by name, and the names that this frontend uses."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SOURCE_IMAGE = "source.image"
SOURCE_IMAGE_RESOLVE_MODE = "source.image.resolvemode"
SOURCE_LOCAL = "source.local"
SOURCE_LOCAL_UNIQUE = "source.local.unique"
SOURCE_LOCAL_SESSION_ID = "source.local.sessionid"
SOURCE_LOCAL_FOLLOW_PATHS = "source.local.followpaths"
SOURCE_LOCAL_EXCLUDE_PATTERNS = "source.local.excludepatterns"
SOURCE_LOCAL_SHARED_KEY_HINT = "source.local.sharedkeyhint"
SOURCE_GIT = "source.git"
SOURCE_GIT_KEEP_DIR = "source.git.keepgitdir"
SOURCE_GIT_FULL_URL = "source.git.fullurl"
SOURCE_GIT_KNOWN_SSH_HOSTS = "source.git.knownsshhosts"
SOURCE_GIT_MOUNT_SSH_SOCK = "source.git.mountsshsock"
SOURCE_GIT_SUBDIR = "source.git.subdir"
SOURCE_GIT_CHECKSUM = "source.git.checksum"
SOURCE_GIT_SKIP_SUBMODULES = "source.git.skipsubmodules"
SOURCE_GIT_MTIME = "source.git.mtime"
SOURCE_GIT_FETCH_BY_COMMIT = "source.git.fetchbycommit"
SOURCE_HTTP = "source.http"
SOURCE_HTTP_CHECKSUM = "source.http.checksum"
SOURCE_OCI_LAYOUT = "source.ocilayout"

EXEC_META_BASE = "exec.meta.base"
EXEC_META_CGROUP_PARENT = "exec.meta.cgroup.parent"
EXEC_META_NETWORK = "exec.meta.network"
EXEC_META_PROXY = "exec.meta.proxyenv"
EXEC_META_SECURITY = "exec.meta.security"
EXEC_META_SETS_DEFAULT_PATH = "exec.meta.setsdefaultpath"
EXEC_META_ULIMIT = "exec.meta.ulimit"
EXEC_META_CDI = "exec.meta.cdi"
EXEC_META_LINUX_RESOURCES = "exec.meta.linux.resources"
EXEC_MOUNT_BIND = "exec.mount.bind"
EXEC_MOUNT_BIND_NO_OUTPUT = "exec.mount.bind.readwrite-nooutput"
EXEC_MOUNT_CACHE = "exec.mount.cache"
EXEC_MOUNT_CACHE_SHARING = "exec.mount.cache.sharing"
EXEC_MOUNT_SELECTOR = "exec.mount.selector"
EXEC_MOUNT_TMPFS = "exec.mount.tmpfs"
EXEC_MOUNT_TMPFS_SIZE = "exec.mount.tmpfs.size"
EXEC_MOUNT_SECRET = "exec.mount.secret"  # noqa: S105 - a capability's name
EXEC_MOUNT_SSH = "exec.mount.ssh"
EXEC_SECRET_ENV = "exec.secretenv"  # noqa: S105 - a capability's name

FILE_BASE = "file.base"
FILE_COPY_PATTERNS = "file.copy.includeexcludepatterns"
FILE_COPY_REQUIRED = "file.copy.requiredpaths"
#: BuildKit has no capability for symbolic modes that daemons list; this one came with the same release.
FILE_COPY_MODE_TEXT = "exec.validexitcode"
FILE_RM_WILDCARD = "file.rm.wildcard"
MERGE = "mergeop"
DIFF = "diffop"

#: A member of the image config: HEALTHCHECK --start-interval.
START_INTERVAL = "StartInterval"

CONSTRAINTS = "constraints"
PLATFORM = "platform"
META_IGNORE_CACHE = "meta.ignorecache"
META_DESCRIPTION = "meta.description"
META_EXPORT_CACHE = "meta.exportcache"

#: What a daemon understands that is too old to tell (WIRE-6, "frozen default list").
DEFAULTS = (
    SOURCE_IMAGE,
    SOURCE_LOCAL,
    SOURCE_LOCAL_UNIQUE,
    SOURCE_LOCAL_SESSION_ID,
    "source.local.includepatterns",
    SOURCE_LOCAL_FOLLOW_PATHS,
    SOURCE_LOCAL_EXCLUDE_PATTERNS,
    SOURCE_LOCAL_SHARED_KEY_HINT,
    SOURCE_GIT,
    SOURCE_GIT_KEEP_DIR,
    SOURCE_GIT_FULL_URL,
    SOURCE_HTTP,
    SOURCE_HTTP_CHECKSUM,
    "source.http.perm",
    "soruce.http.uidgid",  # the misspelling is BuildKit's own
    "source.buildop.llbfilename",
    EXEC_META_BASE,
    EXEC_META_PROXY,
    EXEC_MOUNT_BIND,
    EXEC_MOUNT_CACHE,
    EXEC_MOUNT_CACHE_SHARING,
    EXEC_MOUNT_SELECTOR,
    EXEC_MOUNT_TMPFS,
    EXEC_MOUNT_SECRET,
    CONSTRAINTS,
    PLATFORM,
    META_IGNORE_CACHE,
    META_DESCRIPTION,
    META_EXPORT_CACHE,
)


class Capabilities:
    """The capabilities that one daemon has switched on; equal when the names are.

    ``drops`` has the members of an image config that it does not keep.  ``by_wire`` is false for a stand-in
    in this process, to which nothing has to be marshalled.
    """

    __slots__ = ("drops", "enabled")

    by_wire = True

    def __init__(self, enabled: Iterable[str] = ()) -> None:
        """Remember the names that are ``enabled``."""
        self.enabled = frozenset(enabled)
        self.drops: frozenset[str] = frozenset()

    def supports(self, name: str) -> bool:
        """Tell whether the daemon understands ``name``."""
        return name in self.enabled

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Capabilities) and self.enabled == other.enabled

    def __hash__(self) -> int:
        return hash(self.enabled)

    def __repr__(self) -> str:
        return f"Capabilities({sorted(self.enabled)})"
