"""The frontend image: its size as it is pulled, what is in it, and its root filesystem to run Python in."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Devices that Python and gRPC open, which a container has: name, minor number (the major one is 1).
DEVICES = {"null": 3, "urandom": 9}


class Size(NamedTuple):
    """What a pull costs: compressed bytes of all layers, and the number of files in them."""

    compressed: int
    files: int


def size(image: str) -> Size:
    """Return the size of ``image``; raises CalledProcessError where docker does not have it."""
    done = subprocess.run(["docker", "image", "save", image], check=True, capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        manifest = json.loads(_member(archive, "manifest.json"))[0]
        layers = [_member(archive, name) for name in manifest["Layers"]]
    return Size(sum(map(_compressed, layers)), sum(map(_files, layers)))


def present(image: str) -> bool:
    """Return whether the engine has ``image``."""
    return not subprocess.run(
        ["docker", "image", "inspect", image], check=False, capture_output=True
    ).returncode


def entrypoint(image: str) -> list[str]:
    """Return the command that a container of ``image`` starts."""
    (known,) = json.loads(_docker("image", "inspect", image))
    return list(known["Config"]["Entrypoint"])


@contextmanager
def unpacked(image: str) -> Iterator[Path]:
    """Yield a folder that holds the files of ``image``, ready for chroot; only root can make it."""
    with TemporaryDirectory(prefix="bench-image-") as folder:
        name = _docker("create", image).strip()
        try:
            with subprocess.Popen(["docker", "export", name], stdout=subprocess.PIPE) as export:
                subprocess.run(["tar", "-x", "-C", folder], check=True, stdin=export.stdout)
        finally:
            _docker("rm", name)
        for device, minor in DEVICES.items():
            path = Path(folder, "dev", device)
            path.unlink(missing_ok=True)
            os.mknod(path, 0o020666, os.makedev(1, minor))
        yield Path(folder)


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    if member is None:
        raise FileNotFoundError(name)
    return member.read()


def _compressed(layer: bytes) -> int:
    """Return the bytes of a layer on the wire; an image store may keep it unpacked."""
    return len(layer if layer.startswith(b"\x1f\x8b") else gzip.compress(layer))


def _files(layer: bytes) -> int:
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        return sum(member.isfile() for member in archive)
