"""Help for the fields of ``RUN --mount``: an error in its context in, how to write the field out."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pyfrontend.driver.diagnostics.scene import Help, Scene
from pyfrontend.spelling import nearest
from pyfrontend.syntax.mounts import CLASSES, KEYS, SHARINGS, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

#: What people call the types of mounts elsewhere.
OTHER_TYPES = {
    "volume": "cache",
    "dir": "bind",
    "file": "bind",
    "local": "bind",
    "tmp": "tmpfs",
    "ram": "tmpfs",
}
#: What people call the keys of mounts elsewhere.
OTHER_KEYS = {"path": "target", "dest": "target", "to": "target", "host": "source", "name": "id", "key": "id"}
#: What the value of a key looks like.
VALUES = {
    "type": f"type is one of: {', '.join(TYPES)}",
    "sharing": f"sharing is one of: {', '.join(SHARINGS)}",
    "readonly": "write readonly, or readonly=false",
    "readwrite": "write readwrite, or readwrite=false",
    "required": "write required, or required=false",
    "size": "a size is a number of bytes, or a number with a unit, such as size=64m",
    "mode": "a mode is an octal number, such as mode=0755",
    "uid": "uid takes a number, not a name",
    "gid": "gid takes a number, not a name",
}


def _field(scene: Scene) -> Help:
    code, field = scene.code, scene.facts.get("field", "")
    for left, right in pairwise(code.split()):
        mount = left.partition("--mount=")[2]
        if mount.endswith(",") and re.match("[a-z]+=.", right):
            return Help(f"remove the space after the comma: --mount={mount}{right}")
    if field in TYPES:
        return Help(f"write type={field}")
    if field:
        key = field if field in KEYS else nearest(field, KEYS) or "KEY"
        return Help(f"write {key}=VALUE")
    return Help("remove the comma that nothing follows")


def _type(scene: Scene) -> Help | None:
    value = scene.facts["value"]
    if nearest(value, TYPES):
        return None  # the error says it
    other = OTHER_TYPES.get(value.lower(), "")
    return Help(f"did you mean type={other}?" if other else VALUES["type"], scene.span.narrowed(value))


def _key(scene: Scene) -> Help | None:
    key, kind = scene.facts["key"], scene.facts["type"]
    if key not in KEYS and nearest(key, KEYS):
        return None  # the error says it
    if key in OTHER_KEYS:
        return Help(f"did you mean {OTHER_KEYS[key]}?")
    fields: tuple[str, ...] = CLASSES[kind]._fields  # type: ignore[attr-defined]  # they are NamedTuples
    known = ", ".join(sorted(field.rstrip("_") for field in fields))
    return Help(f"the keys of a {kind} mount are: type, {known}")


def _value(scene: Scene) -> Help | None:
    key = scene.facts["key"]
    text = VALUES.get(KEYS.get(key, key))
    return Help(text) if text else None


def _conflict(scene: Scene) -> Help | None:
    key, other = scene.facts.get("key"), scene.facts.get("other")
    return Help(f"{key} is another name for {other}: remove one of them") if other else None


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    "ConflictingMountKeys": _conflict,
    "InvalidMountField": _field,
    "InvalidMountValue": _value,
    "MissingMountTarget": lambda _scene: Help("the mount has no target: add target=/path"),
    "MissingSecretName": lambda _scene: Help(
        "name the secret: add id=NAME, and pass --secret id=NAME,src=FILE"
    ),
    "UnknownMountKey": _key,
    "UnknownMountType": _type,
}
