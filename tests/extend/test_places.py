"""Law L10: what is wrong in another file is shown in that file, with the lines that lead there."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from extend.builds import Case

from pyfrontend.cli.main import main
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import to_status

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"one.inc": "\nINCLUDE two.inc\n", "two.inc": "# why\nRUN --netwrk=none x\n"}
TEXT = "FROM alpine\nINCLUDE one.inc\n"
WARNS = Case(TEXT, FILES | {"two.inc": "ENV a 1\n"})


def shown(details: list[bytes]) -> list[str]:
    """Return the places that a client shows, in its order."""
    found = [json.loads(detail) for detail in reversed(details)]
    return [f"{one['info']['filename']}:{one['ranges'][0]['start']['line']}" for one in found]


def failure(case: Case) -> DockerfileError:
    with pytest.raises(DockerfileError) as caught:
        case.build()
    return caught.value


def test_l10_the_lines_that_lead_to_an_error_are_shown_above_it() -> None:
    error = failure(Case(TEXT, FILES))
    assert error.message.startswith("dockerfile parse error on line 2 of two.inc: unknown flag: --netwrk")
    details = [detail.value for detail in to_status(error).details]
    assert shown(details) == ["Dockerfile:2", "one.inc:2", "two.inc:2"]


def test_l10_a_daemon_that_shows_only_the_message_gets_the_place_of_the_error_itself() -> None:
    error = failure(Case(TEXT, FILES))
    assert shown([detail.value for detail in to_status(error, alone=True).details]) == ["two.inc:2"]


def test_l10_a_step_that_fails_knows_the_lines_that_lead_to_its_own() -> None:
    bridge = Case(TEXT, {"one.inc": "INCLUDE two.inc", "two.inc": "\nRUN x\n"}).bridge()
    result = serve(bridge, bridge.request())
    assert result.ref is not None
    source = result.ref.definition.Source  # type: ignore[union-attr] # it was solved
    names = [info.filename for info in source.infos]
    run = max(source.locations.values(), key=lambda found: len(found.locations))
    assert [f"{names[one.sourceIndex]}:{one.ranges[0].start.line}" for one in run.locations] == [
        "two.inc:2",
        "one.inc:1",
        "Dockerfile:2",
    ]


def test_l10_a_warning_names_the_file_where_it_is_not_the_main_one() -> None:
    bridge = WARNS.bridge()
    serve(bridge, bridge.request())
    (warning,) = [one for one in bridge.warnings if "Legacy" in one["call"]["short"]]
    assert warning["call"]["short"].endswith("format (two.inc:1)")
    assert [span.file.name for span in warning["spans"]] == ["two.inc"]


@pytest.mark.parametrize("call", ["lint", "targets", "outline"])
def test_l10_answers_point_into_the_right_file(call: str) -> None:
    files = {"x": "FROM alpine AS y\nENV a 1\nARG A=1\nRUN $A\n"}
    case = Case("FROM ./x#y\nENV b 1\n", files)
    document = json.loads(case.call(call).metadata["result.json"])
    sources = [
        base64.b64decode(one["data"] if isinstance(one, dict) else one).decode()
        for one in document["sources"]
    ]
    assert sources == [case.text, files["x"]]
    rows = document.get("warnings") or document.get("targets") or document["args"]
    places = [(row["location"].get("sourceIndex", 0), row["location"]["ranges"][0]["start"]) for row in rows]
    assert (1, {"line": {"lint": 2, "targets": 1, "outline": 3}[call]}) in places


def test_l10_the_report_of_a_check_has_excerpts_of_each_file() -> None:
    text = Case(TEXT, FILES | {"two.inc": "ENV a 1\n"}).call("lint").metadata["result.txt"].decode()
    assert "two.inc:1\n--------------------\n   1 | >>> ENV a 1\n" in text


def test_l10_the_command_line_names_the_lines_that_lead_to_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in {**FILES, "Dockerfile": TEXT}.items():
        (tmp_path / name).write_text(text)
    assert main(["outline", str(tmp_path / "Dockerfile")]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "pyfrontend: two.inc:2: unknown flag: --netwrk (did you mean network?): write --network",
        "pyfrontend: one.inc:2: named here",
        "pyfrontend: Dockerfile:2: named here",
    ]
    assert main(["check", "--format=lines", str(tmp_path / "Dockerfile")]) == 1
    assert capsys.readouterr().out.startswith("two.inc:2: error: unknown flag: --netwrk")


def test_l10_a_circle_through_two_files_has_an_excerpt_of_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.inc").write_text("COPY --from=b /a /a\n")
    (tmp_path / "Dockerfile").write_text(
        "FROM alpine AS a\nINCLUDE x.inc\nFROM alpine AS b\nCOPY --from=a /b /b\n"
    )
    assert main(["check", str(tmp_path / "Dockerfile")]) == 1
    out = capsys.readouterr().out
    assert "x.inc:1\n" in out
    assert "   4 | >>> COPY --from=a /b /b" in out
