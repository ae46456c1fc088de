"""Seeds and past findings of the fuzzer, replayed; and the fuzzer's own parts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.cli import CORPUS, FIXED, INPUTS, SECONDS, read_arguments
from fuzz.targets import TARGETS
from fuzz.wire import Replaced, parts, replacements, written

TESTS = Path(__file__).parents[1]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=TESTS, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_past_findings_cost_little_and_end_in_no_foreign_exception(name: str) -> None:
    seeds = sorted((CORPUS / name).iterdir())
    assert seeds
    done = python("-m", "fuzz.replay", name, *map(str, seeds))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_folder_of_seeds_has_a_target_and_every_target_a_fixed_run() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} == set(TARGETS) == set(INPUTS)


def test_a_failure_is_told_with_its_input_and_once_more_in_the_last_line(tmp_path: Path) -> None:
    (tmp_path / "found").write_bytes(b"a\xff")
    work = "import sys, fuzz.replay as r; r.check = lambda run, data: int('x')"
    done = python("-c", f"{work}; sys.argv = ['', 'ignore', {str(tmp_path / 'found')!r}]; sys.exit(r.main())")
    assert done.returncode == 1
    first, *_, data, last = done.stdout.splitlines()
    assert first == f"{tmp_path / 'found'}:"
    assert data == r"b'a\xff'"
    assert last == "found: ValueError: invalid literal for int() with base 10: 'x'"


@pytest.mark.parametrize(
    ("work", "message"),
    [
        pytest.param("b'x' * (600 << 20)", "MB for 3 bytes", id="a gigabyte"),
        pytest.param("sum(range(1 << 27))", "seconds for 3 bytes", id="seconds"),
        pytest.param("int('x')", "invalid literal", id="a foreign exception"),
    ],
)
def test_an_input_fails_that_costs_too_much_or_ends_in_a_foreign_exception(work: str, message: str) -> None:
    done = python("-c", f"from fuzz.limits import check; check(lambda _: {work}, b'abc')")
    assert done.returncode == 1
    assert message in done.stderr


def test_answers_of_the_daemon_read_back_as_written() -> None:
    answers = {0: Replaced(b"", is_error=False), 7: Replaced(bytes(300), is_error=True)}
    assert replacements(written(answers)) == answers


def test_an_input_has_parts() -> None:
    assert parts(b"a\n---\nb\n---\nc", 2) == [b"a", b"b\n---\nc"]
    assert parts(b"a", 3) == [b"a", b"", b""]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], (list(TARGETS), SECONDS), id="all targets"),
        pytest.param(["ignore"], (["ignore"], SECONDS), id="one target"),
        pytest.param(["5"], (list(TARGETS), 5), id="all targets for some seconds"),
        pytest.param(["ignore", "5"], (["ignore"], 5), id="one target for some seconds"),
        pytest.param(["fixed"], (list(TARGETS), FIXED), id="the fixed run"),
        pytest.param(["ignore", "fixed"], (["ignore"], FIXED), id="one target of it"),
        pytest.param(["0"], (list(TARGETS), 1), id="no seconds are one"),
    ],
)
def test_the_command_line_names_targets_and_seconds(
    arguments: list[str], expected: tuple[list[str], int]
) -> None:
    assert read_arguments(arguments) == expected


def test_an_unknown_target_names_all() -> None:
    with pytest.raises(SystemExit, match="there are conversion, "):
        read_arguments(["x"])
