"""Instructions that a condition leaves out: the facts that are still reported to rules.

Only facts that are visible in the instruction itself: the values of variables, or the files of earlier steps,
are not known for a step that does not run.
"""

from __future__ import annotations

from pyfrontend.lint import facts
from pyfrontend.syntax.inputs import CONTEXT
from pyfrontend.syntax.instructions import Env, Label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lower.stage import StageState
    from pyfrontend.syntax.declare import Instruction


def report_skipped(node: Instruction, stage: StageState) -> None:
    """Report what a skipped instruction of ``stage`` shows."""
    if isinstance(node, (Env, Label)) and node.legacy:
        stage.report(facts.old_form_used, node)
    if isinstance(node, Env):
        for key, _ in node.pairs:
            stage.report(facts.variable_set, node, key)
    ignores = stage.lowering.ignores
    if ignores is None:
        return
    for one in node.inputs():
        for path in one.paths if one.kind == CONTEXT and one.mount is None else ():
            if "$" not in path:
                stage.report(facts.path_copied, node, path, ignores)
