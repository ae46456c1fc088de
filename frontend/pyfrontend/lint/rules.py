"""The table of lint rules: name, description and message texts (LINT-009, LINT-011 to LINT-032).

Names, descriptions and messages are an interface: clients and editors compare them letter for letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.errors import WARNING, Diagnostic
from pyfrontend.golang.quote import go_quote
from pyfrontend.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.span import Span

#: Where the page of a rule is found; the name of the rule in kebab case goes in the place.
PAGE = "https://docs.docker.com/go/dockerfile/rule/{}/"


class Rule(NamedTuple):
    """One rule; ``message`` builds the text of a finding from the facts that the rule is about.

    An ``experimental`` rule runs only where the configuration asks for it (LINT-002).
    ``page`` is the address of the documentation: None for the usual one, an empty text for none.
    """

    name: str
    description: str
    message: Callable[..., str]
    experimental: bool = False
    page: str | None = None

    def found(self, text: str, *spans: Span) -> Diagnostic:
        """Return the finding ``text`` at ``spans``."""
        return Diagnostic(WARNING, self.name, text, spans, description=self.description, url=self.url)

    @property
    def url(self) -> str:
        """Return the address of the rule's page (LINT-008)."""
        return PAGE.format(kebab(self.name)) if self.page is None else self.page


def kebab(name: str) -> str:
    """Return ``JSONArgsRecommended`` as ``json-args-recommended``."""
    out: list[str] = []
    for i, letter in enumerate(name):
        follows_small = i > 0 and not name[i - 1].isupper()
        starts_word = i > 0 and i + 1 < len(name) and not name[i + 1].isupper()
        if letter.isupper() and (follows_small or starts_word):
            out.append("-")
        out.append(letter.lower())
    return "".join(out)


STAGE_NAME_CASING = Rule(
    "StageNameCasing",
    "Stage names should be lowercase",
    lambda stage: f"Stage name '{stage}' should be lowercase",
)
FROM_AS_CASING = Rule(
    "FromAsCasing",
    "The 'as' keyword should match the case of the 'from' keyword",
    lambda from_keyword, as_keyword: f"'{as_keyword}' and '{from_keyword}' keywords' casing do not match",
)
NO_EMPTY_CONTINUATION = Rule(
    "NoEmptyContinuation",
    "Empty continuation lines will become errors in a future release",
    lambda: "Empty continuation line",
)
CONSISTENT_INSTRUCTION_CASING = Rule(
    "ConsistentInstructionCasing",
    "All commands within the Dockerfile should use the same casing (either upper or lower)",
    lambda keyword, casing: f"Command '{keyword}' should match the case of the command majority ({casing})",
)
DUPLICATE_STAGE_NAME = Rule(
    "DuplicateStageName",
    "Stage names should be unique",
    lambda stage: f"Duplicate stage name {go_quote(stage)}, stage names should be unique",
)
RESERVED_STAGE_NAME = Rule(
    "ReservedStageName",
    "Reserved words should not be used as stage names",
    lambda stage: f"Stage name should not use the same name as reserved stage {go_quote(stage)}",
)
JSON_ARGS_RECOMMENDED = Rule(
    "JSONArgsRecommended",
    "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
    lambda keyword: (
        f"JSON arguments recommended for {keyword} to prevent unintended behavior related to OS signals"
    ),
)
MAINTAINER_DEPRECATED = Rule(
    "MaintainerDeprecated",
    "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
    lambda: "Maintainer instruction is deprecated in favor of using label",
)
UNDEFINED_ARG_IN_FROM = Rule(
    "UndefinedArgInFrom",
    "FROM command must use declared ARGs",
    lambda name, hint: f"FROM argument '{name}' is not declared{hint}",
)
WORKDIR_RELATIVE_PATH = Rule(
    "WorkdirRelativePath",
    "Relative workdir without an absolute workdir declared within the build can have unexpected results if"
    " the base image changes",
    lambda path: f"Relative workdir {go_quote(path)} can have unexpected results if the base image changes",
)
UNDEFINED_VAR = Rule(
    "UndefinedVar",
    "Variables should be defined before their use",
    lambda name, hint: f"Usage of undefined variable '${name}'{hint}",
)
MULTIPLE_INSTRUCTIONS_DISALLOWED = Rule(
    "MultipleInstructionsDisallowed",
    "Multiple instructions of the same type should not be used in the same stage",
    lambda keyword: (
        f"Multiple {keyword} instructions should not be used in the same stage because only the last one will"
        " be used"
    ),
)
LEGACY_KEY_VALUE_FORMAT = Rule(
    "LegacyKeyValueFormat",
    "Legacy key/value format with whitespace separator should not be used",
    lambda keyword: f'"{keyword} key=value" should be used instead of legacy "{keyword} key value" format',
)
INVALID_BASE_IMAGE_PLATFORM = Rule(
    "InvalidBaseImagePlatform",
    "Base image platform does not match expected target platform",
    lambda image, expected, actual: (
        f"Base image {image} was pulled with platform {go_quote(actual)}, expected {go_quote(expected)}"
        " for current build"
    ),
    page="",
)
REDUNDANT_TARGET_PLATFORM = Rule(
    "RedundantTargetPlatform",
    "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    lambda word: (
        f"Setting platform to predefined {word} in FROM is redundant as this is the default behavior"
    ),
)
SECRETS_USED_IN_ARG_OR_ENV = Rule(
    "SecretsUsedInArgOrEnv",
    "Sensitive data should not be used in the ARG or ENV commands",
    lambda keyword, key: f"Do not use ARG or ENV instructions for sensitive data ({keyword} {go_quote(key)})",
)
INVALID_DEFAULT_ARG_IN_FROM = Rule(
    "InvalidDefaultArgInFrom",
    "Default value for global ARG results in an empty or invalid base image name",
    lambda image: f"Default value for ARG {image} results in empty or invalid base image name",
)
FROM_PLATFORM_FLAG_CONST_DISALLOWED = Rule(
    "FromPlatformFlagConstDisallowed",
    "FROM --platform flag should not use a constant value",
    lambda platform: f"FROM --platform flag should not use constant value {go_quote(platform)}",
)
COPY_IGNORED_FILE = Rule(
    "CopyIgnoredFile",
    "Attempting to Copy file that is excluded by .dockerignore",
    lambda verb, path: f"Attempting to {verb} file {go_quote(path)} that is excluded by .dockerignore",
)
INVALID_DEFINITION_DESCRIPTION = Rule(
    "InvalidDefinitionDescription",
    "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If"
    " this is not intended to be a description comment, add an empty line or comment between the instruction"
    " and the comment.",
    lambda keyword, name: f"Comment for {keyword} should follow the format: `# {name} <description>`",
    experimental=True,
)
EXPOSE_PROTO_CASING = Rule(
    "ExposeProtoCasing",
    "Protocol in EXPOSE instruction should be lowercase",
    lambda port: f"Defined protocol '{port}' in EXPOSE instruction should be lowercase",
)
EXPOSE_INVALID_FORMAT = Rule(
    "ExposeInvalidFormat",
    "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in"
    " a future release",
    lambda port: f"EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'",
)
