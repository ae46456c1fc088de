"""Built-in instructions for those of plugins: one in, lowered in the place of the plugin's own."""

from __future__ import annotations

from pyfrontend.lower import dispatch
from pyfrontend.syntax.declare import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lower.stage import StageState
    from pyfrontend.syntax.declare import Instruction


def lower(node: Instruction, stage: StageState) -> None:
    """Apply ``node``, whose variables have been replaced, to ``stage``, at the line that is being lowered.

    Raises `DockerfileError` for what is wrong with it.
    """
    own = stage.current.node if stage.current else node
    placed = replace(
        node,
        span=own.span,
        code=node.code or own.code,
        written=node.written or own.written,
        comments=own.comments,
    )
    dispatch.lower(placed, stage)
