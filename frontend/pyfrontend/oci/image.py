"""The image config as a value that instructions edit; `pyfrontend.oci.image_json` reads and writes it."""

from __future__ import annotations

from pyfrontend.oci.platforms import Platform
from pyfrontend.record import NamedTuple
from pyfrontend.shared import SharedDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

COMMENT = "buildkit.dockerfile.v0"
#: What a process finds its programs in, where neither the image nor the daemon says (RUN-006).
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Healthcheck(NamedTuple):
    """How to see whether a container works; times in nanoseconds (INS-029, IMG-018)."""

    test: tuple[str, ...] = ()
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0


class History(NamedTuple):
    """One entry of an image's history (IMG-011)."""

    created: str = ""
    created_by: str = ""
    author: str = ""
    comment: str = ""
    empty_layer: bool = False


class _Entries(NamedTuple):
    """A history as a chain, so that 5,000 stages that inherit it share what they have in common."""

    before: _Entries | None
    entry: History


#: Attributes of an `ImageConfig` that its clones need a copy of.
DICTIONARIES = ("_entries", "_values", "exposed_ports", "labels", "volumes")


class ImageConfig:
    """An image config that a stage builds up; `clone` is cheap, edits never show in a clone.

    Names follow the docker image specification; ``created`` is RFC 3339 text or empty, ``diff_ids``
    is None where the image has no list of layers (IMG-017).
    """

    __slots__ = (
        "_entries",
        "_history",
        "_twice",
        "_values",
        "_variables",
        "args_escaped",
        "author",
        "cmd",
        "created",
        "diff_ids",
        "entrypoint",
        "exposed_ports",
        "healthcheck",
        "labels",
        "on_build",
        "platform",
        "rootfs_type",
        "shell",
        "stop_signal",
        "user",
        "volumes",
        "working_dir",
    )

    def __init__(self) -> None:
        """Make an empty config."""
        self.created = ""
        self.author = ""
        self.platform = Platform("", "")
        self.rootfs_type = ""
        self.diff_ids: tuple[str, ...] | None = None
        self._history: _Entries | None = None
        self.user = ""
        self.exposed_ports: SharedDict[None] = SharedDict()
        self.env = []
        self.entrypoint: tuple[str, ...] = ()
        self.cmd: tuple[str, ...] = ()
        self.volumes: SharedDict[None] = SharedDict()
        self.working_dir = ""
        self.labels: SharedDict[str] = SharedDict()
        self.stop_signal = ""
        self.args_escaped = False
        self.healthcheck: Healthcheck | None = None
        self.on_build: tuple[str, ...] = ()
        self.shell: tuple[str, ...] = ()

    @classmethod
    def empty(cls, platform: Platform) -> Self:
        """Return the config of ``FROM scratch`` for ``platform`` (FROM-006, IMG-021)."""
        image = cls()
        image.platform = platform
        image.rootfs_type = "layers"
        image.working_dir = "/"
        if platform.os != "windows":
            image.env = [f"PATH={DEFAULT_PATH}"]
        return image

    def clone(self) -> Self:
        """Return a copy whose edits leave this config alone (STG-010)."""
        self.variables()  # made once for all copies
        twin = type(self).__new__(type(self))
        for name in VALUES:
            setattr(twin, name, getattr(self, name))
        for name in DICTIONARIES:
            setattr(twin, name, getattr(self, name).clone())
        return twin

    @property
    def env(self) -> list[str]:
        """Return the variables as the config has them, ``KEY=value`` each."""
        return [entry for _, entry in self._entries.items()]

    @env.setter
    def env(self, entries: Iterable[str]) -> None:
        found: dict[str, str] = {}
        values: dict[str, str] = {}
        twice: set[str] = set()
        for entry in entries:
            key, _, value = entry.partition("=")
            if key in found:
                twice.add(key)
                del values[key]
                # No name has an equals sign in it.
                found[f"{key}={len(found)}"] = entry
            else:
                found[key] = entry
            values[key] = value
        #: The entries by name, the first where a name comes twice; others under names that nobody asks for.
        self._entries: SharedDict[str] = SharedDict(found)
        #: The values by name, the last where a name comes twice, and the names of which that is so.
        self._values: SharedDict[str] = SharedDict(values)
        self._twice = frozenset(twice)
        #: The last answer of `variables`; stages that start from the same config share it.
        self._variables: SharedDict[str] | None = None

    def set_env(self, key: str, value: str) -> None:
        """Set a variable: an existing key is replaced in place, the first where it comes twice (INS-013)."""
        self._entries[key] = f"{key}={value}"
        if key not in self._twice:
            self._values[key] = value
            self._variables = None

    def variables(self) -> SharedDict[str]:
        """Return the variables in the order in which they take effect: of equal names the last one's.

        The answer never changes; that of a clone, or of a later time, has the same `SharedDict.origin`.
        """
        if self._variables is None:
            self._variables = self._values.clone()
        return self._variables

    def has_env(self, key: str) -> bool:
        """Tell whether the variable ``key`` is set."""
        return key in self._entries

    def set_label(self, key: str, value: str) -> None:
        """Set a label; the later value wins (INS-017)."""
        self.labels[key] = value

    def add_ports(self, ports: Iterable[str]) -> None:
        """Add ports such as ``80/tcp`` (INS-025)."""
        self.exposed_ports.update(dict.fromkeys(ports))

    def add_volumes(self, paths: Iterable[str]) -> None:
        """Add volume paths (INS-039)."""
        self.volumes.update(dict.fromkeys(paths))

    def add_history(self, entry: History) -> None:
        """Append one entry to the history."""
        self._history = _Entries(self._history, entry)

    def history(self) -> list[History]:
        """Return the entries, the oldest first."""
        entries: list[History] = []
        node = self._history
        while node is not None:
            entries.append(node.entry)
            node = node.before
        entries.reverse()
        return entries


#: The other attributes, whose values never change.
VALUES = tuple(name for name in ImageConfig.__slots__ if name not in DICTIONARIES)
