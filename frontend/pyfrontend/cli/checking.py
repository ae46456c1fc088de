"""The command ``check``: files in, one report on all of them out, with the severities of the rule file."""

from __future__ import annotations

from pathlib import Path

from pyfrontend.cli.opening import STDIN, UnusableError, opened
from pyfrontend.cli.terminal import FINE, UNUSABLE, WRONG, complain, print_out
from pyfrontend.driver.subrequests.lint import check
from pyfrontend.errors import NOTE
from pyfrontend.lint.formats import render
from pyfrontend.lint.registry import RULES, STRICT, CheckConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pyfrontend.cli.settings import Settings
    from pyfrontend.driver.session import Session
    from pyfrontend.errors import Diagnostic
    from pyfrontend.lint.formats.report import Report

SUBREQUEST = "lint"


def add_check_options(command: argparse.ArgumentParser) -> None:
    """Add the options that say which rules count."""
    add = command.add_argument
    add("--strict", action="store_true", help="run the strict rules too")
    add("--ignore", action="append", default=[], metavar="RULE", help="do not report this rule")
    add("--config", metavar="FILE", help="rule file, default: the nearest .pyfrontend.toml or pyproject.toml")
    group = command.add_mutually_exclusive_group()
    group.add_argument("--shellcheck", action="store_true", help="require ShellCheck for the scripts of RUN")
    group.add_argument(
        "--no-shellcheck", action="store_true", help="do not run it, even where it is installed"
    )


def check_files(options: argparse.Namespace, files: Sequence[str]) -> int:
    """Check ``files``, and print one report on all that can be read."""
    reports, code = [], FINE
    for file in files:
        try:
            settings = settings_of(options, file)
            report = checked(options, file, settings)
        except UnusableError as error:
            code = complain(str(error), UNUSABLE)
            continue
        code = max(code, WRONG if _fails(report, settings) else FINE)
        reports.append(report)
    if reports:
        print_out(render(reports, options.format).encode(errors="replace"))
    return code


def settings_of(options: argparse.Namespace, file: str) -> Settings:
    """Return what the rule file and the options say together; raises `UnusableError`."""
    from pyfrontend.cli.settings import SettingsError, check_rule_name, settings_for

    try:
        plugged = options.plugins.language.rules if options.plugins else ()
        folder = Path.cwd() if file == STDIN else Path(file).parent
        settings = settings_for(folder, options.config, plugged)
        for name in options.ignore:
            check_rule_name(name, plugged)
    except (SettingsError, ValueError) as error:
        raise UnusableError(str(error)) from None
    asked = True if options.shellcheck else False if options.no_shellcheck else settings.shellcheck
    return settings._replace(
        strict=settings.strict or options.strict,
        ignore=settings.ignore.union(options.ignore),
        shellcheck=asked,
    )


def checked(options: argparse.Namespace, file: str, settings: Settings, data: bytes | None = None) -> Report:
    """Return what is found in ``file``, whose ``data`` may have been read already, with ``settings``."""
    session = opened(options, file, SUBREQUEST, data)
    asked = CheckConfig(
        skip=settings.ignore, experimental=frozenset((STRICT,)) if settings.strict else frozenset()
    )
    report = check(session, asked)
    folder = options.context or (None if file == STDIN else Path(file).parent)
    if folder is not None and not report.errors:
        from pyfrontend.cli.contextfiles import overwritten

        report = report._replace(diagnostics=[*report.diagnostics, *overwritten(session, Path(folder))])
    if settings.shellcheck is not False:
        report = report._replace(diagnostics=[*report.diagnostics, *_shellcheck(session, settings)])
    if file != STDIN:  # while it was read it had its name within its folder, as in a build
        report.file.name = file
    found = (_weighed(one, settings) for one in report.diagnostics)
    return report._replace(diagnostics=[one for one in found if one])


def _shellcheck(session: Session, settings: Settings) -> Sequence[Diagnostic]:
    """Return what ShellCheck finds, if it is installed; raises `UnusableError` if it is not and should be."""
    try:
        from pyfrontend.cli.shellcheck import ShellcheckError, findings
    except ModuleNotFoundError:  # it is in the wheel only
        if settings.shellcheck:
            raise UnusableError("shellcheck is not in this image: use the pyfrontend of the wheel") from None
        return []
    try:
        return findings(session, needed=bool(settings.shellcheck))
    except ShellcheckError as error:
        raise UnusableError(str(error)) from None


def _weighed(found: Diagnostic, settings: Settings) -> Diagnostic | None:
    """Return ``found`` with its configured severity; None if it is ignored."""
    from pyfrontend.cli.settings import OFF

    if found.is_error:
        return found
    severity = settings.severity.get(found.code, found.severity)
    return None if found.code in settings.ignore or severity == OFF else found._replace(severity=severity)


def _fails(report: Report, settings: Settings) -> bool:
    """Tell whether anything found counts: notes do not, nor does advice unless the rule file weighs it."""
    return any(_counts(found, settings) for found in report.diagnostics)


def _counts(found: Diagnostic, settings: Settings) -> bool:
    if found.severity == NOTE:
        return False
    rule = RULES.get(found.code)
    return found.code in settings.severity or rule is None or not rule.advisory
