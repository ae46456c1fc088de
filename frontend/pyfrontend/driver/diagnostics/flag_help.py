"""Help for flags, and for arguments that are not valid JSON: an error in its context in, a fix out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyfrontend.driver.diagnostics.scene import Help, Scene
from pyfrontend.spelling import nearest
from pyfrontend.syntax.declare import REGISTRY
from pyfrontend.syntax.extended import FLAGS, NO_FLAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


#: Flags of docker run and the like, and what a Dockerfile has in their place.
ELSEWHERE = {
    "cache": "--mount=type=cache,target=/PATH",
    "env": "an ENV above",
    "privileged": "--security=insecure",
    "secret": "--mount=type=secret,id=NAME",
    "ssh": "--mount=type=ssh",
    "user": "a USER above",
    "volume": "--mount=type=bind,source=PATH,target=/PATH",
    "workdir": "a WORKDIR above",
}


#: What people call flags elsewhere.
OTHER_NAMES = {
    "arch": "platform",
    "group": "chown",
    "mode": "chmod",
    "net": "network",
    "owner": "chown",
    "permissions": "chmod",
    "source": "from",
    "stage": "from",
    "user": "chown",
    "wait": "start-period",
}
#: So many letters at the beginning of a flag say which one it is.
ALIKE = 4


def _unknown(scene: Scene) -> Help | None:
    """Give the flag that was meant with its dashes, say what else there is, or list those that there are."""
    flag, meant = scene.facts["flag"], scene.facts.get("meant", "")
    there = scene.span.narrowed(f"--{flag}")
    keyword = scene.keyword
    known = scene.facts.get("known", "").split()
    meant = meant or nearest(flag, FLAGS.get(keyword, NO_FLAGS)) or _known_as(flag, known)
    if meant:
        return Help(f"write --{meant}", there)
    if keyword == "RUN" and flag in ELSEWHERE:
        return Help(f"use {ELSEWHERE[flag]}", there)
    owner = next((one for one in ("COPY", "ADD", "RUN", "FROM") if flag in REGISTRY[one].plan.flags), "")
    if owner and keyword in REGISTRY:
        return Help(f"--{flag} is a flag of {owner}, not of {keyword}", there)
    if not known:
        return Help(f"{keyword} has no flags", there)
    return Help(f"the flags of {keyword} are {', '.join(f'--{name}' for name in known)}", there)


def _known_as(flag: str, known: Sequence[str]) -> str:
    """Return the flag that begins as ``flag`` does, or that is called so elsewhere; empty for none."""
    alike = [name for name in known if name[:ALIKE] == flag[:ALIKE]] if len(flag) >= ALIKE else []
    other = OTHER_NAMES.get(flag, "")
    return alike[0] if len(alike) == 1 else other if other in known else ""


def _value(scene: Scene) -> Help:
    flag = scene.facts["flag"]
    found = re.search(rf"--{re.escape(flag)}\s+(?:=\s*)?([^\s=]\S*)", scene.code)
    example = found[1] if found and not found[1].startswith("--") else "VALUE"
    return Help(f"write the value after =, without spaces: --{flag}={example}")


def _switch(scene: Scene) -> Help | None:
    flag, value = scene.facts["flag"], scene.facts["value"]
    if "$" in value:
        return Help(f"--{flag} does not expand variables: write --{flag}, --{flag}=false, or leave it out")
    return Help(f"write --{flag}, or --{flag}=false")


def _choice(scene: Scene) -> Help | None:
    flag, value = scene.facts["flag"], scene.facts["value"]
    if "$" in value:
        return Help(f"--{flag} does not expand variables: {value} is taken literally")
    return Help(f"--{flag} is one of: {scene.facts['known']}")


def _twice(scene: Scene) -> Help:
    return Help(f"keep one --{scene.facts['flag']}")


def _shell(scene: Scene) -> Help:
    words = re.findall(r"[^\s\[\]\"',\\]+", scene.code)[1:]
    if len(words) == 1:
        words.append("-Command" if "p" in words[0].rpartition("/")[2][:1] else "-c")
    array = ", ".join(f'"{word}"' for word in words)
    example = array or '"/bin/bash", "-c"'
    return Help(f"write a JSON array: SHELL [{example}]")


def _json_strings(_scene: Scene) -> Help:
    return Help('put every member in double quotes: ["program", "8080"]')


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    "DuplicateFlag": _twice,
    "UnknownFlag": _unknown,
    "MissingFlagValue": _value,
    "InvalidFlagValue": _switch,
    "InvalidNetwork": _choice,
    "InvalidSecurity": _choice,
    "InvalidJsonArray": _json_strings,
    "ShellNotJson": _shell,
}
