"""The laws of the extended language that hold for every extension; L2 and L10 have files of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from extend.builds import Case
from extend.sites import error, rewritten

from pyfrontend import limits
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.extend import valuefile
from pyfrontend.extend.runflags import FLAG_READERS
from pyfrontend.syntax.extended import FLAGS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pyfrontend.span import SourceFile

#: A value for each flag with which the line would be fine.
VALUES = {
    "if": "TARGETOS",
    "if-exists": "true",
    "file": "v.env",
    "no-cache": "true",
    "report": "x",
    "requires": "a",
}
REST = {"RUN": "x", "COPY": "a b", "ADD": "a b", "ENV": "A=1", "LABEL": "A=1"}
FLAG_LINES = [
    f"{keyword} --{flag}={VALUES[flag]} {REST[keyword]}"
    for keyword in FLAGS
    for flag in sorted(FLAGS[keyword])
]
OTHER_LINES = ["COPY --from=./x#y a b", "COPY --from=$A a b", "RUN --mount=from=./x,target=/m x", "INCLUDE x"]

PLAIN = """\
# syntax=docker/dockerfile:1
ARG A=1
FROM busybox AS a
ARG A
ENV B=$A
COPY a b
RUN --mount=type=cache,target=/c echo $A
FROM scratch
COPY --from=a /b /
ONBUILD RUN x
"""


@pytest.mark.parametrize("call", ["", "lint", "outline", "targets", "graph", "convertllb"])
def test_l1_a_plain_file_makes_the_same_calls_whether_there_are_extensions_or_not(call: str) -> None:
    made = []
    for extensions in (True, False):
        bridge = Case(PLAIN).bridge()
        request = bridge.request(**({"requestid": f"frontend.{call}"} if call else {}))
        serve(bridge, request._replace(extensions=extensions))
        made.append(sorted(bridge.calls))
    assert made[0] == made[1]
    assert not any("load " in one and "Dockerfile" not in one for one in made[0] if one.startswith("read"))


def test_l1_a_plain_file_loads_no_module_of_the_extensions(root: Path) -> None:
    code = f"""
import sys
from fakes import FakeBridge
from pyfrontend.driver.serve import serve
for call in ("", "lint", "outline", "targets", "graph"):
    bridge = FakeBridge({PLAIN!r})
    serve(bridge, bridge.request(**({{"requestid": "frontend." + call}} if call else {{}})))
print([name for name in sys.modules if name.startswith(("pyfrontend.extend", "pyfrontend.driver.extended",
    "pyfrontend.driver.locks", "pyfrontend.driver.targets", "pyfrontend.lower.skipped"))])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{root / 'frontend'}:{root / 'tests'}"},
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_l1_the_names_of_the_flags_are_known_where_lines_are_read_and_where_they_are_rewritten() -> None:
    assert {keyword: set(flags) for keyword, flags in FLAGS.items()} == {
        keyword: set(readers) for keyword, readers in FLAG_READERS.items()
    }


@pytest.mark.parametrize("line", [*FLAG_LINES, *OTHER_LINES])
def test_l6_a_trigger_holds_no_extension(line: str) -> None:
    lines = rewritten(
        f"ARG A=a\nFROM x AS a\nRUN x\nONBUILD {line}\n", {"v.env": "A=1", "x": "FROM y AS y"}
    ).lines
    (wrong,) = [one for one in lines.lines if error(one)]
    assert error(wrong).startswith("ONBUILD cannot hold an extension")
    assert wrong.span.start == 4


def findings(text: str, **options: Any) -> list[str]:
    document = json.loads(Case(text, {}, options).call("lint").metadata["result.json"])
    rows = [
        f"{one['ruleName']}:{one['location']['ranges'][0]['start']['line']}"
        for one in document["warnings"] or ()
    ]
    broken = document.get("buildError")
    return sorted(rows) + ([broken["message"]] if broken else [])


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("env --if={} A=1", ["ConsistentInstructionCasing:3"]),
        ("ENV --if={} PASSWORD=1", ["SecretsUsedInArgOrEnv:3"]),
        ("ENV --if={} A 1", ["LegacyKeyValueFormat:3"]),
        ("LABEL --if={} A 1", ["LegacyKeyValueFormat:3"]),
        ("COPY --if={} hidden /x", ["CopyIgnoredFile:3"]),
        (
            "COPY --if={} --chmdo=1 a b",
            ["dockerfile parse error on line 3: unknown flag: --chmdo (did you mean chmod?)"],
        ),
        (
            "COPY --if={} --link=x a b",
            ["dockerfile parse error on line 3: expecting boolean value for flag --link, not: x"],
        ),
        ("RUN --if={} ['x']", ["BrokenJsonArray:3"]),
        ("RUN --if={} true", []),
        ("COPY --if={} $NOBODY /x", None),
    ],
)
def test_l7_what_is_skipped_is_parsed_and_linted_as_if_it_were_there(
    line: str, found: list[str] | None
) -> None:
    text = f"FROM alpine\nRUN true\n{line}\nRUN true\n"
    there, skipped = (
        findings(text.format(condition), dockerignore="hidden\n") for condition in ("TARGETOS", "!TARGETOS")
    )
    if found is None:  # what is known only where a step runs
        assert (there, skipped) == (["UndefinedVar:3"], [])
        return
    assert there == skipped
    assert [one for one in found if one not in skipped] == []


def test_l7_the_comments_above_a_skipped_line_silence_it_too() -> None:
    assert findings("FROM alpine\n# check=skip=SecretsUsedInArgOrEnv\nENV --if=!TARGETOS PASSWORD=1\n") == []


def test_l8_files_have_bounds_of_which_the_last_is_allowed() -> None:
    def levels(depth: int) -> list[str]:
        files = {f"f{number}": f"INCLUDE f{number + 1}\n" for number in range(1, depth)}
        files[f"f{depth}"] = "RUN x\n"
        return [error(line) for line in rewritten("FROM a\nINCLUDE f1\n", files).lines.lines if error(line)]

    def many(count: int) -> list[str]:
        files = {f"f{number}": "RUN x\n" for number in range(count)}
        text = "FROM a\n" + "".join(f"INCLUDE {name}\n" for name in files)
        return [error(line) for line in rewritten(text, files).lines.lines if error(line)]

    assert (levels(limits.DOCKERFILE_DEPTH), many(limits.DOCKERFILES)) == ([], [])
    assert len(levels(limits.DOCKERFILE_DEPTH + 1)) == len(many(limits.DOCKERFILES + 1)) == 1


def errors_of(text: str, files: Mapping[str, str]) -> list[tuple[int, str]]:
    """Return the lines with errors in their extensions, and these."""
    return [(line.span.start, error(line)) for line in rewritten(text, files).lines.lines if error(line)]


def test_l8_files_that_are_named_again_have_a_bound() -> None:
    times = 20
    file = "ENV A=$A\n" * (limits.DOCKERFILE_REPEATED_BYTES // times // len("ENV A=$A\n"))
    text = "FROM a\n" + "INCLUDE f\n" * (times + 2)
    ((line, message),) = errors_of(text, {"f": file})
    assert line == times + 3, "the first one is not once more"
    assert message.startswith(
        "INCLUDE: files that are referenced more than once add up to more than 262144 bytes"
    )


@pytest.mark.parametrize("keyword", ["ENV", "LABEL"])
def test_l8_files_of_values_have_bounds(keyword: str) -> None:
    files = {f"f{number}": "A=1\n" for number in range(limits.VALUE_FILES + 1)}
    lines = "".join(f"{keyword} --file={name}\n" for name in files)
    assert errors_of(f"FROM a\n{lines}", files) == [
        (limits.VALUE_FILES + 2, f"--file: more than {limits.VALUE_FILES} files of values")
    ]
    pairs = "".join(f"A{number}=1\n" for number in range(limits.VALUE_PAIRS // 20))
    ((line, message),) = errors_of("FROM a\n" + f"{keyword} --file=f\n" * 21, {"f": pairs})
    assert (line, message.partition(";")[0]) == (
        22, f"--file: files of values add more than {limits.VALUE_PAIRS} pairs",
    )  # fmt: skip


def test_l8_a_file_of_values_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    read_values = valuefile.read_values

    def counting(file: SourceFile) -> dict[str, valuefile.Entry]:
        calls.append(file.name)
        return read_values(file)

    monkeypatch.setattr(valuefile, "read_values", counting)
    assert errors_of("FROM a\n" + "ENV --file=f\n" * 3, {"f": "A=1\n"}) == []
    found = errors_of("FROM a\n" + "ENV --file=bad\n" * 3, {"bad": "A\n"})
    assert (calls, [line for line, _ in found]) == (["f", "bad"], [2, 3, 4])


def test_l8_an_error_lists_some_stages_of_a_file() -> None:
    file = "".join(f"FROM a AS s{number}\n" for number in range(100))
    ((_, message),) = errors_of("FROM a\nCOPY --from=./f#x / /\n", {"f": file})
    assert message.endswith(", s18, s19, ..")


def test_l8_the_bounds_are_those_of_the_design() -> None:
    assert (limits.DOCKERFILE_DEPTH, limits.DOCKERFILES, limits.DOCKERFILE_BYTES) == (16, 200, 4 << 20)
    assert (limits.VALUE_FILE_BYTES, limits.VALUE_FILE_KEYS) == (256 << 10, 2_000)
    assert (limits.LOCK_BYTES, limits.LOCK_ENTRIES) == (1 << 20, 5_000)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        *((line, f"unknown flag: {line.split()[1].partition('=')[0]}") for line in FLAG_LINES),
        ("INCLUDE x", "unknown instruction: INCLUDE"),
        ("COPY --from=$A a b", "variable expansion is not supported for --from"),
        ("COPY --from=./x#y a b", 'failed to parse stage name "./x#y": invalid reference format'),
        ("RUN --mount=from=./x,target=/m x", "invalid reference format"),
        ("FROM ./x#y", 'failed to parse stage name "./x#y": invalid reference format'),
    ],
)
def test_l9_an_image_with_extensions_off_refuses_each_token_with_the_words_of_the_reference(
    line: str, message: str
) -> None:
    bridge = Case(f"ARG A=a\nFROM alpine AS a\n{line}\n", {"v.env": "A=1", "x": "FROM y AS y"}).bridge()
    with pytest.raises(DockerfileError) as caught:
        serve(bridge, bridge.request()._replace(extensions=False))
    assert message in caught.value.message
    assert not any(
        call.startswith("read_file:") and "ockerfile" not in call and "ignore" not in call
        for call in bridge.calls
    )


@pytest.mark.parametrize(
    "options",
    [
        {"opts": {"cmdline": "o/p lock"}},
        {"opts": {"cmdline": "o/p args=v.env"}},
        {"build_args": {"BUILDKIT_DOCKERFILE_LOCK": "frozen"}},
    ],
    ids=["a word", "a file of values", "the argument of the lock"],
)
def test_l9_an_image_with_extensions_off_refuses_words_and_the_lock_argument_with_words_of_ours(
    options: dict[str, Any],
) -> None:
    bridge = Case("FROM alpine\n", {}, options).bridge()
    with pytest.raises(DockerfileError, match="this image has extensions switched off"):
        serve(bridge, bridge.request(**options.get("opts", {}))._replace(extensions=False))
