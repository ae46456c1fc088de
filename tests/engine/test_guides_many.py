"""The guides for bake and compose: their files are written as they stand there, and their commands run."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from engine.client import TIMEOUT, docker

DOCS = Path(__file__).resolve().parents[2] / "docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = "ourorg/pyfrontend"


def written(guide: str, folder: Path, image: str) -> list[str]:
    """Write the files of a guide below ``folder``, with ``image`` as the frontend; return its commands."""
    commands: list[str] = []
    for language, text in FENCE.findall((DOCS / guide).read_text()):
        text = text.replace(NAMED, image)  # noqa: PLW2901 - the same text, for this engine
        name = re.match(r"# (\S+)\n", text)
        if language == "sh":
            commands += text.splitlines()
        elif name:
            path = folder / name[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.removeprefix(name[0]) if language == "text" else text)
    (folder / "token.txt").write_text("secret")
    return commands


def run(folder: Path, command: str, *more: str) -> str:
    done = subprocess.run(
        [*shlex.split(command), *more],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_bake_builds_checks_and_draws_the_targets_of_its_guide(tmp_path: Path, image: str) -> None:
    commands = written("bake.md", tmp_path, image)
    assert commands[0] == "docker buildx bake"
    run(tmp_path, commands[0], "--allow=fs.write=*")
    assert {path.read_text() for path in (tmp_path / "out").glob("*/name")} == {"api\n", "web\n"}
    assert (tmp_path / "out" / "web" / "shared").read_text() == "shared\n"
    calls = [command for command in commands if "--call" in command]
    check, graph, outline = [run(tmp_path, command) for command in calls]
    assert check.count("no warnings found") == 3
    assert "target:base" in graph
    assert "TARGET" in outline


def test_bake_reads_the_files_of_the_guide_for_compose(tmp_path: Path, image: str) -> None:
    commands = written("compose.md", tmp_path, image)
    check, graph = [run(tmp_path, command) for command in commands if "buildx bake" in command]
    assert check.count("no warnings found") == 2
    assert "EXPOSE" not in graph
    for file in ("compose.yaml", "compose.secrets.yaml"):
        run(tmp_path, f"docker buildx bake --file {file} --load --allow=fs.read=*")
    assert docker("run", "--rm", "shop/web") == "hello\n"
    assert docker("run", "--rm", "shop/api") == "listening on 8080\n"


@pytest.mark.skipif(
    subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0,
    reason="docker compose is not installed",
)
def test_compose_builds_and_runs_the_services_of_its_guide(tmp_path: Path, image: str) -> None:
    commands = [command for command in written("compose.md", tmp_path, image) if "compose" in command.split()]
    assert len(commands) == 2
    try:
        outputs = [run(tmp_path, command) for command in commands]
    finally:
        run(tmp_path, "docker compose down")
    assert "hello\n" in outputs[-1]
