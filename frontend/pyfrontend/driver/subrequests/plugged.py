"""``frontend.<name>``: a subrequest that a function of a plugin answers."""

from __future__ import annotations

from pyfrontend.driver.convert import parse
from pyfrontend.driver.subrequests.document import texts
from pyfrontend.golang.json import indented_json, load_json
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import CheckConfig
from pyfrontend.oci.platforms import format_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result
    from pyfrontend.plugins.declared import Call
    from pyfrontend.syntax.document import Dockerfile

    #: Answers another subrequest.
    Dispatch = Callable[[Session], Result]


class Question:
    """What a call of a plugin can use.

    - ``target``: the requested stage, empty for the last; ``args``: the build arguments by name
    - ``platforms``: the requested platforms, such as ``linux/arm64``
    - ``dockerfile``: the parsed file; its errors are raised
    """

    def __init__(self, session: Session, dispatch: Dispatch) -> None:
        """Ask about ``session``."""
        self._session = session
        self._dispatch = dispatch
        self.target = session.options.target
        self.args: Mapping[str, str] = dict(session.options.args)
        self.platforms = tuple(format_all(platform) for platform in session.options.platforms)

    @property
    def dockerfile(self) -> Dockerfile:
        """The file as a build reads it; raises `DockerfileError` for the first error."""
        platforms = self._session.options.platforms
        platform = platforms[0] if platforms else self._session.platform
        return parse(self._session, Linter(CheckConfig()), platform)

    def ask(self, name: str) -> Any:
        """Return the document of another call, such as ``graph`` or ``outline``.

        Raises `DockerfileError` like that call, ValueError if it does not return a document.
        """
        options = self._session.options._replace(request_id=f"frontend.{name}")
        answer = self._dispatch(self._session._replace(options=options)).metadata.get("result.json")
        if answer is None:
            raise ValueError(f"the call {name} answers with no document")
        return load_json(answer.decode())


def respond(session: Session, call: Call, dispatch: Dispatch) -> Result:
    """Return what ``call`` answers: a text, a document, or both; ``dispatch`` answers other subrequests."""
    answer = call.answer(Question(session, dispatch))
    if isinstance(answer, str):
        return texts({"text": answer}, answer if answer.endswith("\n") or not answer else f"{answer}\n")
    try:
        return texts(answer, f"{indented_json(answer)}\n")
    except (TypeError, ValueError) as error:
        raise call.part.wrong(f"what is no JSON ({error})") from error
