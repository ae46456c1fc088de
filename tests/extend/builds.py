"""Builds of extended files in the world of the parity cases, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakes import FakeBridge
from parity import graph
from pyfrontend.driver.serve import serve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyfrontend.gateway.results import Result
    from pyfrontend.plugins.gather import Plugins


class Outcome(NamedTuple):
    """All that the daemon gets of a build: graphs, results and lookups.

    ``steps`` are ops with their descriptions, in the order of the graph; ``metadata`` holds the image
    configs with their history; ``lookups`` are the images that were looked up.
    """

    steps: list[list[tuple[bytes, dict[str, str], bool]]]
    metadata: dict[str, bytes]
    lookups: list[str]


class Case(NamedTuple):
    """A Dockerfile, the files of its context, and what the client asks for."""

    text: str
    files: Mapping[str, str] = {}
    options: Mapping[str, Any] = {}
    plugins: Plugins | None = None
    extensions: bool = True

    def bridge(self) -> FakeBridge:
        """Return a daemon that has the file and the context."""
        given = dict(self.options)
        more = given.pop("files", {})
        return FakeBridge(self.text, files={"context": dict(self.files), **more}, **given)

    def call(self, name: str) -> Result:
        """Ask about the build."""
        return self.serve(self.bridge(), name)

    def serve(self, bridge: FakeBridge, call: str = "") -> Result:
        """Ask ``bridge`` about the build, or have it built."""
        request = bridge.request(**({"requestid": f"frontend.{call}"} if call else {}))
        return serve(bridge, request._replace(plugins=self.plugins, extensions=self.extensions))

    def plain(self) -> Case:
        """Return the plain file that this one stands for, with no files around it."""
        text = self.call("plain").metadata["result.txt"].decode()
        options = {key: value for key, value in self.options.items() if key != "files"}
        if "opts" in options:
            options["opts"] = {key: value for key, value in options["opts"].items() if key != "cmdline"}
        if "build_args" in options:
            given = options["build_args"]
            options["build_args"] = {key: given[key] for key in given if key != "BUILDKIT_DOCKERFILE_LOCK"}
        return Case(text, {}, options)

    def build(self) -> Outcome:
        """Build, and return what the daemon was asked to do."""
        bridge = self.bridge()
        result = self.serve(bridge)
        builds = [ref.definition for ref in [*result.refs.values(), result.ref] if ref is not None]
        return Outcome(
            [_steps(definition) for definition in builds],
            result.metadata,
            sorted(str(one["ref"]) for one in bridge.lookups),
        )


def _steps(definition: Any) -> list[tuple[bytes, dict[str, str], bool]]:
    encoded = graph.defs(definition)
    found = []
    for data in encoded:
        metadata = definition.metadata[graph.digest_of(data)]
        found.append((data, dict(metadata.description), metadata.ignore_cache))
    return found
