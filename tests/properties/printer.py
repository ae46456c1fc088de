"""Writes instructions as the text that they are parsed from: the parser's way back, for tests."""

from __future__ import annotations

import json
from functools import singledispatch
from typing import TYPE_CHECKING

from pyfrontend.syntax import instructions as ins
from pyfrontend.syntax.mounts import Device, MountFlag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.syntax.declare import Instruction

MILLISECOND = 1_000_000


def write(node: Instruction) -> str:
    """Return the lines of ``node``: its comments, itself with the keyword as written, heredoc bodies."""
    comments = "".join(f"# {comment}\n" for comment in node.comments)
    written = node.written or node.keyword
    return f"{comments}{written} {_flags(node)}{arguments(node)}\n"


def _flags(node: Instruction) -> str:
    """Write the flags that the node says were used; one that may be repeated as often as it has values."""
    text = ""
    for name in node.flags:
        value = getattr(node, node.plan.flags[name].name)
        for single in value if isinstance(value, tuple) else (value,):
            text += f"--{name}{_flag_value(single)} "
    return text


def _flag_value(value: str | int | MountFlag | Device) -> str:
    if isinstance(value, MountFlag):
        return f"={','.join(field.text for field in value.fields)}"
    if isinstance(value, Device):
        return f"=name={value.name},required={str(value.required).lower()}"
    if isinstance(value, bool):
        return f"={'true' if value else 'false'}"
    if isinstance(value, int):
        return f"={value // MILLISECOND}ms" if value >= MILLISECOND else f"={value}"
    return f"={value}"


@singledispatch
def arguments(node: Instruction) -> str:
    """Return what follows keyword and flags: by default the only word of the declaration."""
    (word,) = node.plan.words
    text: str = getattr(node, word.name)
    return text


@arguments.register
def _(node: ins.From) -> str:
    return f"{node.image} {node.as_keyword} {node.stage_name}" if node.stage_name else node.image


@arguments.register
def _(node: ins.Arg) -> str:
    return " ".join(key if value is None else f"{key}={value}" for key, value, _ in node.pairs)


@arguments.register(ins.Env)
@arguments.register(ins.Label)
def _(node: ins.Env | ins.Label) -> str:
    return " ".join(f"{key}{' ' if node.legacy else '='}{value}" for key, value in node.pairs)


@arguments.register
def _(node: ins.Run) -> str:
    bodies = "".join(f"\n{heredoc.content}{heredoc.name}" for heredoc in node.heredocs)
    return _command(node.args, shell=node.shell) + bodies


@arguments.register(ins.Copy)
@arguments.register(ins.Add)
def _(node: ins.Copy | ins.Add) -> str:
    if not node.heredocs:
        return _words((*node.sources, node.dest))
    # The parser keeps no record of where among the sources a heredoc stood.
    marks = [f"<<{name}" if expand else f"<<'{name}'" for name, _, expand in node.heredocs]
    bodies = "".join(f"\n{data}{name}" for name, data, _ in node.heredocs)
    return " ".join([*node.sources, *marks, node.dest]) + bodies


@arguments.register(ins.Cmd)
@arguments.register(ins.Entrypoint)
def _(node: ins.Cmd | ins.Entrypoint) -> str:
    return _command(node.args, shell=node.shell)


@arguments.register
def _(node: ins.Shell) -> str:
    return _json(node.args)


@arguments.register
def _(node: ins.Expose) -> str:
    return " ".join(node.ports)


@arguments.register
def _(node: ins.Volume) -> str:
    return _words(node.paths)


@arguments.register
def _(node: ins.Healthcheck) -> str:
    kind, *command = node.test
    if kind == "NONE":
        return kind
    return f"CMD {_command(command, shell=kind == 'CMD-SHELL')}"


def _command(args: Sequence[str], *, shell: bool) -> str:
    return "".join(args) if shell else _json(args)


def _words(words: Sequence[str]) -> str:
    """Write words one after the other where that can be read back, else as JSON."""
    plain = all(word.isprintable() and word and " " not in word for word in words)
    return " ".join(words) if plain and not words[0].startswith(("[", "--", "#")) else _json(words)


def _json(words: Sequence[str]) -> str:
    return json.dumps(list(words))
