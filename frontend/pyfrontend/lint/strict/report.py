"""The facts that strict rules subscribe to, reported stage by stage."""

from __future__ import annotations

from pyfrontend.lint import facts
from pyfrontend.lint.strict.view import stages_of
from pyfrontend.syntax.instructions import Add, Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lint.linter import Linter
    from pyfrontend.syntax.document import Dockerfile


def check_strictly(dockerfile: Dockerfile, linter: Linter) -> None:
    """Report to ``linter`` what strict rules look at in a file without errors."""
    for view in stages_of(dockerfile):
        if view.image is not None:
            linter.report(facts.image_named, view.stage, view.image)
        linter.report(facts.stage_viewed, view.stage, view)
        for node, image in view.images:
            linter.report(facts.image_named, node, image)
        for step in view.steps:
            if isinstance(step.node, Run):
                linter.report(facts.run_viewed, step.node, step)
            elif isinstance(step.node, Copy | Add):
                linter.report(facts.copy_viewed, step.node, step)
