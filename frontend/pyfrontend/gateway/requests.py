"""Requests to the daemon, one value for each call: solves and warnings.

The values of lookups are in `pyfrontend.lookups`, because lowering uses them as well.
"""

from __future__ import annotations

from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pyfrontend.errors import Diagnostic
    from pyfrontend.llb.ops import Output
    from pyfrontend.lookups import SourceRule
    from pyfrontend.pb import ops_pb2
    from pyfrontend.span import SourceFile

NOTHING: Mapping[str, Any] = {}


class CacheImport(NamedTuple):
    """A place that the daemon may take cached results from."""

    type: str
    attrs: Mapping[str, str]


class SolveRequest(NamedTuple):
    """A definition to be solved, or a request for another ``frontend`` with its ``options`` and ``inputs``.

    The result is lazy unless ``evaluate`` is set.  ``output`` is what a definition of our own makes: a
    stand-in for the daemon reads it, and needs no definition.  ``policies`` are source policies that the
    daemon must apply.
    """

    definition: ops_pb2.Definition | None = None
    frontend: str = ""
    options: Mapping[str, str] = NOTHING
    inputs: Mapping[str, ops_pb2.Definition] = NOTHING
    cache_imports: Sequence[CacheImport] = ()
    evaluate: bool = False
    output: Output | None = None
    policies: tuple[tuple[SourceRule, ...], ...] = ()


class WarnRequest(NamedTuple):
    """A warning for the user; ``digest`` is that of the op under which the client shows it.

    ``file`` is the file of the spans of ``diagnostic``; without it, no excerpt is shown.
    """

    digest: str
    diagnostic: Diagnostic
    file: SourceFile | None = None


def add_policies(message: Any, policies: tuple[tuple[SourceRule, ...], ...]) -> None:
    """Add source policies to the ``message`` of a solve or a lookup."""
    if policies:
        from pyfrontend.gateway.source_policies import add

        add(message, policies)
