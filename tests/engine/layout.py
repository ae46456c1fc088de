"""What an OCI layout on disk holds: an image for each platform, and attestations beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Image(NamedTuple):
    """An image of one platform; ``statements`` are its in-toto attestations by predicate type."""

    platform: str
    config: dict[str, Any]
    layers: list[str]
    statements: dict[str, list[dict[str, Any]]]


def read_layout(folder: Path) -> dict[str, Image]:
    """Return the images of a layout by platform."""
    index = json.loads((folder / "index.json").read_text())
    (known,) = index["manifests"]
    return _images(folder, known)


def read_tagged_layout(folder: Path) -> dict[str, dict[str, Image]]:
    """Return the images of a layout by tag and platform."""
    index = json.loads((folder / "index.json").read_text())
    return {
        known["annotations"]["org.opencontainers.image.ref.name"]: _images(folder, known)
        for known in index["manifests"]
    }


def _images(folder: Path, known: dict[str, Any]) -> dict[str, Image]:
    root = _blob(folder, known)
    if "manifests" not in root:
        image = _image(folder, root)
        return {image.platform: image}
    images = {}
    attached: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for entry in root["manifests"]:
        annotations = entry.get("annotations", {})
        manifest = _blob(folder, entry)
        if annotations.get("vnd.docker.reference.type") == "attestation-manifest":
            attached[annotations["vnd.docker.reference.digest"]] = _statements(folder, manifest)
        else:
            images[entry["digest"]] = _image(folder, manifest, entry["platform"])
    return {
        image.platform: image._replace(statements=attached.get(digest, {}))
        for digest, image in images.items()
    }


def _image(folder: Path, manifest: dict[str, Any], platform: dict[str, str] | None = None) -> Image:
    config = _blob(folder, manifest["config"])
    found = platform or config
    parts = [found["os"], found["architecture"], found.get("variant", "")]
    layers = [layer["digest"] for layer in manifest["layers"]]
    return Image("/".join(filter(None, parts)), config, layers, {})


def _statements(folder: Path, manifest: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for layer in manifest["layers"]:
        found.setdefault(layer["annotations"]["in-toto.io/predicate-type"], []).append(_blob(folder, layer))
    return found


def _blob(folder: Path, descriptor: dict[str, Any]) -> dict[str, Any]:
    data = (folder / "blobs" / descriptor["digest"].replace(":", "/")).read_text()
    return dict(json.loads(data))
