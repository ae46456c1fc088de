"""``--call``: subrequests of a real client through a real engine, and the command line in its image."""

from __future__ import annotations

import json
import subprocess
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from engine.client import TIMEOUT, build, docker

if TYPE_CHECKING:
    from pathlib import Path

#: No image of it exists: whoever looks one up, fails.
STAGES = """\
# base nobody has it
FROM registry.invalid/base:1 AS base
RUN a
FROM registry.invalid/other:1 AS other
FROM scratch AS app
COPY --from=base /a /b
COPY c /d
"""
CLEAN = "FROM scratch\nCOPY a /b\n"


def call(folder: Path, subrequest: str, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Ask ``docker buildx build --call`` about ``text``."""
    (folder / "Dockerfile").write_text(text)
    return subprocess.run(
        ["docker", "buildx", "build", "--progress=quiet", f"--call={subrequest}", *options, str(folder)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def test_describe_lists_all_subrequests(tmp_path: Path, syntax: str) -> None:
    done = call(tmp_path, "subrequests.describe", syntax + CLEAN)
    assert [line.split()[0] for line in done.stdout.splitlines() if line] == [
        *("NAME", "outline", "targets", "subrequests.describe", "lint"),
        *("convertllb", "check-sarif", "check-gitlab", "check-github"),
        *("graph", "graph-mermaid", "graph-dot", "graph-svg", "plain", "test"),
        *("lock", "lock-check", "lock-policy"),
    ]


@pytest.mark.parametrize(
    ("subrequest", "first"),
    [
        ("graph", "Dockerfile: target app for linux/"),
        ("graph-mermaid", "%%{init: "),
        ("graph-dot", "digraph Dockerfile {"),
        ("graph-svg", "<svg "),
        ("graph+full+legend", "Dockerfile: target app for linux/"),
        ("graph-svg+overview+all", "<svg "),
        ("graph,format=json", "{"),
        ("targets", "TARGET        DESCRIPTION"),
    ],
)
def test_stages_are_drawn_without_looking_images_up(
    tmp_path: Path, syntax: str, subrequest: str, first: str
) -> None:
    done = call(tmp_path, subrequest, syntax + STAGES)
    assert (done.returncode, done.stderr) == (0, "")
    # buildx writes an empty line first, which none of the formats minds.
    assert done.stdout.lstrip("\n").startswith(first)


def test_a_check_answers_in_the_formats_of_other_programs_with_the_status_of_a_check(
    tmp_path: Path, syntax: str
) -> None:
    done = call(tmp_path, "check-sarif", f"{syntax}FROM scratch\nMAINTAINER me\n")
    assert (done.returncode, done.stderr) == (1, "")
    (run,) = json.loads(done.stdout)["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["MaintainerDeprecated"]
    done = call(tmp_path, "check-github", f"{syntax}FROM scratch\nMAINTAINER me\n")
    assert done.stdout.strip().startswith("::warning file=Dockerfile,line=3,")
    done = call(tmp_path, "check-gitlab", syntax + CLEAN)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_strict_rules_are_on_where_the_file_or_the_build_asks_for_them(tmp_path: Path, syntax: str) -> None:
    text = "FROM scratch\nADD a /b\n"
    (tmp_path / "a").touch()
    done = call(tmp_path, "check", syntax + text)
    assert (done.returncode, "AddInsteadOfCopy" in done.stdout) == (0, False)
    asked = ("--build-arg", "BUILDKIT_DOCKERFILE_CHECK=experimental=AddInsteadOfCopy")
    done = call(tmp_path, "check", syntax + text, *asked)
    assert (done.returncode, "AddInsteadOfCopy" in done.stdout) == (1, True)
    (tmp_path / "Dockerfile").write_text(f"{syntax}# check=experimental=strict\n{text}")
    # The progress of the client has warnings in base64.
    assert b64encode(b"AddInsteadOfCopy: ADD").decode() in build(tmp_path).output


def test_the_target_of_the_build_is_the_one_that_is_drawn(tmp_path: Path, syntax: str) -> None:
    document = json.loads(call(tmp_path, "graph,format=json", syntax + STAGES, "--target=base").stdout)
    assert [(stage["name"], stage["reached"]) for stage in document["stages"]] == [
        ("base", True),
        ("other", False),
        ("app", False),
    ]


def test_the_options_of_a_drawing_follow_the_name_of_the_call(tmp_path: Path, syntax: str) -> None:
    only_needed = call(tmp_path, "graph+stages", syntax + STAGES, "--target=base").stdout
    assert "RUN a" not in only_needed
    assert "other" not in only_needed
    assert "○  other" in call(tmp_path, "graph+all", syntax + STAGES, "--target=base").stdout


def test_an_unknown_option_of_a_drawing_is_an_error_that_names_all(tmp_path: Path, syntax: str) -> None:
    done = call(tmp_path, "graph+legnd", syntax + STAGES)
    assert done.returncode == 1
    assert 'unknown graph option "legnd" (did you mean legend?); the options are overview, ' in done.stderr


def test_a_named_context_of_the_client_is_in_the_drawing(tmp_path: Path, syntax: str) -> None:
    done = call(tmp_path, "graph", syntax + STAGES, f"--build-context=base={tmp_path}")
    assert "FROM named context base" in done.stdout


def test_the_graph_of_ops_can_be_had(tmp_path: Path, syntax: str) -> None:
    document = json.loads(call(tmp_path, "convertllb,format=json", syntax + CLEAN).stdout)
    sources = [op["source"]["identifier"] for op in document["def"].values() if "source" in op]
    assert sources == ["local://context"]


def test_check_of_a_clean_file_finds_nothing(tmp_path: Path, syntax: str) -> None:
    done = call(tmp_path, "check", syntax + CLEAN)
    assert (done.returncode, done.stdout.strip()) == (0, "Check complete, no warnings found.")


def test_check_shows_every_error_with_its_lines(tmp_path: Path, syntax: str) -> None:
    done = call(tmp_path, "check", syntax + "FROM scratch\nCOPY x\nRUM y\nENV\n")
    shown = done.stdout + done.stderr
    assert done.returncode == 1
    for text in ("COPY requires at least two arguments", "did you mean RUN?", "ENV requires at least one"):
        assert text in shown
    for line in ("3 | >>> COPY x", "4 | >>> RUM y", "5 | >>> ENV"):
        assert line in shown


def test_outline_lists_what_the_target_takes(tmp_path: Path, syntax: str) -> None:
    text = "FROM scratch\n# v the version\nARG v=1\nCOPY $v /\n"
    assert call(tmp_path, "outline", syntax + text).stdout.split() == (
        ["BUILD", "ARG", "VALUE", "DESCRIPTION", "v", "1", "the", "version"]
    )


@pytest.mark.parametrize(("text", "code"), [(CLEAN, 0), ("FROM scratch\nRUM x\n", 1), ("", 2)])
def test_the_image_checks_a_file_without_buildkit(image: str, text: str, code: int) -> None:
    command = ["docker", "run", "--rm", "--interactive", "--network=none", "--read-only", image, "check"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == code, done.stdout + done.stderr


def test_the_image_explains_itself_without_arguments(image: str) -> None:
    done = subprocess.run(
        ["docker", "run", "--rm", image], capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 2
    assert "check < Dockerfile" in done.stderr


def test_the_image_has_help(image: str) -> None:
    assert "usage: pyfrontend" in docker("run", "--rm", image, "--help")
