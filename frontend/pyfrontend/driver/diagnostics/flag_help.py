"""Help for flags and mounts, and for arguments that are no JSON."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pyfrontend.driver.diagnostics.scene import Help, Scene

if TYPE_CHECKING:
    from collections.abc import Callable


def _unknown(scene: Scene) -> Help | None:
    """Give the flag that was meant with its dashes, or list those that there are."""
    flag, meant = scene.facts["flag"], scene.facts.get("meant", "")
    there = scene.span.narrowed(f"--{flag}")
    if meant:
        return Help(f"write --{meant}", there)
    known = [f"--{name}" for name in scene.facts.get("known", "").split()]
    keyword = (scene.own[0].split() or ["this line"])[0] if scene.own else "this line"
    if not known:
        return Help(f"{keyword} has no flags", there)
    return Help(f"the flags of {keyword} are {', '.join(known)}", there)


def _value(scene: Scene) -> Help:
    flag = scene.facts.get("flag", "")
    found = re.search(rf"--{re.escape(flag)}\s+(\S+)", " ".join(scene.own))
    example = found[1] if found and not found[1].startswith("--") else "VALUE"
    return Help(f"a flag takes its value after =, without spaces: --{flag}={example}")


def _switch(scene: Scene) -> Help | None:
    flag, value = scene.facts.get("flag", ""), scene.facts.get("value", "")
    if "$" in value:
        return Help(f"--{flag} takes no variables: write --{flag}, --{flag}=false, or leave it out")
    return Help(f"write --{flag}, or --{flag}=false")


def _choice(scene: Scene) -> Help | None:
    flag, value = scene.facts["flag"], scene.facts["value"]
    if "$" in value:
        return Help(f"--{flag} takes no variables: {value} stays as it is")
    return Help(f"--{flag} is one of: {scene.facts['known']}")


def _mount_field(scene: Scene) -> Help | None:
    for left, right in pairwise(" ".join(scene.own).split()):
        mount = left.partition("--mount=")[2]
        if mount.endswith(",") and re.match("[a-z]+=.", right):
            return Help(f"remove the space after the comma: --mount={mount}{right}")
    field = scene.facts.get("field", "")
    return Help(f"write {field}=VALUE") if field else Help("remove the comma that nothing follows")


def _shell(scene: Scene) -> Help:
    words = " ".join(scene.own).split()[1:]
    array = ", ".join(f'"{word}"' for word in words if not re.search(r"[\"\[\],\\]", word))
    example = array or '"/bin/bash", "-c"'
    return Help(f"write a JSON array: SHELL [{example}]")


def _json_strings(_scene: Scene) -> Help:
    return Help('put every member in double quotes: ["program", "8080"]')


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    "UnknownFlag": _unknown,
    "MissingFlagValue": _value,
    "InvalidFlagValue": _switch,
    "InvalidNetwork": _choice,
    "InvalidSecurity": _choice,
    "InvalidMountField": _mount_field,
    "InvalidJsonArray": _json_strings,
    "ShellNotJson": _shell,
}
