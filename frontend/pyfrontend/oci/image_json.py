"""The image config as JSON: bytes from a registry in, bytes as Go would write them out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.json import json_text, load_json
from pyfrontend.golang.strconv import INT64_LIMIT
from pyfrontend.golang.strings import scrub
from pyfrontend.oci.image import Healthcheck, History, ImageConfig
from pyfrontend.oci.platforms import Platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: RFC 3339, every digit as 0: the time up to seconds, and the zones that may follow a fraction.
SECONDS, ZONES = "0000-00-00T00:00:00", ("Z", "+00:00", "-00:00")
ZEROS = str.maketrans("123456789", "000000000")
UTC_OFFSETS = ("+00:00", "-00:00")
#: How errors name the kinds of values.
KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a whole number"}


def read_image(data: bytes) -> ImageConfig:
    """Read an image config, dropping unknown members (IMG-004).

    Raises `DockerfileError` where ``data`` is no JSON object of the right shape.
    """
    known = _READ.get(data)
    if known is None:
        known = _READ[data] = _read(data)
    return known.clone()


#: What has been read, for all stages that start from the same image.
_READ: dict[bytes, ImageConfig] = {}


def _read(data: bytes) -> ImageConfig:
    try:
        text = scrub(data.decode("utf-8", "surrogateescape"))
        document = _Object(load_json(text), "")
        image = ImageConfig()
        _read_outer(image, document)
        _read_config(image, document.object("config"))
    except (ValueError, RecursionError) as error:
        raise DockerfileError(f"failed to parse image config: {error}", code="InvalidImageConfig") from None
    return image


def write_image(image: ImageConfig) -> bytes:
    """Return ``image`` as Go's encoder writes it (IMG-001 to IMG-003, WIRE-10)."""
    return json_text(dict(_outer_members(image))).encode()


class _Object:
    """An object of the document; ``place`` is where it is, for errors.

    As in Go, names count in any case, null is the same as absent, and so it is in lists and maps.
    """

    __slots__ = ("members", "place")

    def __init__(self, value: Any, place: str) -> None:
        self.members = {name.lower(): member for name, member in _typed(value, dict, place).items()}
        self.place = place

    def text(self, name: str) -> str:
        return _text(self._get(name, str), self._at(name))

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(_text(item, self._at(name)) for item in self._get(name, list))

    def map(self, name: str) -> dict[str, Any]:
        return {_valid(key): value for key, value in self._get(name, dict).items()}

    def labels(self, name: str) -> dict[str, str]:
        return {key: _text(value, self._at(name)) for key, value in self.map(name).items()}

    def flag(self, name: str) -> bool:
        return bool(self._get(name, bool))

    def number(self, name: str) -> int:
        value: int = self._get(name, int)
        if isinstance(value, bool) or not -INT64_LIMIT <= value < INT64_LIMIT:
            raise ValueError(f"{self._at(name)} is not a number of 64 bits")
        return value

    def object(self, name: str) -> _Object:
        return _Object(self._get(name, dict), self._at(name))

    def objects(self, name: str) -> Iterator[_Object]:
        place = self._at(name)
        return (_Object({} if item is None else item, place) for item in self._get(name, list))

    def has(self, name: str) -> bool:
        return self.members.get(name.lower()) is not None

    def _get(self, name: str, kind: type) -> Any:
        value = self.members.get(name.lower())
        return kind() if value is None else _typed(value, kind, self._at(name))

    def _at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name


def _typed(value: Any, kind: type, place: str) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{place or 'it'} is not {KINDS[kind]}")  # noqa: TRY004 - one error type for all
    return value


def _text(value: Any, place: str) -> str:
    return "" if value is None else _valid(_typed(value, str, place))


def _valid(text: str) -> str:
    """Return ``text`` with half surrogate pairs replaced, which JSON can spell and nobody can encode."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read_outer(image: ImageConfig, document: _Object) -> None:
    image.created = _read_time(document)
    image.author = document.text("author")
    image.platform = Platform(
        document.text("os"),
        document.text("architecture"),
        document.text("variant"),
        document.text("os.version"),
        document.texts("os.features"),
    )
    rootfs = document.object("rootfs")
    image.rootfs_type = rootfs.text("type")
    image.diff_ids = rootfs.texts("diff_ids") if rootfs.has("diff_ids") else None
    for entry in document.objects("history"):
        image.add_history(
            History(
                _read_time(entry),
                entry.text("created_by"),
                entry.text("author"),
                entry.text("comment"),
                entry.flag("empty_layer"),
            )
        )


def _read_config(image: ImageConfig, config: _Object) -> None:
    image.user = config.text("User")
    image.add_ports(config.map("ExposedPorts"))
    image.env = list(config.texts("Env"))
    image.entrypoint = config.texts("Entrypoint")
    image.cmd = config.texts("Cmd")
    image.add_volumes(config.map("Volumes"))
    image.working_dir = config.text("WorkingDir")
    image.labels.update(config.labels("Labels"))
    image.stop_signal = config.text("StopSignal")
    image.args_escaped = config.flag("ArgsEscaped")
    if config.has("Healthcheck"):
        image.healthcheck = _read_healthcheck(config.object("Healthcheck"))
    image.on_build = config.texts("OnBuild")
    image.shell = config.texts("Shell")


def _read_healthcheck(check: _Object) -> Healthcheck:
    return Healthcheck(
        check.texts("Test"),
        check.number("Interval"),
        check.number("Timeout"),
        check.number("StartPeriod"),
        check.number("StartInterval"),
        check.number("Retries"),
    )


def _read_time(document: _Object) -> str:
    """Return the member ``created`` as Go would write the same time: no closing zeros, ``Z`` for UTC."""
    if not document.has("created"):
        return ""
    text = document.text("created")
    seconds, rest = text[: len(SECONDS)], text[len(SECONDS) :]
    zone = "Z" if rest.endswith("Z") else rest[-len("+00:00") :]
    fraction = rest.removesuffix(zone)
    if (
        seconds.translate(ZEROS) != SECONDS
        or zone.translate(ZEROS) not in ZONES
        or not _is_fraction(fraction)
    ):
        raise ValueError(f"created is not a time: {text}")
    wrong = _out_of_range(seconds, zone)
    if wrong:
        raise ValueError(f"created is not a time: {text} ({wrong} out of range)")
    nanoseconds = fraction[1:10].rstrip("0")
    return seconds + (f".{nanoseconds}" if nanoseconds else "") + ("Z" if zone in UTC_OFFSETS else zone)


def _is_fraction(text: str) -> bool:
    """Return whether ``text`` is a point or a comma and digits, or nothing."""
    return not text or (text[0] in ".," and len(text) > 1 and not text[1:].translate(ZEROS).strip("0"))


def _out_of_range(seconds: str, zone: str) -> str:
    """Return which part of a time is out of its range, say ``day`` for a 30 February; empty if none is."""
    year, month, day, hour, minute, second = (
        int(seconds[:4]),
        *(int(seconds[n : n + 2]) for n in range(5, 19, 3)),
    )
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    checks = (
        ("month", 1 <= month <= 12),
        ("day", 1 <= day <= days[(month - 1) % 12]),
        ("hour", hour < 24),
        ("minute", minute < 60),
        ("second", second < 60),
        ("zone", zone == "Z" or (zone[1:3] < "24" and zone[4:] < "60")),
    )
    return next((part for part, fits in checks if not fits), "")


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
