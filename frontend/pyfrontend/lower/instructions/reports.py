"""``RUN --report``: its paths are recorded for the call ``test``; nothing is added to the graph.

Loaded only for steps with reports.
"""

from __future__ import annotations

import posixpath

from pyfrontend.errors import DockerfileError
from pyfrontend.llb.execop import Exec
from pyfrontend.lower.reports import Reported, ReportPath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.llb.state import State
    from pyfrontend.lower.stage import StageState
    from pyfrontend.syntax.instructions import Run


def note_reports(node: Run, stage: StageState) -> None:
    """Note the reports of the step ``node``, which ``stage`` has just run.

    Raises `DockerfileError` for a path in something that was mounted, of which nothing stays, and for one
    that is the whole filesystem.
    """
    hidden = tuple(_targets(stage.state))
    paths = [_read(written, stage.state.cwd) for written in (node.extras.reports if node.extras else ())]
    for path in paths:
        for target in hidden:
            if path.path == target or path.path.startswith(f"{target.rstrip('/')}/"):
                raise DockerfileError(
                    f"--report={path.written} is inside the mount at {target}, and nothing in a mount is"
                    " in the result of a step: write the report to another place",
                    code="ReportInMount",
                )
    stage.reports = (*stage.reports, Reported(node.span, tuple(paths), stage.state, hidden))


def _read(written: str, cwd: str) -> ReportPath:
    path = posixpath.normpath(posixpath.join("/", cwd, written)).replace("//", "/", 1)
    if path == "/":
        raise DockerfileError(
            f"--report={written} is the whole filesystem: name the file or the folder of the report",
            code="InvalidReport",
        )
    inside = not written.startswith("/") and cwd != "/" and path.startswith(f"{cwd.rstrip('/')}/")
    return ReportPath(written, path, cwd if inside else "/")


def _targets(state: State) -> Iterator[str]:
    """Yield where something was mounted for the process behind ``state``."""
    vertex = state.output.vertex if state.output else None
    if isinstance(vertex, Exec):
        for mount in (*vertex.mounts, *vertex.secrets, *vertex.sockets):
            if mount.target and mount.target != "/":
                yield posixpath.normpath(posixpath.join("/", state.cwd, mount.target))
