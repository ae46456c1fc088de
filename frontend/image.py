"""The image config: JSON in, a value that instructions edit, JSON out in the bytes that Go would write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from frontend.platforms import Platform
from frontend.values import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COMMENT = "buildkit.dockerfile.v0"
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Healthcheck(NamedTuple):
    """How to see whether a container works; times in nanoseconds (features.md INS-029, IMG-018)."""

    test: tuple[str, ...] = ()
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0


class History(NamedTuple):
    """One entry of an image's history (features.md IMG-011)."""

    created: str = ""
    created_by: str = ""
    author: str = ""
    comment: str = ""
    empty_layer: bool = False


class _Entries(NamedTuple):
    """A history as a chain, so that 5,000 stages that inherit it share what they have in common."""

    before: _Entries | None
    entry: History


class ImageConfig:
    """An image config that a stage builds up; `clone` is cheap, edits never show in a clone.

    Names follow the docker image specification; ``created`` is RFC 3339 text or empty, ``diff_ids``
    is None where the image has no list of layers (features.md IMG-017).
    """

    __slots__ = (
        "_env_index",
        "_history",
        "_owned",
        "args_escaped",
        "author",
        "cmd",
        "created",
        "diff_ids",
        "entrypoint",
        "env",
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
        self.exposed_ports: dict[str, None] = {}
        self.env: list[str] = []
        self.entrypoint: tuple[str, ...] = ()
        self.cmd: tuple[str, ...] = ()
        self.volumes: dict[str, None] = {}
        self.working_dir = ""
        self.labels: dict[str, str] = {}
        self.stop_signal = ""
        self.args_escaped = False
        self.healthcheck: Healthcheck | None = None
        self.on_build: tuple[str, ...] = ()
        self.shell: tuple[str, ...] = ()
        self._owned: set[str] = set()
        self._env_index: dict[str, int] | None = None

    @classmethod
    def empty(cls, platform: Platform) -> Self:
        """Return the config of ``FROM scratch`` for ``platform`` (features.md FROM-006, IMG-021)."""
        image = cls()
        image.platform = platform
        image.rootfs_type = "layers"
        image.working_dir = "/"
        if platform.os != "windows":
            image.env = [f"PATH={DEFAULT_PATH}"]
        return image

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read ``data``, the JSON of an image config, dropping unknown members (features.md IMG-004).

        Raises ValueError where the text is no JSON object of the right shape.
        """
        document = json.loads(data)
        if not isinstance(document, dict):
            raise ValueError("image config is not a JSON object")  # noqa: TRY004 - one error type for the caller
        image = cls()
        _read_outer(image, document)
        _read_config(image, document.get("config") or {})
        return image

    def clone(self) -> Self:
        """Return a copy whose edits leave this config alone (features.md STG-010)."""
        twin = type(self).__new__(type(self))
        for name in ImageConfig.__slots__:
            setattr(twin, name, getattr(self, name))
        twin._owned = set()  # noqa: SLF001 - its own class
        self._owned = set()
        return twin

    def set_env(self, key: str, value: str) -> None:
        """Set a variable: an existing key is replaced in place (features.md INS-013)."""
        index = self._own_env()
        entry = f"{key}={value}"
        if key in index:
            self.env[index[key]] = entry
        else:
            index[key] = len(self.env)
            self.env.append(entry)

    def has_env(self, key: str) -> bool:
        """Tell whether the variable ``key`` is set."""
        return any(entry.partition("=")[0] == key for entry in self.env)

    def set_label(self, key: str, value: str) -> None:
        """Set a label; the later value wins (features.md INS-017)."""
        self._own("labels")
        self.labels[key] = value

    def add_ports(self, ports: Iterable[str]) -> None:
        """Add ports such as ``80/tcp`` (features.md INS-025)."""
        self._own("exposed_ports")
        self.exposed_ports.update(dict.fromkeys(ports))

    def add_volumes(self, paths: Iterable[str]) -> None:
        """Add volume paths (features.md INS-039)."""
        self._own("volumes")
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

    def to_json(self) -> bytes:
        """Return the config as Go's encoder writes it (features.md IMG-001..003, wire.md section 10)."""
        return json_text(dict(_outer_members(self))).encode()

    def _own(self, name: str) -> None:
        if name not in self._owned:
            setattr(self, name, dict(getattr(self, name)))
            self._owned.add(name)

    def _own_env(self) -> dict[str, int]:
        if "env" not in self._owned or self._env_index is None:
            self.env = list(self.env)
            self._owned.add("env")
            self._env_index = {}
            for position, entry in enumerate(self.env):
                self._env_index.setdefault(entry.partition("=")[0], position)
        return self._env_index


def format_time(seconds: int) -> str:
    """Return ``seconds`` since 1970 as the RFC 3339 text that Go writes for a UTC time."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - only with SOURCE_DATE_EPOCH

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return f"{moment.year:04d}{moment:-%m-%dT%H:%M:%SZ}"


def _outer_members(image: ImageConfig) -> Iterator[tuple[str, Any]]:
    """Name the members that are written, in the order of their writing, without the empty ones."""
    yield from _filled(created=image.created, author=image.author)
    yield "architecture", image.platform.architecture
    yield "os", image.platform.os
    if image.platform.os_version:
        yield "os.version", image.platform.os_version
    if image.platform.os_features:
        yield "os.features", list(image.platform.os_features)
    yield from _filled(variant=image.platform.variant)
    yield "rootfs", {"type": image.rootfs_type, "diff_ids": image.diff_ids}
    history = [dict(_filled(**entry._asdict())) for entry in image.history()]
    yield from _filled(history=history)
    yield "config", dict(_config_members(image))


def _config_members(image: ImageConfig) -> Iterator[tuple[str, Any]]:
    yield from _filled(
        User=image.user,
        ExposedPorts={port: {} for port in sorted(image.exposed_ports)},
        Env=image.env,
        Entrypoint=image.entrypoint,
        Cmd=image.cmd,
        Volumes={path: {} for path in sorted(image.volumes)},
        WorkingDir=image.working_dir,
        Labels=dict(sorted(image.labels.items())),
        StopSignal=image.stop_signal,
        ArgsEscaped=image.args_escaped,
    )
    if image.healthcheck is not None:
        yield "Healthcheck", dict(_healthcheck_members(image.healthcheck))
    yield from _filled(OnBuild=image.on_build, Shell=image.shell)


def _healthcheck_members(check: Healthcheck) -> Iterator[tuple[str, Any]]:
    yield from _filled(
        Test=check.test,
        Interval=check.interval,
        Timeout=check.timeout,
        StartPeriod=check.start_period,
        StartInterval=check.start_interval,
        Retries=check.retries,
    )


def _filled(**members: Any) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in members.items() if value)


def _read_outer(image: ImageConfig, document: Mapping[str, Any]) -> None:
    image.created = _time(document.get("created") or "")
    image.author = document.get("author") or ""
    image.platform = Platform(
        document.get("os") or "",
        document.get("architecture") or "",
        document.get("variant") or "",
        document.get("os.version") or "",
        tuple(document.get("os.features") or ()),
    )
    rootfs = document.get("rootfs") or {}
    image.rootfs_type = rootfs.get("type") or ""
    layers = rootfs.get("diff_ids")
    image.diff_ids = None if layers is None else tuple(layers)
    for entry in document.get("history") or ():
        image.add_history(_read_history(entry))


def _read_history(entry: Mapping[str, Any]) -> History:
    return History(
        _time(entry.get("created") or ""),
        entry.get("created_by") or "",
        entry.get("author") or "",
        entry.get("comment") or "",
        bool(entry.get("empty_layer")),
    )


def _read_config(image: ImageConfig, config: Mapping[str, Any]) -> None:
    image.user = config.get("User") or ""
    image.exposed_ports = dict.fromkeys(config.get("ExposedPorts") or ())
    image.env = list(config.get("Env") or ())
    image.entrypoint = tuple(config.get("Entrypoint") or ())
    image.cmd = tuple(config.get("Cmd") or ())
    image.volumes = dict.fromkeys(config.get("Volumes") or ())
    image.working_dir = config.get("WorkingDir") or ""
    image.labels = dict(config.get("Labels") or {})
    image.stop_signal = config.get("StopSignal") or ""
    image.args_escaped = bool(config.get("ArgsEscaped"))
    if config.get("Healthcheck") is not None:
        image.healthcheck = _read_healthcheck(config["Healthcheck"])
    image.on_build = tuple(config.get("OnBuild") or ())
    image.shell = tuple(config.get("Shell") or ())


def _read_healthcheck(check: Mapping[str, Any]) -> Healthcheck:
    return Healthcheck(
        tuple(check.get("Test") or ()),
        check.get("Interval") or 0,
        check.get("Timeout") or 0,
        check.get("StartPeriod") or 0,
        check.get("StartInterval") or 0,
        check.get("Retries") or 0,
    )


def _time(text: str) -> str:
    """Return ``text`` as Go would write the same time: no trailing zeros in the fraction, ``Z`` for UTC."""
    if text.endswith(("+00:00", "-00:00")):
        text = text[:-6] + "Z"
    head, _, rest = text.partition(".")
    zone = rest.lstrip("0123456789")
    fraction = rest[: len(rest) - len(zone)].rstrip("0")
    return f"{head}.{fraction}{zone}" if fraction else head + zone
