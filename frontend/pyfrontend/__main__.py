"""The process that BuildKit starts: options from the environment, the build over stdin and stdout."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from pyfrontend.gateway.bridge import Bridge
    from pyfrontend.gateway.results import Result


def main() -> int:
    """Serve one build, or a person on the command line; return the exit code of the process."""
    if len(sys.argv) > 1:
        return command_line(sys.argv[1:])
    from pyfrontend.gateway import run  # noqa: PLC0415 - what follows is loaded only if there is a gateway

    reason = run.no_gateway(os.environ)
    if reason:
        print(reason, file=sys.stderr)  # noqa: T201 - stderr is where a person looks
        return 2
    from pyfrontend.driver.options.build_options import read_request  # noqa: PLC0415 - see above

    request = read_request(os.environ)

    def serve(bridge: Bridge) -> Result:
        from pyfrontend.driver.session import Build  # noqa: PLC0415 - loaded when the daemon has answered
        from pyfrontend.errors import DockerfileError  # noqa: PLC0415 - the same
        from pyfrontend.gateway.errors import Failure, to_status  # noqa: PLC0415 - the same

        build = Build(bridge, request)
        try:
            with plugged():
                return build.run()
        except DockerfileError as error:
            raise Failure(to_status(error, build.source)) from error

    return run.run(serve, request.options, request.product)


def command_line(arguments: Sequence[str]) -> int:
    """Serve a person; return the exit code."""
    from pyfrontend.cli import main as cli  # noqa: PLC0415 - BuildKit gives no arguments
    from pyfrontend.errors import DockerfileError  # noqa: PLC0415 - the same

    try:
        with plugged():
            return cli.main(arguments)
    except DockerfileError as error:  # of a plugin: others are told by `cli.main`
        print(f"pyfrontend: {error.message}", file=sys.stderr)  # noqa: T201 - stderr is where a person looks
        return 2


def plugged() -> AbstractContextManager[None]:
    """Return the context in which the plugins that the image names are loaded, if it names any."""
    names = os.environ.get("DOCKERFILE_FRONTEND_PLUGINS")
    if not names:
        return nullcontext()
    from pyfrontend import plugins  # noqa: PLC0415 - only in images with plugins

    return plugins.plugged(names)


if __name__ == "__main__":
    import gc

    # One build and out: what a collector would free is not worth its search (docs/performance.md).
    gc.disable()
    from pyfrontend.gateway.run import leave

    leave(main())
