"""The call ``test``: which stages run, what it says of them, and which files it brings home."""

from __future__ import annotations

import pytest
from driver.reports.daemon import TestDaemon
from driver.reports.test_archive import packed

from pyfrontend.driver.reports import bounds, failed
from pyfrontend.driver.reports.failed import UNAVAILABLE
from pyfrontend.driver.reports.find import NOTHING
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway import caps
from pyfrontend.gateway.errors import EXIT_URL, SOLVE_URL, VERTEX_URL
from pyfrontend.limits import GATE_WORK
from pyfrontend.llb.caps import Capabilities

TESTS = """\
FROM b AS base
RUN base
FROM base AS lint
WORKDIR /src
RUN --report=lint.xml lint
FROM base AS unit
RUN --report=/u/first.xml first
RUN --report=/u bad unit
FROM base AS slow
RUN slow
FROM base AS app
RUN --requires=lint,slow
"""
FILES = {"/src/lint.xml": b"<lint/>", "/u/first.xml": b"<1/>", "/u/a/b.xml": b"\xff<2/>"}


def ran(dockerfile: str, **options: str) -> set[str]:
    """Return the stages that a call runs."""
    return {one["name"] for one in TestDaemon(dockerfile).ask(**options).document["stages"]}


def test_stages_run_to_their_end_and_files_of_passed_and_failed_steps_come_home() -> None:
    answer = TestDaemon(TESTS, FILES).ask()
    assert answer.code == 1
    assert answer.made == {
        "/lint/lint.xml": "</src/lint.xml>",
        "/unit/u/a/b.xml": "\\xff<2/>",
        "/unit/u/first.xml": "<1/>",
    }
    rows = [line.split() for line in answer.text.splitlines()[:4]]
    assert [row[:2] for row in rows] == [
        ["STAGE", "RESULT"],
        ["lint", "passed"],
        ["unit", "FAILED"],
        ["slow", "passed"],
    ]
    assert answer.text.splitlines()[2].endswith("Dockerfile:8 exit code: 3")
    assert "3 report files; --output=DIR writes them to DIR/STAGE/PATH" in answer.text
    assert answer.document["passed"] is False
    assert answer.document["stages"][1]["failure"] == {
        "message": "process bad unit failed: exit code: 3",
        "file": "Dockerfile",
        "line": 8,
        "exitCode": 3,
    }


def test_a_run_in_which_all_passes_says_so() -> None:
    answer = TestDaemon("FROM b AS t\nRUN --report=/r x\n", {"/r": b"x"}).ask()
    assert (answer.code, answer.document["passed"], answer.has_files) == (0, True, True)
    assert "1 report file; " in answer.text


@pytest.mark.parametrize(
    ("options", "stages"),
    [
        ({}, {"lint", "unit", "slow"}),
        ({"target": "lint"}, {"lint"}),
        ({"target": "LINT,unit"}, {"lint", "unit"}),
        ({"target": "app"}, {"app", "lint", "slow"}),
        ({"target": "base"}, {"base"}),
    ],
)
def test_the_targets_run_else_all_stages_with_reports_and_the_gates_of_them(
    options: dict[str, str], stages: set[str]
) -> None:
    assert ran(TESTS, **options) == stages


@pytest.mark.parametrize(
    ("dockerfile", "options", "stages"),
    [
        ("FROM b AS t\nRUN --report=/x y\nFROM t AS u\nRUN z\n", {"target": "u"}, {"t", "u"}),
        ("FROM b AS t\nRUN --report=/x y\nFROM b AS u\nCOPY --from=t / /\n", {"target": "u"}, {"t", "u"}),
        ("FROM b AS t\nRUN --report=/x y\nFROM b\nRUN --requires=t z\n", {}, {"t"}),
        ("FROM b\nRUN --report=/x y\nFROM b\nRUN --requires=0 z\n", {}, {"stage-0"}),
        (
            (
                "FROM b AS t\nRUN y\nFROM --platform=linux/arm64 b\nRUN --requires=t\n"
                "FROM b\nRUN --requires=t\nCOPY --from=1 / /\n"
            ),
            {},
            {"t-linux-amd64", "t-linux-arm64"},
        ),
        ("FROM b AS t\nRUN y\nFROM b\nRUN --requires=t\n", {"context:t": "docker-image://c"}, {"t"}),
        ("FROM b AS t\nRUN y\nFROM b\nRUN --requires=c\n", {"context:c": "docker-image://c"}, {"c"}),
    ],
    ids=[
        "a base",
        "a source of files",
        "a gate with reports",
        "no name",
        "platforms",
        "replaced",
        "a context",
    ],
)
def test_a_stage_runs_once(dockerfile: str, options: dict[str, str], stages: set[str]) -> None:
    answer = TestDaemon(dockerfile).ask(**options)
    assert [one["name"] for one in answer.document["stages"]] == sorted(stages)


@pytest.mark.parametrize(
    ("dockerfile", "options", "message"),
    [
        ("FROM b AS t\nRUN x\n", {}, "no stage has tests to run"),
        (TESTS, {"target": "lnt"}, 'target stage "lnt" could not be found (did you mean lint?)'),
        (TESTS, {"target": "lint,,unit"}, "has an empty name in its list"),
        (TESTS, {"target": "lint,Lint"}, "names Lint twice"),
        (TESTS, {"platform": "linux/amd64,linux/arm64"}, "choose it with --platform"),
    ],
)
def test_a_request_for_nothing_that_can_run_is_answered_with_2(
    dockerfile: str, options: dict[str, str], message: str
) -> None:
    answer = TestDaemon(dockerfile).ask(**options)
    assert answer.code == 2
    assert message in answer.text
    assert message in answer.document["error"]


def test_the_name_of_a_target_writes_no_line_of_its_own() -> None:
    answer = TestDaemon(TESTS).ask(target="x\n::error::y\x1b[2J")
    assert answer.text.count("\n") == 1
    assert "x\\n::error::y\\x1b[2J" in answer.text


def test_an_error_in_the_dockerfile_is_that_of_a_build() -> None:
    with pytest.raises(DockerfileError, match="unknown flag: --netwrk"):
        TestDaemon("FROM b\nRUN --report=/x --netwrk=none y\n").ask()


def test_stages_with_reports_have_a_limit_as_each_takes_all_of_the_file() -> None:
    count = int(GATE_WORK**0.5 / 2)
    stages = "".join(f"FROM b AS s{n}\nRUN --report=r x{n}\n" for n in range(2 * count))
    with pytest.raises(
        DockerfileError, match="too many stages are targets, required or with reports"
    ) as caught:
        TestDaemon(stages).ask()
    assert [span.start % 2 for span in caught.value.spans] == [1]


def test_a_failure_before_the_step_with_the_report_has_none_and_says_nothing_of_it() -> None:
    answer = TestDaemon("FROM b AS t\nRUN bad\nRUN --report=/r y\n", {"/r": b"x"}).ask()
    assert (answer.code, answer.made, answer.reasons("t")) == (1, {}, {})


def test_a_report_that_is_not_there_is_named() -> None:
    text = "FROM b AS p\nRUN --report=/r x\nFROM b AS f\nRUN --report=/r --report=/q bad\n"
    answer = TestDaemon(text, {"/q": b"x"}).ask()
    assert answer.reasons("p") == answer.reasons("f") == {NOTHING: ["--report=/r"]}
    assert "not in the reports of f: --report=/r: nothing is there\n" in answer.text
    assert answer.made == {"/f/q": "x"}


def test_of_two_files_with_one_name_the_later_one_comes_home() -> None:
    text = "FROM b AS t\nWORKDIR /a\nRUN --report=r x\nWORKDIR /b\nRUN --report=r bad\n"
    answer = TestDaemon(text, {"/a/r": b"old", "/b/r": b"new"}).ask()
    assert answer.made == {"/t/r": "new"}
    assert answer.reasons("t") == {"a later step has written another one": ["r"]}


def test_a_file_does_not_take_the_name_of_a_folder_of_another_step() -> None:
    text = "FROM b AS t\nWORKDIR /a\nRUN --report=r x\nWORKDIR /b\nRUN --report=r bad\n"
    answer = TestDaemon(text, {"/a/r": b"old", "/b/r/d/x": b"new"}).ask()
    assert answer.made == {"/t/r/d/x": "new"}
    assert answer.reasons("t") == {"another step has a folder of this name": ["r"]}


def test_a_name_that_is_not_utf_8_is_said() -> None:
    archive = packed({"r/\udcff.xml": b"x", "r/ok": b"y"})
    text = "FROM b AS t\nRUN --report=/r bad\n"
    answer = TestDaemon(text, can=[caps.EXEC], answers={"tar": (archive, b"", 0)}).ask()
    assert answer.made == {"/t/r/ok": "y"}
    assert list(answer.reasons("t")) == ["its name is not UTF-8"]


def test_only_the_root_of_a_failed_step_is_looked_into() -> None:
    text = "FROM b AS t\nRUN --report=/z --mount=type=cache,target=/a --mount=type=secret,id=s bad\n"
    assert TestDaemon(text, {"/z": b"x", "/a/secret": b"y"}).ask().made == {"/t/z": "x"}


def test_what_lies_where_something_was_mounted_stays_there() -> None:
    mounts = "--mount=type=cache,target=/r/c --mount=type=secret,id=s,target=/r/s"
    text = f"FROM b AS t\nRUN --report=/r {mounts} bad\n"
    files = {"/r/a": b"x", "/r/c/cached": b"y", "/r/s": b"z"}
    assert TestDaemon(text, files).ask().made == {"/t/r/a": "x"}
    archive = packed({path.lstrip("/"): data for path, data in files.items()})
    without = TestDaemon(text, can=[caps.EXEC], answers={"tar": (archive, b"", 0)}).ask()
    assert without.made == {"/t/r/a": "x"}


FAILS = "FROM b AS t\nWORKDIR /w\nRUN --report=out/*.xml --report=/r --report=/none bad\n"
TREE = {"w/out/a.xml": b"<a/>", "w/out/b.txt": b"b", "r/c": b"c"}


def test_without_files_of_containers_tar_reads_them() -> None:
    daemon = TestDaemon(FAILS, can=[caps.EXEC], answers={"tar": (packed(TREE), b"tar: none: Cannot stat", 2)})
    answer = daemon.ask()
    assert daemon.programs == [["tar", "-cf", "-", "-C", "/", "--", "w/out", "r", "none"]]
    assert answer.made == {"/t/out/a.xml": "<a/>", "/t/r/c": "c"}
    assert answer.reasons("t") == {NOTHING: ["--report=/none"]}


def test_a_broken_archive_gives_what_it_has() -> None:
    data = packed(TREE)
    daemon = TestDaemon(FAILS, can=[caps.EXEC], answers={"tar": (data[:1600], b"", 0)})
    answer = daemon.ask()
    assert answer.made == {"/t/out/a.xml": "<a/>"}
    assert len(answer.reasons("t")) == 2


def test_without_tar_cat_reads_what_is_a_file() -> None:
    daemon = TestDaemon(FAILS, can=[caps.EXEC], answers={"cat": (b"text", b"", 0)})
    answer = daemon.ask()
    assert [args[-1] for args in daemon.programs if args[0] == "cat"] == ["/r", "/none"]
    assert answer.made == {"/t/r": "text", "/t/none": "text"}
    [reason] = answer.reasons("t")
    assert "the image has no tar to find it with" in reason
    failing = TestDaemon(FAILS, can=[caps.EXEC], answers={"cat": (b"", b"cat: /r: Is a directory", 1)}).ask()
    assert failing.made == {}
    assert any("or it is a folder" in reason for reason in failing.reasons("t"))


@pytest.mark.parametrize("can", [[caps.EXEC], []], ids=["no programs", "no containers"])
def test_where_nothing_can_look_the_status_stays(can: list[str]) -> None:
    answer = TestDaemon("FROM b AS t\nRUN --report=/r bad\n", can=can).ask()
    assert answer.code == 1
    assert answer.reasons("t") == {UNAVAILABLE: ["--report=/r"]}
    assert answer.text.splitlines()[1].endswith("Dockerfile:2 exit code: 3")


def test_an_error_that_names_no_filesystem_has_no_reports() -> None:
    text = "FROM b AS t\nRUN --report=/r bad\n"
    answer = TestDaemon(text, {"/r": b"x"}, without=[SOLVE_URL, EXIT_URL]).ask()
    assert answer.reasons("t") == {
        "the daemon did not keep what the failed step has written": ["--report=/r"]
    }
    assert answer.text.splitlines()[1].endswith("Dockerfile:2 process bad failed: exit code: 3")
    nowhere = TestDaemon(text, {"/r": b"x"}, without=[VERTEX_URL]).ask()
    assert (nowhere.code, nowhere.made) == (1, {})


def test_where_the_folder_cannot_be_made_the_status_stays() -> None:
    answer = TestDaemon("FROM b AS t\nRUN --report=/r bad\n", {"/r": b"refuse me"}).ask()
    assert (answer.code, answer.has_files) == (1, False)
    assert answer.text.endswith("\nreports unavailable: disk full\n")
    assert answer.document["stages"][0]["reports"] == []


def test_a_result_that_is_gone_when_its_report_is_wanted_is_said() -> None:
    answer = TestDaemon("FROM b AS t\nRUN --report=/r lost later\nRUN y\n", {"/r": b"x"}).ask()
    assert (answer.code, answer.reasons("t")) == (
        0,
        {"reports unavailable: the result is gone": ["--report=/r"]},
    )


def test_a_daemon_that_lists_no_files_has_no_reports_of_steps_that_passed() -> None:
    daemon = TestDaemon("FROM b AS t\nRUN --report=/r x\n", {"/r": b"x"})
    daemon.api_caps = Capabilities(daemon.api_caps.enabled - {caps.READ_DIR})
    answer = daemon.ask()
    assert (answer.code, answer.reasons("t")) == (0, {"this daemon lists no files": ["--report=/r"]})


@pytest.mark.parametrize("can", [[caps.EXEC], [caps.EXEC, caps.EXEC_FILES]], ids=["programs", "files"])
def test_a_failed_step_has_bounds_however_it_is_read(monkeypatch: pytest.MonkeyPatch, can: list[str]) -> None:
    monkeypatch.setattr(bounds, "REPORT_FAILED_BYTES", 2)
    monkeypatch.setattr(failed, "REPORT_FAILED_BYTES", 2)
    text = "FROM b AS t\nRUN --report=/r bad\n"
    answers = {"cat": (b"x" * 5000, b"", 0)}
    answer = TestDaemon(text, {"/r": b"xxx"}, can=can, answers=answers).ask()
    assert answer.made == {}
    assert list(answer.reasons("t")) == ["the reports of failed steps are larger than 0 MiB"]


def test_a_container_that_cannot_be_made_is_said() -> None:
    answer = TestDaemon("FROM b AS t\nRUN --report=/r bad\n", refuses=True).ask()
    assert answer.code == 1
    assert answer.reasons("t") == {"reports unavailable: no room for a container": ["--report=/r"]}


def test_reports_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "FROM b AS p\nRUN --report=/p x\nFROM b AS f\nRUN --report=/f bad\n"
    files = {"/p/1": b"x" * 6, "/p/2": b"x" * 6, "/f/1": b"x" * 3, "/f/2": b"x" * 3}

    def answer() -> dict[str, str]:
        return TestDaemon(text, files).ask().made

    monkeypatch.setattr(bounds, "REPORT_FAILED_BYTES", 4)
    assert sorted(answer()) == ["/f/f/1", "/p/p/1", "/p/p/2"]
    monkeypatch.setattr(bounds, "REPORT_FILES", 2)
    assert len(answer()) == 2
    monkeypatch.setattr(bounds, "REPORT_BYTES", 2)
    assert answer() == {}


def test_many_files_that_are_left_out_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "REPORT_FILES", 1)
    answer = TestDaemon("FROM b AS t\nRUN --report=/r x\n", {f"/r/{n}": b"x" for n in range(300)}).ask()
    assert "r/1, r/10, r/100, r/101 and 295 more: a call brings 1 files home at most" in answer.text
    [skipped] = answer.document["stages"][0]["skipped"]
    assert (skipped["count"], len(skipped["paths"])) == (299, 100)


def test_reports_do_nothing_in_a_build() -> None:
    daemon = TestDaemon("FROM b\nRUN --report=/r x\n")
    serve(daemon, daemon.request())
    assert daemon.ran == []
    assert daemon.made == {}
