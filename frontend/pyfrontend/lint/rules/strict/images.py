"""Strict rules about the images that a file names."""

from __future__ import annotations

import re

from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.oci.reference import Reference, parse_normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.syntax.declare import Instruction
    from pyfrontend.syntax.document import Stage

#: A FROM whose image is nothing but a variable.
VARIABLE = re.compile(r"""\s["']?\$(?:\w+|\{\w+\})["']?(?:\s+\S+\s+\S+)?$""")


@rule("ImageNotPinned", "An image should be named with a version", facts.image_named, strict=True)
def image_not_pinned(node: Stage | Instruction, image: str) -> Iterator[Finding]:
    """Report an image with neither tag nor digest; the default of an argument may only fill its place."""
    reference = _reference(image)
    if "$" in node.code and VARIABLE.search(node.code):
        return
    if reference and not reference.tag and not reference.digest:
        yield Finding(f"{image} is whatever its newest image is: name a version, as in {image}:VERSION")


@rule("LatestTag", "An image should not be named by the tag latest", facts.image_named, strict=True)
def latest_tag(_node: Stage | Instruction, image: str) -> Iterator[Finding]:
    """Report the tag ``latest`` without a digest."""
    reference = _reference(image)
    if reference and reference.tag == "latest" and not reference.digest:
        yield Finding(f"{image} is another image tomorrow: name a version")


def _reference(image: str) -> Reference | None:
    try:
        return parse_normalized(image)
    except ValueError:
        return None
