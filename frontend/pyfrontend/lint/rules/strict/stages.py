"""Strict rules about stages, and about the content of the final image's layers."""

from __future__ import annotations

from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.lint.rules.strict import layers  # noqa: F401 - its rules look at the same facts
from pyfrontend.lint.strict.view import user_of
from pyfrontend.syntax.instructions import Env

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.lint.strict.view import StageView
    from pyfrontend.syntax.document import Stage

ROOT = frozenset(("root", "0"))
#: Words in the names of images that have their own user.
UNPRIVILEGED = (
    "nonroot",
    "rootless",
    "unprivileged",
    "bitnami/",
    "chainguard/",
    "cgr.dev/",
    "devcontainers/",
)


@rule(
    "StageNotBuilt", "A stage should be used, or have a name to build it by", facts.stage_viewed, strict=True
)
def stage_not_built(stage: Stage, view: StageView) -> Iterator[Finding]:
    """Report a stage that no other one uses, and that no ``--target`` would name."""
    if not view.is_used and not view.is_last and not stage.name:
        yield Finding("no other stage uses this one, and it has no name: no build runs it")


@rule("RunsAsRoot", "The final image should have a user that is not root", facts.stage_viewed, strict=True)
def runs_as_root(_stage: Stage, view: StageView) -> Iterator[Finding]:
    """Report a final image with a command that runs as root."""
    if not view.is_last or not view.has_command:
        return
    step = user_of(view)
    if step is not None:
        name = (step.text or "").partition(":")[0]
        if name in ROOT:
            yield Finding(f"the container runs as {name}: end with a USER that is not root", step.node.span)
        return
    *_, lowest = view.chain()
    if not any(mark in (lowest.image or "") for mark in UNPRIVILEGED) and (
        lowest.image or _is_scratch(lowest)
    ):
        yield Finding("the container runs as root, unless the base image says otherwise: add USER")


def _is_scratch(view: StageView) -> bool:
    return view.stage.source.image.lower() == "scratch"


@rule("DebianFrontendKept", "DEBIAN_FRONTEND should not stay in the image", facts.stage_viewed, strict=True)
def debian_frontend_kept(_stage: Stage, view: StageView) -> Iterator[Finding]:
    """Report an ENV that changes how apt-get behaves in every container."""
    if not view.is_final:
        return
    last = None
    for step in view.of(Env):
        for pair in getattr(step.node, "pairs", ()):
            if pair.key == "DEBIAN_FRONTEND":
                last = step.node if pair.value.strip("\"'") else None
    if last is not None:
        text = "this ENV is set in every container: use ARG DEBIAN_FRONTEND=noninteractive"
        yield Finding(text, last.span)
