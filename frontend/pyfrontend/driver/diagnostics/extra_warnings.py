"""What is told beyond the reference's one error: further mistakes, and names that look misspelt.

All of it goes to the user as warnings, since the error of a build stays the reference's (docs/parity.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.errors import DockerfileError
from pyfrontend.lint.linter import Finding
from pyfrontend.lint.rules import Rule
from pyfrontend.oci.platforms import format_platform, nearest_platform, parse
from pyfrontend.span import Span
from pyfrontend.spelling import Speller
from pyfrontend.syntax.document import parse_dockerfile
from pyfrontend.syntax.instructions import Arg
from pyfrontend.syntax.readers import NotTextError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyfrontend.oci.platforms import Platform
    from pyfrontend.span import SourceFile
    from pyfrontend.syntax.document import Dockerfile

#: So many mistakes after the first are shown one by one, each cut at so many characters.
MOST, LONGEST = 20, 300
UNKNOWN = "unknown instruction: "
NO_STAGE = "no build stage in current context"

FURTHER = Rule("SyntaxError", "A mistake after the one that the build stopped at", str, page="")
BAD_PATTERN = Rule(
    "IgnorePattern",
    "A pattern of the ignore file cannot be read",
    lambda pattern, line, name: f'the pattern "{pattern}" in line {line} of {name} cannot be read',
    page="",
)
UNKNOWN_ARGUMENT = Rule(
    "UnknownBuildArg",
    "A build argument should be declared by an ARG",
    lambda name, hint: f"no ARG declares the build argument {name}{hint}",
    page="",
)
UNKNOWN_PLATFORM = Rule(
    "UnknownPlatform",
    "A platform should name a known operating system and architecture",
    lambda name, hint: f"unknown platform {name}{hint}",
    page="",
)

#: Build arguments that mean something without an ARG, beside those that begin with BUILDKIT_.
PREDEFINED = frozenset((
    "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "SOURCE_DATE_EPOCH",
    "BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT",
    "TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE",
))  # fmt: skip


def further_mistakes(file: SourceFile, first: BaseException) -> list[DockerfileError]:
    """Return the mistakes that the parser sees after ``first``, all at a place.

    None where ``first`` is no mistake of the parser's, or where the file is no text.
    """
    if isinstance(first, NotTextError) or not isinstance(first, DockerfileError):
        return []
    errors = parse_dockerfile(file).errors
    if not errors or errors[0].args != first.args:
        return []
    # Where FROM is misspelt, that no stage has begun is no mistake of its own.
    known = NO_STAGE if first.message.lower().endswith("(did you mean from?)") else ""
    return [error for error in errors[1:] if error.spans and error.message != known]


def further_findings(file: SourceFile, first: DockerfileError) -> Iterator[Finding]:
    """Yield a way out of ``first``, the mistakes after it as findings, and how many more there are.

    Where each of several lines is an unknown instruction they are told as one: most likely they belong
    to the instruction above them.
    """
    from pyfrontend.driver.diagnostics.syntax_hints import begins_the_file, hint  # noqa: PLC0415 - only when a build has failed

    groups = _grouped([first, *further_mistakes(file, first)])
    # The first mistake is the build's error: only what it begins is told once more.
    told = groups if len(groups[0]) > 1 else groups[1:]
    way_out = hint(file, first) if len(groups[0]) == 1 else None
    if way_out:
        yield way_out
    for group in told[:MOST]:
        lines = Span(file, group[0].spans[0].start, group[-1].spans[0].end)
        text = _short(group[0])
        if len(group) > 1:
            foreign = begins_the_file(file, lines)
            question = "is this a Dockerfile?" if foreign else "is a line continuation missing above them?"
            text = f"{len(group)} lines start with no instruction; {question}"
        yield Finding(FURTHER, text, (lines,))
    if len(told) > MOST:
        yield Finding(FURTHER, f"and {sum(map(len, told[MOST:]))} more mistakes", ())


def _grouped(mistakes: list[DockerfileError]) -> list[list[DockerfileError]]:
    """Put unknown instructions, unlike any known one, that follow one another line by line into one group."""
    groups: list[list[DockerfileError]] = []
    for mistake in mistakes:
        last = groups[-1][-1] if groups else mistake
        follows = bool(groups and last.spans) and mistake.spans[0].start == last.spans[0].end + 1
        if follows and all(_is_no_instruction(error.message) for error in (last, mistake)):
            groups[-1].append(mistake)
        else:
            groups.append([mistake])
    return groups


def bad_patterns(name: str, data: bytes, first: DockerfileError) -> Iterator[Finding]:
    """Yield the patterns of the ignore file ``name`` that ``first`` is about, which names none."""
    from pyfrontend.dockerignore import Matcher, numbered_patterns  # noqa: PLC0415 - only when a build has failed

    for number, pattern in numbered_patterns(data):
        try:
            Matcher([pattern])
        except DockerfileError as error:
            if error.message == first.message:
                yield Finding(BAD_PATTERN, BAD_PATTERN.message(pattern, number, name), ())


def _is_no_instruction(message: str) -> bool:
    return UNKNOWN in message and "did you mean" not in message


def unknown_arguments(dockerfile: Dockerfile, given: Mapping[str, str]) -> Iterator[Finding]:
    """Yield build arguments that no ARG declares while one of nearly the same name waits for a value.

    Others are silent, as in the reference: many pipelines hand the same arguments to every build.
    """
    declared = _declared(dockerfile)
    waiting = [name for name in declared if name not in given]
    speller = Speller()
    for name in given:
        if name in declared or name.upper() in PREDEFINED or name.startswith("BUILDKIT_"):
            continue
        hint = speller.did_you_mean(name, waiting)
        if hint:
            yield Finding(UNKNOWN_ARGUMENT, UNKNOWN_ARGUMENT.message(name, hint), ())


def _declared(dockerfile: Dockerfile) -> dict[str, None]:
    steps = [node for stage in dockerfile.stages for node in stage.instructions]
    nodes = [node for node in (*dockerfile.meta_args, *steps) if isinstance(node, Arg)]
    return dict.fromkeys(pair.key for node in nodes for pair in node.pairs)


def unknown_platforms(platforms: Iterable[Platform]) -> Iterator[Finding]:
    """Yield platforms that nobody knows while one of nearly the same name is common."""
    for platform in platforms:
        hint = nearest_platform(platform)
        if hint:
            yield Finding(UNKNOWN_PLATFORM, UNKNOWN_PLATFORM.message(format_platform(platform), hint), ())


def unknown_bases(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield what `unknown_platforms` does for the platforms that are written in FROM lines."""
    for stage in dockerfile.stages:
        written = stage.source.platform
        if not written or "$" in written:
            continue
        try:
            platform = parse(written)
        except ValueError:
            continue  # the build says so
        for finding in unknown_platforms([platform]):
            yield finding._replace(spans=(stage.source.span,))


def _short(mistake: DockerfileError) -> str:
    """Return the message without the line that a finding names anyway, and not endless."""
    text = without_line(mistake.message)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def without_line(message: str) -> str:
    """Return ``message`` without the line in front of it, for those who name the line themselves."""
    return message.partition(": ")[2] if message.startswith("dockerfile parse error on line ") else message
