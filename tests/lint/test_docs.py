"""The pages of the rules: every example is run, and reports what its page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from parity.answers import ask
from parity.cases import Case
from pyfrontend.lint.checks import check_syntax
from pyfrontend.lint.config import parse_check_config
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import Rule, kebab
from pyfrontend.lint.rules import all_rules
from pyfrontend.span import SourceFile
from pyfrontend.syntax.directives import detect_check
from pyfrontend.syntax.document import parse_dockerfile

if TYPE_CHECKING:
    from pyfrontend.errors import Diagnostic

PAGES = Path(__file__).resolve().parents[2] / "docs" / "rules"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

#: What the pages say in words about the world of their examples.
WORLD: dict[str, dict[str, object]] = {
    "InvalidBaseImagePlatform": {
        "images": {
            "arm-only": {
                "config": {"os": "linux", "architecture": "arm64", "rootfs": {"diff_ids": ["sha256:1"]}}
            }
        }
    },
    "InvalidDefaultArgInFrom": {"build_args": {"RELEASE": "trixie"}},
    **{
        key: {"build_args": {"BUILDKIT_DOCKERFILE_LOCK": "pinned"}}
        for key in ("LockCopied", "LockUnused", "NotLocked")
    },
    "FrontendNotLocked": {"build_args": {"BUILDKIT_DOCKERFILE_LOCK": "frozen"}},
    "ArgOutOfScope": {"images": {"alpine": {"config": {"config": {"Env": ["PATH=/bin"]}}}}},
    "UnknownBuildContext": {"opts": {"context:bulider": "docker-image://busybox"}},
    "UnknownBuildArg": {"build_args": {"NODE_VERSION": "22"}},
}

#: Rules that comments at an instruction do not reach (LINT-005).
WHOLE_FILE = {
    "NoEmptyContinuation",
    "ReservedStageName",
    "DuplicateStageName",
    "ConsistentInstructionCasing",
    "InvalidDefaultArgInFrom",
    "InvalidBaseImagePlatform",
    "FrontendNotLocked",
    "LockCopied",
    "LockUnused",
    "NotLocked",
    "UnknownBuildArg",
    "UnknownPlatform",
    "UnknownBuildContext",
    "UnknownRule",
    "IgnoredDirective",
}


class Example(NamedTuple):
    """A Dockerfile of a page, its ignore file, and its lock."""

    rule: str
    dockerfile: str
    ignore: str = ""
    lock: str = ""


def page(rule: str) -> str:
    return (PAGES / f"{kebab(rule)}.md").read_text()


def example(rule: str, section: str) -> Example:
    """Return the one example in a section of the page of ``rule``."""
    text = page(rule).partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    blocks = FENCE.findall(text)
    found = dict(blocks)
    assert len(found) == len(blocks), rule
    assert found.keys() - {"dockerignore", "lock"} == {"dockerfile"}, rule
    return Example(
        rule, found["dockerfile"].replace("␍", "\r"), found.get("dockerignore", ""), found.get("lock", "")
    )


def convert(example: Example) -> list[str]:
    """Return the rules that a whole conversion reports; an error of the conversion fails the test."""
    request = {
        "dockerfile": example.dockerfile,
        "dockerignore": example.ignore,
        **({"files": {"dockerfile": {"Dockerfile.lock": example.lock}}} if example.lock else {}),
        **WORLD.get(example.rule, {}),
    }
    answer = ask(Case("docs", example.rule, "", request, {}))
    assert "platforms" in answer, answer
    return [warning["rule"] for warning in (*answer["warnings"], *answer.get("beyond", ()))]


def check(example: Example) -> list[str]:
    """Return the rules that the bare syntax reports."""
    source = SourceFile("Dockerfile", example.dockerfile.encode())
    found: list[Diagnostic] = []
    options = detect_check(source)
    dockerfile = parse_dockerfile(source)
    assert not dockerfile.errors
    check_syntax(dockerfile, Linter(parse_check_config(options[0] if options else ""), found.append))
    return [finding.code for finding in found]


ALL = [rule for rule in all_rules().values() if rule.check]
NAMES = [rule.name for rule in ALL]
#: Rules that need no facts of lowering.
SYNTAX = {
    "NoEmptyContinuation",
    "StageNameCasing",
    "FromAsCasing",
    "MaintainerDeprecated",
    "InvalidDefinitionDescription",
    "ReservedStageName",
    "DuplicateStageName",
    "ConsistentInstructionCasing",
    "BackgroundCommand",
    "BracesInPath",
    "BrokenJsonArray",
    "CommandInValue",
    "ExecFormOneWord",
    "ExecFormOperator",
    "IncompleteShell",
    "HeredocLineEndings",
    "IgnoredDirective",
    "MisplacedFlag",
    "NoLastingEffect",
    "StrayPunctuation",
    "SwallowedInstruction",
    "TildeInPath",
    "UnknownRule",
    "VolumePath",
}
#: What the reference says of the same line, and cannot be kept from saying.
BESIDE = {
    "SpacesAroundEquals": {"LegacyKeyValueFormat"},
    "HeredocVariable": {"UndefinedVar"},
}
ORDINARY = [rule.name for rule in ALL if not rule.experimental and not rule.strict]
STRICT = [rule.name for rule in ALL if rule.strict]


@pytest.mark.parametrize("rule", NAMES)
def test_bad_example_reports_the_rule_and_no_other(rule: str) -> None:
    assert set(convert(example(rule, "Bad"))) == {rule} | BESIDE.get(rule, set())


@pytest.mark.parametrize("rule", NAMES)
def test_good_example_reports_nothing(rule: str) -> None:
    assert convert(example(rule, "Good")) == []


@pytest.mark.parametrize("rule", NAMES)
def test_syntax_alone_reports_the_syntax_rules(rule: str) -> None:
    assert set(check(example(rule, "Bad"))) == ({rule} if rule in (*SYNTAX, *STRICT) else set())
    assert check(example(rule, "Good")) == []


@pytest.mark.parametrize("rule", ORDINARY)
def test_bad_example_is_silent_under_the_directive_of_its_page(rule: str) -> None:
    directive = f"# check=skip={rule}"
    assert directive in page(rule)
    bad = example(rule, "Bad")
    found = set(convert(bad._replace(dockerfile=f"{directive}\n{bad.dockerfile}")))
    assert found == BESIDE.get(rule, set())


@pytest.mark.parametrize("rule", ORDINARY)
def test_comment_at_every_instruction_silences_what_the_page_says(rule: str) -> None:
    silenced = rule not in WHOLE_FILE
    assert ("To turn it off for one instruction" in " ".join(page(rule).split())) is silenced
    bad = example(rule, "Bad")
    # No blank line in between, and the directive place at the top is taken by a comment.
    commented = re.sub(r"^(?=\S)", f"# check=skip={rule}\n", bad.dockerfile, flags=re.MULTILINE)
    found = set(convert(bad._replace(dockerfile=f"# comment\n{commented}")))
    assert found - {"IgnoredDirective"} - BESIDE.get(rule, set()) == (
        set() if silenced else {rule} - {"IgnoredDirective"}
    )


@pytest.mark.parametrize("rule", STRICT)
def test_a_strict_rule_runs_only_where_it_is_asked_for_and_not_skipped(rule: str) -> None:
    asked, _, bad = example(rule, "Bad").dockerfile.partition("\n")
    assert asked == f"# check=experimental={rule}"
    assert asked in page(rule).partition("\n## Configuration\n")[2]

    def found(first: str, rest: str = bad) -> bool:
        return rule in convert(Example(rule, f"{first}\n{rest}"))

    assert found("# check=experimental=strict")
    assert not found("# nothing")
    assert not found("# check=experimental=all")
    assert not found(f"# check=skip={rule};experimental=strict")
    assert not found("# check=skip=all;experimental=strict")
    commented = re.sub(r"^(?=\S)", f"# check=skip={rule}\n", bad.lstrip("\n"), flags=re.MULTILINE)
    assert not found("# check=experimental=strict", f"\n{commented}")


def test_experimental_rule_is_silent_unless_asked_for() -> None:
    bad = example("InvalidDefinitionDescription", "Bad")
    asked, _, rest = bad.dockerfile.partition("\n")
    assert asked in page(bad.rule).partition("\n## Configuration\n")[2]
    assert convert(bad._replace(dockerfile=rest)) == []


@pytest.mark.parametrize("rule", ALL, ids=NAMES)
def test_page_opens_with_name_and_description(rule: Rule) -> None:
    assert page(rule.name).startswith(f"# {rule.name}\n\n> {rule.description}\n\n## What\n")


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert {file.stem for file in PAGES.glob("*.md")} == {"README", *map(kebab, NAMES)}


def test_index_links_every_page_by_name() -> None:
    links = re.findall(r"^\| \[(\w+)\]\(([\w-]+)\.md\)", (PAGES / "README.md").read_text(), re.MULTILINE)
    names = [rule for rule in NAMES if rule not in STRICT] + STRICT
    assert links == [(name, kebab(name)) for name in names]


def test_example_of_the_index_builds_only_with_its_comment() -> None:
    ((_, text),) = FENCE.findall((PAGES / "README.md").read_text())
    assert convert(Example("README", text, "")) == []
    without = text.replace("# check=skip=LegacyKeyValueFormat\n", "")
    answer = ask(Case("docs", "README", "", {"dockerfile": without}, {}))
    assert answer["error"]["message"] == "lint violation found for rules: LegacyKeyValueFormat"
