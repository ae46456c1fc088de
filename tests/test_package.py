"""The wheel and the sdist: what is in them, that a commit always gives the same, and that they run."""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from email import message_from_string
from typing import TYPE_CHECKING

import pytest
from wheels import CLEAN, VERSIONS, Package, installed_in, made_in

from pyfrontend import __version__

if TYPE_CHECKING:
    from pathlib import Path

#: Commands that need nothing but Python, with what their answer has in it.
PLAIN_COMMANDS = {
    "check": "Dockerfile: no problems found",
    "graph": "◉ target",
    "graph --format=svg": "</svg>",
    "check --format=json": '"filename": "Dockerfile"',
    "outline": "TARGET:",
    "targets": "app (default)",
    "plain": "COPY --from=base",
    "lock-check": "docker.io/library/alpine:latest",
}
DOCKERFILE = """\
FROM alpine AS base
RUN --mount=type=cache,target=/cache --mount=type=secret,id=token make
FROM base AS app
COPY --from=base /made /
"""


def test_a_commit_always_gives_the_same_wheel_and_sdist(package: Package, tmp_path: Path) -> None:
    again = made_in(tmp_path)
    assert package.wheel.read_bytes() == again.wheel.read_bytes()
    assert package.sdist.read_bytes() == again.sdist.read_bytes()


def test_all_times_and_owners_in_them_are_given(package: Package) -> None:
    with zipfile.ZipFile(package.wheel) as wheel:
        assert {entry.date_time for entry in wheel.infolist()} == {(2023, 11, 14, 22, 13, 20)}
    with tarfile.open(package.sdist) as sdist:
        entries = {(entry.mtime, entry.uid, entry.gid, entry.uname) for entry in sdist}
    assert entries == {(1700000000, 0, 0, "")}


def test_the_wheel_has_all_modules_types_and_messages(package: Package, root: Path) -> None:
    with zipfile.ZipFile(package.wheel) as wheel:
        names = set(wheel.namelist())
    folder = root / "frontend"
    sources = {str(path.relative_to(folder)) for path in folder.rglob("*.py")}
    assert sources <= names
    assert {
        *("pyfrontend/py.typed", "pyfrontend/pb/ops_pb2.py", "pyfrontend/pb/ops_pb2.pyi"),
        *("pyfrontend/pb/gateway_pb2.py", f"pyfrontend-{__version__}.dist-info/licenses/LICENSE"),
    } <= names
    assert {name.partition("/")[0] for name in names} == {
        "pyfrontend",
        f"pyfrontend-{__version__}.dist-info",
    }


def test_the_wheel_says_what_it_is_and_asks_for_nothing(package: Package) -> None:
    with zipfile.ZipFile(package.wheel) as wheel:
        metadata = message_from_string(wheel.read(f"pyfrontend-{__version__}.dist-info/METADATA").decode())
    assert (metadata["Name"], metadata["Version"]) == ("pyfrontend", __version__)
    assert (metadata["License-Expression"], metadata["Requires-Python"]) == ("Apache-2.0", ">=3.11")
    required = metadata.get_all("Requires-Dist", [])
    assert required
    assert [line for line in required if "extra ==" not in line] == []
    assert {line.partition(">")[0] for line in required if "'build'" in line} == {"grpcio", "protobuf"}
    classifiers = metadata.get_all("Classifier", [])
    assert {f"Programming Language :: Python :: {version}" for version in VERSIONS} <= set(classifiers)
    assert {url.partition(",")[0] for url in metadata.get_all("Project-URL", [])} == {
        *("Source", "Documentation", "Changelog", "Issues")
    }


# ------------------------------------------------------------------------------ installed, without a checkout


@pytest.fixture(scope="module", params=VERSIONS)
def installed(
    request: pytest.FixtureRequest, package: Package, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of programs of a new environment that has the wheel and nothing else."""
    return installed_in(tmp_path_factory.mktemp("installed"), package, request.param)


def typed(installed: Path, command: str, dockerfile: str = DOCKERFILE) -> subprocess.CompletedProcess[str]:
    """Type ``command`` with a Dockerfile on standard input, in an environment of its own."""
    return subprocess.run(
        [installed / "pyfrontend", *command.split()],
        input=dockerfile,
        capture_output=True,
        text=True,
        check=False,
        cwd=installed,
        env={**CLEAN, "PYTHONUTF8": "1"},
        timeout=30,
    )


def test_reading_and_checking_need_python_alone(installed: Path) -> None:
    for command, answer in PLAIN_COMMANDS.items():
        done = typed(installed, command)
        assert done.stderr == "", command
        assert answer in done.stdout, command
    assert typed(installed, "check", "FROM alpine\nRUM x\n").returncode == 1


LIBRARY = """
import pyfrontend
text = "FROM alpine AS a\\nRUN make\\nFROM scratch\\nCOPY --from=a /x /\\n"
print(pyfrontend.parse(text).stages["a"].base, pyfrontend.lint(text).exit_code)
lowered = pyfrontend.lower(text, platform="linux/amd64")
print(lowered.image["os"], len(lowered.edges))
try:
    lowered.definition
except ImportError as error:
    print(error)
"""


def test_the_library_needs_python_alone_until_it_makes_llb(installed: Path) -> None:
    done = subprocess.run(
        [installed / "python", "-W", "error", "-c", LIBRARY],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.stderr, done.stdout.splitlines()) == (
        "",
        [
            "alpine 0",
            "linux 2",
            "this needs protobuf, which is not installed: pip install 'pyfrontend[build]'",
        ],
    )


def test_the_script_alone_shows_the_help(installed: Path) -> None:
    done = typed(installed, "")
    assert (done.returncode, done.stderr) == (0, "")
    assert "pyfrontend check Dockerfile" in done.stdout
    assert f"pyfrontend {__version__}, " in typed(installed, "--version").stdout


def test_what_makes_llb_names_the_extra_that_is_missing(installed: Path) -> None:
    done = typed(installed, "llb")
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "pyfrontend: llb: this needs protobuf, which is not installed: pip install 'pyfrontend[build]'\n",
    )


def test_a_frontend_without_grpc_names_the_extra_in_its_log(installed: Path) -> None:
    done = subprocess.run(
        [installed / "python", "-m", "pyfrontend"],
        stdin=subprocess.PIPE,
        capture_output=True,
        check=False,
        env={"BUILDKIT_SESSION_ID": "x", "PATH": os.environ["PATH"]},
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr.decode().endswith("is not installed: pip install 'pyfrontend[build]'\n")
