"""The software bill of materials of the frontend image: an SBOM scanner for BuildKit that runs in that image.

In: the root of an image whose packages are recorded as described in docs/image.md, in the variable that
BuildKit sets for scanners.  Out: an SPDX 2.3 document in an in-toto statement, in the directory that BuildKit
names.  The same image produces the same bytes: the timestamp is ``SOURCE_DATE_EPOCH``, in seconds since 1970,
and the identifier is derived from the content.

The document lists the packages that the image itself records; nothing is guessed from files.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STATUS = "var/lib/dpkg/status"
RELEASE = "usr/lib/os-release"
DIST_INFOS = "usr/lib/python3*/*.dist-info/METADATA"
#: What SPDX has for "not looked into".
UNKNOWN = "NOASSERTION"
#: Characters of a package URL that stand for themselves.
PLAIN = "-._~:"


class Package(NamedTuple):
    """A package of the image; its licence is there if the metadata has it as an SPDX expression."""

    name: str
    version: str
    url: str
    supplier: str = UNKNOWN
    license: str = UNKNOWN


def main() -> int:
    """Scan what BuildKit names; return the exit code."""
    missing = [
        name for name in ("BUILDKIT_SCAN_SOURCE", "BUILDKIT_SCAN_DESTINATION") if name not in os.environ
    ]
    if missing:
        print(f"BuildKit runs this, with {missing[0]} in the environment", file=sys.stderr)
        return 2
    root, folder = Path(os.environ["BUILDKIT_SCAN_SOURCE"]), Path(os.environ["BUILDKIT_SCAN_DESTINATION"])
    text = statement(packages(root), int(os.environ.get("SOURCE_DATE_EPOCH", "0")))
    Path(folder, f"{root.name}.spdx.json").write_text(text)
    return 0


def packages(root: Path) -> list[Package]:
    """Return what the image in ``root`` is made of: packages of Debian, then those of Python, by name."""
    release = dict(line.split("=", 1) for line in Path(root, RELEASE).read_text().splitlines() if "=" in line)
    version = release.get("VERSION_ID", "").strip('"')
    debian = (_debian(fields, version) for fields in paragraphs(Path(root, STATUS).read_text()))
    python = (_python(next(paragraphs(path.read_text()))) for path in root.glob(DIST_INFOS))
    return [*sorted(debian), *sorted(python)]


def paragraphs(text: str) -> Iterator[dict[str, str]]:
    """Yield the fields of each paragraph of a file like those of Debian; of many of a name, the first."""
    for part in text.split("\n\n"):
        fields: dict[str, str] = {}
        for line in part.splitlines():
            name, colon, value = line.partition(":")
            if colon and not line[0].isspace():
                fields.setdefault(name, value.strip())
        if fields:
            yield fields


def _debian(fields: Mapping[str, str], release: str) -> Package:
    name, version = fields["Package"], fields["Version"]
    source = fields.get("Source", "").partition(" ")[0]
    more = {"arch": fields["Architecture"], "distro": f"debian-{release}", "upstream": source}
    supplier = fields["Maintainer"].replace(" <", " (").replace(">", ")")
    return Package(name, version, purl("deb/debian", name, version, more), f"Person: {supplier}")


def _python(fields: Mapping[str, str]) -> Package:
    name, version = fields["Name"], fields["Version"]
    url = purl("pypi", name.lower().replace("_", "-"), version)
    return Package(name, version, url, license=fields.get("License-Expression", UNKNOWN))


def purl(kind: str, name: str, version: str, qualifiers: Mapping[str, str] = {}) -> str:
    """Return a package URL (https://github.com/package-url/purl-spec), without qualifiers that are empty."""
    more = "&".join(f"{key}={_quoted(value)}" for key, value in qualifiers.items() if value)
    return f"pkg:{kind}/{_quoted(name)}@{_quoted(version)}{'?' if more else ''}{more}"


def _quoted(text: str) -> str:
    return "".join(
        char
        if (char.isascii() and char.isalnum()) or char in PLAIN
        else "".join(f"%{byte:02X}" for byte in char.encode())
        for char in text
    )


def statement(found: Iterable[Package], epoch: int) -> str:
    """Return the document about the packages ``found``, as of ``epoch`` seconds, in its statement."""
    described = [_described(number, package) for number, package in enumerate(found)]
    content = hashlib.sha256(json.dumps(described).encode()).hexdigest()
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "pyfrontend",
        "documentNamespace": f"https://github.com/ourorg/pyfrontend/sbom/{content}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch)),
            "creators": ["Tool: pyfrontend-hack-sbom"],
        },
        "packages": described,
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": package["SPDXID"],
            }
            for package in described
        ],
    }
    whole = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://spdx.dev/Document",
        "predicate": document,
    }
    return json.dumps(whole)


def _described(number: int, package: Package) -> dict[str, Any]:
    return {
        "name": package.name,
        "SPDXID": f"SPDXRef-Package-{number}",
        "versionInfo": package.version,
        "supplier": package.supplier,
        "downloadLocation": UNKNOWN,
        "filesAnalyzed": False,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": package.license,
        "copyrightText": UNKNOWN,
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": package.url,
            }
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
