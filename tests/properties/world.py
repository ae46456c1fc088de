"""A whole build of any Dockerfile in the world of the parity cases, for what may come out of it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from parity.cases import Case
from parity.world import World, options
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyfrontend.gateway.results import Result


def build(data: bytes, request: Mapping[str, Any] = {}, **extra: str) -> Result | None:
    """Build ``data``; None stands for an error that the user is told, any other exception is a defect."""
    text = base64.b64encode(data).decode()
    world = World(Case("made", "made", "", {**request, "dockerfile_b64": text}, {}))
    # Like a build that was handed over already: a syntax line would end it here.
    asked = {"cmdline": "x", **options(world.input), **extra}
    try:
        return serve(world, Request(asked, "session", world.workers, "", unique="u"))
    except (DockerfileError, BridgeError):
        return None
