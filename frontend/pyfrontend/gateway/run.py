"""One build as a process: connect, build, return what came of it exactly once, and end."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyfrontend.gateway.bridge import Bridge
    from pyfrontend.gateway.results import Result

#: What the daemon always sets for a frontend, beside the options.
SIGNS = ("BUILDKIT_SESSION_ID", "BUILDKIT_WORKERS", "BUILDKIT_EXPORTEDPRODUCT")
OPTION_SIGN = "BUILDKIT_FRONTEND_OPT_"

NO_GATEWAY = """\
pyfrontend is a BuildKit frontend: BuildKit starts it, in a container, to build a Dockerfile.
To build with it, put a line at the top of a Dockerfile

    # syntax=<image of this frontend>

and run `docker buildx build` as usual. Started by hand it builds nothing, but it checks and draws:

    docker run --rm -i <image of this frontend> check < Dockerfile
    docker run --rm <image of this frontend> --help
"""
NO_ANSWER = "pyfrontend: no BuildKit gateway answers on standard input and output"


def no_gateway(environ: Mapping[str, str]) -> str:
    """Return, in plain words, why this process cannot be a frontend, or an empty text if it can.

    BuildKit sets variables that nobody else does; without any of them nothing answers on stdin, be it
    a terminal, a file or closed, and a frontend would wait for an answer in vain.
    """
    signs = any(sign in environ for sign in SIGNS) or any(name.startswith(OPTION_SIGN) for name in environ)
    return "" if signs and not os.isatty(0) else NO_GATEWAY


def run(
    build: Callable[[Bridge], Result],
    options: Mapping[str, str],
    product: str,
    *,
    stdio: tuple[int, int] | None = None,
    on_lost: Callable[[], None] | None = None,
) -> int:
    """Connect to the gateway, return to it what ``build`` gives or raises, and give back the exit code.

    The code is 0 after a result that the daemon took (features.md GW-011, ERR-017).  ``stdio`` are the
    descriptors to talk over, by default those of the process, which are claimed.  ``on_lost`` is called
    when the other side goes before the build is done; by default the process ends there and then, for
    nobody is left to build for (cancelled builds, features.md GW-029).
    """
    # Not at the top: `no_gateway` answers without paying for grpc.
    from pyfrontend.gateway.bridge import Bridge  # noqa: PLC0415
    from pyfrontend.gateway.errors import BridgeError  # noqa: PLC0415
    from pyfrontend.gateway.transport import Transport, claim_stdio  # noqa: PLC0415

    watch = _Watch(on_lost or _lost)
    try:
        transport = Transport(*(stdio or claim_stdio()), on_end=watch.ended)
    except OSError as error:
        return _complain(f"{NO_ANSWER}: {error}")
    try:
        bridge = Bridge(transport, options, product)
    except BridgeError as error:
        return _complain(f"{NO_ANSWER}: {error.message}")
    else:
        return _build_and_return(bridge, build, watch)
    finally:
        transport.close()


def leave(code: int) -> NoReturn:
    """End the process now, with ``code``.

    Not through `sys.exit`: that waits for threads, and one may be stuck in a call to a daemon that
    will never answer, or in a read of stdin that only ends when the daemon has seen this process end.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # there is none, or nobody reads it
            continue
    os._exit(code)


class _Watch:
    """Calls ``on_lost`` when the other side ends, but only while a build is being made.

    Before it, Ping reports what is wrong; after it, the daemon may hang up as it likes.
    """

    __slots__ = ("active", "on_lost")

    def __init__(self, on_lost: Callable[[], None]) -> None:
        self.active = False
        self.on_lost = on_lost

    def ended(self) -> None:
        if self.active:
            self.on_lost()


def _build_and_return(bridge: Bridge, build: Callable[[Bridge], Result], watch: _Watch) -> int:
    from pyfrontend.gateway.errors import BridgeError, to_status  # noqa: PLC0415 - as in `run`

    watch.active = True
    code = 0
    try:
        last = bridge.prepare(build(bridge))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the daemon waits to hear of it
        code = 1
        last = bridge.prepare_error(to_status(error))
    watch.active = False
    try:
        bridge.finish(last)
    except BridgeError as error:
        return _complain(f"pyfrontend: the outcome of the build could not be returned: {error.message}")
    return code


def _lost() -> None:
    _complain("pyfrontend: BuildKit has gone before the build was done")
    leave(1)


def _complain(text: str) -> int:
    # Whoever read stderr may have gone as well, which must not keep the process from ending.
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - stderr is the daemon's log
    return 1
