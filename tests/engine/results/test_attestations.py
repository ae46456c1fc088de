"""Attestations: where a build came from (the daemon writes that), and what is in it (a scanner does)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from engine.client import build, build_text
from engine.files import write_files
from engine.layout import read_layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.layout import Image

SCANNER = "pyfrontend-test-scanner"
SPDX = "https://spdx.dev/Document"
SLSA = "https://slsa.dev/provenance/"

#: A scanner: the names of the files that it sees, and what it was told, as an SPDX document for each source.
SCAN = r"""#!/bin/sh -e
scan() {
    files=$(cd "$1" && find . ! -type d | sort | head -n 20 | tr '\n' ' ')
    told=$(env | grep ^BUILDKIT_SCAN_ | sort | tr '\n' ' ')
    cat >"$BUILDKIT_SCAN_DESTINATION/$2.spdx.json" <<EOF
{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document",
 "predicate": {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
  "name": "$2", "documentNamespace": "https://example.test/$2", "comment": "$files; $told; $PWD",
  "creationInfo": {"created": "2001-02-03T04:05:06Z", "creators": ["Tool: $SCANNER_NAME"]}}}
EOF
}
touch /tmp/writable
scan "$BUILDKIT_SCAN_SOURCE" core
for extra in "${BUILDKIT_SCAN_SOURCE_EXTRAS:-/nowhere}"/*; do
    test ! -e "$extra" || scan "$extra" "${extra##*/}"
done
"""
SCANNER_FILE = """FROM busybox
COPY --chmod=755 scan /
ENV SCANNER_NAME=ours
WORKDIR /scanning
CMD ["/scan"]
"""

DOCKERFILE = """ARG BUILDKIT_SBOM_SCAN_CONTEXT
ARG BUILDKIT_SBOM_SCAN_STAGE
FROM busybox AS tools
RUN echo >/tool
FROM scratch AS willing
ARG BUILDKIT_SBOM_SCAN_STAGE=true
COPY --from=tools /tool /willing-tool
FROM scratch AS unreached
COPY lost /
FROM scratch AS app
COPY --from=willing /willing-tool /
COPY program /
"""


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory, syntax: str) -> str:
    folder = write_files(tmp_path_factory.mktemp("scanner"), {"scan": SCAN})
    done = build_text(folder, syntax + SCANNER_FILE, f"--tag={SCANNER}", "--load", "--provenance=false")
    assert done.code == 0, done.output
    return SCANNER


def _images(tmp_path: Path, text: str, *options: str) -> dict[str, Image]:
    context = write_files(tmp_path / "here", {"Dockerfile": text, "program": "program", "lost": "lost"})
    done = build(context, f"--output=type=oci,tar=false,dest={tmp_path}/layout", *options)
    assert done.code == 0, done.output
    return read_layout(tmp_path / "layout")


class Row(NamedTuple):
    """Build arguments, and which documents the scanner makes of what files."""

    promise: str
    args: Mapping[str, str]
    documents: Mapping[str, str]


CORE = {"core": "./program ./willing-tool"}
TOOLS = {"sbom-tools": "./bin/"}
WILLING = {"sbom-willing": "./willing-tool"}
CONTEXT = {"sbom-context": "./program"}
ROWS = [
    Row("the result, and a stage that says so itself", {}, CORE | WILLING),
    Row("every stage that is reached", {"BUILDKIT_SBOM_SCAN_STAGE": "true"}, CORE | TOOLS | WILLING),
    Row("no stage", {"BUILDKIT_SBOM_SCAN_STAGE": "false"}, CORE),
    Row("a list of stages", {"BUILDKIT_SBOM_SCAN_STAGE": "tools,unreached"}, CORE | TOOLS),
    Row("the context too", {"BUILDKIT_SBOM_SCAN_CONTEXT": "true"}, CORE | WILLING | CONTEXT),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.promise)
def test_the_scanner_sees(tmp_path: Path, syntax: str, scanner: str, row: Row) -> None:
    options = [f"--build-arg={name}={value}" for name, value in row.args.items()]
    attest = f"--sbom=generator={scanner},word=said"
    (image,) = _images(tmp_path, syntax + DOCKERFILE, "--provenance=false", attest, *options).values()
    documents = {found["predicate"]["name"]: found["predicate"] for found in image.statements[SPDX]}
    seen = {name: found["comment"].split("; ") for name, found in documents.items()}
    assert sorted(seen) == sorted(row.documents)
    assert all(seen[name][0].startswith(start) for name, start in row.documents.items()), seen
    told = seen["core"][1].split()
    assert {
        "BUILDKIT_SCAN_DESTINATION=/run/out/",
        "BUILDKIT_SCAN_SOURCE=/run/src/core/sbom",
        "BUILDKIT_SCAN_word=said",
    } <= set(told)
    assert ("BUILDKIT_SCAN_SOURCE_EXTRAS=/run/src/extras" in told) == (len(seen) > 1)
    assert seen["core"][2] == "/scanning"
    assert documents["core"]["creationInfo"]["creators"] == ["Tool: ours"]


def test_every_platform_is_scanned(tmp_path: Path, syntax: str, scanner: str) -> None:
    text = f"{syntax}FROM scratch\nARG TARGETARCH\nCOPY program /$TARGETARCH\n"
    attest = f"--attest=type=sbom,generator={scanner}"
    images = _images(tmp_path, text, attest, "--platform=linux/amd64,linux/arm64")
    found = {name: image.statements[SPDX][0]["predicate"]["comment"] for name, image in images.items()}
    assert {name: text.partition(";")[0].strip() for name, text in found.items()} == {
        "linux/amd64": "./amd64",
        "linux/arm64": "./arm64",
    }
    assert all(any(kind.startswith(SLSA) for kind in image.statements) for image in images.values())


def test_a_scanner_that_is_nowhere(tmp_path: Path, syntax: str) -> None:
    options = (f"--output=type=oci,dest={tmp_path}/image.tar", "--sbom=generator=nowhere.invalid/scanner:1")
    done = build_text(tmp_path, f"{syntax}FROM scratch\n", *options)
    assert done.code != 0
    assert "failed to resolve source metadata for nowhere.invalid/scanner:1: " in done.message


@pytest.mark.parametrize("mode", ["min", "max"])
def test_provenance_says_how_the_image_was_built(tmp_path: Path, syntax: str, image: str, mode: str) -> None:
    args = ("--build-arg=SECRET_WORD=w", "--target=app")
    (built,) = _images(
        tmp_path, syntax + DOCKERFILE, f"--attest=type=provenance,mode={mode},version=v0.2", *args
    ).values()
    ((kind, (statement,)),) = built.statements.items()
    assert kind == f"{SLSA}v0.2"
    predicate = statement["predicate"]
    assert predicate["invocation"]["configSource"] == {"entryPoint": "Dockerfile"}
    parameters = predicate["invocation"]["parameters"]
    assert parameters["frontend"] == "gateway.v0"
    materials = [material["uri"] for material in predicate["materials"]]
    assert any(image in uri for uri in materials), "the frontend is a material"
    assert any("busybox" in uri for uri in materials)
    if mode == "min":
        assert "buildConfig" not in predicate
        assert "SECRET_WORD" not in str(predicate)
        return
    assert parameters["args"]["build-arg:SECRET_WORD"] == "w"
    _check_details(predicate, syntax)


def _check_details(predicate: dict[str, Any], syntax: str) -> None:
    """The graph with the places that it came from, and the Dockerfile itself."""
    metadata = predicate["metadata"]["https://mobyproject.org/buildkit@v1#metadata"]
    (info,) = metadata["source"]["infos"]
    assert info["filename"] == "Dockerfile"
    assert base64.b64decode(info["data"]).decode() == syntax + DOCKERFILE
    (step,) = [
        step for step in predicate["buildConfig"]["llbDefinition"] if "exec" in step["op"].get("Op", {})
    ]
    assert step["op"]["Op"]["exec"]["meta"]["args"] == ["/bin/sh", "-c", "echo >/tool"]
    locations = metadata["source"]["locations"][step["id"]]["locations"]
    assert [place["ranges"][0]["start"]["line"] for place in locations] == [5]


def test_without_provenance_there_is_an_image_and_nothing_else(tmp_path: Path, syntax: str) -> None:
    (built,) = _images(tmp_path, syntax + DOCKERFILE, "--provenance=false").values()
    assert not built.statements


def test_unknown_attestations_are_refused(tmp_path: Path, syntax: str) -> None:
    done = build_text(tmp_path, f"{syntax}FROM scratch\n", "--build-arg=BUILDKIT_ATTEST_NONSENSE=1")
    assert done.code != 0
    assert 'unknown attestation type "nonsense"' in done.message
