"""Checks of COPY and ADD: owners by name that cannot be looked up, flags that the engine would ignore.

In: an instruction with its variables expanded, and its stage.  Raises `DockerfileError` without a location
for what cannot be built.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.llb import caps
from pyfrontend.llb.fileop import Owner
from pyfrontend.syntax.instructions import Copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lower.stage import StageState
    from pyfrontend.syntax.instructions import Add

#: An id for examples.
SOME_ID = "5000"


def check_owner(chown: str, stage: StageState, *, linked: bool) -> None:
    """Refuse the name of a user or group if there are no files to look it up in (LATE-003).

    That is the case if the files become a separate layer, ``linked``, and in a stage that is still empty.
    The daemon would refuse it as well, as ``invalid user index: -1``.
    """
    if not linked and stage.state.output is not None:
        return
    owner = Owner.parse(chown)
    for kind, file, name in (("user", "passwd", owner.user), ("group", "group", owner.group)):
        if isinstance(name, str):
            example = ":".join(part if part.isdigit() else SOME_ID for part in chown.split(":"))
            where, fix = ("with --link", ", or remove --link") if linked else ("in an empty stage", "")
            raise DockerfileError(
                f"--chown={chown}: {where} there is no /etc/{file} to look up the {kind} {go_quote(name)} in:"
                f" use a number, such as --chown={example}{fix}",
                code="OwnerByName",
            )


def check_engine(node: Copy | Add, mode_text: str, stage: StageState) -> None:
    """Refuse the flags that an old engine does not know, and would drop without a word."""
    if node.excludes:
        stage.require(caps.FILE_COPY_PATTERNS, f"{node.keyword} --exclude")
    if isinstance(node, Copy) and node.parents:
        stage.require(caps.FILE_COPY_PATTERNS, f"{node.keyword} --parents")
    if mode_text:
        stage.require(caps.FILE_COPY_MODE_TEXT, f"{node.keyword} --chmod={mode_text}")
