"""Updates the pins of the frontend image: its base image, the snapshot of Debian's archive, its wheels.

In: the names of the pins to update, and the answers of Docker Hub, snapshot.debian.org and pip's package
index.  Out: the ARG lines of ``Dockerfile.frontend`` and the files in ``requirements/``.  If a source does
not answer, its pin stays as it is and the exit code is 1.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import urllib.request
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = ROOT / "Dockerfile.frontend"
ARCHITECTURES = ("amd64", "arm64")
#: What each file of ``requirements/`` is for.
KINDS = {"run": "The frontend runs on these wheels", "build": "The image build needs these wheels"}
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
#: Not `{{.Manifest.Digest}}`, for which buildx before 0.33 prints all that it knows.
DIGEST_ONLY = '{{printf "%s" .Manifest.Digest}}'
#: Seconds to wait for an answer.
PATIENCE = 60


class NoAnswerError(Exception):
    """A source of pins cannot be reached, or does not have what it is asked for."""


def main(names: list[str]) -> int:
    """Move the pins ``names`` and return the exit code."""
    failed = 0
    for name in names:
        try:
            PINS[name]()
        except NoAnswerError as error:
            print(f"{name}: kept as it is, {error}", file=sys.stderr)
            failed = 1
    return failed


def move_base() -> None:
    """Pin the base image to what its tag means now."""
    tag = argument("BASE").partition("@")[0]
    command = ["docker", "buildx", "imagetools", "inspect", tag, "--format", DIGEST_ONLY]
    try:
        answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise NoAnswerError(f"the registry does not say what {tag} is: {error}") from error
    if not DIGEST.fullmatch(answer.strip()):
        raise NoAnswerError(f"this is no digest: {answer.strip()!r}")
    set_argument("BASE", f"{tag}@{answer.strip()}")


def move_debian() -> None:
    """Pin Debian's archive to the start of this day."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT000000Z")
    url = f"{argument('ARCHIVE')}/debian/{stamp}/dists/trixie/InRelease"
    try:
        # The scheme is the ARG's own; nothing is read from the answer but that there is one.
        with urllib.request.urlopen(url, timeout=PATIENCE):  # noqa: S310 - same
            pass
    except OSError as error:
        raise NoAnswerError(f"{url}: {error}") from error
    set_argument("SNAPSHOT", stamp)


def move_wheels() -> None:
    """Pin the wheels to the newest that pyproject.toml allows."""
    for kind, purpose in KINDS.items():
        with TemporaryDirectory() as folder:
            command = [str(ROOT / "hack/wheels"), "--newest", kind, folder, *ARCHITECTURES]
            if subprocess.run(command, check=False).returncode:
                raise NoAnswerError("pip could not download the wheels")
            text = lock(sorted(Path(folder).iterdir()))
        head = f"# {purpose}, with Python 3.13 on {' and '.join(ARCHITECTURES)}. Made by hack/pins.\n"
        write(ROOT / f"requirements/{kind}.txt", head + text)


def lock(wheels: list[Path]) -> str:
    """Return the lines of a requirements file that allows these files and no others."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for wheel in wheels:
        name, version, *_ = wheel.name.split("-")
        found[f"{name.lower().replace('_', '-')}=={version}"].append(
            hashlib.sha256(wheel.read_bytes()).hexdigest()
        )
    return "".join(
        " \\\n".join([pin, *(f"    --hash=sha256:{digest}" for digest in sorted(digests))]) + "\n"
        for pin, digests in sorted(found.items())
    )


def argument(name: str) -> str:
    """Return the value that the Dockerfile gives the ARG ``name``."""
    (value,) = re.findall(rf"^ARG {name}=(.*)$", DOCKERFILE.read_text(), re.MULTILINE)
    return str(value)


def set_argument(name: str, value: str) -> None:
    """Write another value of the ARG ``name`` into the Dockerfile."""
    text = DOCKERFILE.read_text()
    write(DOCKERFILE, re.sub(rf"^ARG {name}=.*$", f"ARG {name}={value}", text, flags=re.MULTILINE))


def write(path: Path, text: str) -> None:
    """Write a file if its text changed, and print which."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        print(f"changed {path.relative_to(ROOT)}")


PINS: dict[str, Callable[[], None]] = {"base": move_base, "debian": move_debian, "wheels": move_wheels}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
