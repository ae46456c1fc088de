"""The values of ``RUN --mount`` and ``RUN --device``: one CSV record in, a typed value out.

A mount is parsed in two steps, as in the reference: its fields when the file is parsed, and their meaning
once the variables of the stage are known (MNT-002).
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.csv import parse_csv_fields
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strconv import parse_bool
from pyfrontend.golang.strings import to_lower
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import did_you_mean
from pyfrontend.units import parse_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Values = dict[str, Any]

TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
SHARINGS = ("shared", "private", "locked")

#: Every key that may be written, and the field it sets.
KEYS = {
    "type": "type",
    "from": "from_",
    "source": "source",
    "target": "target",
    "readonly": "readonly",
    "id": "id",
    "sharing": "sharing",
    "required": "required",
    "size": "size",
    "mode": "mode",
    "uid": "uid",
    "gid": "gid",
    "src": "source",
    "dst": "target",
    "destination": "target",
    "ro": "readonly",
    "rw": "readwrite",
    "readwrite": "readwrite",
    "env": "env",
}

#: Keys that a word alone can set.
BARE = {"readonly", "ro", "readwrite", "rw", "required"}


class MountField(NamedTuple):
    """One field of a mount: as written, its key in lower case, and its value, None for a word alone."""

    text: str
    key: str
    value: str | None


class MountFlag(NamedTuple):
    """A ``--mount`` as written; ``from_`` is what it names as its source, empty if it names none.

    No variable stands in ``from_``: it is all that is known of a mount before variables are (MNT-005).
    """

    fields: tuple[MountField, ...]
    from_: str = ""

    def written(self, name: str) -> str:
        """Return the value of the last field that sets ``name`` in any spelling, empty if none does."""
        values = (field.value for field in reversed(self.fields) if KEYS.get(field.key) == name)
        return next(values, None) or ""


class BindMount(NamedTuple):
    """Files of the build context, a stage or an image."""

    from_: str = ""
    source: str = ""
    target: str = ""
    readonly: bool = True


class CacheMount(NamedTuple):
    """A directory that lives from build to build; ``sharing`` is empty unless written."""

    from_: str = ""
    source: str = ""
    target: str = ""
    readonly: bool = False
    id: str = ""
    sharing: str = ""
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None


class TmpfsMount(NamedTuple):
    """A directory in memory, of at most ``size`` bytes unless that is 0."""

    from_: str = ""
    source: str = ""
    target: str = ""
    readonly: bool = False
    size: int = 0


class SecretMount(NamedTuple):
    """A secret of the client, as a file or, with ``env``, as a variable."""

    from_: str = ""
    source: str = ""
    target: str = ""
    readonly: bool = True
    id: str = ""
    required: bool = False
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    env: str | None = None


class SSHMount(NamedTuple):
    """The client's ssh agent."""

    from_: str = ""
    source: str = ""
    target: str = ""
    readonly: bool = True
    id: str = ""
    required: bool = False
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None


Mount = BindMount | CacheMount | TmpfsMount | SecretMount | SSHMount

CLASSES: dict[str, Callable[..., Mount]] = {
    "bind": BindMount,
    "cache": CacheMount,
    "tmpfs": TmpfsMount,
    "secret": SecretMount,
    "ssh": SSHMount,
}


class Device(NamedTuple):
    """A device by its CDI name."""

    name: str = ""
    required: bool = False


def read_mount(_name: str, text: str) -> MountFlag:
    """``mount = field {"," field}; field = KEY ["=" VALUE]``.

    Raises DockerfileError for bad CSV, and for variables in ``from``.
    """
    fields = []
    source = ""
    for field in _csv_fields(text, "mounts"):
        key, equals, value = field.partition("=")
        fields.append(MountField(field, to_lower(key), value if equals else None))
        if equals and fields[-1].key == "from":
            if "$" in value[:-1]:
                raise DockerfileError(
                    "'from' doesn't support variable expansion, define alias stage instead",
                    code="VariableInFrom",
                )
            source = value
    return MountFlag(tuple(fields), source)


def expand_mount(mount: MountFlag, expand: Callable[[str], str]) -> Mount:
    """Return what a ``mount`` means, every value of it put through ``expand`` (area MNT).

    Raises DockerfileError for unknown keys, and for values that do not fit the type of the mount.
    """
    values: Values = {"type": "bind"}
    for field in mount.fields:
        _set(values, field, None if field.value is None else expand(field.value))
    return _finished(values)


def _csv_fields(text: str, what: str) -> list[str]:
    """Split one CSV record."""
    try:
        return parse_csv_fields(text)
    except ValueError as error:
        raise DockerfileError(f"failed to parse csv {what}: {error}", code="InvalidCsv") from None


def _set(values: Values, field: MountField, value: str | None) -> None:
    """Store what one field says; keys that depend on the type see the type set so far (MNT-003)."""
    text, key, _ = field
    if value is None and key not in BARE:
        raise DockerfileError(
            f"invalid field '{text}' must be a key=value pair", code="InvalidMountField", field=text
        )
    name = KEYS.get(key)
    if name is None:
        raise DockerfileError(
            f"unexpected key '{key}' in '{text}'{did_you_mean(key, KEYS)}",
            code="UnknownMountKey",
            key=key,
            type=values["type"],
        )
    kind = values["type"]
    if (name == "required" and kind not in {"secret", "ssh"}) or (name == "size" and kind != "tmpfs"):
        raise DockerfileError(
            f"unexpected key '{key}' for mount type '{kind}'", code="UnknownMountKey", key=key, type=kind
        )
    read = READERS.get(name)
    if value is None:
        values[name] = True
    else:
        values[name] = read(key, value) if read else value
    if name == "readwrite":
        values["readonly"] = not values.pop(name)


def _invalid(message: str, key: str) -> DockerfileError:
    return DockerfileError(message, code="InvalidMountValue", key=key)


def _boolean(key: str, value: str) -> bool:
    """Read a boolean (MNT-008)."""
    try:
        return parse_bool(value)
    except ValueError:
        raise _invalid(f"invalid value for {key}: {value}", key) from None


def _size(key: str, value: str) -> int:
    """Read a number of bytes (MNT-013)."""
    try:
        return parse_size(value)
    except ValueError:
        raise _invalid(f"invalid value for {key}: {value}", key) from None


def _number(key: str, value: str) -> int:
    """Read an unsigned number of 32 bits, octal for ``mode`` (MNT-014, MNT-015)."""
    base = 8 if key == "mode" else 10
    significant = value.lstrip("0")
    if value and not value.strip("0123456789"[:base]) and len(significant) <= 11:
        number = int(significant or "0", base)
        if number < 1 << 32:
            return number
    raise _invalid(f"invalid value {value} for {key}", key)


def _type(_key: str, value: str) -> str:
    """Read the type of a mount (MNT-004)."""
    if to_lower(value) not in TYPES:
        raise DockerfileError(
            f"unsupported mount type {go_quote(value)}{did_you_mean(value, TYPES)}",
            code="UnknownMountType",
            value=value,
        )
    return to_lower(value)


def _sharing(_key: str, value: str) -> str:
    """Read how a cache is shared (MNT-011)."""
    if to_lower(value) not in SHARINGS:
        meant = did_you_mean(value, SHARINGS)
        raise _invalid(f"unsupported sharing value {go_quote(value)}{meant}", "" if meant else "sharing")
    return to_lower(value)


READERS: dict[str, Callable[[str, str], object]] = {
    "type": _type,
    "sharing": _sharing,
    "readonly": _boolean,
    "readwrite": _boolean,
    "required": _boolean,
    "size": _size,
    "mode": _number,
    "uid": _number,
    "gid": _number,
}


def _finished(values: Values) -> Mount:
    """Check the fields against the type, and make the mount."""
    kind = values.pop("type")
    if kind in {"bind", "tmpfs"}:
        for name in ("mode", "uid", "gid"):
            if name in values:
                raise DockerfileError(
                    f"{name} not allowed for {go_quote(kind)} type mounts", code="ConflictingMountKeys"
                )
    if kind == "secret":
        _check_secret(values)
    if values.get("sharing") and kind != "cache":
        raise DockerfileError(f"invalid cache sharing set for {kind} mount", code="ConflictingMountKeys")
    make = CLASSES[kind]
    allowed: tuple[str, ...] = make._fields  # type: ignore[attr-defined]  # they are NamedTuples
    # What means nothing to a type is dropped in silence (MNT-010, MNT-016).
    return make(**{name: value for name, value in values.items() if name in allowed})


def _check_secret(values: Values) -> None:
    """Check what only a secret needs (MNT-028, MNT-033)."""
    if values.get("from_"):
        raise DockerfileError("secret mount should not have a from", code="ConflictingMountKeys")
    if values.get("sharing"):
        raise DockerfileError("secret mount should not define sharing", code="ConflictingMountKeys")
    if not (values.get("source") or values.get("target") or values.get("id")):
        raise DockerfileError(
            "invalid secret mount. one of source, target required", code="MissingSecretName"
        )
    if values.get("source") and values.get("id"):
        raise DockerfileError(
            "both source and id can't be set", code="ConflictingMountKeys", key="source", other="id"
        )


def read_device(_name: str, text: str) -> Device:
    """``device = NAME | field {"," field}`` (RUN-015); raises DockerfileError."""
    name, required = "", False
    for field in _csv_fields(text, "devices"):
        key, equals, value = field.partition("=")
        key = to_lower(key)
        if key == "required":
            required = _boolean(key, value) if equals else True
        elif key == "name" and equals:
            if name:
                raise DockerfileError(f"device name already set to {name}", code="InvalidDevice")
            name = value
        elif not name:
            name = field
        elif equals:
            hint = did_you_mean(key, ("name", "required"))
            raise DockerfileError(f"unexpected key '{key}' in '{field}'{hint}", code="InvalidDevice")
        else:
            raise DockerfileError(f"invalid field '{field}' must be a key=value pair", code="InvalidDevice")
    return Device(name, required)
