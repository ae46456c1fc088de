"""Help for options, named contexts, checksums and the time of a build: an error in, what to write out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.driver.diagnostics.scene import Help, Scene
from pyfrontend.driver.diagnostics.scope_help import argument_in_from
from pyfrontend.driver.options import option_help
from pyfrontend.oci.platforms import platform_meant
from pyfrontend.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

PLATFORMS = "a platform is OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as linux/amd64 or linux/arm/v7"
#: The schemes of named contexts, with what follows each.
SCHEMES = ("docker-image", "oci-layout", "git", "http", "https", "local", "input", "target")
CHECK_OPTIONS = ("skip", "error", "experimental")
CHECK_EXAMPLE = "check=skip=RuleName,OtherRule;error=true"
WRITTEN = "docker-image://IMAGE, oci-layout://FOLDER@sha256:DIGEST, a URL, or a folder"


def _platform(scene: Scene) -> Help | None:
    if scene.facts.get("kind") == "several":
        return Help("remove BUILDKIT_MULTI_PLATFORM=false, or build one platform at a time")
    value = scene.facts.get("value", "")
    meant = platform_meant(value)
    if meant:
        return Help(f"did you mean {meant}?")
    return argument_in_from(scene) or (Help(PLATFORMS) if value else None)


def _option(scene: Scene) -> Help | None:
    text = option_help.option(scene.facts["option"], scene.facts["value"])
    return Help(text) if text else None


def _attestation(scene: Scene) -> Help:
    return Help(option_help.attestation(scene.facts["kind"], scene.facts["value"]))


def _removed(scene: Scene) -> Help:
    return Help(f"remove {scene.facts['option']}: files are copied by BuildKit itself")


def _check_option(scene: Scene) -> Help:
    key = scene.facts["key"]
    meant = nearest(key, CHECK_OPTIONS)
    if key == "error":
        text = "write error=true or error=false"
    elif key in CHECK_OPTIONS:
        text = f"write {key}=RuleName,OtherRule"
    elif meant:
        text = f"did you mean {meant}?"
    else:
        text = f"the options of check are written as in {CHECK_EXAMPLE}"
    return Help(text, scene.span if scene.lines else None)


def _context(scene: Scene) -> Help | None:
    """Say how a named context is given, by what is wrong with it."""
    kind, name, value = (scene.facts.get(fact, "") for fact in ("kind", "name", "value"))
    match kind:
        case "specifier":
            text = f"write --build-context {name}=SOURCE, where SOURCE is {WRITTEN}"
        case "scheme":
            meant = nearest(value, SCHEMES)
            text = f"did you mean {meant}?" if meant else f"a context is {WRITTEN}"
        case "image":
            return _image_of_context(name, value)
        case "layout":
            text = f"write --build-context {name}=oci-layout://FOLDER@sha256:DIGEST"
        case "digest":
            text = f"add the digest of the image: --build-context {name}=oci-layout://{value}@sha256:..."
        case "input":
            text = f"the client passes no input called {value}: bake passes those of the targets it builds"
        case "git":
            text = f"write --build-context {name}=https://HOST/REPOSITORY.git#BRANCH"
        case "bake":
            text = f"only docker buildx bake builds the target {value} and passes it on"
        case _:
            return None
    return Help(text)


def _image_of_context(name: str, value: str) -> Help:
    if value != value.lower() and not any(map(str.isspace, value)):
        return Help(f"image names are in lower case: --build-context {name}=docker-image://{value.lower()}")
    return Help(f"write --build-context {name}=docker-image://IMAGE:TAG")


def _epoch(scene: Scene) -> Help:
    match scene.facts["kind"]:
        case "value":
            return Help(
                "SOURCE_DATE_EPOCH is a number of seconds since 1970, as date +%s prints, or context, or the"
                " name of a context or stage to take the time from"
            )
        case "base":
            return Help("begin the stage with FROM scratch")
        case _:
            return Help(
                "such a stage is FROM scratch and one ADD of a URL or Git repository, with ARGs at most"
            )


def _digest(scene: Scene) -> Help:
    """Say what a checksum looks like, and how to get one."""
    value = scene.facts["value"]
    algorithm, colon, hexadecimal = value.partition(":")
    example = "a checksum is sha256: and 64 hexadecimal digits, as sha256sum FILE prints them"
    if not colon and len(value) == 64:
        return Help(f"write --checksum=sha256:{value}")
    if colon and algorithm == "sha256" and len(hexadecimal) != 64:
        return Help(f"{example}; these are {len(hexadecimal)}")
    if colon and algorithm.lower() == "sha256" and value != value.lower():
        return Help(f"write it in lower case: --checksum={value.lower()}")
    return Help(example)


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    "InvalidAttestation": _attestation,
    "InvalidCacheImport": lambda _scene: Help(option_help.IMPORTS),
    "InvalidCheckOption": _check_option,
    "InvalidContext": _context,
    "InvalidDigest": _digest,
    "InvalidOption": _option,
    "InvalidPlatform": _platform,
    "InvalidSourceDateEpoch": _epoch,
    "RemovedOption": _removed,
}
