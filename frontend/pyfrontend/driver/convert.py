"""The Dockerfile of a session to graphs: parsed and linted once, lowered and marshalled for each platform."""

from __future__ import annotations

from pyfrontend.driver.contexts.resolver import ContextResolver
from pyfrontend.errors import DockerfileError
from pyfrontend.lint import facts
from pyfrontend.lint.checks import check_syntax
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import CheckConfig
from pyfrontend.llb.marshal import marshal
from pyfrontend.lower.ports import Request
from pyfrontend.lower.target import lower_target
from pyfrontend.syntax.directives import detect_check
from pyfrontend.syntax.document import parse_lines
from pyfrontend.syntax.lines import Lines, read_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.driver.session import Session
    from pyfrontend.errors import Diagnostic
    from pyfrontend.lower.target import Lowered
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.pb.ops_pb2 import Definition
    from pyfrontend.syntax.document import Dockerfile

    Sink = Callable[[Diagnostic], object]


class Converter:
    """The Dockerfile of a session, ready to be lowered for any number of platforms, also in parallel.

    It is parsed and linted when the converter is made, for ``platform``; warnings go to ``sink``.  A file in
    the extended language is read once too, and rewritten for each platform: its plain forms may differ.
    """

    __slots__ = ("_read", "document", "linter", "platform", "session")

    def __init__(
        self,
        session: Session,
        sink: Sink | None,
        platform: Platform | None,
        checks: CheckConfig | None = None,
    ) -> None:
        """Parse; ``checks`` are check options in addition to those of the file.

        Raises `DockerfileError` for the first error in the text.
        """
        if not session.loaded.file.data:
            raise DockerfileError("the Dockerfile cannot be empty", code="EmptyFile")
        self.session = session
        config = _check_config(session)
        self.linter = linter_of(session, config.merged(checks) if checks else config, sink)
        self.platform = platform
        self._read = read_lines(session.loaded.file, session.language)
        self.document = parse_read(session, self._read, self.linter, platform)
        _report_options(session, self.document, self.linter)

    def lower(self, platform: Platform | None, *, lints: bool = True, all_stages: bool = False) -> Lowered:
        """Lower the Dockerfile for ``platform``; without ``lints`` no rule runs (LINT-007)."""
        session = self.session
        document, linter = self.document, self.linter if lints else Linter(self.linter.config)
        if document.extended and platform != self.platform:
            document = parse_read(session, self._read, Linter(linter.config), platform)
        return lower_target(lowering_request(session, document, linter, platform, all_stages=all_stages))

    def marshal(self, lowered: Lowered) -> Definition:
        """Return the graph of ``lowered`` on the wire, with the files that it came from as its source map."""
        caps, platform = self.session.bridge.llb_caps, lowered.lowering.target_platform
        return marshal(lowered.state.output, caps=caps, platform=platform)


def lowering_request(
    session: Session,
    document: Dockerfile,
    linter: Linter,
    platform: Platform | None,
    *,
    all_stages: bool = False,
) -> Request:
    """Return what a lowering of ``document`` for ``platform`` is given in a session."""
    contexts = ContextResolver(session.main, session.options, session.images, session.sources, session.guard)
    if session.plugins is not None:
        contexts.schemes = session.plugins.contexts
    return Request(
        document,
        session.options,
        session.images,
        contexts,
        session.bridge.llb_caps,
        linter,
        platform,
        session.options.build_platforms,
        all_stages=all_stages,
        policies=session.guard,
    )


def linter_of(session: Session, config: CheckConfig, sink: Sink | None) -> Linter:
    """Return a linter with the rules of the session's plugins."""
    plugins = session.plugins
    return Linter(config, sink) if plugins is None else Linter(config, sink, plugins.rules)


def parse(session: Session, linter: Linter, platform: Platform | None) -> Dockerfile:
    """Return the Dockerfile for ``platform``; the first of its errors is raised, with the others."""
    return parse_read(session, read_lines(session.loaded.file, session.language), linter, platform)


def parse_read(session: Session, read: Lines, linter: Linter, platform: Platform | None) -> Dockerfile:
    """Parse the lines of the Dockerfile; the first error is raised, with the others (ERR-018, ERR-019).

    Those in the extended language are rewritten into plain ones for ``platform``.
    """
    if read.extended or session.has_words():
        from pyfrontend.driver.extended import plain_document

        document = plain_document(session, read, platform, linter)
    else:
        document = parse_lines(session.loaded.file, read)
    check_syntax(document, linter)
    error = document.error()
    if error is not None:
        raise error
    return document


def warn_beside(session: Session, error: DockerfileError, *, warns: bool = True) -> None:
    """Add the help to the ``error`` of a build, and show the errors after it if this call ``warns``."""
    from pyfrontend.driver.diagnostics import extra_warnings

    for diagnostic in extra_warnings.beside(
        error, session.main.ignore_file, [*session.options.contexts.named]
    ):
        if warns:
            session.warnings.show(diagnostic)


def _check_config(session: Session) -> CheckConfig:
    if session.options.check is not None:
        return session.options.check
    found = detect_check(session.loaded.file)
    if found is None:
        return CheckConfig()
    from pyfrontend.lint.config import parse_check_config

    try:
        return parse_check_config(found[0])
    except DockerfileError as error:
        error.fallback = found[1]
        raise


def _report_options(session: Session, document: Dockerfile, linter: Linter) -> None:
    """Let rules look at the names in the options of the build."""
    contexts = session.options.contexts.named
    if contexts:
        linter.report(facts.contexts_given, document, contexts)
    args, platforms = session.options.args, session.options.platforms
    if args:
        linter.report(facts.arguments_given, document, args)
    if platforms or any(stage.source.platform for stage in document.stages):
        linter.report(facts.platforms_given, document, platforms)
