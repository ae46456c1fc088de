"""Help for names that are unknown where they are used: arguments, stages, targets, images, contexts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyfrontend.driver.diagnostics.scene import Help, Scene, code_of
from pyfrontend.errors import SOURCE_DENIED
from pyfrontend.spelling import nearest
from pyfrontend.syntax.declare import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable

#: So many names are listed, or looked at.
MOST = 20
#: What a stage without a name is shown as; one that has no stage has no names at all.
UNNAMED = re.compile(r"(?:stage-(\d+))?")
#: Instructions without their arguments, and what they look like.
EXAMPLES = {
    "ARG": "ARG NAME, or ARG NAME=DEFAULT",
    "ENV": "ENV NAME=VALUE",
    "EXPOSE": "EXPOSE PORT",
    "HEALTHCHECK": "HEALTHCHECK CMD COMMAND, or HEALTHCHECK NONE",
    "LABEL": "LABEL NAME=VALUE",
    "ONBUILD": "ONBUILD and an instruction, as in ONBUILD RUN COMMAND",
    "SHELL": 'SHELL ["/bin/bash", "-c"]',
    "STOPSIGNAL": "STOPSIGNAL SIGTERM, or another signal",
    "USER": "USER NAME, or USER NAME:GROUP",
    "VOLUME": "VOLUME /PATH",
    "WORKDIR": "WORKDIR /PATH",
}
VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")


def argument_in_from(scene: Scene) -> Help | None:
    """Say why a variable of a FROM has no value: its ARG is in a stage, or has none, or is missing."""
    for name in [*dict.fromkeys(VARIABLE.findall(scene.code))][:MOST]:
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
    return Help(f"{word} comes before the first FROM, where only ARG is allowed: start with FROM")


def _target(scene: Scene) -> Help | None:
    """List the stages; one without a name can be no target, whatever a drawing calls it."""
    name, stages = scene.facts["name"], scene.facts["stages"].split("\n")
    number = name.removeprefix("stage-")
    if number.isdecimal() and int(number) < len(stages):
        there = stages[int(number)]
        return Help(
            f"use --target {there}" if there else f"this stage has no name: add AS stage-{number} to its FROM"
        )
    if scene.facts["meant"]:
        return Help(f"use --target {scene.facts['meant']}")
    shown = [stage for stage in stages if stage]
    if not shown:
        return Help(f"no stage of this file has a name: add one, as in FROM image AS {name}")
    more = f" and {len(shown) - MOST} more" if len(shown) > MOST else ""
    return Help(f"--target is one of: {', '.join(shown[:MOST])}{more}")


def _stage_index(scene: Scene) -> Help:
    """Say which numbers stages have."""
    index, last = scene.facts["index"], int(scene.facts["count"]) - 1
    there = scene.span.narrowed(f"--from={index}")
    if not last:
        return Help("there is only one stage, number 0", there)
    return Help(f"stages are numbered 0 to {last}, in the order of their FROM lines", there)


def _later_stage(scene: Scene) -> Help | None:
    name = scene.facts.get("name", "")
    if name and name == scene.facts.get("own"):
        return Help("a stage cannot take files from itself: name another stage")
    return Help("move that stage above this one: a stage can only take files from stages above it")


def _stage_name(scene: Scene) -> Help:
    """Give a name that is allowed."""
    name = scene.facts["name"]
    right = re.sub(r"[^a-z0-9_.-]+", "-", name.lower())
    right = right if right[:1].isalpha() else f"stage-{right.lstrip('-_.')}"
    return Help(f"write AS {right}", scene.span.narrowed(name))


def _circle(scene: Scene) -> Help:
    """Say where a cycle of stages can be opened; one line alone copies from its own stage."""
    if scene.facts["lines"] == "1":
        return Help("a stage cannot take files from itself: name another stage")
    return Help("each of these lines depends on the stage of the next: remove one of them")


def _words_of_from(scene: Scene) -> Help:
    """Say what is wrong with the words of a FROM, which are an image, or an image and a name."""
    words = scene.words
    flag = next((word for word in words if word.startswith("--")), "")
    if any(word.startswith("#") for word in words):
        return Help("put the comment on its own line")
    if flag:
        rest = " ".join(word for word in words if word != flag)
        return Help(f"flags go before the image: FROM {flag} {rest}", scene.span.narrowed(flag))
    if not words:
        return Help("name an image, or scratch for an empty one: FROM IMAGE")
    return Help(_from_line(words))


def _from_line(words: list[str]) -> str:
    """Return how the ``words`` of a FROM are written as an image and a name."""
    if ":" in words and len(words) == 3:
        return f"remove the spaces around the colon: FROM {''.join(words)}"
    if "=" in words[0] and words[0].partition("=")[0] in REGISTRY["FROM"].plan.flags:
        return f"a flag begins with two dashes: FROM --{' '.join(words)}"
    image, second, *names = words[0], *words[1:2], *(word for word in words[2:] if word.lower() != "as")
    if second.lower() == "as" and not names:
        return f"add the name of the stage: FROM {image} AS NAME"
    if second.lower() == "as":
        return f"the name of a stage is one word: FROM {image} AS {'-'.join(names)}"
    if len(words) == 2 or (len(words) == 3 and nearest(second.lower(), ("as",))):
        return f"to name the stage, write FROM {image} AS {words[-1]}"
    return "write FROM IMAGE, or FROM IMAGE AS NAME"


def _variable_in_source(scene: Scene) -> Help | None:
    found = re.search(r"from=(\S*?)(?=,|\s|$)", scene.code)
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
    if scene.keyword == "FROM":
        return _words_of_from(scene)
    example = EXAMPLES.get(scene.keyword)
    return Help(f"write {example}") if example and not scene.words else None


def _denied(scene: Scene) -> Help:
    text = "policies are part of the frontend's image, and whoever maintains that can change them"
    return Help(text, scene.span.narrowed(scene.facts["written"]))


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    "BlankBaseName": argument_in_from,
    "CircularDependency": _circle,
    "InvalidStageName": _stage_name,
    "UnknownTarget": _target,
    "UnknownStageIndex": _stage_index,
    "UndefinedStage": _later_stage,
    SOURCE_DENIED: _denied,
    "VariableInFrom": _variable_in_source,
    "NoStages": _no_stages,
    "WrongArgumentCount": _arguments,
}
