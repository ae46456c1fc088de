"""More seeds than are stored: the hand-written parity cases, as inputs of the target ``conversion``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fuzz.wire import MARK
from parity.cases import OWN, case_files, read_cases
from parity.world import options

if TYPE_CHECKING:
    from pathlib import Path

    from parity.cases import Case


def write_seeds(folder: Path) -> None:
    """Write one file for each case."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in read_cases(case_files([OWN])):
        (folder / case.id).write_bytes(_input(case))


def _input(case: Case) -> bytes:
    given = "\n".join(f"{key}={value}" for key, value in options(case.input).items())
    images = [image for image in case.input.get("images", {}).values() if "config" in image]
    config = json.dumps(images[0]["config"]) if images else ""
    parts = [given, case.input.get("dockerignore", ""), config]
    return MARK.join([case.dockerfile, *(part.encode("utf-8", "surrogateescape") for part in parts)])
