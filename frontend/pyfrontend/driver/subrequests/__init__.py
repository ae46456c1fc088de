"""Subrequests: questions about a build that do not build it; only the requested one is loaded.

A subrequest is a module with ``respond(session: Session) -> Result`` and one row in `SUBREQUESTS`.
"""

from __future__ import annotations

from importlib import import_module

from pyfrontend.driver.convert import warn_beside
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import unsupported_request
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result

TARGET = ("target", "Target build stage")
TEXTS = ("result.json", "result.txt")
GRAPH_WORDS = "options: graph+overview, +stages, +steps, +full, +all, +legend"


class Subrequest(NamedTuple):
    """A subrequest as ``subrequests.describe`` shows it; ``module`` is the one that responds to it.

    ``options`` are pairs of name and description, None where the reference has a null for none.
    """

    name: str
    version: str
    module: str
    description: str
    options: tuple[tuple[str, str], ...] | None = ()
    metadata: tuple[str, ...] = TEXTS
    #: Whether words may follow the name, each after a plus; the module reads them.
    takes_words: bool = False
    #: Whether it is about one target, so that a list of them is refused.
    one_target: bool = False


def _check(form: str, description: str, *metadata: str) -> Subrequest:
    metadata = (*metadata, "result.txt", "result.statuscode")
    return Subrequest(f"check-{form}", "1.0.0", "check_format", description, metadata=metadata)


def _graph(name: str, description: str) -> Subrequest:
    return Subrequest(
        name, "1.1.0", "graph.response", description, (TARGET,), takes_words=True, one_target=True
    )


#: All subrequests; the first three stand in the order of the reference (SUB-002).
SUBREQUESTS = (
    Subrequest(
        "outline",
        "1.0.0",
        "outline",
        "List all parameters current build target supports",
        (TARGET,),
        one_target=True,
    ),
    Subrequest("targets", "1.0.0", "targets", "List all targets current build supports"),
    Subrequest("subrequests.describe", "1.0.0", "describe", "List available subrequest types", None),
    Subrequest("lint", "1.0.0", "lint", "Lint a Dockerfile", metadata=(*TEXTS, "result.statuscode")),
    Subrequest(
        "convertllb", "0.1.0", "convert_llb", "Convert Dockerfile to LLB", metadata=TEXTS[:1], one_target=True
    ),
    _check("sarif", "Lint a Dockerfile, for code scanning (SARIF 2.1.0)", "result.json"),
    _check("gitlab", "Lint a Dockerfile, for GitLab's code quality", "result.json"),
    _check("github", "Lint a Dockerfile, as annotations of GitHub Actions"),
    _graph("graph", f"Draw the stage graph as text ({GRAPH_WORDS})"),
    _graph("graph-mermaid", "Draw the stage graph in Mermaid's language"),
    _graph("graph-dot", "Draw the stage graph in Graphviz's language"),
    _graph("graph-svg", "Draw the stage graph as an SVG picture"),
    Subrequest(
        "plain",
        "1.0.0",
        "plain",
        "Print the plain Dockerfile that an extended one stands for",
        (TARGET,),
        one_target=True,
    ),
    Subrequest(
        "test",
        "1.0.0",
        "test",
        "Run stages, each to its end; --output writes the reports of their tests, also of those that failed",
        (("target", "Stages to run, separated by commas; by default all with reports, and gates"),),
        metadata=(*TEXTS, "result.statuscode"),
    ),
    Subrequest("lock", "1.0.0", "lock", "Write Dockerfile.lock into the folder of --output"),
    Subrequest(
        "lock-check", "1.0.0", "lock", "Compare Dockerfile.lock", metadata=(*TEXTS, "result.statuscode")
    ),
    Subrequest("lock-policy", "1.0.0", "lock", "Print Dockerfile.lock as a source policy"),
)
PREFIX = "frontend."
#: Subrequests that buildx calls otherwise.
CLIENT_NAMES = {"lint": "check"}


def serve_subrequest(session: Session) -> Result:
    """Return the result of the subrequest that a session is about (SUB-001, SUB-012).

    Raises `BridgeError` for one that is not known here; `DockerfileError` for errors in the Dockerfile, with
    their places, which the reference leaves out (SUB-011, SUB-013).
    """
    try:
        return dispatch(session)
    except DockerfileError as error:
        warn_beside(session, error)
        raise


def dispatch(session: Session) -> Result:
    """Do as `serve_subrequest`, but raise errors in the Dockerfile as they are, and show no warnings."""
    asked = session.options.request_id or ""
    plugged = session.plugins.calls.get(asked.removeprefix(PREFIX)) if session.plugins else None
    if plugged is not None:
        from pyfrontend.driver.subrequests import plugged as answering

        return answering.respond(session, plugged, dispatch)
    for subrequest in SUBREQUESTS:
        name = PREFIX + subrequest.name
        if asked == name or (subrequest.takes_words and asked.startswith(f"{name}+")):
            if subrequest.one_target and "," in session.options.target and session.options.extensions:
                raise _several_targets(session.options.target, subrequest)
            module = import_module(f"{__name__}.{subrequest.module}")
            result: Result = module.respond(session)
            result.metadata["version"] = subrequest.version.encode()
            return result
    error = unsupported_request(asked)
    error.help = _known_calls(asked, session.plugins.calls if session.plugins else ())
    raise error


def _several_targets(target: str, subrequest: Subrequest) -> DockerfileError:
    return DockerfileError(
        f"--call={subrequest.name} takes one target, but --target={target} lists several",
        code="InvalidTargets",
    )


def _known_calls(asked: str, plugged: Iterable[str]) -> str:
    """Return the name of the call that was meant, and all names, as buildx has them after ``--call=``."""
    name = asked.removeprefix(PREFIX).partition("+")[0]
    names = [*(CLIENT_NAMES.get(one.name, one.name) for one in SUBREQUESTS), *plugged]
    meant = nearest(name, names)
    return f"{f'did you mean {meant}? ' if meant else ''}--call is one of: {', '.join(names)}"
