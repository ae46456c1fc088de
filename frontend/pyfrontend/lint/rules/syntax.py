"""Rules about what is visible in the text of a file: stage names, letter case, comments."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strings import to_lower, to_upper
from pyfrontend.limits import Meter
from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.oci.reference import parse_normalized
from pyfrontend.syntax.expand import expand
from pyfrontend.syntax.inputs import RESERVED
from pyfrontend.syntax.instructions import Arg, From, Maintainer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.document import Dockerfile, Stage


@rule("StageNameCasing", "Stage names should be lowercase", facts.line_of(From))
def stage_name_casing(line: Line) -> Iterator[Finding]:
    """LINT-011; the other words of the line may be wrong."""
    words = line.words
    if len(words) == 3 and words[2] != to_lower(words[2]):
        yield Finding(f"Stage name '{words[2]}' should be lowercase")


@rule(
    "FromAsCasing",
    "The 'as' keyword should match the case of the 'from' keyword",
    facts.line_of(From),
)
def from_as_casing(line: Line) -> Iterator[Finding]:
    """LINT-012; a keyword in mixed case is ignored here; ConsistentInstructionCasing reports it."""
    words, keyword = line.words, line.keyword
    if len(words) < 3 or keyword not in (keyword.lower(), keyword.upper()):
        return
    alike = to_lower(words[1]) if keyword == keyword.lower() else to_upper(words[1])
    if words[1] != alike:
        yield Finding(f"'{words[1]}' and '{keyword}' keywords' casing do not match")


@rule(
    "NoEmptyContinuation",
    "Empty continuation lines will become errors in a future release",
    facts.empty_continuation,
)
def no_empty_continuation(span: Span) -> Iterator[Finding]:
    """LINT-013."""
    yield Finding("Empty continuation line", span)


@rule(
    "ConsistentInstructionCasing",
    "All commands within the Dockerfile should use the same casing (either upper or lower)",
    facts.file_read,
)
def consistent_instruction_casing(dockerfile: Dockerfile) -> Iterator[Finding]:
    """LINT-014: keywords in another case than most of them."""
    nodes = [node for stage in dockerfile.stages for node in (stage.source, *stage.written())]
    lower = sum(node.written.islower() for node in nodes)
    upper = sum(node.written.isupper() for node in nodes)
    casing = "lowercase" if lower > upper else "uppercase"
    for node in nodes:
        if node.written != (node.written.lower() if lower > upper else node.written.upper()):
            text = f"Command '{node.written}' should match the case of the command majority ({casing})"
            yield Finding(text, node.span)


@rule("ReservedStageName", "Reserved words should not be used as stage names", facts.stage_read)
def reserved_stage_name(stage: Stage, _earlier: Collection[str]) -> Iterator[Finding]:
    """LINT-016."""
    if stage.name in RESERVED:
        text = f"Stage name should not use the same name as reserved stage {go_quote(stage.name)}"
        yield Finding(text, stage.span)


@rule("DuplicateStageName", "Stage names should be unique", facts.stage_read)
def duplicate_stage_name(stage: Stage, earlier: Collection[str]) -> Iterator[Finding]:
    """LINT-015."""
    if stage.name in earlier:
        text = f"Duplicate stage name {go_quote(stage.name)}, stage names should be unique"
        yield Finding(text, stage.span)


@rule(
    "MaintainerDeprecated",
    "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
    facts.line_of(Maintainer),
)
def maintainer_deprecated(_line: Line) -> Iterator[Finding]:
    """LINT-018."""
    yield Finding("Maintainer instruction is deprecated in favor of using label")


@rule(
    "InvalidDefinitionDescription",
    "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If"
    " this is not intended to be a description comment, add an empty line or comment between the instruction"
    " and the comment.",
    facts.instruction_of(From),
    facts.instruction_of(Arg),
    experimental=True,
)
def invalid_definition_description(line: Line) -> Iterator[Finding]:
    """LINT-030: a comment above a definition that does not start with a defined name."""
    words = line.words
    if line.cls is From:
        words = (to_lower(words[2]),) if len(words) == 3 else ()
    if not line.comments or not words:
        return
    names = [word.partition("=")[0] for word in words]
    if line.comments[-1].partition(" ")[0] not in names:
        name = names[0] if len(names) == 1 else "<arg_key>"
        keyword = From.keyword if line.cls is From else Arg.keyword
        yield Finding(f"Comment for {keyword} should follow the format: `# {name} <description>`")


@rule(
    "InvalidDefaultArgInFrom",
    "Default value for global ARG results in an empty or invalid base image name",
    facts.platform_arguments_known,
)
def invalid_default_arg_in_from(dockerfile: Dockerfile, builtin: Mapping[str, str]) -> Iterator[Finding]:
    """LINT-027: an image whose name is empty or invalid when no build argument is given."""
    meter = Meter()  # counted apart: a check must not use up what the build may spend, nor fail it
    try:
        env = _default_arguments(dockerfile, builtin, meter)
        for stage in dockerfile.stages:
            image = stage.source.image
            try:
                parse_normalized(expand(image, env, escape=dockerfile.escape, meter=meter).text)
            except ValueError:
                text = f"Default value for ARG {image} results in empty or invalid base image name"
                yield Finding(text, stage.span)
    except DockerfileError:
        # A word that cannot be expanded ends this check; most likely the build fails on it right after.
        return


def _default_arguments(dockerfile: Dockerfile, builtin: Mapping[str, str], meter: Meter) -> dict[str, str]:
    env = dict(builtin)
    for arg in dockerfile.meta_args:
        for pair in arg.pairs:
            if pair.value is not None:
                env[pair.key] = expand(pair.value, env, escape=dockerfile.escape, meter=meter).text
    return env
