"""The rules: names, descriptions and texts are an interface, so each text is written out here once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pyfrontend.dockerignore import Matcher
from pyfrontend.lint import facts
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import RULES, CheckConfig, Fact, Finding, Rule, rule
from pyfrontend.lint.rules import all_rules
from pyfrontend.oci.platforms import Platform
from pyfrontend.span import SourceFile, Span
from pyfrontend.spelling import did_you_mean
from pyfrontend.syntax.document import parse_dockerfile
from pyfrontend.syntax.expand import Expanded
from pyfrontend.syntax.instructions import Arg, From, Maintainer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.errors import Diagnostic
    from pyfrontend.syntax.declare import Instruction, Line
    from pyfrontend.syntax.document import Dockerfile

ALL = all_rules()
CONFIG = CheckConfig(experimental_all=True)


def parsed(text: str) -> Dockerfile:
    return parse_dockerfile(SourceFile("Dockerfile", text.encode()))


def line(text: str) -> Line:
    return parsed(f"{text}\n").lines[0]


def node(text: str) -> Instruction:
    return parsed(f"FROM a\n{text}\n").stages[0].instructions[0]


FILE = parsed("FROM $X AS scratch\nRun a\n")
STAGE = FILE.stages[0]
SPAN = STAGE.span
SOURCE = parsed("FROM --platform=${TARGETPLATFORM} a\n").stages[0].source
AMD64 = Platform("linux", "amd64")

MESSAGES: list[tuple[str, Fact[...], tuple[Any, ...], str]] = [
    ("StageNameCasing", facts.line_of(From), (line("FROM a AS Ab"),), "Stage name 'Ab' should be lowercase"),
    (
        "FromAsCasing",
        facts.line_of(From),
        (line("FROM a as b"),),
        "'as' and 'FROM' keywords' casing do not match",
    ),
    ("NoEmptyContinuation", facts.empty_continuation, (STAGE.span,), "Empty continuation line"),
    (
        "ConsistentInstructionCasing",
        facts.file_read,
        (FILE,),
        "Command 'Run' should match the case of the command majority (uppercase)",
    ),
    (
        "DuplicateStageName",
        facts.stage_read,
        (STAGE, ["scratch"]),
        'Duplicate stage name "scratch", stage names should be unique',
    ),
    (
        "ReservedStageName",
        facts.stage_read,
        (STAGE, []),
        'Stage name should not use the same name as reserved stage "scratch"',
    ),
    (
        "JSONArgsRecommended",
        facts.default_shell_used,
        (node("CMD a"),),
        "JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",
    ),
    (
        "MaintainerDeprecated",
        facts.line_of(Maintainer),
        (line("MAINTAINER a"),),
        "Maintainer instruction is deprecated in favor of using label",
    ),
    (
        "UndefinedArgInFrom",
        facts.from_variables_unset,
        (SOURCE, ["x"], [], did_you_mean),
        "FROM argument 'x' is not declared",
    ),
    (
        "UndefinedArgInFrom",
        facts.from_variables_unset,
        (SOURCE, ["verzion"], ["version"], did_you_mean),
        "FROM argument 'verzion' is not declared (did you mean version?)",
    ),
    (
        "WorkdirRelativePath",
        facts.workdir_is_relative,
        (node('WORKDIR a"b'),),
        'Relative workdir "a\\"b" can have unexpected results if the base image changes',
    ),
    (
        "UndefinedVar",
        facts.variables_unset,
        (node("ENV a=b"), ["x"], [], did_you_mean),
        "Usage of undefined variable '$x'",
    ),
    (
        "UndefinedVar",
        facts.variables_unset,
        (node("ENV a=b"), ["pat"], ["path"], did_you_mean),
        "Usage of undefined variable '$pat' (did you mean $path?)",
    ),
    (
        "MultipleInstructionsDisallowed",
        facts.instruction_replaced,
        (node("HEALTHCHECK NONE"), STAGE.span),
        (
            "Multiple HEALTHCHECK instructions should not be used in the same stage because only the last one"
            " will be used"
        ),
    ),
    (
        "LegacyKeyValueFormat",
        facts.old_form_used,
        (node("ENV a b"),),
        '"ENV key=value" should be used instead of legacy "ENV key value" format',
    ),
    (
        "InvalidBaseImagePlatform",
        facts.base_for_other_platform,
        (STAGE.span, "base", AMD64, Platform("linux", "arm", "v6")),
        'Base image base was pulled with platform "linux/arm/v6", expected "linux/amd64" for current build',
    ),
    (
        "InvalidBaseImagePlatform",
        facts.base_for_other_platform,
        (None, "x", Platform("windows", "amd64", "", "10.0"), AMD64),
        (
            'Base image x was pulled with platform "linux/amd64", expected "windows(10.0)/amd64" for current'
            " build"
        ),
    ),
    (
        "RedundantTargetPlatform",
        facts.platform_expanded,
        (SOURCE, "", Expanded("a/b", {"TARGETPLATFORM"}), "a/b"),
        (
            "Setting platform to predefined ${TARGETPLATFORM} in FROM is redundant as this is the default"
            " behavior"
        ),
    ),
    (
        "SecretsUsedInArgOrEnv",
        facts.variable_set,
        (node("ARG TOKEN"), "TOKEN"),
        'Do not use ARG or ENV instructions for sensitive data (ARG "TOKEN")',
    ),
    (
        "InvalidDefaultArgInFrom",
        facts.platform_arguments_known,
        (parsed("FROM busybox:$TAG\n"), {}),
        "Default value for ARG busybox:$TAG results in empty or invalid base image name",
    ),
    (
        "FromPlatformFlagConstDisallowed",
        facts.platform_expanded,
        (SOURCE, "", Expanded("linux/386"), ""),
        'FROM --platform flag should not use constant value "linux/386"',
    ),
    (
        "CopyIgnoredFile",
        facts.path_copied,
        (node("ADD a.log /"), "a.log", Matcher(["*.log"])),
        'Attempting to Add file "a.log" that is excluded by .dockerignore',
    ),
    (
        "InvalidDefinitionDescription",
        facts.instruction_of(Arg),
        (line("# -\n# x\nARG a b"),),
        "Comment for ARG should follow the format: `# <arg_key> <description>`",
    ),
    (
        "ExposeProtoCasing",
        facts.port_exposed,
        (node("EXPOSE 1/TCP"), "1/TCP", "TCP", ""),
        "Defined protocol '1/TCP' in EXPOSE instruction should be lowercase",
    ),
    (
        "ExposeInvalidFormat",
        facts.port_exposed,
        (node("EXPOSE 1:2"), "1:2", "tcp", "1"),
        "EXPOSE instruction should not define an IP address or host-port mapping, found '1:2'",
    ),
    (
        "UnknownBuildArg",
        facts.arguments_given,
        (parsed("ARG VERSION\nFROM a\n"), {"VERSOIN": "1"}),
        "build argument VERSOIN is not declared by any ARG (did you mean VERSION?)",
    ),
    (
        "UnknownPlatform",
        facts.platforms_given,
        (FILE, [Platform("linux", "amd46")]),
        "unknown platform linux/amd46 (did you mean linux/amd64?)",
    ),
    (
        "NotLocked",
        facts.lock_used,
        (facts.LockUse("x.lock", "REFRESH", [("a", SPAN), ("b", SPAN)], [], None, False, None),),
        "not in x.lock: a (line 1), b (line 1); add it with REFRESH",
    ),
    (
        "LockUnused",
        facts.lock_used,
        (facts.LockUse("x.lock", "REFRESH", [], [("a", SPAN)], None, False, None),),
        "x.lock has entries that nothing here uses: a",
    ),
    (
        "LockCopied",
        facts.lock_used,
        (facts.LockUse("x.lock", "REFRESH", [], [], SPAN, False, None),),
        "this copies x.lock, so refreshing it spoils the cache; add it to .dockerignore",
    ),
    (
        "FrontendNotLocked",
        facts.lock_used,
        (facts.LockUse("x.lock", "REFRESH", [], [], None, True, None),),
        "the lock is frozen and the frontend is not: add @sha256:... to its name on the syntax line",
    ),
    (
        "ArgOutOfScope",
        facts.argument_out_of_scope,
        (node("RUN echo $V"), {"V": facts.Declared("ARG", SPAN, facts.ABOVE_FROM)}, "echo $V"),
        "V is empty here: ARG V is above the first FROM (line 1); repeat it in this stage",
    ),
    (
        "BrokenJsonArray",
        facts.array_broken,
        (line("CMD ['a', 'b']"),),
        "this is not valid JSON (strings need double quotes), so a shell runs it as is",
    ),
    (
        "CopyHiddenFile",
        facts.path_copied_with_exceptions,
        (node("ADD a.log /"), "a.log", Matcher(["*", "!b"])),
        "the ignore file excludes a.log, and no ! pattern includes it again",
    ),
    (
        "CopyToOneFile",
        facts.copied_together,
        (node("COPY a.txt b.txt /c"), "/c", "/", (), ()),
        "unless /c is a directory already, each source overwrites the one before: write /c/ for a directory",
    ),
    (
        "ExecFormVariable",
        facts.dollar_in_exec_form,
        (node('CMD ["a", "$P"]'), ("a", "$P"), {"P"}),
        '$P is not expanded in exec form: use a shell, as in CMD ["sh", "-c", "exec a ..."]',
    ),
    (
        "FlagTakesNoVariable",
        facts.files_excluded,
        (node("COPY --exclude=$E a b"), ("$E",)),
        "--exclude does not expand variables: $E is taken literally",
    ),
    (
        "HeredocLineEndings",
        facts.heredoc_has_returns,
        (parsed("FROM a\nRUN <<E\r\nb\r\nE\r\n").lines[1],),
        (
            "the lines of this heredoc end with CR LF, and the CR becomes part of each line:"
            " save the file with LF"
        ),
    ),
    (
        "IncompleteOwner",
        facts.owner_incomplete,
        (node("COPY --chown=app: a b"), "app:"),
        "--chown=app: gives the files to the group root: write app:GROUP, or app alone",
    ),
    (
        "CommandInValue",
        facts.habit_of_others,
        (line("ENV A=$(date)"),),
        "ENV does not run commands, so $(date) is kept as is: pass the value with --build-arg",
    ),
    (
        "StrayPunctuation",
        facts.habit_of_others,
        (line("ENV A=b, C=d"),),
        "the , is part of b,: ENV separates words with spaces only",
    ),
    (
        "BracesInPath",
        facts.habit_of_others,
        (line("COPY *.{a,b} /"),),
        "the braces in *.{a,b} are not expanded, since there is no shell: write out each path",
    ),
    (
        "ExecFormOperator",
        facts.habit_of_others,
        (line('CMD ["a", "&&", "b"]'),),
        '&& is just an argument of a here: use a shell, as in CMD ["sh", "-c", "... && ..."]',
    ),
    (
        "ExposeNothing",
        facts.port_empty,
        (node("EXPOSE $P"), "$P"),
        "$P is empty, so no port is exposed: give it a value, as in ARG P=8080",
    ),
    (
        "IncompleteShell",
        facts.habit_of_others,
        (line('SHELL ["/bin/sh"]'),),
        '/bin/sh takes the text of a RUN as the name of a script: write SHELL ["/bin/sh", "-c"]',
    ),
    (
        "VolumePath",
        facts.habit_of_others,
        (line("VOLUME data"),),
        "data is a relative path, and no container starts with it: write VOLUME /data",
    ),
    (
        "TildeInPath",
        facts.habit_of_others,
        (line("WORKDIR ~/app"),),
        "~ is not expanded in ~/app: write the path of the home directory, such as /root",
    ),
    (
        "BackgroundCommand",
        facts.habit_of_others,
        (line("CMD a &"),),
        "the shell exits at once, and the container with it: remove the & at the end",
    ),
    (
        "ExecFormOneWord",
        facts.habit_of_others,
        (line('CMD ["npm start"]'),),
        'there is no program called "npm start": write CMD ["npm", "start"]',
    ),
    (
        "HeredocVariable",
        facts.heredoc_variables_unset,
        (parsed("FROM a\nCOPY <<E /b\n$V\nE\n").stages[0].instructions[0], ["V"], {}),
        "$V expands to nothing here: quote the heredoc's name, as in <<'EOF', to keep it",
    ),
    (
        "MisplacedFlag",
        facts.flag_looks_off,
        (line("RUN -mount=type=cache,target=/c b"),),
        "-mount is not a flag here: write --mount",
    ),
    (
        "NoLastingEffect",
        facts.effect_may_be_lost,
        (line("RUN cd /app"),),
        "the next instruction starts in the old directory again: write WORKDIR /app",
    ),
    (
        "SpacesAroundEquals",
        facts.old_form_used,
        (node("ENV A = b"),),
        'the value of A is "= b": remove the spaces around =, as in ENV A=b',
    ),
    (
        "SwallowedInstruction",
        facts.keyword_within,
        (parsed("FROM a\nRUN b && \\\nRUN c\n").lines[1],),
        "RUN is part of the RUN above: remove the \\ at the end of line 2",
    ),
    (
        "IgnoredDirective",
        facts.directives_in_doubt,
        (parsed("# sytnax=a\nFROM a\n"),),
        "there is no directive sytnax (did you mean syntax?)",
    ),
    (
        "UnknownBuildContext",
        facts.contexts_given,
        (parsed("FROM a AS builder\n"), ["bulider"]),
        "nothing uses the build context bulider: the Dockerfile says builder",
    ),
    (
        "UnknownRule",
        facts.directives_in_doubt,
        (parsed("# check=skip=undefinedvar\nFROM a\n"),),
        "no rule is called undefinedvar (did you mean UndefinedVar?)",
    ),
]


@pytest.mark.parametrize(("name", "fact", "values", "text"), MESSAGES, ids=[row[0] for row in MESSAGES])
def test_a_finding_says_the_agreed_text(
    name: str, fact: Fact[...], values: tuple[Any, ...], text: str
) -> None:
    found: list[Diagnostic] = []
    Linter(CONFIG, found.append).report(fact, *values)
    assert [item.message for item in found if item.code == name] == [text]


def test_every_rule_about_a_fact_has_a_text_in_the_table_above() -> None:
    assert {row[0] for row in MESSAGES} == {
        rule.name for rule in ALL.values() if rule.check and not rule.strict
    }


def test_a_finding_is_at_the_lines_of_its_instruction_unless_it_names_others() -> None:
    found: list[Diagnostic] = []
    linter = Linter(CONFIG, found.append)
    command = node("CMD a")
    linter.report(facts.default_shell_used, command)
    linter.report(facts.instruction_replaced, command, STAGE.span)
    linter.report(facts.base_for_other_platform, None, "x", AMD64, Platform("linux", "arm"))
    assert [item.spans for item in found] == [(command.span,), (STAGE.span,), ()]


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("JSONArgsRecommended", "json-args-recommended"),
        ("SecretsUsedInArgOrEnv", "secrets-used-in-arg-or-env"),
        ("UndefinedVar", "undefined-var"),
    ],
)
def test_address_is_the_name_in_kebab_case(name: str, page: str) -> None:
    assert ALL[name].url == f"https://docs.docker.com/go/dockerfile/rule/{page}/"


def test_only_one_rule_of_the_reference_has_no_address() -> None:
    without = [rule.name for rule in ALL.values() if not (rule.url or rule.advisory or rule.strict)]
    assert without == ["InvalidBaseImagePlatform"]


def test_our_own_rules_fail_no_build_and_have_no_address() -> None:
    ours = [rule.name for rule in ALL.values() if rule.advisory]
    assert ours == [
        "ArgOutOfScope",
        "BackgroundCommand",
        "BracesInPath",
        "BrokenJsonArray",
        "CommandInValue",
        "CopyHiddenFile",
        "CopyToOneFile",
        "ExecFormOneWord",
        "ExecFormOperator",
        "ExecFormVariable",
        "ExposeNothing",
        "FlagTakesNoVariable",
        "FrontendNotLocked",
        "HeredocLineEndings",
        "HeredocVariable",
        "IgnoredDirective",
        "IncompleteOwner",
        "IncompleteShell",
        "LockCopied",
        "LockUnused",
        "MisplacedFlag",
        "MoreWarnings",
        "NoLastingEffect",
        "NotLocked",
        "SpacesAroundEquals",
        "StrayPunctuation",
        "SwallowedInstruction",
        "SyntaxError",
        "TildeInPath",
        "UnknownBuildArg",
        "UnknownBuildContext",
        "UnknownPlatform",
        "UnknownRule",
        "VolumePath",
    ]
    assert [name for name in ours if ALL[name].url] == []


def test_description_of_definitions_is_the_one_experimental_rule() -> None:
    experimental = [rule.name for rule in ALL.values() if rule.experimental]
    assert experimental == ["InvalidDefinitionDescription"]


def test_a_rule_may_bring_its_own_address() -> None:
    assert Rule("MyRule", "Mine", page="https://example.org/my-rule").url == "https://example.org/my-rule"


@pytest.fixture
def registered() -> Iterator[None]:
    """Forget the rules that a test registers."""
    known = dict(RULES)
    yield
    RULES.clear()
    RULES.update(known)


#: Where built-in rules are, which alone are registered.
BUILT_IN = "pyfrontend.lint.rules.mine"


@pytest.mark.usefixtures("registered")
def test_a_rule_of_ones_own_is_one_function() -> None:
    counted: Fact[[Span, int]] = Fact()

    def check(span: Span, count: int) -> Iterator[Finding]:
        if count > 2:
            yield Finding(f"{count} are too many", span)

    check.__module__ = BUILT_IN
    too_many = rule("TooMany", "There should be fewer", counted)(check)
    found: list[Diagnostic] = []
    linter = Linter(CheckConfig(), found.append)
    linter.report(counted, STAGE.span, 2)
    linter.report(counted, STAGE.span, 3)
    assert found == [too_many.found("3 are too many", STAGE.span)]
    assert RULES["TooMany"] is too_many


@pytest.mark.usefixtures("registered")
def test_a_name_is_that_of_one_rule() -> None:
    def check(_dockerfile: Dockerfile) -> Iterator[Finding]:
        yield from ()

    check.__module__ = BUILT_IN
    with pytest.raises(ValueError, match=r"^there is a rule UndefinedVar already$"):
        rule("UndefinedVar", "Mine", facts.file_read)(check)
    assert RULES["UndefinedVar"] is ALL["UndefinedVar"]
