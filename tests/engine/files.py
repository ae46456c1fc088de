"""Builds whose result is read as plain files: nothing is stored, the client writes them to a folder."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from engine.client import Build, build, docker

if TYPE_CHECKING:
    from collections.abc import Mapping


class Files(NamedTuple):
    """A build that succeeded, and the text of every file that came out of it, by path."""

    build: Build
    texts: dict[str, str]

    @property
    def names(self) -> list[str]:
        """The paths of all files, sorted."""
        return sorted(self.texts)


def built_files(context: Path | str, *options: str, stdin: bytes = b"", env: Mapping[str, str] = {}) -> Files:
    """Build ``context`` and read the result; the build has to succeed."""
    with TemporaryDirectory() as out:
        output = f"--output=type=local,dest={out}"
        done = build(context, output, "--provenance=false", *options, stdin=stdin, env=env)
        assert done.code == 0, done.output
        return Files(done, read_files(Path(out)))


def read_files(folder: Path) -> dict[str, str]:
    """Return the text of every file below ``folder`` by path; a link counts as what it says."""
    paths = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return {str(path.relative_to(folder)): _text(path) for path in paths}


def files_of_image(image: str) -> list[str]:
    """Return the paths of all files in an image of the engine, without a slash in front."""
    name = docker("create", image).strip()
    try:
        exported = subprocess.run(["docker", "export", name], capture_output=True, check=True).stdout
    finally:
        docker("rm", name)
    with tarfile.open(fileobj=io.BytesIO(exported)) as tree:
        return [entry.name for entry in tree if entry.isfile()]


def write_files(folder: Path, texts: dict[str, str]) -> Path:
    """Write files by path below ``folder``, which is made where it is missing, and return it."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def _text(path: Path) -> str:
    return f"-> {path.readlink()}" if path.is_symlink() else path.read_bytes().decode(errors="replace")
