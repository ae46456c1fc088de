"""Wildcards that match several files of the build context where only one name waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pyfrontend.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

FILES = ("a.jar", "b.jar", "one.txt", "sub/a.war", "sub/b.war", "x.env/f", "y.env/f")
TEXT = "{} matches 2 files, and each overwrites the one before: write {}/ for a directory, or name one file"
#: Lines below FROM, to the source and destination that are reported.
ROWS = {
    "COPY *.jar app.jar": ("*.jar", "app.jar"),
    "COPY /sub/?.war /app.war": ("/sub/?.war", "/app.war"),
    "ADD sub/[ab].war app.war": ("sub/[ab].war", "app.war"),
    "COPY *.jar app/": None,
    "COPY *.jar app": None,
    "COPY *.jar .": None,
    "COPY *.txt app.txt": None,
    "COPY *.env app.env": None,
    "COPY a.jar b.jar": None,
    "COPY *.jar one.txt app.jar/": None,
    "COPY --from=x *.jar app.jar": None,
    "COPY --parents *.jar app.jar": None,
    "COPY **/*.jar app.jar": None,
    "ARG A=a\nCOPY $A*.jar app.jar": None,
    "COPY [a.jar app.jar": None,
    "# check=skip=CopyToOneFile\nCOPY *.jar app.jar": None,
}


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def found(context: Path, capsys: pytest.CaptureFixture[str], text: str, *options: str) -> list[str]:
    (context / "Dockerfile").write_text(text)
    code = main(["check", "--format=lines", *options, str(context / "Dockerfile")])
    lines = capsys.readouterr().out.splitlines()
    assert code == 0, lines
    return [line.removeprefix(f"{context}/") for line in lines if "CopyToOneFile" in line]


@pytest.mark.parametrize(("code", "paths"), ROWS.items(), ids=ROWS)
def test_a_wildcard_that_matches_several_files_for_one_name_is_reported(
    context: Path, capsys: pytest.CaptureFixture[str], code: str, paths: tuple[str, str] | None
) -> None:
    texts = [f"Dockerfile:2: warning: CopyToOneFile: {TEXT.format(*paths)}"] if paths else []
    assert found(context, capsys, f"FROM a\n{code}\n") == texts


def test_files_that_are_ignored_do_not_count(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (context / ".dockerignore").write_text("b.jar\n")
    assert found(context, capsys, "FROM a\nCOPY *.jar app.jar\n") == []


@pytest.mark.parametrize("head", ["# check=skip=CopyToOneFile\n", "# check=skip=all\n"])
def test_the_rule_can_be_turned_off(context: Path, capsys: pytest.CaptureFixture[str], head: str) -> None:
    assert found(context, capsys, f"{head}FROM a\nCOPY *.jar app.jar\n") == []


def test_the_context_may_be_another_folder(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "FROM a\nCOPY *.war app.war\n"
    assert found(context, capsys, text) == []
    assert len(found(context, capsys, text, f"--context={context / 'sub'}")) == 1


def test_a_file_with_an_error_is_left_alone(context: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (context / "Dockerfile").write_text("FROM a\nCOPY *.jar app.jar\nRNU x\n")
    assert main(["check", "--format=lines", str(context / "Dockerfile")]) == 1
    assert "CopyToOneFile" not in capsys.readouterr().out
