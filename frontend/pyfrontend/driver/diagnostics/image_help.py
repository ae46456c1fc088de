"""Help for names of images: what cannot be a name, or what no registry has, in; what to write or do out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyfrontend.driver.diagnostics.scene import Help, Scene
from pyfrontend.driver.diagnostics.scope_help import MOST, UNNAMED, argument_in_from
from pyfrontend.oci.platforms import platform_meant
from pyfrontend.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

#: Characters around the name of an image that are not part of it.
ODD_ENDS = ";,'\"\u2018\u2019\u201c\u201d"
#: Words of what the daemon says about an image, to what to do about it; the first that match count.
REASONS = {
    ("no match for platform",): (
        "there is no {image} for {platform}; docker buildx imagetools inspect {image} lists its platforms"
    ),
    (
        "pull access denied",
        "authorization failed",
        "401 Unauthorized",
        "403 Forbidden",
        "insufficient_scope",
    ): ("{image} does not exist, or is private: check the name, or log in with docker login"),
    (
        "not found",
        "manifest unknown",
        "404 Not Found",
    ): "check the name and the tag: the registry has no {image}",
    (
        "no such host",
        "connection refused",
        "i/o timeout",
        "network is unreachable",
        "TLS handshake timeout",
    ): ("the builder cannot reach the registry of {image}: check the name, the network and its proxy"),
    ("certificate", "HTTP response to HTTPS client"): (
        "the builder does not trust the registry of {image}: add its certificate, or configure it as insecure"
    ),
}


def _image_name(scene: Scene) -> Help | None:
    name = scene.facts["name"]
    if name.startswith("../"):
        return Help(
            "an image, or a Dockerfile of the build context as ./path#stage: paths begin at its root, and may"
            " not lead out of it",
            scene.span.narrowed(name),
        )
    address = re.match(r"(?i)https?://(?:hub\.docker\.com/)?", name)
    if address is None:
        return argument_in_from(scene) or _odd_end(scene, name) or _capitals(scene, name) or _tag(scene, name)
    return Help(
        f"an image name starts with its registry, not with a URL: remove {address[0]}",
        scene.span.narrowed(name),
    )


def _odd_end(scene: Scene, name: str) -> Help | None:
    """Say that a sign at the end of a name is none of it, or that quotes are not those of a Dockerfile."""
    bare = name.strip(ODD_ENDS)
    return Help(f"write FROM {bare}", scene.span.narrowed(name)) if bare and bare != name else None


def _capitals(scene: Scene, name: str) -> Help | None:
    if name == name.lower() or "must be lowercase" in name:
        return None
    return Help(f"image names are in lower case: {name.lower()}", scene.span.narrowed(name))


def _tag(scene: Scene, name: str) -> Help | None:
    """Say what a tag or a digest looks like."""
    image, _, tag = name.rpartition("/")[2].partition(":")
    there = scene.span.narrowed(name)
    if "@" in image:
        return Help("a digest is sha256: and 64 hexadecimal digits", there)
    if name[:1] == ":":
        return Help("write the name of the image before the colon", there)
    if ":" in name and not tag:
        return Help("write the tag after the colon, or remove the colon", there)
    return Help("an image has one tag: IMAGE:TAG", there) if ":" in tag and "@" not in tag else None


def _image(scene: Scene) -> Help | None:
    """Say what an image that cannot be found may be: a stage, a named context, another platform."""
    written, platform = scene.facts["written"], scene.facts["platform"]
    there = scene.span.narrowed(written)
    stages = [stage for stage in scene.facts["stages"].split("\n") if not UNNAMED.fullmatch(stage)]
    context, stage = nearest(written, scene.contexts), nearest(written, stages)
    unnamed = UNNAMED.fullmatch(written)
    if context:
        return Help(f"did you mean the build context {context}?", there)
    if stage:
        return Help(f"did you mean the stage {stage}?", there)
    if unnamed and not scene.facts["from"]:
        return Help(f"a stage without a name has a number: --from={unnamed[1]}", there)
    meant = platform_meant(platform)
    if meant:
        return Help(f"{platform} is not a known platform (did you mean {meant}?)")
    if scene.facts["hint"]:  # of the reference, which puts it after all that the registry said
        return Help(scene.facts["hint"].strip(" ()"), there)
    return _stages(scene, stages) or _registry(scene)


def _stages(scene: Scene, stages: list[str]) -> Help | None:
    """List the stages where a flag names none of them, in a word that can be one."""
    written = scene.facts["written"]
    if stages and not scene.facts["from"] and "/" not in written and ":" not in written:
        shown = f"{', '.join(stages[:MOST])}{' ...' if len(stages) > MOST else ''}"
        return Help(
            f"no stage is called {written}, so it is taken for an image; the stages are: {shown}",
            scene.span.narrowed(written),
        )
    return None


def _registry(scene: Scene) -> Help | None:
    """Say what to do about the answer of a registry, of which the daemon passes on the words."""
    reason, written = scene.facts["reason"], scene.facts["written"]
    for words, text in REASONS.items():
        if any(word in reason for word in words):
            return Help(text.format(image=written, platform=scene.facts["platform"]))
    return None


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    "ImageNotResolved": _image,
    "InvalidImageName": _image_name,
}
