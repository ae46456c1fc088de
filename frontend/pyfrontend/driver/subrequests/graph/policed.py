"""What policies make of the sources of a drawing: what a build would take, or the error that would end it.

Loaded for drawings with policies.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError, located
from pyfrontend.giturl import parse_git_ref
from pyfrontend.lower.policed import image_use
from pyfrontend.oci.reference import parse_normalized
from pyfrontend.policies.values import Use
from pyfrontend.syntax.inputs import GIT
from pyfrontend.syntax.instructions import Add

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pyfrontend.driver.guard import Guard
    from pyfrontend.lower.ports import NamedContext
    from pyfrontend.lower.stage import StageState
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.oci.reference import Reference
    from pyfrontend.syntax.declare import Instruction


class Policed:
    """Asks the policies of a build; what no build needs is drawn as it is, also if it would be denied."""

    def __init__(self, guard: Guard, reached: Collection[StageState]) -> None:
        """Ask nothing yet; ``reached`` are the stages that the target needs."""
        self._guard = guard
        self._reached = reached

    def image(
        self, name: str, reference: Reference, platform: Platform, state: StageState
    ) -> tuple[str, str]:
        """Return the image that is taken for the one called ``name``, and a note on what for."""
        use = image_use(state, name)
        with located(use.span):
            found = self._asked(
                lambda: str(self._guard.image(reference, platform, use)), str(reference), state
            )
        return _noted(name, name if found == str(reference) else parse_normalized(found).familiar())

    def context(self, context: NamedContext, platform: Platform, user: StageState) -> str:
        """Return what a named context stands for, with a note on what for."""
        given = context.specification
        with located(image_use(user, given).span):
            found = self._asked(lambda: self._guard.context(context.key, given, platform), given, user)
        return found if found == given else f"{found} (for {given})"

    def remote(self, kind: str, name: str, node: Instruction, user: StageState) -> tuple[str, str]:
        """Return the download or repository that is taken for ``name``, and a note on what for.

        One whose variables have values only in a build stays as it is.
        """
        checksum = node.checksum if isinstance(node, Add) else ""
        if "$" in name + checksum:
            return name, ""
        use = Use(name, node.keyword, user.name, node.span)
        ref = parse_git_ref(name) if kind == GIT else None
        with located(node.span):
            if ref is None:
                found = self._asked(lambda: self._guard.http(name, checksum, use), name, user)
            else:
                found = self._asked(lambda: self._guard.repository(name, ref, checksum, use), name, user)
        return _noted(name, found)

    def _asked(self, ask: Callable[[], str], otherwise: str, user: StageState) -> str:
        try:
            return ask()
        except DockerfileError:
            if user in self._reached:
                raise
            return otherwise


def _noted(name: str, found: str) -> tuple[str, str]:
    return found, "" if found == name else f"for {name}"
