"""The rule file of the command line, and what it changes in a check."""

# ruff: noqa: E501 - a row of the table is a line
from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pyfrontend.cli.main import main
from pyfrontend.cli.settings import Settings, SettingsError, settings_for

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "FROM alpine:latest AS Base\nCOPY a.txt b.txt /data/texts\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    code = main(["check", "--no-shellcheck", "--format=lines", *arguments, "Dockerfile"])
    out, err = capfd.readouterr()
    return code, (out + err).splitlines()


def test_without_a_rule_file_everything_is_as_in_a_build(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert settings_for(project) == Settings()
    code, lines = run(capfd)
    assert code == 1
    assert [line.split(": ")[2] for line in lines] == ["StageNameCasing", "CopyToOneFile"]


def test_strict_and_ignore_are_options_and_keys(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = ["StageNameCasing", "LatestTag", "CopyToOneFile"]
    assert [line.split(": ")[2] for line in run(capfd, "--strict")[1]] == names
    assert run(capfd, "--strict", *(f"--ignore={name}" for name in names)) == (0, [])
    text = f'strict = true\nignore = ["{names[0]}"]\n'
    (project / ".pyfrontend.toml").write_text(text)
    assert [line.split(": ")[2] for line in run(capfd, "--ignore=LatestTag")[1]] == names[2:]


@pytest.mark.parametrize(
    ("severity", "code", "begin"),
    [
        ({"StageNameCasing": "error"}, 1, "Dockerfile:1: error: StageNameCasing: Stage name 'Base'"),
        ({"StageNameCasing": "note"}, 0, "Dockerfile:1: note: StageNameCasing: "),
        ({"StageNameCasing": "off"}, 0, "Dockerfile:2: warning: CopyToOneFile"),
        ({"StageNameCasing": "off", "CopyToOneFile": "warning"}, 1, "Dockerfile:2: warning: CopyToOneFile"),
    ],
)
def test_a_severity_decides_over_the_exit_code(
    project: Path, capfd: pytest.CaptureFixture[str], severity: dict[str, str], code: int, begin: str
) -> None:
    table = "".join(f'{name} = "{value}"\n' for name, value in severity.items())
    (project / "pyproject.toml").write_text(f"[project]\nname = 'x'\n[tool.pyfrontend.severity]\n{table}")
    found, lines = run(capfd)
    assert (found, lines[0].startswith(begin)) == (code, True), lines


def test_an_error_of_a_rule_is_no_error_of_the_build(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / ".pyfrontend.toml").write_text(
        'severity = { StageNameCasing = "error", CopyToOneFile = "note" }\n'
    )
    main(["check", "--no-shellcheck", "--format=json", "Dockerfile"])
    document = json.loads(capfd.readouterr().out)
    assert "buildError" not in document
    assert len(document["warnings"]) == 2
    main(["check", "--no-shellcheck", "Dockerfile"])
    out = capfd.readouterr().out
    assert "ERROR: StageNameCasing - https://" in out
    assert out.endswith("Dockerfile: 1 error and 1 note\n")


def test_the_nearest_rule_file_counts_and_the_repository_is_the_end(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / ".pyfrontend.toml").write_text("strict = true\n")
    inner = project / "app"
    inner.mkdir()
    assert settings_for(inner).strict
    (inner / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert settings_for(inner).strict
    (inner / "pyproject.toml").write_text("[tool.pyfrontend]\nshellcheck = false\n")
    assert settings_for(inner) == Settings(shellcheck=False)
    (inner / ".pyfrontend.toml").write_text("")
    assert settings_for(inner) == Settings()
    other = project / "other"
    (other / ".git").mkdir(parents=True)
    assert settings_for(other) == Settings()
    assert settings_for(other, str(project / ".pyfrontend.toml")).strict
    assert settings_for(other, str(inner / "pyproject.toml")).shellcheck is False
    (inner / "pyproject.toml").write_text("x = 1\n")
    assert settings_for(other, str(inner / "pyproject.toml")) == Settings()
    assert run(capfd, "--config=app/pyproject.toml")[0] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = \n", "1: this is not TOML: Invalid value (at line 1, column 5)"),
        ("\nstict = true\n", "2: unknown key stict (did you mean strict?): there are strict, ignore, severity, shellcheck"),
        ("# strict\nstrict = 1\n", "2: strict: expected true or false"),
        ("shellcheck = 'no'\n", "1: shellcheck: expected true or false"),
        ("ignore = 'LatestTag'\n", '1: ignore: expected a list of names, such as ["LatestTag"]'),
        ("ignore = [1]\n", '1: ignore: expected a list of names, such as ["LatestTag"]'),
        ("ignore = [\n  'SC2086',\n  'LatestTg',\n]\n", "3: ignore: no rule is called LatestTg (did you mean LatestTag?)"),
        ("ignore = ['latesttag']\n", "1: ignore: no rule is called latesttag (did you mean LatestTag?)"),
        ("ignore = ['UnknownInstruction']\n", "1: ignore: no rule is called UnknownInstruction"),
        ("severity = 'high'\n", '1: severity: expected a table, such as { LatestTag = "error" }'),
        ("[severity]\nLatestTag = 'high'\n", "2: severity: LatestTag must be one of error, warning, note, off"),
        ("[severity]\nLatestTag = []\n", "2: severity: LatestTag must be one of error, warning, note, off"),
        ("[severity]\nNoSuchThing = 'off'\n", "2: severity: no rule is called NoSuchThing"),
        ('"\\u001b[2J" = 1\n', r"1: unknown key \x1b[2J: there are strict, ignore, severity, shellcheck"),
        ("a = " + "[" * 5000 + "]" * 5000 + "\n", " this is not TOML: "),
    ],
)  # fmt: skip
def test_a_rule_file_that_is_wrong_is_an_error_at_its_line(project: Path, text: str, message: str) -> None:
    (project / ".pyfrontend.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        settings_for(project)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(project / ".pyfrontend.toml:"))
    assert str(caught.value).isprintable()


def test_a_rule_file_that_cannot_be_read_is_an_error(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / ".pyfrontend.toml").write_bytes(b"\xff")
    assert run(capfd) == (2, [f"pyfrontend: cannot read {project}/.pyfrontend.toml: it is not UTF-8"])
    assert run(capfd, "--config=none.toml") == (
        2,
        ["pyfrontend: cannot read none.toml: No such file or directory"],
    )


def test_a_shared_file_that_is_not_toml_is_none_of_our_business(project: Path) -> None:
    (project / "pyproject.toml").write_text("x =\n")
    assert settings_for(project) == Settings()
    (project / "pyproject.toml").write_text("[tool.pyfrontend]\nx =\n")
    with pytest.raises(SettingsError, match=r"pyproject\.toml:2: this is not TOML"):
        settings_for(project)
    (project / "pyproject.toml").write_text("[tool]\npyfrontend = 1\n")
    with pytest.raises(SettingsError, match=r"pyproject\.toml:2: \[tool\.pyfrontend\] must be a table"):
        settings_for(project)


def test_a_rule_that_does_not_exist_cannot_be_ignored(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert project
    assert run(capfd, "--ignore=LatestTg") == (
        2,
        ["pyfrontend: no rule is called LatestTg (did you mean LatestTag?)"],
    )


def test_an_error_in_the_file_cannot_be_ignored_away(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / "Dockerfile").write_text("FROM a\nRUM b\n")
    (project / ".pyfrontend.toml").write_text("strict = true\n")
    assert run(capfd) == (1, ["Dockerfile:2: error: unknown instruction: RUM (did you mean RUN?)"])
