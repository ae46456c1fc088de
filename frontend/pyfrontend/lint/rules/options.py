"""Rules about the options of a build that look misspelt; the reference has no such rules."""

from __future__ import annotations

from pyfrontend import limits
from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.oci.platforms import format_platform, nearest_platform, parse
from pyfrontend.spelling import Speller, suggestion
from pyfrontend.syntax.instructions import Arg

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pyfrontend.oci.platforms import Platform
    from pyfrontend.span import Span
    from pyfrontend.syntax.document import Dockerfile

#: Build arguments that have a meaning without an ARG, in addition to those that begin with BUILDKIT_.
PREDEFINED = frozenset((
    "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "SOURCE_DATE_EPOCH",
    "BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT",
    "TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE",
))  # fmt: skip


@rule(
    "UnknownBuildArg",
    "A build argument should be declared by an ARG",
    facts.arguments_given,
    advisory=True,
    page="",
)
def unknown_build_arg(dockerfile: Dockerfile, given: Mapping[str, str]) -> Iterator[Finding]:
    """Report build arguments that no ARG declares while one of nearly the same name waits for a value.

    Others are silent, as in the reference: many pipelines hand the same arguments to every build.
    """
    declared = _declared(dockerfile)
    waiting = [name for name in declared if name not in given]
    speller = Speller(limits.ADVICE_WORK)
    for name in given:
        if name in declared or name.upper() in PREDEFINED or name.startswith("BUILDKIT_"):
            continue
        same = next((other for other in waiting if other.casefold() == name.casefold()), "")
        hint = suggestion(same) or speller.did_you_mean(name, waiting)
        if hint:
            yield Finding(f"build argument {name} is not declared by any ARG{hint}")


def _declared(dockerfile: Dockerfile) -> dict[str, None]:
    steps = [node for stage in dockerfile.stages for node in stage.written()]
    nodes = [node for node in (*dockerfile.meta_args, *steps) if isinstance(node, Arg)]
    return dict.fromkeys(pair.key for node in nodes for pair in node.pairs)


@rule(
    "UnknownBuildContext",
    "A named context should be used by the Dockerfile",
    facts.contexts_given,
    advisory=True,
    page="",
)
def unknown_build_context(dockerfile: Dockerfile, given: Collection[str]) -> Iterator[Finding]:
    """Report named contexts that nothing uses while a stage or an image has nearly the same name."""
    used = dict.fromkeys(_names_of_sources(dockerfile))
    speller = Speller(limits.ADVICE_WORK)
    for key in given:
        name = key.partition("::")[0]
        meant = "" if name in used else speller.nearest(name, used)
        if meant:
            yield Finding(f"nothing uses the build context {name}: the Dockerfile says {meant}")


def _names_of_sources(dockerfile: Dockerfile) -> Iterator[str]:
    """Yield the names that a context can take the place of: stages, images, what flags name."""
    for stage in dockerfile.stages:
        names = [stage.name, stage.source.image.removesuffix(":latest")]
        names += [one.name for node in stage.written() for one in node.inputs()]
        yield from (name for name in names if name and not name.isdigit())


@rule(
    "UnknownPlatform",
    "A platform should name a known operating system and architecture",
    facts.platforms_given,
    advisory=True,
    page="",
)
def unknown_platform(dockerfile: Dockerfile, given: Sequence[Platform]) -> Iterator[Finding]:
    """Report platforms that nobody knows while one of nearly the same name is common."""
    for platform, span in (*((platform, None) for platform in given), *_written(dockerfile)):
        meant = nearest_platform(platform)
        if meant:
            yield Finding(f"unknown platform {format_platform(platform)}{suggestion(meant)}", span)


def _written(dockerfile: Dockerfile) -> Iterator[tuple[Platform, Span]]:
    """Yield the platforms that are written in FROM lines."""
    for stage in dockerfile.stages:
        written = stage.source.platform
        if written and "$" not in written:
            try:
                yield parse(written), stage.span
            except ValueError:
                continue  # the build says so
