"""Records the packages of the frontend image where image scanners look for them.

In: Debian packages as unpacked by the stage ``system`` of Dockerfile.frontend, wheels as installed by pip,
our ``pyproject.toml``, and the list of files in the image.  Out, for packages with at least one file in the
image:

- ``var/lib/dpkg/status``, and ``usr/share/doc/*/copyright`` with the licenses that these refer to
- ``*.dist-info`` next to the modules of each wheel, and next to ours
"""

from __future__ import annotations

import csv
import re
import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What tells scanners that these are packages of Debian, and of which release.
RELEASE = ("etc/debian_version", "usr/lib/os-release")
LICENSES = "usr/share/common-licenses"
#: Files of a dist-info folder that are worth keeping: what it is, for which platform, under which licence.
KEPT = re.compile(r"METADATA|WHEEL|(licenses/.*|)(LICEN[CS]E|NOTICE|COPYING|AUTHORS)[^/]*")


class DebianPackage(NamedTuple):
    """An unpacked package: its name, its control file, and the paths that it brings, without a slash."""

    name: str
    control: str
    paths: frozenset[str]


class Debian(NamedTuple):
    """Unpacked packages: ``root`` has their files, ``packages`` has ``NAME.control`` and ``NAME.paths``."""

    root: Path
    packages: Path

    def known(self) -> Iterator[DebianPackage]:
        """Yield all packages, by name."""
        for control in sorted(self.packages.glob("*.control")):
            paths = control.with_suffix(".paths").read_text().splitlines()
            names = (path.removeprefix("./").rstrip("/") for path in paths)
            yield DebianPackage(control.stem, control.read_text(), frozenset(names))

    def write(self, taken: set[str], out: Path) -> None:
        """Write the metadata for the files ``taken`` (paths below ``root``) into the image ``out``."""
        taken = {*taken, *RELEASE}
        for path in RELEASE:
            copy(self.root / path, out / path)
        Path(out, "etc/os-release").symlink_to("../usr/lib/os-release")
        left, used = list(self.known()), list[DebianPackage]()
        # The copyright file of a package may be one of another package, which then counts as well.
        while more := [package for package in left if package.paths & taken]:
            used += more
            left = [package for package in left if package not in more]
            taken |= {self._copyright(package.name, out) for package in more}
        self._licenses(out)
        status = out / "var/lib/dpkg/status"
        status.parent.mkdir(parents=True)
        status.write_text("\n".join(map(_status, sorted(used))))

    def _copyright(self, name: str, out: Path) -> str:
        """Copy the copyright file of a package, and return its path; a link to another folder stays one."""
        folder = Path("usr/share/doc", name)
        if (self.root / folder).is_symlink():
            target = (self.root / folder).readlink()
            Path(out, folder).parent.mkdir(parents=True, exist_ok=True)
            Path(out, folder).symlink_to(target)
            folder = folder.with_name(target.name)
        path = folder / "copyright"
        copy(self.root / path, out / path)
        return str(path)

    def _licenses(self, out: Path) -> None:
        """Copy the licenses that the copyright files refer to by their place."""
        texts = "".join(path.read_text() for path in out.glob("usr/share/doc/*/copyright"))
        for name in sorted(set(re.findall(rf"/{LICENSES}/([\w.-]*\w)", texts))):
            source = self.root / LICENSES / name
            if source.is_symlink():
                (out / LICENSES).mkdir(parents=True, exist_ok=True)
                (out / LICENSES / name).symlink_to(source.readlink())
                source = source.resolve()
            if source.is_file():
                copy(source, out / LICENSES / source.name)


def _status(package: DebianPackage) -> str:
    """Return the paragraph that dpkg keeps of an installed package."""
    first, _, rest = package.control.strip().partition("\n")
    return f"{first}\nStatus: install ok installed\n{rest}\n"


def write_wheels(site: Path, out: Path) -> None:
    """Keep the metadata of the wheels in ``site`` of which ``out``, the folder of modules, has any."""
    for info in sorted(site.glob("*.dist-info")):
        rows = list(csv.reader((info / "RECORD").read_text().splitlines()))
        modules = [row for row in map(_compiled, rows) if (out / row[0]).is_file()]
        if not modules:
            continue
        kept = [row for row in rows if KEPT.fullmatch(row[0].removeprefix(f"{info.name}/"))]
        for path, *_ in kept:
            copy(site / path, out / path)
        with (out / info.name / "RECORD").open("w", newline="") as record:
            own = [f"{info.name}/RECORD", "", ""]
            csv.writer(record, lineterminator="\n").writerows(sorted([*modules, *kept, own]))


def _compiled(row: list[str]) -> list[str]:
    """Return the row of RECORD for what the image has in place of a source: compiled files need no hash."""
    path = Path(row[0])
    return [str(path.with_suffix(".pyc")), "", ""] if path.suffix == ".py" else row


def write_own(pyproject: Path, version: str, out: Path) -> None:
    """Write the metadata of our own package into ``out``, the image's folder of modules."""
    project = tomllib.loads(pyproject.read_text())["project"]
    info = out / f"{project['name']}-{version}.dist-info"
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        "License-File: LICENSE",
        *(f"Project-URL: {name}, {url}" for name, url in project["urls"].items()),
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {name}" for name in project["optional-dependencies"]["build"]),
    ]
    info.mkdir(parents=True)
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    copy(pyproject.with_name("LICENSE"), info / "licenses/LICENSE")


def copy(source: Path, target: Path) -> None:
    """Copy a file, or what a link leads to, with its mode."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
