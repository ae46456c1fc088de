"""One build as a process: connect, build, return the result exactly once, and exit."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from pyfrontend.gateway.bridge import Bridge
    from pyfrontend.gateway.results import Result

NO_ANSWER = "pyfrontend: no BuildKit gateway answers on standard input and output"


def run(  # noqa: PLR0913 - the last three are for tests, and for who has sent first bytes
    build: Callable[[Bridge], Result],
    passed_on: Mapping[str, str],
    product: str,
    *,
    stdio: tuple[int, int] | None = None,
    greeted: bool = False,
    on_begin: Callable[[], None] | None = None,
    on_lost: Callable[[], None] | None = None,
) -> int:
    """Connect to the gateway, return to it what ``build`` gives or raises, and give back the exit code.

    The code is 0 after a result that the daemon took (GW-011, ERR-017).  ``stdio`` are the descriptors to
    talk over, by default those of the process, which are claimed; ``greeted`` says that the first bytes have
    gone over them already (`opening`).  ``on_begin`` is called when the daemon has answered, and ``on_lost``
    when it goes before the build is done; by default the process ends there and then, for nobody is left to
    build for (cancelled builds, GW-029).
    """
    # Not at the top: `leave` is for a command line too, which pays for no grpc.
    from pyfrontend.cores import MissingExtraError
    from pyfrontend.gateway import limits
    from pyfrontend.gateway.bridge import Bridge
    from pyfrontend.gateway.errors import BridgeError
    from pyfrontend.gateway.transport import Transport, claim_stdio

    watch = _Watch(on_lost or _lost)
    try:
        stdio = stdio or claim_stdio()
        transport = Transport(*stdio, greeted=greeted, on_end=watch.ended)
    except OSError as error:
        return _complain(f"{NO_ANSWER}: {error}")
    except MissingExtraError as error:
        return refuse(str(error), stdio if greeted else None)
    except RuntimeError:  # a thread cannot be started
        return refuse(limits.text(limits.TOO_FEW_THREADS), stdio if greeted else None)
    try:
        bridge = Bridge(transport, passed_on, product)
    except BridgeError as error:
        return _complain(f"{NO_ANSWER}: {error.message}")
    else:
        if on_begin:
            on_begin()
        return _build_and_return(bridge, build, watch)
    finally:
        transport.close()


def refuse(reason: str, stdio: tuple[int, int] | None) -> int:
    """Report why there can be no build, over ``stdio`` too where it is open; return the exit code."""
    if stdio:
        from pyfrontend.gateway.last_words import return_error

        return_error(reason, *stdio)
    return _complain(f"pyfrontend: {reason}")


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

    Before it, Ping reports what is wrong; after it, the daemon may hang up as it likes.  Both directions
    of the pipe may notice the end, and one call is enough.
    """

    __slots__ = ("active", "on_lost")

    def __init__(self, on_lost: Callable[[], None]) -> None:
        self.active = False
        self.on_lost = on_lost

    def ended(self) -> None:
        active, self.active = self.active, False
        if active:
            self.on_lost()


def _build_and_return(bridge: Bridge, build: Callable[[Bridge], Result], watch: _Watch) -> int:
    from pyfrontend.gateway.errors import BridgeError, to_status

    watch.active = True
    code = 0
    try:
        last = bridge.prepare(build(bridge))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the daemon waits to hear of it
        code = 1
        status = to_status(error, alone=not bridge.shows_lines)
        last = bridge.prepare_error(status)
        if not bridge.takes_errors:  # an old daemon, whose log is all that is left
            _complain(f"pyfrontend: {' '.join(status.message.split())}")
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
    try:
        from pyfrontend.display import many_lines

        print(many_lines(text), file=sys.stderr, flush=True)  # noqa: T201 - stderr is the daemon's log
    except (OSError, ValueError):
        pass
    return 1
