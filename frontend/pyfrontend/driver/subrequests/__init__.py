"""Questions about a build that build nothing: `answer` finds what was asked for, and loads only that.

A question is a module with ``answer(build: Build) -> Result`` and one row in `QUESTIONS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import unsupported_request
from pyfrontend.record import NamedTuple

if TYPE_CHECKING:
    from pyfrontend.driver.session import Build
    from pyfrontend.gateway.results import Result

TARGET = ("target", "Target build stage")
TEXTS = ("result.json", "result.txt")
GRAPH_WORDS = "options: graph+overview, +stages, +steps, +full, +all, +legend"


class Question(NamedTuple):
    """A question as ``subrequests.describe`` shows it; ``module`` answers it.

    ``options`` are pairs of name and description, None where the reference has a null for none.
    """

    name: str
    version: str
    module: str
    description: str
    options: tuple[tuple[str, str], ...] | None = ()
    metadata: tuple[str, ...] = TEXTS
    #: Whether words may follow the name, each behind a plus; the module reads them.
    takes_words: bool = False


def _graph(name: str, description: str) -> Question:
    return Question(name, "1.1.0", "graph.answer", description, (TARGET,), takes_words=True)


#: All questions; the first three stand in the order of the reference (SUB-002).
QUESTIONS = (
    Question("outline", "1.0.0", "outline", "List all parameters current build target supports", (TARGET,)),
    Question("targets", "1.0.0", "targets", "List all targets current build supports"),
    Question("subrequests.describe", "1.0.0", "describe", "List available subrequest types", None),
    Question("lint", "1.0.0", "lint", "Lint a Dockerfile", metadata=(*TEXTS, "result.statuscode")),
    Question("convertllb", "0.1.0", "convert_llb", "Convert Dockerfile to LLB", metadata=TEXTS[:1]),
    _graph("graph", f"Draw the stage graph as text ({GRAPH_WORDS})"),
    _graph("graph-mermaid", "Draw the stage graph in Mermaid's language"),
    _graph("graph-dot", "Draw the stage graph in Graphviz's language"),
    _graph("graph-svg", "Draw the stage graph as an SVG picture"),
)
PREFIX = "frontend."


def answer(build: Build) -> Result:
    """Answer the question that ``build`` carries in its option ``requestid`` (SUB-001, SUB-012).

    Raises `BridgeError` for a question that is not known here; `DockerfileError` for mistakes
    in the Dockerfile, without their places, as in the reference (SUB-011, SUB-013).
    """
    try:
        return ask(build)
    except DockerfileError as error:
        build.warn_beside(error)
        failure = error.at()
        failure.fallback = None
        raise failure from error


def ask(build: Build) -> Result:
    """Answer as `answer` does, but raise `DockerfileError` for mistakes in the Dockerfile."""
    request = build.options.request_id or ""
    for question in QUESTIONS:
        name = PREFIX + question.name
        if request == name or (question.takes_words and request.startswith(f"{name}+")):
            # Only the module of the question is loaded: a build asks one, most ask none.
            module = import_module(f"{__name__}.{question.module}")
            result: Result = module.answer(build)
            result.metadata["version"] = question.version.encode()
            return result
    raise unsupported_request(request)
