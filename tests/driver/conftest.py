"""Subrequests to the frontend without a daemon."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pyfrontend.driver.options.request import Request
from pyfrontend.driver.session import open_session
from pyfrontend.driver.subrequests import serve_subrequest
from pyfrontend.gateway.offline import Offline
from pyfrontend.oci.platforms import Platform

if TYPE_CHECKING:
    from pyfrontend.lookups import ImageMeta, ImageQuery

AMD64 = Platform("linux", "amd64")


class Answer(NamedTuple):
    """The result of a subrequest: all metadata of the result as texts."""

    metadata: dict[str, str]

    @property
    def text(self) -> str:
        return self.metadata["result.txt"]

    @property
    def document(self) -> Any:
        return json.loads(self.metadata["result.json"])


class NoLookups(Offline):
    """A daemon that is asked for the Dockerfile and nothing else."""

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        raise AssertionError(f"looked up: {query}")


class Asker:
    """Asks about a Dockerfile; further options as a client would send them."""

    def __call__(
        self, subrequest: str, dockerfile: str | bytes, *, lookups: bool = True, **options: str
    ) -> Answer:
        data = dockerfile.encode() if isinstance(dockerfile, str) else dockerfile
        bridge = (Offline if lookups else NoLookups)("Dockerfile", data)
        named = {name.replace("__", ":").replace("_", "-"): value for name, value in options.items()}
        request = Request({"requestid": f"frontend.{subrequest}", **named}, "s", [AMD64])
        result = serve_subrequest(open_session(bridge, request))
        assert result.ref is None
        return Answer({name: value.decode() for name, value in result.metadata.items()})


@pytest.fixture
def ask() -> Asker:
    return Asker()
