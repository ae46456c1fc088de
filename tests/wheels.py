"""The wheel, made once for all tests that need it, and environments that have it installed."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import NamedTuple

import pytest

HACK = Path(__file__).parents[1] / "hack"
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
#: The environment, without what leads to this checkout.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}


class Package(NamedTuple):
    """A wheel and the sdist that it was made from."""

    wheel: Path
    sdist: Path


def made_in(folder: Path) -> Package:
    """Run hack/package, and return what it made."""
    env = os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.run([HACK / "package", folder], env=env, check=True, capture_output=True, timeout=100)
    return Package(*folder.glob("*.whl"), *folder.glob("*.tar.gz"))


def interpreter(version: str) -> str | None:
    """Return a Python of this version that works here, None without one."""
    if sys.version.startswith(f"{version}."):
        return sys.executable
    name = f"python{version}"
    found = glob.glob(f"{Path.home()}/.pyenv/versions/{version}.*/bin/{name}")  # noqa: PTH207 - any of them
    for path in (*found, shutil.which(name)):
        if (
            path
            and subprocess.run([path, "-c", "import venv"], check=False, capture_output=True).returncode == 0
        ):
            return path
    return None


def installed_in(folder: Path, package: Package, version: str) -> Path:
    """Install the wheel and nothing else, and return the folder of programs; skips without this Python."""
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(folder / "bin" / "python")]
    subprocess.run([*pip, "install", "--no-index", "--no-compile", package.wheel], check=True, timeout=60)
    return folder / "bin"


def lend(installed: Path, *names: str) -> None:
    """Put distributions of this environment into a new one, without asking anybody for them."""
    [folder] = (installed.parent / "lib").glob("python*/site-packages")
    for name in names:
        for file in distribution(name).files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file.locate(), folder / file)
