"""Help for names that are not known where they are used: arguments, stages, targets, images, contexts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyfrontend.driver.diagnostics.scene import Help, Scene, code_of
from pyfrontend.oci.platforms import nearest_platform, parse
from pyfrontend.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

#: So many names are listed, or looked at.
MOST = 20
VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")


def argument_in_from(scene: Scene) -> Help | None:
    """Say why a variable of a FROM has no value: its ARG is in a stage, or has none, or is missing."""
    for name in [*dict.fromkeys(VARIABLE.findall(" ".join(scene.own)))][:MOST]:
        number, first = scene.stated("ARG", name), scene.first_from
        if number > first:
            text = f"ARG {name} on line {number} belongs to a stage; FROM sees only ARGs above the first FROM"
            return Help(f"{text}: move it above line {first}", scene.at(number))
        if number and re.search(rf"\b{name}(?:\s|$)", scene.lines[number - 1]):
            text = f"ARG {name} has no value: pass --build-arg {name}=..., or write ARG {name}=default"
            return Help(text, scene.at(number))
        if not number and not name.startswith(("TARGET", "BUILD")):
            return Help(f"declare it above the first FROM: ARG {name}=value", scene.at(scene.span.start))
    return None


def before_from(scene: Scene) -> Help:
    """Say what may stand above the first FROM."""
    word = (scene.own[0].split() or ["this"])[0] if scene.own else "this"
    return Help(f"{word} stands before the first FROM, where only ARG may be: begin with FROM")


def _target(scene: Scene) -> Help | None:
    """List the stages, and say which number one without a name has."""
    name, stages = scene.facts["name"], scene.facts["stages"].split("\n")
    found = re.fullmatch(r"stage-(\d+)", name)
    if found and int(found[1]) < len(stages):
        return Help(f"this stage has no name: add AS {name} to its FROM")
    shown = [stage for stage in stages if stage]
    if not shown:
        return Help("no stage of this file has a name: add one to the FROM, as in FROM image AS name")
    more = f" and {len(shown) - MOST} more" if len(shown) > MOST else ""
    if scene.facts["meant"]:
        return Help(f"use --target {scene.facts['meant']}")
    return Help(f"--target is one of: {', '.join(shown[:MOST])}{more}")


def _stage_index(scene: Scene) -> Help:
    """Say which numbers stages have."""
    index, last = scene.facts["index"], int(scene.facts["count"]) - 1
    there = scene.span.narrowed(f"--from={index}")
    numbers = f"the only stage has the number {last}" if not last else f"stages have the numbers 0 to {last}"
    return Help(f"{numbers}, in the order of the FROM lines", there)


def _later_stage(scene: Scene) -> Help | None:
    name = scene.facts.get("name", "")
    if name and name == scene.facts.get("own"):
        return Help("a stage cannot take files from itself: name another one")
    return Help("move that stage above this one: a stage takes files only from those above it")


def _image(scene: Scene) -> Help | None:
    """Say what an image that cannot be found may be: a stage, a named context, another platform."""
    written = scene.facts["written"]
    context = nearest(written, scene.contexts)
    if context:
        return Help(f"did you mean the build context {context}?", scene.span.narrowed(written))
    stage = nearest(written, scene.facts["stages"].split("\n"))
    if stage:
        return Help(f"did you mean the stage {stage}?", scene.span.narrowed(written))
    try:
        hint = nearest_platform(parse(scene.facts["platform"]))
    except ValueError:
        return None
    if hint and "platform" in scene.facts["said"]:
        return Help(f"{scene.facts['platform']} is not a known platform{hint}")
    return argument_in_from(scene) if not scene.facts["said"] else None


def _variable_in_source(scene: Scene) -> Help | None:
    found = re.search(r"from=(\S*?)(?=,|\s|$)", " ".join(scene.own))
    if found is None:
        return None
    text = (
        f"write FROM {found[1]} AS name as a stage above, its ARG before the first FROM, and from=name here"
    )
    return Help(text)


def _no_stages(scene: Scene) -> Help | None:
    """Say that lines end with CR alone, or that only ARGs are there."""
    if any("\r" in line.rstrip("\r") for line in scene.lines):
        return Help("the lines of this file end with CR alone: save it with LF")
    return None if code_of(scene.lines) else Help("the file has only comments: begin with FROM")


def _arguments(scene: Scene) -> Help | None:
    if any("\r" in line.rstrip("\r") for line in scene.own):
        return Help("the lines of this file end with CR alone: save it with LF")
    return None


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    "BlankBaseName": argument_in_from,
    "InvalidPlatform": argument_in_from,
    "UnknownTarget": _target,
    "UnknownStageIndex": _stage_index,
    "UndefinedStage": _later_stage,
    "ImageNotResolved": _image,
    "VariableInFrom": _variable_in_source,
    "NoStages": _no_stages,
    "WrongArgumentCount": _arguments,
}
