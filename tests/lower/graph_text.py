"""A definition as lines that people read: one op per line, inputs by number, the digest at the end."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pyfrontend.llb.marshal import marshal
from pyfrontend.oci.image_json import write_image
from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from google.protobuf.message import Message

    from pyfrontend.llb.caps import Capabilities
    from pyfrontend.lower.target import Lowered

#: Of a digest the first 12 characters are shown: enough to see that something has changed.
DIGEST = r"(sha256:[0-9a-f]{12})[0-9a-f]{52}"
#: What every copy from a stage or the context does; a copy that does not names what it does.
USUAL = frozenset(
    ("followSymlink", "dirCopyContents", "createDestPath", "allowWildcard", "allowEmptyWildcard")
)
NOT_SET = -1


def graph_text(lowered: Lowered, caps: Capabilities) -> str:
    """Return the graph of ``lowered``, then its image config member by member, all digests shortened."""
    definition = marshal(lowered.state.output, caps=caps, platform=lowered.lowering.target_platform)
    lines = [*_op_lines(definition), *_image_lines(json.loads(write_image(lowered.image)))]
    if lowered.epoch is not None:
        lines.append(f"epoch {lowered.epoch.seconds}")
    lines += [f"scan {name}" for name in lowered.scans]
    return re.sub(DIGEST, r"\1", "\n".join(lines)) + "\n"


def _image_lines(image: dict[str, Any]) -> Iterator[str]:
    yield f"image {image.pop('os')}/{image.pop('architecture')}"
    yield from (f"config {name} {json.dumps(value)}" for name, value in image.pop("config").items())
    for entry in image.pop("history", ()):
        layer = "" if entry.get("empty_layer") else " (layer)"
        yield f"history {entry.get('created', '-')} {json.dumps(entry['created_by'])}{layer}"
    yield from (f"{name} {json.dumps(value)}" for name, value in image.items())


def _op_lines(definition: pb.Definition) -> Iterator[str]:
    numbers: dict[str, int] = {}
    for data in getattr(definition, "def"):
        digest = "sha256:" + sha256(data).hexdigest()
        op = pb.Op.FromString(data)
        ends = [_end(numbers, item) for item in op.inputs]
        if op.WhichOneof("op") is None:
            yield f"result {ends[0]}"
            return
        numbers[digest] = len(numbers) + 1
        name = definition.metadata[digest].description.get("llb.customname", "")
        again = " (no cache)" if definition.metadata[digest].ignore_cache else ""
        text = " ".join((*DESCRIBE[str(op.WhichOneof("op"))](op, ends), *_platform(op)))
        yield f"{numbers[digest]} {text}{again} # {name} {digest}"
    yield "result scratch"


def _end(numbers: dict[str, int], item: pb.Input) -> str:
    return f"{numbers[item.digest]}" + (f".{item.index}" if item.index else "")


def _platform(op: pb.Op) -> Iterator[str]:
    if op.HasField("platform"):
        platform = op.platform
        parts = (platform.OS, platform.Architecture, platform.Variant)
        yield "for " + "/".join(part for part in parts if part)


def _source(op: pb.Op, _ends: Sequence[str]) -> Iterator[str]:
    yield f"source {op.source.identifier}"
    yield from (f"{name}={value}" for name, value in sorted(op.source.attrs.items()))


def _merge(_op: pb.Op, ends: Sequence[str]) -> Iterator[str]:
    yield f"merge {' '.join(ends)}"


def _file(op: pb.Op, ends: Sequence[str]) -> Iterator[str]:
    """Results of earlier actions come after the inputs; that of the action before is not worth a word."""
    previous = NOT_SET
    texts = []
    for number, action in enumerate(op.file.actions):
        kind = str(action.WhichOneof("action"))
        base = "" if number and action.input == previous else f" on {_number(action.input, ends)}"
        texts.append(ACTIONS[kind](getattr(action, kind), _number(action.secondaryInput, ends)) + base)
        previous = len(ends) + number
    yield "file " + "; ".join(texts)


def _number(index: int, ends: Sequence[str]) -> str:
    return ends[index] if 0 <= index < len(ends) else "scratch"


def _copy(copy: Any, source: str) -> str:
    flags = {field.name for field, value in copy.ListFields() if value is True}
    words = ["copy", f"{source}:{copy.src}", "to", copy.dest, *_look(copy)]
    words += [f"only {name}" for name in copy.include_patterns]
    words += [f"needs {name}" for name in copy.required_paths]
    words += [f"without {name}" for name in copy.exclude_patterns]
    if flags - {"attemptUnpackDockerCompatibility"} != USUAL:
        words.append(f"({', '.join(sorted(flags))})")
    elif "attemptUnpackDockerCompatibility" in flags:
        words.append("unpacked")
    return " ".join(words)


def _mkdir(mkdir: Any, _source: str) -> str:
    words = ["mkdir", mkdir.path, *_look(mkdir), *(["with parents"] if mkdir.makeParents else [])]
    return " ".join(words) + (f" at {mkdir.timestamp}" if mkdir.timestamp != NOT_SET else "")


def _mkfile(mkfile: Any, _source: str) -> str:
    return " ".join(("mkfile", mkfile.path, *_look(mkfile), json.dumps(mkfile.data.decode())))


def _look(action: Any) -> Iterator[str]:
    if action.HasField("owner"):
        yield "of " + ":".join(_user(user) for _, user in action.owner.ListFields())
    if getattr(action, "modeStr", ""):
        yield f"mode {action.modeStr}"
    elif action.mode != NOT_SET:
        yield f"mode {action.mode:04o}"


def _user(user: Any) -> str:
    return user.byName.name if user.WhichOneof("user") == "byName" else str(user.byID)


def _exec(op: pb.Op, ends: Sequence[str]) -> Iterator[str]:
    meta = op.exec.meta
    yield f"exec {json.dumps(list(meta.args))}"
    mounts = {mount.dest: _mount(mount, ends) for mount in op.exec.mounts}
    yield f"on {mounts.pop('/')}"
    yield from (f"{dest}={text}" for dest, text in mounts.items())
    yield from (f"${item.name}=secret {item.ID}" for item in op.exec.secretenv)
    yield f"in {meta.cwd}"
    yield from (f"{name} {getattr(meta, name)}" for name in ("user", "hostname") if getattr(meta, name))
    yield from (f"{name} {value}" for name, value in _enums(op.exec, "network", "security"))
    yield from (f"host {item.Host}={item.IP}" for item in meta.extraHosts)
    yield from (f"ulimit {item.Name}={item.Soft}:{item.Hard}" for item in meta.ulimit)
    yield f"env {' '.join(meta.env)}"
    yield from (f"{field.name}={value}" for field, value in meta.proxy_env.ListFields())


def _enums(message: Any, *names: str) -> Iterator[tuple[str, str]]:
    for name in names:
        field = message.DESCRIPTOR.fields_by_name[name]
        if getattr(message, name):
            yield name, field.enum_type.values_by_number[getattr(message, name)].name.lower()


def _mount(mount: Any, ends: Sequence[str]) -> str:
    kinds = dict(_enums(mount, "mountType"))
    words = [*kinds.values(), *([] if mount.input == NOT_SET else [ends[mount.input] + mount.selector])]
    if mount.input == NOT_SET and not kinds:
        words.append("scratch" + mount.selector)
    words += ["readonly"] * mount.readonly
    for option in (mount.cacheOpt, mount.secretOpt, mount.SSHOpt, mount.TmpfsOpt):
        words += _fields(option)
    return " ".join(words)


def _fields(message: Message) -> Iterable[str]:
    return (f"{field.name}={value}" for field, value in message.ListFields())


DESCRIBE = {"source": _source, "exec": _exec, "file": _file, "merge": _merge}
ACTIONS = {"copy": _copy, "mkdir": _mkdir, "mkfile": _mkfile}
