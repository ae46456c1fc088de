"""`Tester`: assertions about Dockerfiles."""

from __future__ import annotations

import json

import pyfrontend
from pyfrontend.driver.subrequests import plain as plain_call
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.library.lowering import shown
from pyfrontend.library.source import Asked, Source, loaded, opened
from pyfrontend.testing.daemon import Daemon
from pyfrontend.testing.graphs import Graph, difference
from pyfrontend.testing.text import BASE, dockerfile, short

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from types import ModuleType
    from typing import Any, TypedDict, Unpack

    from pyfrontend.library.findings import Finding
    from pyfrontend.library.reading import File
    from pyfrontend.library.source import Given, Pluggable
    from pyfrontend.testing.daemon import Built, Context

    class Options(TypedDict, total=False):
        """The options of a build, as in `pyfrontend.lower`."""

        target: str
        platform: str
        args: Mapping[str, str]
        contexts: Mapping[str, str]
        context: os.PathLike[str] | str
        plugins: Pluggable

    class BuildOptions(TypedDict, total=False):
        """What a build is asked for, as in `Daemon.build`."""

        call: str
        target: str
        platform: str
        args: Mapping[str, str]
        contexts: Mapping[str, Context]
        labels: Mapping[str, str]
        plugins: Pluggable
        base: str


#: The code of errors that policies raise.
DENIED = "SourceDenied"


class Tester:
    """Assertions about Dockerfiles.

    A Dockerfile is text (`str`), `bytes`, or the path of a file (`pathlib.Path`).  Text may also consist of
    instructions only: a ``FROM`` of ``base`` is then added above them, which does not count in line numbers.
    If it begins with an empty line, that line and the indentation are dropped.  All methods take ``target``,
    ``platform``, ``args``, ``contexts``, ``context`` and ``plugins``, like `pyfrontend.lower`.
    """

    #: For pytest, which collects classes whose names begin with Test.
    __test__ = False

    def __init__(self, *plugins: ModuleType | str, base: str = BASE) -> None:
        """Set default ``plugins``, modules or their names, and the ``base`` image for bare instructions."""
        self.plugins = plugins
        self.base = base

    # ------------------------------------------------------------------------------ what a Dockerfile says

    def parse(self, source: Given, *, plugins: Pluggable | None = None) -> File:
        """Return the result of `pyfrontend.parse`, including a ``FROM`` that was added."""
        wanted = tuple(self.plugins if plugins is None else plugins)
        return pyfrontend.parse(dockerfile(source, self.base, wanted).given, plugins=wanted)

    def check(
        self,
        source: Given,
        *,
        skip: Iterable[str] = (),
        experimental: Iterable[str] = (),
        **options: Unpack[Options],
    ) -> tuple[Finding, ...]:
        r"""Return the findings of `pyfrontend.lint`, at the lines of ``source``.

        >>> from pyfrontend import testing
        >>> [(found.rule, found.line) for found in testing.check("MAINTAINER me\nENV a b\n")]
        [('MaintainerDeprecated', 1), ('LegacyKeyValueFormat', 2)]
        """
        asked = self._all(options)
        text = dockerfile(source, self.base, asked["plugins"])
        report = pyfrontend.lint(text.given, skip=skip, experimental=experimental, **asked)
        return text.found(report.findings)

    def plain(self, source: Given, **options: Unpack[Options]) -> str:
        r"""Return the plain Dockerfile that ``source`` stands for; raises `pyfrontend.DockerfileError`.

        >>> from pyfrontend import testing
        >>> testing.plain("ARG DEBUG\nRUN --if=DEBUG apt-get install gdb\n", args={"DEBUG": "yes"})
        'ARG DEBUG\nRUN apt-get install gdb\n'
        """
        __tracebackhide__ = True
        asked: dict[str, Any] = {**self._all(options)}
        text = dockerfile(source, self.base, asked["plugins"])
        session = opened(Source.of(text.given), Asked(**asked | {"plugins": loaded(asked["plugins"])}))
        try:
            made = json.loads(plain_call.respond(session).metadata["result.json"])["dockerfile"]
        except (DockerfileError, BridgeError) as error:
            raise text.error(shown(error, session)) from error
        return text.without_from(made)

    def graph(self, source: Given, **options: Unpack[Options]) -> Graph:
        r"""Return what BuildKit would do, a `Graph`; raises `pyfrontend.DockerfileError`.

        Requires ``pip install 'pyfrontend[build]'``.

        >>> from pyfrontend import testing
        >>> testing.graph("RUN make\nENV A=B\n", platform="linux/arm64").steps[-1]
        '[2/2] RUN make'
        """
        __tracebackhide__ = True
        asked = self._all(options)
        text = dockerfile(source, self.base, asked["plugins"])
        try:
            return Graph(pyfrontend.lower(text.given, **asked))
        except DockerfileError as error:
            raise text.error(error) from error

    def build(self, source: Given, *, daemon: Daemon | None = None, **options: Unpack[BuildOptions]) -> Built:
        """Build with `Daemon.build`, by default with a `Daemon` for which all images exist."""
        __tracebackhide__ = True
        asked: BuildOptions = {"base": self.base, "plugins": self.plugins, **options}
        return (daemon or Daemon()).build(source, **asked)

    # --------------------------------------------------------------------------------------- what must hold

    def assert_same_graph(
        self, one: Given, other: Given, *, names: bool = False, **options: Unpack[Options]
    ) -> None:
        r"""Fail unless both make BuildKit do the same and produce the same image.

        With ``names``, the step names and the image history must be the same too.

        >>> from pyfrontend import testing
        >>> testing.assert_same_graph("RUN --no-cache make", "RUN make")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
          ...
        AssertionError: the graphs differ: - is RUN --no-cache make, + is RUN make
         op 1: docker-image://docker.io/library/debian:stable
         op 2: run /bin/sh -c make
        -    runs every time
         image:
        """
        __tracebackhide__ = True
        graphs = [self._converted(given, options) for given in (one, other)]
        changes = difference(*graphs, names=names)
        if changes:
            raise AssertionError(f"the graphs differ: - is {short(one)}, + is {short(other)}\n{changes}")

    def assert_error(
        self, source: Given, message: str = "", *, line: int | None = None, **options: Unpack[Options]
    ) -> None:
        r"""Fail unless an error with ``message`` in its text or help stops the build, at ``line``, if given.

        >>> from pyfrontend import testing
        >>> testing.assert_error("RUN make\nRUM make\n", "unknown instruction: RUM", line=2)
        >>> testing.assert_error("RUM make\n", "no such instruction")
        Traceback (most recent call last):
          ...
        AssertionError: no error says 'no such instruction', but:
          Dockerfile:1: error: unknown instruction: RUM (did you mean RUN?)
        """
        __tracebackhide__ = True
        errors = [one for one in self.check(source, **options) if one.severity == "error"]
        _expect("error", errors, message, line)

    def assert_denied(
        self,
        source: Given,
        policy: str,
        message: str = "",
        *,
        line: int | None = None,
        **options: Unpack[Options],
    ) -> None:
        """Fail unless ``policy`` denies something with ``message`` in its text, at ``line``, if given."""
        __tracebackhide__ = True
        found = self.check(source, **options)
        denied = [one for one in found if one.rule == DENIED and f" the policy {policy} (" in one.message]
        _expect(f"denial by {policy}", denied, message, line, found)

    def assert_warning(
        self,
        source: Given,
        rule: str,
        message: str = "",
        *,
        line: int | None = None,
        **options: Unpack[Options],
    ) -> None:
        r"""Fail unless ``rule`` has a finding with ``message`` in its text or help, at ``line``, if given.

        Rules that are off by default also run.

        >>> from pyfrontend import testing
        >>> testing.assert_warning("MAINTAINER me", "MaintainerDeprecated", line=1)
        """
        __tracebackhide__ = True
        found = self.check(source, experimental=[rule], **options)
        _expect(f"finding of {rule}", [one for one in found if one.rule == rule], message, line, found)

    def assert_clean(
        self, source: Given, *, experimental: Iterable[str] = (), **options: Unpack[Options]
    ) -> None:
        """Fail if there are errors or findings, including those of the rules in ``experimental``."""
        __tracebackhide__ = True
        found = self.check(source, experimental=experimental, **options)
        if found:
            _fail(f"{short(source)} is not clean", found)

    # ------------------------------------------------------------------------------------------------ inside

    def _all(self, options: Options) -> Options:
        asked: Options = {"plugins": self.plugins, **options}
        asked["plugins"] = tuple(asked["plugins"])  # it is read more than once
        return asked

    def _converted(self, source: Given, options: Options) -> Graph:
        __tracebackhide__ = True
        try:
            return self.graph(source, **options)
        except DockerfileError as error:
            raise AssertionError(f"{short(source)} has no graph: {error}") from error


def _expect(
    what: str, found: list[Finding], message: str, line: int | None, rest: Iterable[Finding] = ()
) -> None:
    """Fail unless one of the findings has the message and the line."""
    __tracebackhide__ = True
    if any(message in f"{one.message}: {one.help}" and line in (None, one.line) for one in found):
        return
    says = f" says {message!r}" if message else ""
    at = "" if line is None else f" at line {line}"
    _fail(f"no {what}{says}{at}" if says or at else f"there is no {what}", found or rest)


def _fail(text: str, found: Iterable[Finding]) -> None:
    __tracebackhide__ = True
    listed = [f"\n  {one}" for one in found]
    raise AssertionError(f"{text}{', but:' if listed else ''}{''.join(listed)}")
