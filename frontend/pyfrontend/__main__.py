"""The process that BuildKit starts: options from the environment, the build over stdin and stdout."""

from __future__ import annotations

# Not `os`, and not `typing`: 2 and 6 ms of the 8 ms between the start of Python and the first bytes.
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyfrontend.driver.options.request import Request
    from pyfrontend.gateway.bridge import Bridge
    from pyfrontend.gateway.results import Result
    from pyfrontend.plugins.gather import Plugins

#: What the daemon always sets for a frontend, in addition to the options.
SIGNS = (b"BUILDKIT_SESSION_ID", b"BUILDKIT_WORKERS", b"BUILDKIT_EXPORTEDPRODUCT")
OPTION_SIGN = b"BUILDKIT_FRONTEND_OPT_"

NO_GATEWAY = """\
pyfrontend is a BuildKit frontend: BuildKit starts it, in a container, to build a Dockerfile.
To build with it, put a line at the top of a Dockerfile

    # syntax=<image of this frontend>

and run `docker buildx build` as usual. Started by hand it builds nothing, but it checks and draws:

    docker run --rm -i <image of this frontend> check < Dockerfile
    docker run --rm <image of this frontend> --help
"""

#: The HTTP/2 preface and an empty SETTINGS frame, with which every client begins.
FIRST_BYTES = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"


def main() -> int:
    """Serve one build, or a person on the command line; return the exit code of the process."""
    return command_line(sys.argv[1:]) if len(sys.argv) > 1 else served(_dockerfile, NO_GATEWAY)


def served(answer: Callable[[Bridge, Request], Result], explanation: str) -> int:
    """Let ``answer`` make the result of the build that BuildKit started this process for.

    Return the exit code of the process; a person who has started it gets the ``explanation``.
    """
    if no_gateway(posix.environ):
        print(explanation, file=sys.stderr)  # noqa: T201 - stderr is where a person looks
        return 2
    greeted = greet()
    # What follows is loaded only if there is a gateway, and after it has heard of us.
    from pyfrontend.gateway import limits, run, supervisor

    reason, on_begin = limits.shortage(), None
    if not reason and greeted and has_other_end(0):
        on_begin = supervisor.split()
        reason = "" if on_begin else limits.text(limits.TOO_FEW_THREADS)
    if reason:
        return run.refuse(reason, (0, 1) if greeted else None)
    limits.limit_memory()
    import os

    from pyfrontend.driver.options.request import read_request

    request = read_request(os.environ)

    def build(bridge: Bridge) -> Result:
        return answer(bridge, request)

    return run.run(build, request.passed_on, request.product, greeted=greeted, on_begin=on_begin)


def _dockerfile(bridge: Bridge, request: Request) -> Result:
    from pyfrontend.driver.serve import serve  # loaded when the daemon has answered

    plugins = loaded_plugins(traces=True)
    if plugins is None:
        return serve(bridge, request)
    from pyfrontend.plugins.calls import blaming

    return blaming(plugins.names, lambda: serve(bridge, request._replace(plugins=plugins)))


def console() -> int:
    """Serve a person who has typed ``pyfrontend``, the script of the wheel; return the exit code."""
    return command_line(sys.argv[1:] or ["--help"])


def no_gateway(environ: Mapping[bytes, bytes]) -> str:
    """Return, in plain words, why this process cannot be a frontend, or an empty text if it can.

    BuildKit sets variables that nobody else does; without any of them nothing answers on stdin, be it
    a terminal, a file or closed, and a frontend would wait for an answer in vain.
    """
    signs = any(sign in environ for sign in SIGNS) or any(name.startswith(OPTION_SIGN) for name in environ)
    return "" if signs and not posix.isatty(0) and not posix.isatty(1) else NO_GATEWAY


def greet() -> bool:
    """Send the first bytes of the connection, and return whether they have gone out.

    BuildKit hangs up on a frontend that has not sent them 10 seconds after it began to start the container,
    and on a busy machine these may be over before Python has imported gRPC.  `gateway.opening` takes out of
    the streams what gRPC then sends and hears twice.
    """
    try:
        return posix.write(1, FIRST_BYTES) == len(FIRST_BYTES)
    except OSError:  # stdout is closed: the transport reports that
        return False


def has_other_end(fd: int) -> bool:
    """Return whether ``fd`` is a pipe or a socket."""
    try:
        return posix.fstat(fd).st_mode & 0o170000 in (0o010000, 0o140000)
    except OSError:  # it is closed: the transport reports that
        return False


def command_line(arguments: Sequence[str]) -> int:
    """Serve a person; return the exit code."""
    from pyfrontend.cli import main as cli  # BuildKit gives no arguments
    from pyfrontend.cores import MissingExtraError
    from pyfrontend.errors import DockerfileError

    try:
        plugins = loaded_plugins()
        if plugins is None:
            return cli.main(arguments)
        from pyfrontend.plugins.calls import blaming

        return blaming(plugins.names, lambda: cli.main(arguments, plugins))
    except DockerfileError as error:  # of a plugin: others are reported by `cli.main`
        reason = error.diagnostic().displayed().helped
    except MissingExtraError as error:
        reason = f"{arguments[0]}: {error}"
    print(f"pyfrontend: {reason}", file=sys.stderr)  # noqa: T201 - stderr is where a person looks
    return 2


def loaded_plugins(*, traces: bool = False) -> Plugins | None:
    """Return the plugins that the image names, None if it names none; with ``traces`` they print tracebacks.

    Raises `DockerfileError` for one that cannot be loaded.
    """
    names = posix.environ.get(b"DOCKERFILE_FRONTEND_PLUGINS")
    if names is None:
        return None
    import os

    from pyfrontend.plugins.load import load_named

    return load_named(os.fsdecode(names), traces=traces)


if __name__ == "__main__":
    import gc

    # One build and out: what a collector would free is not worth its search (docs/performance.md).
    gc.disable()
    code = main()
    from pyfrontend.gateway.run import leave

    leave(code)
