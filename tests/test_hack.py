"""The scripts of ``hack/``: what is typed wrong, or is missing, is told before anything is started."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
from pathlib import Path

import pytest

HACK = Path(__file__).parents[1] / "hack"


def run(*command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    path, *arguments = command
    known = {
        name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "PYFRONTEND_"))
    }
    return subprocess.run(
        [HACK / path, *arguments], env=known | env, capture_output=True, text=True, check=False, timeout=120
    )


def sourced(script: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-euo", "pipefail", "-c", f". {HACK}/lib.sh; {script}"]
    return subprocess.run(
        command, env=os.environ | env, capture_output=True, text=True, check=False, timeout=120
    )


def program(folder: Path, name: str, text: str) -> str:
    """Put a shell script of that name into ``folder``; return a PATH that finds it first."""
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize("script", ["quickstart", "test", "check", "fuzz", "release", "publish"])
def test_help_is_shown_and_nothing_runs(script: str) -> None:
    done = run(script, "--help")
    assert done.returncode == 0
    assert f"hack/{script}" in done.stdout
    assert "==>" not in done.stdout


@pytest.mark.parametrize("script", ["quickstart", "test", "check"])
def test_an_unknown_word_starts_nothing(script: str) -> None:
    done = run(script, "unti")
    assert done.returncode == 1
    assert f"{script} does not know 'unti'" in done.stderr
    assert done.stdout == ""


def test_where_atheris_cannot_be_had_nothing_is_fuzzed_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "atheris.py").write_text("raise ImportError")
    done = run("fuzz", "ignore", "1", PYTHONPATH=str(tmp_path), PIP_NO_INDEX="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "not fuzzing: atheris cannot be installed for Python 3." in done.stdout


def test_status_does_not_call_an_engine_down_that_it_may_not_ask(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    place = tmp_path / "engine" / "docker.sock"
    # Root without its powers is a user like any other.
    powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
    command = [*powerless, str(HACK / "engine"), "status"]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        place.chmod(0)
        env = os.environ | {"PYFRONTEND_STATE": str(tmp_path)}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert "only root can see" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("options", "env", "folder"),
    [
        ([], {}, "engine"),
        (["--release", "sid"], {"PYFRONTEND_RELEASE": "trixie"}, "engine"),
        (["--release", "bookworm"], {}, "engine-bookworm"),
        ([], {"PYFRONTEND_RELEASE": "trixie"}, "engine-trixie"),
    ],
    ids=["usual", "option wins", "option", "environment"],
)
def test_status_of_no_engine_is_down(
    tmp_path: Path, options: list[str], env: dict[str, str], folder: str
) -> None:
    done = run("engine", "status", *options, PYFRONTEND_STATE=str(tmp_path), **env)
    assert (done.returncode, done.stdout) == (3, f"down (state folder: {tmp_path}/{folder})\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["up", "--release", "buster"], 1, "there is: sid, trixie, bookworm"),
        (["up", "--releas", "trixie"], 2, "hack/engine up | down"),
        (["up", "trixie"], 2, "hack/engine up | down"),
        (["start"], 2, "hack/engine up | down"),
        ([], 2, "hack/engine up | down"),
    ],
    ids=["release", "option", "no option", "word", "nothing"],
)
def test_an_engine_that_is_not_known_is_not_started(
    tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    done = run("engine", *arguments, PYFRONTEND_STATE=str(tmp_path))
    assert done.returncode == code
    assert message in done.stdout + done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("docker", "reason"),
    [
        (
            "echo Client; echo 'Cannot connect to the Docker daemon' >&2; exit 1",
            "Cannot connect to the Docker daemon",
        ),
        ("echo '20.10.24 []'", "it is version 20.10.24, and building the frontend image takes 23.0"),
        (
            'case $1 in info) echo "28.0 [[driver-type io.containerd.snapshotter.v1]]";; *) exit 1;; esac',
            "it has no docker buildx",
        ),
        ('echo "29.1.2 [[driver-type io.containerd.snapshotter.v1]]"', ""),
        ("echo '26.1.5+dfsg1 [[Backing Filesystem extfs]]'", ""),
    ],
    ids=["no daemon", "too old", "no buildx", "fit", "fit with the classic store"],
)
def test_why_an_engine_will_not_do_is_reported(tmp_path: Path, docker: str, reason: str) -> None:
    done = sourced("unfit", PATH=program(tmp_path, "docker", docker), PYFRONTEND_STORE="")
    assert done.returncode == 0
    assert reason in done.stdout
    assert bool(done.stdout) == bool(reason)


def test_tests_need_the_containerd_image_store(tmp_path: Path) -> None:
    path = program(tmp_path, "docker", "echo '28.5.2 [[Backing Filesystem extfs]]'")
    done = sourced("unfit", PATH=path, PYFRONTEND_STORE="containerd")
    assert "it does not use the containerd image store" in done.stdout


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ("{folder}/nothing", "there is no {folder}/nothing, which PYTHON names"),
        ("{folder}/old", "Python 3.11 or newer is needed, and {folder}/old is Python 3.9.2"),
    ],
    ids=["none", "too old"],
)
def test_a_python_that_will_not_do_is_reported(tmp_path: Path, python: str, message: str) -> None:
    program(tmp_path, "old", "[ $1 = --version ] && echo Python 3.9.2; exit 1")
    (tmp_path / "pyproject.toml").touch()
    named = python.format(folder=tmp_path)
    done = sourced(f"repo={tmp_path}; use_venv", PYTHON=named)
    assert done.returncode == 1
    assert message.format(folder=tmp_path) in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("options", "env", "tag"),
    [
        ([], {}, "ourorg/pyfrontend"),
        (["--target", "labs"], {}, "ourorg/pyfrontend:labs"),
        (["--target=labs"], {}, "ourorg/pyfrontend:labs"),
        (["--target=labs"], {"PYFRONTEND_IMAGE": "mine"}, "mine"),
    ],
    ids=["stable", "labs", "labs in one word", "a name of one's own"],
)
def test_the_labs_image_does_not_take_the_name_of_the_stable_one(
    tmp_path: Path, options: list[str], env: dict[str, str], tag: str
) -> None:
    pins = [HACK.parent / "requirements" / name for name in ("build.txt", "run.txt")]
    wheels = hashlib.sha256(b"".join(path.read_bytes() for path in (*pins, HACK / "wheels")))
    folder = tmp_path / "wheels" / wheels.hexdigest()[:16]
    folder.mkdir(parents=True)
    (folder / ".complete").touch()
    docker = f'echo "$@" >>{tmp_path}/log\n[ $1 != info ] || echo 28.5 io.containerd.snapshotter.v1'
    path = program(tmp_path, "docker", docker)
    run("image", *options, PATH=path, PYFRONTEND_STATE=str(tmp_path), PYFRONTEND_ENGINE="user", **env)
    (build,) = (line for line in (tmp_path / "log").read_text().splitlines() if "buildx build" in line)
    assert f" --tag {tag} " in build
