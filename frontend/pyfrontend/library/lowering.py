"""`pyfrontend.lower`: a Dockerfile in, the graph that BuildKit would get, its config and edges out."""

from __future__ import annotations

import json
from functools import cached_property

from pyfrontend.driver.convert import Converter
from pyfrontend.driver.subrequests.graph.model import draw
from pyfrontend.driver.subrequests.lint import diagnostics_of
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.offline import SOME_LAYER
from pyfrontend.library.reading import File
from pyfrontend.library.source import Asked, Source, loaded, opened
from pyfrontend.llb.builder import Definition
from pyfrontend.lookups import ImageMeta
from pyfrontend.oci.image_json import write_image
from pyfrontend.oci.reference import parse_normalized, tag_name_only
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Any

    from pyfrontend.driver.session import Session
    from pyfrontend.library.source import Given, Pluggable
    from pyfrontend.lookups import ImageQuery
    from pyfrontend.lower.ports import Images
    from pyfrontend.lower.target import Lowered as LoweredTarget


#: An image without layers would be treated as empty.
SOME_FILES = {"type": "layers", "diff_ids": [SOME_LAYER]}


class Edge(NamedTuple):
    """Files that a stage takes from an image, another stage or another source.

    ``source`` and ``target`` are ids: ``stage:0``, ``image:alpine:latest@linux/amd64``.  ``kind`` is ``FROM``
    or the instruction at ``line``, such as ``COPY --from``; ``paths`` are the paths that it takes.
    """

    source: str
    target: str
    kind: str
    line: int
    paths: tuple[str, ...]


class Lowered:
    """A Dockerfile lowered for one target and platform.

    - ``image``: the image config, as a dict
    - ``edges``: all edges of the stage graph, including those of stages that the target does not need
    - ``definition``: the graph, a `pyfrontend.llb.Definition`; requires ``pip install 'pyfrontend[build]'``
    """

    def __init__(self, converter: Converter, lowered: LoweredTarget) -> None:
        """Wrap the result of a conversion."""
        self._converter = converter
        self._lowered = lowered

    @cached_property
    def definition(self) -> Definition:
        """The graph; raises `pyfrontend.DockerfileError` for errors that only marshalling reveals."""
        return Definition(self._converter.marshal(self._lowered))

    @cached_property
    def image(self) -> dict[str, Any]:
        """The image config, as defined in the OCI image specification."""
        config: dict[str, Any] = json.loads(write_image(self._lowered.image))
        return config

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The edges of the stage graph, in file order."""
        edges = draw(self._converter.session).edges
        return tuple(Edge(one.source, one.target, one.kind, one.line, one.paths) for one in edges)


def lower(  # noqa: PLR0913 - what a person may say on the command line
    source: Given | File,
    *,
    name: str | None = None,
    target: str = "",
    platform: str = "",
    args: Mapping[str, str] | None = None,
    contexts: Mapping[str, str] | None = None,
    context: os.PathLike[str] | str | None = None,
    images: Mapping[str, Mapping[str, Any]] | None = None,
    plugins: Pluggable = (),
) -> Lowered:
    r"""Lower a Dockerfile to the graph that BuildKit would get, without BuildKit.

    - ``source`` and ``name``: as for `parse`, or a result of `parse`
    - ``target``, ``platform``, ``args`` and ``contexts``: as for a build
    - ``context``: the directory of the build context, whose ignore file is read; by default, that of the file
    - ``images``: configs of base images by reference, as defined in the OCI image specification; all other
      images are assumed to exist, with an empty config.  A key ``digest`` in a config pins the image
    - ``plugins``: modules that declare something with `pyfrontend.api`, or their names

    Raises `DockerfileError` for the first error, also in a plugin, and OSError for a path that cannot be
    read.

    >>> import pyfrontend
    >>> lowered = pyfrontend.lower(
    ...     "FROM alpine AS base\nRUN make\nFROM scratch\nCOPY --from=base /made /\nCMD [\"/made\"]\n",
    ...     platform="linux/arm64",
    ... )
    >>> lowered.image["config"]["Cmd"], lowered.image["architecture"]
    (['/made'], 'arm64')
    >>> [(edge.source, edge.target, edge.kind) for edge in lowered.edges]
    [('image:alpine:latest@linux/arm64', 'stage:0', 'FROM'), ('stage:0', 'stage:1', 'COPY --from')]
    >>> [op["source"]["identifier"] for op in lowered.definition.ops if "source" in op]
    ['docker-image://docker.io/library/alpine:latest']
    """
    given = (
        Source(source.name, source.data, source.folder)
        if isinstance(source, File)
        else Source.of(source, name)
    )
    asked = Asked(target, platform, args or {}, contexts or {}, context, loaded(plugins))
    session = opened(given, asked)
    session = session._replace(images=_Known(session.images, _by_name(images or {})))
    try:
        converter = Converter(session, None, session.platform)
        return Lowered(converter, converter.lower(session.platform, lints=False))
    except (DockerfileError, BridgeError) as error:
        raise shown(error, session) from error


def shown(error: DockerfileError | BridgeError, session: Session) -> DockerfileError:
    """Return ``error`` as the one kind that users see, with its help."""
    (first, *_) = diagnostics_of(error, session)
    found = DockerfileError(first.text, *first.spans, code=first.code)
    found.prefix, found.help, found.related = first.prefix, first.help, first.related
    return found


class _Known(NamedTuple):
    """A `pyfrontend.lower.ports.Images` in which some images have a config."""

    inner: Images
    known: Mapping[str, Mapping[str, Any]]

    def resolve(self, query: ImageQuery) -> ImageMeta:
        """Return the config that the caller gave for an image, or what is known without one."""
        config = self.known.get(query.name)
        if config is None:
            return self.inner.resolve(query)
        rest = {"rootfs": SOME_FILES} | {key: value for key, value in config.items() if key != "digest"}
        return ImageMeta(query.name, str(config.get("digest", "")), json.dumps(rest).encode())


def _by_name(images: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return ``images`` by their full names; raises ValueError for an invalid reference."""
    return {str(tag_name_only(parse_normalized(name))): config for name, config in images.items()}
