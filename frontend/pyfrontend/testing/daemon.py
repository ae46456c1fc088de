"""A stand-in for BuildKit inside a test process: whole builds run against it, but nothing is built."""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path

from pyfrontend.driver.options.client_options import ClientOptions
from pyfrontend.driver.options.request import Request, policy_variables
from pyfrontend.driver.serve import serve
from pyfrontend.driver.subrequests import CLIENT_NAMES, PREFIX
from pyfrontend.errors import DAEMON_ERROR, DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.giturl import parse_git_ref
from pyfrontend.library.source import Source, loaded
from pyfrontend.llb import sources
from pyfrontend.llb.builder import Definition
from pyfrontend.llb.ops import CUSTOM_NAME
from pyfrontend.llb.ops import Source as SourceOp
from pyfrontend.oci.platforms import parse as parse_platform
from pyfrontend.oci.reference import parse_normalized, tag_name_only
from pyfrontend.span import SourceFile
from pyfrontend.syntax.directives import detect_syntax
from pyfrontend.testing.standin import Known, StandIn
from pyfrontend.testing.text import BASE, dockerfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pyfrontend.gateway.results import Result
    from pyfrontend.library.findings import Finding
    from pyfrontend.library.source import Given, Pluggable
    from pyfrontend.testing.standin import Files
    from pyfrontend.testing.text import Text

    #: A named context: a specification such as ``docker-image://alpine``, or its files.
    Context = str | Files

PLATFORM = "linux/amd64"
#: What calls are that buildx calls otherwise.
CALLS = {theirs: ours for ours, theirs in CLIENT_NAMES.items()}


class Built:
    """The result of a build against a `Daemon`.

    - ``warnings``: the warnings that the user would see, each a `pyfrontend.Finding`
    - ``looked_up``: images by full name, repositories and downloads by identifier, without duplicates
    - ``text`` and ``json``: the answer to a ``call``
    """

    def __init__(self, result: Result, daemon: StandIn, text: Text) -> None:
        """Wrap a result."""
        self._result = result
        self._solved = daemon.solved
        self.warnings: tuple[Finding, ...] = text.found(daemon.warnings)
        self.looked_up: tuple[str, ...] = tuple(daemon.asked)

    @property
    def text(self) -> str:
        """The answer to a call as printed; empty for a build."""
        return self._result.metadata.get("result.txt", b"").decode()

    @cached_property
    def json(self) -> Any:
        """The answer to a call as a JSON value; None for a build."""
        return json.loads(self._result.metadata.get("result.json", b"null"))

    def image(self, platform: str = "") -> dict[str, Any]:
        """Return the image config; for a multi-platform image, that of ``platform``.

        Raises ValueError for a platform that was not requested, and for a call, which produces no image.
        """
        config = self._result.metadata.get(
            f"containerimage.config{f'/{platform}' if self._result.refs else ''}"
        )
        if config is None:
            raise ValueError(self._no_such(platform))
        found: dict[str, Any] = json.loads(config)
        return found

    def definition(self, platform: str = "") -> Definition:
        """Return the graph that BuildKit would get; ``platform`` and errors are as for `image`."""
        refs = self._result.refs
        ref = refs.get(platform) if refs else self._result.ref
        if ref is None or ref.id not in self._solved:
            raise ValueError(self._no_such(platform))
        return Definition(self._solved[ref.id])

    def steps(self, platform: str = "") -> tuple[str, ...]:
        """Return the names of the steps in the build progress, each after those that it depends on."""
        definition = self.definition(platform)
        names = definition.message.metadata
        return tuple(names[digest].description.get(CUSTOM_NAME, "") for digest in definition.digests)

    def _no_such(self, platform: str) -> str:
        known = ", ".join(self._result.refs)
        return (
            f"nothing was built for {platform or 'no platform'}: use {known}"
            if known
            else "nothing was built"
        )

    def __repr__(self) -> str:
        return f"Built({len(self.warnings)} warnings)"


class Daemon:
    r"""A stand-in for BuildKit for whole builds: nothing is run, fetched or stored.

    - ``images``: configs by reference, as defined in the OCI image specification; if not given, every image
      is assumed to exist, with an empty config.  A key ``digest`` in a config is the digest of the image,
      which is otherwise made up
    - ``files``: the files of the build context and the Dockerfile's directory: by path, or a directory
    - ``git``: commits by repository URL, as in ``ADD``; ``http``: files by URL
    - ``environ``: variables of the frontend's image, such as ``DOCKERFILE_FRONTEND_REGISTRIES``
    - ``platform``: that of the build host

    Requires ``pip install 'pyfrontend[build]'``.  Raises ValueError for invalid URLs and references.

    >>> from pyfrontend.testing import Daemon
    >>> alpine = {"config": {"Env": ["A=1", "PATH=/bin"]}}
    >>> daemon = Daemon(images={"alpine": alpine}, files={"versions.env": "V=2\n"})
    >>> built = daemon.build("FROM alpine\nENV --file=versions.env\nRUN make\n")
    >>> built.image()["config"]["Env"], built.looked_up
    (['A=1', 'PATH=/bin', 'V=2'], ('docker.io/library/alpine:latest',))
    >>> [target["name"] for target in daemon.build("FROM alpine AS base\n", call="targets").json["targets"]]
    ['base']
    """

    def __init__(  # noqa: PLR0913 - what there is around a build
        self,
        *,
        images: Mapping[str, Mapping[str, Any]] | None = None,
        files: Files | None = None,
        git: Mapping[str, str] | None = None,
        http: Mapping[str, str | bytes] | None = None,
        environ: Mapping[str, str] | None = None,
        platform: str = PLATFORM,
    ) -> None:
        """Define what the daemon knows."""
        self._files = None if files is None else _files(files)
        by_name = None if images is None else {_full(name): config for name, config in images.items()}
        commits = {_repository(address): commit for address, commit in (git or {}).items()}
        downloads = {
            address: data.encode() if isinstance(data, str) else data
            for address, data in (http or {}).items()
        }
        self._known = Known(by_name, commits, downloads)
        self._environ = environ or {}
        self._platform = parse_platform(platform)

    def build(  # noqa: PLR0913 - what a person may say on the command line
        self,
        source: Given,
        *,
        call: str = "",
        target: str = "",
        platform: str = "",
        args: Mapping[str, str] | None = None,
        contexts: Mapping[str, Context] | None = None,
        labels: Mapping[str, str] | None = None,
        plugins: Pluggable = (),
        base: str = BASE,
    ) -> Built:
        """Build a Dockerfile, or only instructions, above which a ``FROM`` of ``base`` is added.

        - ``call``: as in ``docker buildx build --call=...``
        - ``target``, ``platform``, ``args``, ``labels``: as for a build
        - ``contexts``: named contexts; the files of each, or the value of ``--build-context NAME=``
        - ``plugins``: modules that declare something with `pyfrontend.api`, or their names

        Raises `pyfrontend.DockerfileError` if the build would fail.
        """
        __tracebackhide__ = True
        plugins = tuple(plugins)
        text = dockerfile(source, base, plugins)
        given = Source.of(text.given)
        name = Path(given.name).name
        folders = {key: _files(one) for key, one in (contexts or {}).items() if not isinstance(one, str)}
        specified = {
            key: one if isinstance(one, str) else f"local:{key}" for key, one in (contexts or {}).items()
        }
        call_name = f"{PREFIX}{CALLS.get(call, call)}" if call else ""
        asked = ClientOptions(
            call_name, name, target, platform, args or {}, specified, labels or {}, _cmdline(given)
        )
        files: Files = self._files or given.folder or {}
        daemon = StandIn(name, given.data, self._known, {"context": files, **folders})
        request = Request(
            asked.written(),
            session_id="test",
            workers=[self._platform],
            policies=policy_variables(self._environ),
            plugins=loaded(plugins),
        )
        try:
            return Built(serve(daemon, request), daemon, text)
        except BridgeError as error:
            raise DockerfileError(error.helped, code=DAEMON_ERROR) from error
        except DockerfileError as error:
            raise text.error(error) from error


def _cmdline(given: Source) -> str:
    """Return what the daemon calls this frontend: what the file does, or the build would be forwarded."""
    syntax = detect_syntax(SourceFile(given.name, given.data))
    return syntax.cmdline if syntax else "pyfrontend"


def _files(files: Files) -> Files:
    """Return files as they are; raises ValueError for a folder that is none."""
    if isinstance(files, os.PathLike) and not Path(files).is_dir():
        raise ValueError(f"there is no folder {os.fspath(files)}")
    return files


def _full(name: str) -> str:
    return str(tag_name_only(parse_normalized(name)))


def _repository(address: str) -> str:
    """Return the identifier of a repository in the graph; raises ValueError if it is not the URL of one."""
    ref = parse_git_ref(address)
    output = sources.git(ref).output if ref else None
    if output is None or not isinstance(output.vertex, SourceOp):
        raise ValueError(f"{address} is no repository: over https the path ends in .git")
    return output.vertex.identifier
