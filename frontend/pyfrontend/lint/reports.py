"""Reports of rules that need facts found while lowering: the facts come in, findings go out to the linter.

Each function belongs to one place of the conversion; its docstring names the place.  Rules whose whole test
is one condition there have no function: the caller uses `Linter.warn` with the rule's message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.paths import clean
from pyfrontend.lint import rules
from pyfrontend.oci.platforms import format_all, normalize, parse
from pyfrontend.oci.reference import parse_normalized
from pyfrontend.syntax.expand import expand

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pyfrontend.dockerignore import Matcher
    from pyfrontend.limits import Meter
    from pyfrontend.lint.linter import Linter
    from pyfrontend.lint.rules import Rule
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Instruction, Line
    from pyfrontend.syntax.document import Dockerfile
    from pyfrontend.syntax.expand import Expanded
    from pyfrontend.syntax.instructions import From


def report(
    linter: Linter, rule: Rule, node: Instruction | Line, *facts: object, place: Span | None = None
) -> None:
    """Report ``rule`` with a message of ``facts``, under the configuration of the comments above ``node``.

    The finding is about the lines of ``node``, or about ``place`` where these are others.
    """
    if linter.enabled(rule, node.comments):
        linter.warn(rule, rule.message(*facts), place or node.span, comments=node.comments)


def report_default_bases(
    linter: Linter, dockerfile: Dockerfile, defaults: Mapping[str, str], meter: Meter
) -> None:
    """Report FROMs whose image name is empty or invalid when no build argument is given (LINT-027).

    Once, after `check_syntax` and before the meta ARGs are evaluated for the build. ``defaults`` are the
    platform arguments with the values that they have in this build; ``meter`` counts the work.
    """
    if not linter.enabled(rules.INVALID_DEFAULT_ARG_IN_FROM):
        return
    try:
        env = _default_arguments(dockerfile, defaults, meter)
        for stage in dockerfile.stages:
            image = stage.source.image
            try:
                parse_normalized(expand(image, env, escape=dockerfile.escape, meter=meter).text)
            except ValueError:
                linter.warn(
                    rules.INVALID_DEFAULT_ARG_IN_FROM,
                    rules.INVALID_DEFAULT_ARG_IN_FROM.message(image),
                    stage.source.span,
                )
    except DockerfileError:
        # A word that cannot be expanded ends this check; most likely the build fails on it right after.
        return


def _default_arguments(dockerfile: Dockerfile, defaults: Mapping[str, str], meter: Meter) -> dict[str, str]:
    env = dict(defaults)
    for arg in dockerfile.meta_args:
        for pair in arg.pairs:
            if pair.value is not None:
                env[pair.key] = expand(pair.value, env, escape=dockerfile.escape, meter=meter).text
    return env


def report_from_arguments(
    linter: Linter, source: From, unset: Iterable[str], declared: Collection[str]
) -> None:
    """Report names in the image or platform of a FROM that no global ARG declares (LINT-019).

    After each of the two words is expanded, before an error of that expansion is raised. ``declared`` are
    the keys of the meta ARGs and of the platform arguments, whether they have a value or not.
    """
    rule = rules.UNDEFINED_ARG_IN_FROM
    if linter.enabled(rule, source.comments):
        for name in unset:
            if name not in declared:
                report(linter, rule, source, name, linter.speller.did_you_mean(name, declared))


def report_from_platform(
    linter: Linter, source: From, stage_name: str, expanded: Expanded, target_platform: str
) -> None:
    """Report a ``--platform`` that is the default anyway, or constant (LINT-025, LINT-028).

    After `report_from_arguments` for the platform word. ``stage_name`` is in lower case and empty when the
    stage has none; ``target_platform`` is the value of TARGETPLATFORM.
    """
    if expanded.used or expanded.unset:
        only_target = set(expanded.used) == {"TARGETPLATFORM"} and not expanded.unset
        if only_target and expanded.text == target_platform:
            report(linter, rules.REDUNDANT_TARGET_PLATFORM, source, source.platform)
    elif linter.enabled(rules.FROM_PLATFORM_FLAG_CONST_DISALLOWED, source.comments):
        try:
            platform = parse(expanded.text)
        except ValueError:
            return
        if platform.os not in stage_name and platform.architecture not in stage_name:
            report(linter, rules.FROM_PLATFORM_FLAG_CONST_DISALLOWED, source, expanded.text)


def report_base_platform(
    linter: Linter, place: Span | None, image: str, expected: Platform, actual: Platform
) -> None:
    """Report an image made for another platform than asked for (LINT-024).

    After an image that a reachable stage needs, ``image`` as the Dockerfile names it, is resolved and is
    no scratch.  ``place`` is the FROM or COPY that names it, None for a mount.  Comments have no say here
    (LINT-005).
    """
    if (expected.os, expected.architecture) == (actual.os, actual.architecture):
        return
    text = rules.INVALID_BASE_IMAGE_PLATFORM.message(
        image, format_all(normalize(expected)), format_all(normalize(actual))
    )
    linter.warn(rules.INVALID_BASE_IMAGE_PLATFORM, text, *((place,) if place else ()))


def report_ignored_source(linter: Linter, node: Instruction, source: str, ignores: Matcher) -> None:
    """Report a source in the main context that the ignore file hides (LINT-029).

    For every source of ADD and COPY that is neither a git reference, a URL nor a heredoc and comes from no
    stage, before its copy action is made. ``ignores`` are the patterns of the ignore file; with an exception
    among them nothing is reported, since the path alone does not tell what is hidden.  Nor is it where a
    pattern cannot be read: a build does not fail for that.
    """
    if not linter.enabled(rules.COPY_IGNORED_FILE, node.comments) or ignores.exclusions:
        return
    path = clean(source)
    if path in (".", "/") and not ignores.ignores_root:
        return
    try:
        ignored = ignores.matches(path)
    except DockerfileError:
        return
    if ignored:
        report(linter, rules.COPY_IGNORED_FILE, node, node.keyword.capitalize(), path)
