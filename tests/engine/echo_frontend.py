"""A frontend for tests: builds nothing, and gives back an image whose labels are the options that it got.

It runs in a container made from our frontend image, and stands for any other frontend to which a build
is handed over.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pyfrontend.driver.options.request import read_request
from pyfrontend.gateway.results import Result
from pyfrontend.gateway.run import leave, run
from pyfrontend.golang.json import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping


def main() -> None:
    """Answer one request."""
    request = read_request(os.environ)
    leave(run(lambda _: _answer(request.options), {}, request.product))


def _answer(options: Mapping[str, str]) -> Result:
    image = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Labels": dict(options)},
        "rootfs": {"type": "layers"},
    }
    return Result(metadata={"containerimage.config": json_text(image).encode()})


if __name__ == "__main__":
    main()
