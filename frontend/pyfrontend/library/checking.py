"""`pyfrontend.lint`: a Dockerfile in, a report of its errors and warnings out."""

from __future__ import annotations

from pyfrontend.driver.subrequests.lint import check
from pyfrontend.errors import DockerfileError
from pyfrontend.library.findings import finding
from pyfrontend.library.reading import File
from pyfrontend.library.source import Asked, Source, loaded, opened
from pyfrontend.lint.config import parse_check_config
from pyfrontend.lint.formats import FORMATS, render
from pyfrontend.lint.registry import STRICT, CheckConfig
from pyfrontend.lint.rules import all_rules
from pyfrontend.syntax.directives import detect_check

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from pyfrontend.driver.session import Session
    from pyfrontend.library.findings import Finding
    from pyfrontend.library.source import Given, Pluggable
    from pyfrontend.lint.formats.report import Report as Found


#: Stands for all rules.
ALL = "all"


class Report:
    """The result of a check; true if there are any findings.

    ``findings`` has the warnings first, then the errors; ``errors`` and ``warnings`` have only one kind.
    """

    def __init__(self, found: Found) -> None:
        """Wrap the findings of a check."""
        self._found = found
        self.findings: tuple[Finding, ...] = tuple(finding(one, found.file.name) for one in found.diagnostics)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a build."""
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not stop a build."""
        return tuple(one for one in self.findings if one.severity != "error")

    @property
    def exit_code(self) -> int:
        """The exit code of ``pyfrontend check``: 1 for problems, 0 for only advice or no findings."""
        return int(self._found.fails)

    def render(self, form: str = "text") -> str:
        """Return the report as ``text``, ``lines``, ``json``, ``sarif``, ``gitlab`` or ``github``.

        Raises ValueError for an unknown format.
        """
        if form not in FORMATS:
            raise ValueError(f"there is no format {form}: use {', '.join(FORMATS)}")
        return render([self._found], form)

    def __bool__(self) -> bool:
        return bool(self.findings)

    def __repr__(self) -> str:
        return f"Report({self._found.file.name!r}, {len(self.findings)} findings)"


def lint(  # noqa: PLR0913 - what a person may say on the command line
    source: Given | File,
    *,
    name: str | None = None,
    skip: Iterable[str] = (),
    experimental: Iterable[str] = (),
    target: str = "",
    platform: str = "",
    args: Mapping[str, str] | None = None,
    contexts: Mapping[str, str] | None = None,
    context: os.PathLike[str] | str | None = None,
    plugins: Pluggable = (),
) -> Report:
    r"""Check a Dockerfile, without building anything or looking up base images.

    - ``source`` and ``name``: as for `parse`, or a result of `parse`
    - ``skip``: names of rules to skip, in addition to those skipped in the file; ``{"all"}`` skips all rules
    - ``experimental``: names of experimental and strict rules to run; ``{"strict"}`` runs all strict rules
    - ``target``, ``platform``, ``args``, ``contexts``: as for a build; without a target, all stages
    - ``context``: the directory of the build context; by default, that of the file
    - ``plugins``: modules that declare something with `pyfrontend.api`, or their names

    Raises ValueError for an unknown rule, OSError for a path that cannot be read, and `DockerfileError` for
    an invalid platform or plugin.  Errors in the file are part of the report.

    >>> import pyfrontend
    >>> report = pyfrontend.lint("FROM alpine AS Base\nMAINTAINER me\n", skip={"StageNameCasing"})
    >>> print(report.render("lines"), end="")
    Dockerfile:2: warning: MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label
    >>> report.exit_code, report.findings[0].rule, report.findings[0].line
    (1, 'MaintainerDeprecated', 2)
    """
    given = (
        Source(source.name, source.data, source.folder)
        if isinstance(source, File)
        else Source.of(source, name)
    )
    asked = Asked(target, platform, args or {}, contexts or {}, context, loaded(plugins))
    session = opened(given, asked)
    return Report(check(_configured(session, _config(skip, experimental, session.language.rules))))


def _config(skip: Iterable[str], experimental: Iterable[str], plugged: Iterable[str]) -> CheckConfig:
    """Return the caller's options; raises ValueError for names that are neither rules nor ``plugged``."""
    skipped = frozenset(_names(skip, ALL, *plugged))
    tried = frozenset(_names(experimental, ALL, STRICT, *plugged))
    return CheckConfig(skipped - {ALL}, ALL in skipped, tried - {ALL}, ALL in tried)


def _names(names: Iterable[str], *groups: str) -> Iterable[str]:
    names = [names] if isinstance(names, str) else list(names)
    known = all_rules()
    for name in names:
        if name not in groups and name not in known:
            raise ValueError(f"there is no rule {name}: pyfrontend has {', '.join(known)}")
    return names


def _configured(session: Session, config: CheckConfig) -> Session:
    """Return the session with ``config`` added to the options in the file."""
    found = detect_check(session.loaded.file)
    try:
        own = session.options.check or (parse_check_config(found[0]) if found else CheckConfig())
    except DockerfileError:  # which the check reports
        return session
    return session._replace(options=session.options._replace(check=own.merged(config)))
