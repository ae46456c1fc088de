"""The table of rules: texts are an interface, so each is written out here once more."""

from __future__ import annotations

import pytest

from pyfrontend.lint import rules
from pyfrontend.lint.rules import Rule

ALL = [value for value in vars(rules).values() if isinstance(value, Rule)]

MESSAGES = [
    (rules.STAGE_NAME_CASING, ("Ab",), "Stage name 'Ab' should be lowercase"),
    (rules.FROM_AS_CASING, ("FROM", "as"), "'as' and 'FROM' keywords' casing do not match"),
    (rules.NO_EMPTY_CONTINUATION, (), "Empty continuation line"),
    (
        rules.CONSISTENT_INSTRUCTION_CASING,
        ("Run", "uppercase"),
        "Command 'Run' should match the case of the command majority (uppercase)",
    ),
    (rules.DUPLICATE_STAGE_NAME, ("a",), 'Duplicate stage name "a", stage names should be unique'),
    (
        rules.RESERVED_STAGE_NAME,
        ("scratch",),
        'Stage name should not use the same name as reserved stage "scratch"',
    ),
    (
        rules.JSON_ARGS_RECOMMENDED,
        ("CMD",),
        "JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",
    ),
    (
        rules.MAINTAINER_DEPRECATED,
        (),
        "Maintainer instruction is deprecated in favor of using label",
    ),
    (rules.UNDEFINED_ARG_IN_FROM, ("x", ""), "FROM argument 'x' is not declared"),
    (
        rules.UNDEFINED_ARG_IN_FROM,
        ("verzion", " (did you mean version?)"),
        "FROM argument 'verzion' is not declared (did you mean version?)",
    ),
    (
        rules.WORKDIR_RELATIVE_PATH,
        ('a"b',),
        'Relative workdir "a\\"b" can have unexpected results if the base image changes',
    ),
    (rules.UNDEFINED_VAR, ("x", ""), "Usage of undefined variable '$x'"),
    (
        rules.UNDEFINED_VAR,
        ("pat", " (did you mean $path?)"),
        "Usage of undefined variable '$pat' (did you mean $path?)",
    ),
    (
        rules.MULTIPLE_INSTRUCTIONS_DISALLOWED,
        ("HEALTHCHECK",),
        (
            "Multiple HEALTHCHECK instructions should not be used in the same stage because only the last one"
            " will be used"
        ),
    ),
    (
        rules.LEGACY_KEY_VALUE_FORMAT,
        ("ENV",),
        '"ENV key=value" should be used instead of legacy "ENV key value" format',
    ),
    (
        rules.INVALID_BASE_IMAGE_PLATFORM,
        ("base", "linux/amd64", "linux/arm/v6"),
        'Base image base was pulled with platform "linux/arm/v6", expected "linux/amd64" for current build',
    ),
    (
        rules.REDUNDANT_TARGET_PLATFORM,
        ("${TARGETPLATFORM}",),
        (
            "Setting platform to predefined ${TARGETPLATFORM} in FROM is redundant as this is the default"
            " behavior"
        ),
    ),
    (
        rules.SECRETS_USED_IN_ARG_OR_ENV,
        ("ARG", "TOKEN"),
        'Do not use ARG or ENV instructions for sensitive data (ARG "TOKEN")',
    ),
    (
        rules.INVALID_DEFAULT_ARG_IN_FROM,
        ("busybox:$TAG",),
        "Default value for ARG busybox:$TAG results in empty or invalid base image name",
    ),
    (
        rules.FROM_PLATFORM_FLAG_CONST_DISALLOWED,
        ("linux/386",),
        'FROM --platform flag should not use constant value "linux/386"',
    ),
    (
        rules.COPY_IGNORED_FILE,
        ("Add", "a.log"),
        'Attempting to Add file "a.log" that is excluded by .dockerignore',
    ),
    (
        rules.INVALID_DEFINITION_DESCRIPTION,
        ("ARG", "<arg_key>"),
        "Comment for ARG should follow the format: `# <arg_key> <description>`",
    ),
    (
        rules.EXPOSE_PROTO_CASING,
        ("1/TCP",),
        "Defined protocol '1/TCP' in EXPOSE instruction should be lowercase",
    ),
    (
        rules.EXPOSE_INVALID_FORMAT,
        ("1:2",),
        "EXPOSE instruction should not define an IP address or host-port mapping, found '1:2'",
    ),
]


@pytest.mark.parametrize(("rule", "facts", "text"), MESSAGES, ids=lambda value: getattr(value, "name", ""))
def test_message_says_the_agreed_text(rule: Rule, facts: tuple[object, ...], text: str) -> None:
    assert rule.message(*facts) == text


def test_every_rule_has_a_message_in_the_table_above() -> None:
    assert {rule.name for rule, _, _ in MESSAGES} == {rule.name for rule in ALL}


@pytest.mark.parametrize(
    ("rule", "page"),
    [
        (rules.JSON_ARGS_RECOMMENDED, "json-args-recommended"),
        (rules.SECRETS_USED_IN_ARG_OR_ENV, "secrets-used-in-arg-or-env"),
        (rules.UNDEFINED_VAR, "undefined-var"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_address_is_the_name_in_kebab_case(rule: Rule, page: str) -> None:
    assert rule.url == f"https://docs.docker.com/go/dockerfile/rule/{page}/"


def test_base_image_platform_is_the_one_rule_without_an_address() -> None:
    without = [rule.name for rule in ALL if not rule.url]
    assert without == ["InvalidBaseImagePlatform"]


def test_description_of_definitions_is_the_one_experimental_rule() -> None:
    experimental = [rule.name for rule in ALL if rule.experimental]
    assert experimental == ["InvalidDefinitionDescription"]


def test_a_rule_may_bring_its_own_address() -> None:
    rule = rules.Rule("MyRule", "Mine", str, page="https://example.org/my-rule")
    assert rule.url == "https://example.org/my-rule"
