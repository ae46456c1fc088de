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
    from pyfrontend.driver.subrequests.graph.model import Source
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

    def image(self, source: Source, reference: Reference, platform: Platform, state: StageState) -> Source:
        """Return the image that ``state`` starts from, or that it is."""
        use = image_use(state, source.name)
        with located(use.span):
            found = self._asked(
                lambda: str(self._guard.image(reference, platform, use)), str(reference), state
            )
        return source if found == str(reference) else _changed(source, parse_normalized(found).familiar())

    def context(self, source: Source, context: NamedContext, platform: Platform, user: StageState) -> Source:
        """Return what a named context stands for."""
        with located(image_use(user, source.name).span):
            found = self._asked(
                lambda: self._guard.context(context.key, context.specification, platform),
                context.specification,
                user,
            )
        return source if found == source.detail else source._replace(detail=f"{found} (for {source.detail})")

    def remote(self, source: Source, node: Instruction, user: StageState) -> Source:
        """Return a download or repository; one whose variables have values only in a build stays as it is."""
        checksum = node.checksum if isinstance(node, Add) else ""
        if "$" in source.name + checksum:
            return source
        use = Use(source.name, node.keyword, user.name, node.span)
        ref = parse_git_ref(source.name) if source.kind == GIT else None
        with located(node.span):
            if ref is None:
                found = self._asked(lambda: self._guard.http(source.name, checksum, use), source.name, user)
            else:
                text = source.name
                found = self._asked(lambda: self._guard.repository(text, ref, checksum, use), text, user)
        return source if found == source.name else _changed(source, found)

    def _asked(self, ask: Callable[[], str], otherwise: str, user: StageState) -> str:
        try:
            return ask()
        except DockerfileError:
            if user in self._reached:
                raise
            return otherwise


def _changed(source: Source, name: str) -> Source:
    return source._replace(id=source.id.replace(source.name, name, 1), name=name, detail=f"for {source.name}")
