"""What the daemon is asked to do, one value for each call: solves and warnings.

The values of lookups are in `pyfrontend.lookups`, which lowering knows as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyfrontend.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyfrontend.pb import ops_pb2
    from pyfrontend.span import SourceFile, Span

NOTHING: Mapping[str, Any] = {}


class CacheImport(NamedTuple):
    """A place that the daemon may take cached results from."""

    type: str
    attrs: Mapping[str, str]


class SolveRequest(NamedTuple):
    """A definition to be solved, or a request for another ``frontend`` with its ``options`` and ``inputs``.

    The result is lazy unless ``evaluate`` is set.
    """

    definition: ops_pb2.Definition | None = None
    frontend: str = ""
    options: Mapping[str, str] = NOTHING
    inputs: Mapping[str, ops_pb2.Definition] = NOTHING
    cache_imports: Sequence[CacheImport] = ()
    evaluate: bool = False


class WarnRequest(NamedTuple):
    """A warning for the user: a ``short`` line, what is behind it, and the lines of ``source`` it is about.

    ``digest`` is that of the op under which the client shows it.
    """

    digest: str
    short: str
    detail: Sequence[str] = ()
    url: str = ""
    source: SourceFile | None = None
    spans: Sequence[Span] = ()
    level: int = 1
