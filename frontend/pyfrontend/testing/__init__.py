r"""`pyfrontend.testing`: test Dockerfiles and plugins without BuildKit and without Docker.

The functions are methods of a default `Tester`; create your own for another base image.  In pytest it is the
fixture ``dockerfile`` (`pyfrontend.pytest_plugin`).  This package is in the wheel but not in the image.

>>> from pyfrontend import testing
>>> testing.assert_error("COPY --fom=build /app /", "did you mean from?", line=1)
>>> testing.assert_warning("MAINTAINER me", "MaintainerDeprecated", line=1)
>>> testing.assert_same_graph("ENV A=1 B=2", "ENV A=1\nENV B=2")
"""

from __future__ import annotations

from pyfrontend.testing.daemon import Built, Daemon
from pyfrontend.testing.graphs import Graph
from pyfrontend.testing.tester import Tester

__all__ = [
    "Built",
    "Daemon",
    "Graph",
    "Tester",
    "assert_clean",
    "assert_denied",
    "assert_error",
    "assert_same_graph",
    "assert_warning",
    "build",
    "check",
    "graph",
    "parse",
    "plain",
]

_TESTER = Tester()

parse = _TESTER.parse
check = _TESTER.check
plain = _TESTER.plain
graph = _TESTER.graph
build = _TESTER.build
assert_same_graph = _TESTER.assert_same_graph
assert_error = _TESTER.assert_error
assert_denied = _TESTER.assert_denied
assert_warning = _TESTER.assert_warning
assert_clean = _TESTER.assert_clean
