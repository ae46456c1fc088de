"""A frontend for tests: gives back the graphs that the engine's built-in frontend and ours make of a request.

It runs in a container made from our frontend image (`graph.Dockerfile`), asked by
``docker buildx build --call=graph,format=json``; nothing is built. The answer is
``{"builtin": side, "ours": side}``, where a side is ``{"metadata", "refs"}`` with the base64 of a definition
by platform id (empty id: the single result), or ``{"error", "sources"}``, or ``{"unsupported"}``.
"""

from __future__ import annotations

import os
from binascii import b2a_base64
from typing import TYPE_CHECKING, Any

from pyfrontend.driver.options.request import read_request
from pyfrontend.driver.serve import serve
from pyfrontend.gateway.errors import SOURCE_URL, to_status
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.gateway.results import Result
from pyfrontend.gateway.run import leave, run
from pyfrontend.golang.json import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.driver.options.request import Request
    from pyfrontend.gateway.bridge import Bridge
    from pyfrontend.gateway.results import Ref

#: Options that ask this frontend for its answer, and would ask another one for something else.
OWN_OPTIONS = ("requestid", "frontend.caps")


def main() -> None:
    """Answer one request."""
    request = read_request(_without_own_options(dict(os.environ)))
    # Only graphs are wanted: a file that a COPY would miss is no error here.
    request = request._replace(options={**request.options, "evaluate": "false"})
    leave(run(lambda bridge: _answer(bridge, request), {}, request.product))


def _answer(bridge: Bridge, request: Request) -> Result:
    """Return what both frontends make of ``request``, as the metadata that the client prints."""
    answer = {
        "builtin": _side(
            lambda: bridge.solve(SolveRequest(frontend="dockerfile.v0", options=request.options))
        ),
        "ours": _side(lambda: serve(bridge, request)),
    }
    text = json_text(answer).encode()
    return Result(metadata={"result.json": text, "result.txt": text, "version": b"1.0.0"})


def _without_own_options(environ: dict[str, str]) -> dict[str, str]:
    """Return the environment of a plain build."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("BUILDKIT_FRONTEND_OPT_") or value.partition("=")[0] not in OWN_OPTIONS
    }


def _side(work: Callable[[], Result]) -> dict[str, Any]:
    """Return what a frontend gave, or the error that it ended with."""
    try:
        result = work()
    except NotImplementedError as error:
        return {"unsupported": str(error)}
    except Exception as error:  # noqa: BLE001 - an error is an answer too
        status = to_status(error)
        sources = [item.value.decode() for item in status.details if item.type_url == SOURCE_URL]
        return {"error": status.message, "sources": sources}
    refs = {name: _definition(ref) for name, ref in (result.refs or {"": result.ref}).items()}
    return {"refs": refs, "metadata": {key: value.decode() for key, value in result.metadata.items()}}


def _definition(ref: Ref | None) -> str:
    """Return the graph behind a result, which the daemon tells with it."""
    if ref is None or ref.definition is None:
        return ""
    return b2a_base64(ref.definition.SerializeToString(), newline=False).decode()


if __name__ == "__main__":
    main()
