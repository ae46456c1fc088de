"""Reading parity cases from ``.jsonl`` and ``.jsonl.gz`` files."""

from __future__ import annotations

import base64
import gzip
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]

#: The hand-written cases, our own copy.
OWN = Path(__file__).resolve().parent / "cases"

#: Where the recorded cases lie that are not ours, unless the environment says otherwise.
VARIABLE = "PYFRONTEND_PARITY"

#: Cases made from other people's files; they are read where they lie and never copied into the project.
FOREIGN = ("realworld.jsonl.gz", "realworld-options.jsonl.gz")

Json = dict[str, Any]


class BadCaseError(ValueError):
    """A line is no case, or lacks a member that every case has."""


class Case(NamedTuple):
    """One case: ``area`` names its file, ``input`` is the request, ``expect`` the recorded answer."""

    area: str
    id: str
    title: str
    input: Json
    expect: Json

    @property
    def dockerfile(self) -> bytes:
        """Return the Dockerfile as it lies in the build context."""
        if "dockerfile_b64" in self.input:
            return base64.b64decode(self.input["dockerfile_b64"])
        return str(self.input["dockerfile"]).encode()

    def case(self) -> Case:
        """Return the case, as a `Line` does."""
        return self


class Line(NamedTuple):
    """A case that nobody has taken apart yet: cheap to send to another process."""

    area: str
    text: bytes

    def case(self) -> Case:
        """Take the line apart; raises BadCaseError for anything that is no case."""
        try:
            data = json.loads(self.text)
            title = str(data.get("title") or data.get("source", ""))
            case = Case(self.area, data["id"], title, data["input"], data["expect"])
            _ = case.dockerfile, case.expect["lookups"], case.expect["warnings"]
            _ = case.expect["platforms" if "error" not in case.expect else "error"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"there is no {error}" if isinstance(error, KeyError) else str(error)
            beginning = self.text[:60].decode(errors="replace").strip()
            raise BadCaseError(f"{self.area}: not a case: {why}, in the line: {beginning}") from error
        return case


def shared_folder() -> Path:
    """Return the folder of the recorded cases: ``$PYFRONTEND_PARITY``, else beside the checkout."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else ROOT.parent / "shared" / "parity"


def case_files(places: Iterable[Path]) -> list[Path]:
    """Return the case files in ``places`` (files or folders); FileNotFoundError for a missing place."""
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            found += sorted(place.glob("*.jsonl")) + sorted(place.glob("*.jsonl.gz"))
        elif place.is_file():
            found.append(place)
        else:
            raise FileNotFoundError(f"{place}: no such file or folder")
    return found


def read_lines(files: Iterable[Path]) -> Iterator[Line]:
    """Yield every case of ``files``, not yet taken apart."""
    for file in files:
        area = file.name.removesuffix(".gz").removesuffix(".jsonl")
        with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as stream:
            yield from (Line(area, line) for line in stream if line.strip())


def read_cases(files: Iterable[Path]) -> Iterator[Case]:
    """Yield every case of ``files``."""
    return (line.case() for line in read_lines(files))
