"""The process that BuildKit starts: options from the environment, the build over stdin and stdout."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from frontend.gateway.bridge import Bridge
    from frontend.gateway.results import Result


def main() -> int:
    """Serve one build, or a person on the command line; return the exit code of the process."""
    if len(sys.argv) > 1:
        from frontend import cli  # noqa: PLC0415 - BuildKit gives no arguments

        return cli.main(sys.argv[1:])
    from frontend.gateway import run  # noqa: PLC0415 - what follows is loaded only if there is a gateway

    reason = run.no_gateway(os.environ)
    if reason:
        print(reason, file=sys.stderr)  # noqa: T201 - stderr is where a person looks
        return 2
    from frontend.driver.options import read_request  # noqa: PLC0415 - see above

    request = read_request(os.environ)

    def serve(bridge: Bridge) -> Result:
        from frontend.driver.build import Build  # noqa: PLC0415 - loaded when the daemon has answered
        from frontend.gateway.errors import Failure, to_status  # noqa: PLC0415 - the same
        from frontend.source import DockerfileError  # noqa: PLC0415 - the same

        build = Build(bridge, request)
        try:
            return build.run()
        except DockerfileError as error:
            raise Failure(to_status(error, build.source)) from error

    return run.run(serve, request.options, request.product)


if __name__ == "__main__":
    from frontend.gateway.run import leave

    leave(main())
