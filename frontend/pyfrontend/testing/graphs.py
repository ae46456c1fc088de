"""Graphs that tests can compare: what BuildKit would run, the image config, and both as lines of text."""

from __future__ import annotations

import shlex
from difflib import unified_diff
from functools import cached_property

from pyfrontend.display import one_line
from pyfrontend.llb.ops import CUSTOM_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from pyfrontend.library.lowering import Edge, Lowered

#: Members of the config that say how an image was made, and not what it is.
MADE = ("created", "history", "rootfs")
#: Members of an op that are shown elsewhere, or are the same in every op.
ASIDE = ("inputs", "constraints", "platform")
INDENT = "    "


class Graph:
    """A lowered Dockerfile: its steps, its image config, and the sources of its files.

    Two graphs are equal if BuildKit does the same for both and produces the same image, whatever the names of
    the steps.  ``str(graph)`` shows all of it.

    - ``steps``: the names of the steps in the build progress, each after those that it depends on
    - ``ops``: the ops as JSON values, in the same order, with field names as in BuildKit's ``ops.proto``
    - ``digests``: the digests of the ops, the same as in a build
    - ``image``: the image config; ``edges``: the edges of the stage graph, each a `pyfrontend.Edge`
    """

    def __init__(self, lowered: Lowered) -> None:
        """Wrap a lowered Dockerfile; raises ImportError without the extra ``build``."""
        definition = lowered.definition
        metadata = definition.message.metadata
        self.image: Mapping[str, Any] = lowered.image
        self.ops: list[dict[str, Any]] = definition.ops
        self.digests = definition.digests
        self.steps: tuple[str, ...] = tuple(
            metadata[digest].description.get(CUSTOM_NAME, "") for digest in self.digests
        )
        self._uncached = {n for n, digest in enumerate(self.digests) if metadata[digest].ignore_cache}
        self._lowered = lowered

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The edges of the stage graph, in file order."""
        return self._lowered.edges

    def lines(self, *, names: bool = False) -> list[str]:
        """Return all of it as text; with ``names``, including the step names and the image history."""
        numbers = {digest: number for number, digest in enumerate(self.digests, 1)}
        lines = []
        for number, (op, step) in enumerate(zip(self.ops, self.steps, strict=True), 1):
            name = [f"name: {step}"] if names else []
            name += ["runs every time"] if number - 1 in self._uncached else []
            lines += [f"op {number}: {_title(op)}", *_below(name), *_below(_op(op, numbers))]
        kept = {key: value for key, value in self.image.items() if key not in MADE}
        history = [entry.get("created_by", "") for entry in self.image.get("history", ())] if names else []
        return [*lines, "image:", *_below(_lines("", kept)), *_below(_lines("history", history))]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and self.lines() == other.lines()

    __hash__ = None  # type: ignore[assignment] # it has dicts that anybody may change

    def __str__(self) -> str:
        return "\n".join(map(one_line, self.lines(names=True)))

    def __repr__(self) -> str:
        return f"Graph({len(self.ops)} ops)"


def _below(lines: Iterable[str]) -> Iterator[str]:
    return (f"{INDENT}{line}" for line in lines)


def difference(one: Graph, other: Graph, *, names: bool = False) -> str:
    """Return the differences, with the ops that contain them; empty if there are none.

    Lines that only ``one`` has begin with a minus, those that only ``other`` has with a plus.
    """
    old, new = one.lines(names=names), other.lines(names=names)
    changes = list(unified_diff(old, new, lineterm="", n=len(old) + len(new)))[3:]
    return "\n".join(one_line(line) for line in changes if not line.startswith(f" {INDENT}"))


def _title(op: Mapping[str, Any]) -> str:
    kind = _kind(op)
    if kind == "source":
        return str(op[kind]["identifier"])
    command = _command(op)
    return f"run {command}" if command else {"exec": "run"}.get(kind, kind)


def _command(op: Mapping[str, Any]) -> str:
    """Return the command of a process as a person would type it, empty if it is not a single line."""
    command = shlex.join(op["exec"]["meta"]["args"]) if "exec" in op else ""
    return "" if "\n" in command else command


def _kind(op: Mapping[str, Any]) -> str:
    return next(key for key in op if key not in ASIDE)


def _op(op: Mapping[str, Any], numbers: Mapping[str, int]) -> Iterator[str]:
    """Yield the lines of an op below its title."""
    for number, end in enumerate(op.get("inputs", ())):
        output = f", output {end['index']}" if "index" in end else ""
        yield f"input {number}: op {numbers[end['digest']]}{output}"
    yield from _lines("platform", op.get("platform", {}))
    in_title = ("identifier", "meta.removeMountStubsRecursive", *(["meta.args"] if _command(op) else ()))
    yield from (line for line in _lines("", op[_kind(op)]) if not line.startswith(in_title))


def _lines(name: str, value: Any) -> Iterator[str]:
    """Yield a JSON value as lines, each with the names that lead to it."""
    if value in ({}, []):
        yield f"{name}: nothing"
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _lines(f"{name}.{key}" if name else key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from (
                [f"{name}: {', '.join(_lines('', inner))}"]
                if isinstance(inner, dict)
                else _lines(name, inner)
            )
    elif isinstance(value, str) and "\n" in value:
        yield f"{name}:"
        yield from (f"{INDENT}| {line}" for line in value.split("\n"))
    else:
        yield f"{name}: {value}"
