"""Fixes: what changes in a file, and that nothing else does."""

# ruff: noqa: E501 - a row of the table is a line
from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from parity.answers import ask
from parity.cases import OWN, Case, case_files, read_cases
from pyfrontend.driver.options.client_options import ClientOptions
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.session import open_session
from pyfrontend.driver.subrequests.lint import check
from pyfrontend.fix.fixers import FIXERS, STYLE
from pyfrontend.fix.mend import mend
from pyfrontend.gateway.offline import Offline
from pyfrontend.lint.registry import STRICT, CheckConfig
from pyfrontend.lint.rules import all_rules
from pyfrontend.oci.platforms import default
from pyfrontend.span import SourceFile
from pyfrontend.syntax.lines import read_lines
from pyfrontend.syntax.places import Edit, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyfrontend.errors import Diagnostic


def finder(*rules: str) -> Callable[[bytes], Iterable[Diagnostic]]:
    """Return a check that reports ``rules`` only, all of them if there are none."""

    def find(data: bytes) -> Iterable[Diagnostic]:
        asked = ClientOptions("frontend.lint", "Dockerfile", "", "", {}, {})
        request = Request(asked.written(), workers=[default()], unique="offline")
        session = open_session(Offline("Dockerfile", data, None, None), request)
        found = check(session, CheckConfig(experimental=frozenset((STRICT,)))).diagnostics
        return [one for one in found if not rules or one.code in rules]

    return find


def fixed(rule: str, text: str) -> str:
    """Return ``text`` fixed for ``rule``."""
    return mend(text.encode("utf-8", "surrogateescape"), finder(rule)).data.decode("utf-8", "surrogateescape")


#: Rule, text before, text after; the same text twice where it cannot be fixed.
CASES = [
    ("ConsistentInstructionCasing", "FROM a\nrun b\nCopy c d\n", "FROM a\nRUN b\nCOPY c d\n"),
    ("ConsistentInstructionCasing", "from a\nrun b\nCOPY c d", "from a\nrun b\ncopy c d"),
    ("FromAsCasing", "FROM a  as b\nfrom c AS d\n", "FROM a  AS b\nfrom c as d\n"),
    ("FromAsCasing", "FROM --platform=$BUILDPLATFORM \\\n a \\\n as b\n", "FROM --platform=$BUILDPLATFORM \\\n a \\\n AS b\n"),
    ("StageNameCasing", "FROM a AS Bc\nFROM Bc\n", "FROM a AS bc\nFROM Bc\n"),
    ("RedundantTargetPlatform", "FROM  --platform=$TARGETPLATFORM   a\n", "FROM  a\n"),
    ("RedundantTargetPlatform", "FROM \\\n--platform=$TARGETPLATFORM a\n", "FROM \\\n--platform=$TARGETPLATFORM a\n"),
    ("MaintainerDeprecated", "FROM a\nMAINTAINER Me <me@x>\n", 'FROM a\nLABEL org.opencontainers.image.authors="Me <me@x>"\n'),
    ("MaintainerDeprecated", 'from a\nmaintainer "Me"\n', 'from a\nlabel org.opencontainers.image.authors="Me"\n'),
    ("MaintainerDeprecated", 'FROM a\nMAINTAINER $me\nMAINTAINER a"b\n', 'FROM a\nMAINTAINER $me\nMAINTAINER a"b\n'),
    ("LegacyKeyValueFormat", "FROM a\nENV b  c\nLABEL d e f \n", 'FROM a\nENV b=c\nLABEL d="e f" \n'),
    ("LegacyKeyValueFormat", 'FROM a\nENV b "c d"\nENV e f\\ g\n', 'FROM a\nENV b="c d"\nENV e=f\\ g\n'),
    ("LegacyKeyValueFormat", "FROM a\nENV b \\\n  c \\\n  d\n", 'FROM a\nENV b="c \\\n  d"\n'),
    ("LegacyKeyValueFormat", "FROM a\nENV b 'c' \"d\"\nENV b c \\x\n", "FROM a\nENV b 'c' \"d\"\nENV b c \\x\n"),
    ("LegacyKeyValueFormat", "FROM a\nENV b \\\n # keep\n  c\n", "FROM a\nENV b \\\n # keep\n  c\n"),
    ("LegacyKeyValueFormat", "FROM a\nENV b $PATH:c d\n", 'FROM a\nENV b="$PATH:c d"\n'),
    ("JSONArgsRecommended", "FROM a\nCMD b  -c d=e\n", 'FROM a\nCMD ["b", "-c", "d=e"]\n'),
    ("JSONArgsRecommended", "FROM a\nENTRYPOINT exec b\n", 'FROM a\nENTRYPOINT ["b"]\n'),
    ("JSONArgsRecommended", "FROM a\nCMD b $c\n", "FROM a\nCMD b $c\n"),
    ("JSONArgsRecommended", "FROM a\nCMD b; c\n", "FROM a\nCMD b; c\n"),
    ("JSONArgsRecommended", "FROM a\nCMD A=b c\n", "FROM a\nCMD A=b c\n"),
    ("JSONArgsRecommended", "FROM a\nCMD cd b\n", "FROM a\nCMD cd b\n"),
    ("JSONArgsRecommended", "FROM a\nCMD b \\\n c\n", "FROM a\nCMD b \\\n c\n"),
    ("NoEmptyContinuation", "FROM a\nRUN b \\\n\n # c\n   \n d\n", "FROM a\nRUN b \\\n # c\n d\n"),
    ("ExposeProtoCasing", "FROM a\nEXPOSE 1 80/TCP 81/Udp\n", "FROM a\nEXPOSE 1 80/tcp 81/udp\n"),
    ("AddInsteadOfCopy", "FROM a\nadd --chown=b c d\n", "FROM a\ncopy --chown=b c d\n"),
    ("AddInsteadOfCopy", "FROM a\nADD --keep-git-dir=true c d\n", "FROM a\nADD --keep-git-dir=true c d\n"),
    ("DebianFrontendKept", "FROM a\nENV DEBIAN_FRONTEND=b\n", "FROM a\nARG DEBIAN_FRONTEND=b\n"),
    ("DebianFrontendKept", "FROM a\nENV DEBIAN_FRONTEND=b C=d\n", "FROM a\nENV DEBIAN_FRONTEND=b C=d\n"),
    ("AptInsteadOfAptGet", "FROM a\nRUN apt  update && sudo apt install -y b\n", "FROM a\nRUN apt-get  update && sudo apt-get install -y b\n"),
    ("AptInsteadOfAptGet", "FROM a\nRUN apt list\nRUN apt\n", "FROM a\nRUN apt list\nRUN apt\n"),
    ("AptInsteadOfAptGet", "FROM a\nRUN <<E\napt install b\nE\n", "FROM a\nRUN <<E\napt install b\nE\n"),
    ("AptInsteadOfAptGet", 'FROM a\nRUN ["apt", "install", "b"]\n', 'FROM a\nRUN ["apt", "install", "b"]\n'),
    ("AssumeYesMissing", "FROM a\nRUN apt-get -o A=b install c\n", "FROM a\nRUN apt-get -o A=b install -y c\n"),
    ("RecommendsInstalled", "FROM a\nRUN x && \\\n\t# y\n\tapt-get install \\\n\tb\n", "FROM a\nRUN x && \\\n\t# y\n\tapt-get install --no-install-recommends \\\n\tb\n"),
    ("PackageCacheKept", "FROM a\nRUN apk add b && pip install c\n", "FROM a\nRUN apk add --no-cache b && pip install --no-cache-dir c\n"),
    ("PackageCacheKept", "FROM a\nRUN dnf install -y b\n", "FROM a\nRUN dnf install -y b\n"),
    ("PackageListsKept", "FROM a\nRUN apt-get update && apt-get install b\n", "FROM a\nRUN apt-get update && apt-get install b && rm -rf /var/lib/apt/lists/*\n"),
    ("PackageListsKept", "FROM a\nRUN apt-get update; apt-get install b\n", "FROM a\nRUN apt-get update; apt-get install b\n"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "before", "after"), CASES)
def test_a_rule_is_satisfied_and_the_rest_stays(rule: str, before: str, after: str) -> None:
    assert list(finder(rule)(before.encode())) != [] or "list" in before
    assert fixed(rule, before) == after


@pytest.mark.parametrize(("rule", "before", "after"), CASES)
def test_line_ends_and_a_byte_order_mark_stay(rule: str, before: str, after: str) -> None:
    def windows(text: str) -> str:
        return "\ufeff# a comment\r\n" + text.replace("\n", "\r\n")

    assert fixed(rule, windows(before)) == windows(after)


def test_a_fix_keeps_comments_bytes_that_are_no_text_and_another_escape() -> None:
    text = "# escape=`\n# \udcff\nFROM a as b\n\n# c\nENV d e`\n # f\n  g\nRUN \udcfe\n"
    after = '# escape=`\n# \udcff\nFROM a AS b\n\n# c\nENV d="e`\n # f\n  g"\nRUN \udcfe\n'
    mended = mend(text.encode("utf-8", "surrogateescape"), finder("FromAsCasing", "LegacyKeyValueFormat"))
    assert mended.data.decode("utf-8", "surrogateescape") == after
    assert mended.fixed == {"FromAsCasing": 1, "LegacyKeyValueFormat": 1}


def test_fixes_that_touch_each_other_are_made_one_after_the_other() -> None:
    text = "from alpine As B\nRUN apt install c\nRUN d\nMAINTAINER e\n"
    mended = mend(text.encode(), finder(*FIXERS))
    assert mended.data == (
        b"FROM alpine AS b\nRUN apt-get install --no-install-recommends -y c\nRUN d\n"
        b'LABEL org.opencontainers.image.authors="e"\n'
    )
    assert list(finder(*FIXERS)(mended.data)) == []


@pytest.mark.parametrize("text", ["FROM a as b\nRUM c\n", "", "# nothing\n"])
def test_a_file_with_errors_stays_as_it_is(text: str) -> None:
    assert mend(text.encode(), lambda _: []) == (text.encode(), {})


def test_a_comment_that_silences_a_rule_silences_its_fix() -> None:
    text = "FROM a\n# check=skip=LegacyKeyValueFormat\nENV b c\nENV d e\n"
    assert fixed("LegacyKeyValueFormat", text) == text.replace("d e", "d=e")


def test_every_fixer_is_for_a_rule() -> None:
    assert FIXERS.keys() <= all_rules().keys()
    assert FIXERS.keys() == {rule for rule, _, _ in CASES}


def test_an_instruction_that_is_not_in_the_file_has_no_place() -> None:
    source = Source(b"FROM a\nRUN b\n", "\\")
    first, second = read_lines(SourceFile("Dockerfile", b"FROM a\nRUN other\n")).lines
    assert source.instruction(first)
    assert source.instruction(second) is None


def test_of_two_edits_that_overlap_the_first_counts() -> None:
    source = Source(b"abcdef", "\\")
    assert source.edited([Edit(2, 4, "x"), Edit(0, 3, "y"), Edit(6, 6, "z")]) == b"ydefz"


def built(data: bytes) -> Any:
    """Return the digests and the configs that ``data`` comes to, or its error."""
    encoded = base64.b64encode(data).decode()
    silent = {"BUILDKIT_DOCKERFILE_CHECK": "skip=all"}
    answer = ask(Case("fix", "fix", "", {"dockerfile_b64": encoded, "build_args": silent}, {}))
    found = answer.get("platforms", ())
    return answer.get("error", {}).get("message"), [
        ([op["digest"] for op in one["ops"]], one["config"]) for one in found
    ]


CASE_FILES = sorted({case.dockerfile for case in read_cases(case_files([OWN]))})


@pytest.mark.parametrize("part", range(8))
def test_fixes_of_style_build_the_same_and_leave_nothing_to_fix(part: int) -> None:
    fixed = 0
    for data in CASE_FILES[part::8]:
        mended = mend(data, finder(*STYLE))
        if mended.fixed:
            fixed += 1
            assert built(mended.data) == built(data), data
            assert mend(mended.data, finder(*STYLE)) == (mended.data, {}), data
    assert fixed
