"""Combines the output of buildx into one reproducible OCI image layout.

In: archives from ``--output type=oci``, each with a multi-platform image and its attestations.  Out: an
archive with all of these images by name, in a form that depends only on their content.

Values that no second build can reproduce are removed from the provenance: the start and end of the build, its
random id, and digests that include the session of the client (`UNREPEATABLE`).  The rest is as written by
BuildKit.  The digests of the statement, its manifest and the index change accordingly.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

#: Members that provenance loses, wherever they are in it.
UNREPEATABLE = frozenset({"buildInvocationID", "buildStartedOn", "buildFinishedOn", "digestMapping"})
PROVENANCE = "https://slsa.dev/provenance/"
PREDICATE_TYPE = "in-toto.io/predicate-type"
REFERENCE_TYPE = "vnd.docker.reference.type"
VERSION = b'{"imageLayoutVersion":"1.0.0"}'


class Image(NamedTuple):
    """An image that came out: its name, the digest of its index, and of each platform's manifest."""

    name: str
    digest: str
    platforms: dict[str, str]


class Layout:
    """Blobs by their digests, and the descriptors of images: what is written as one archive."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.images: list[Json] = []

    def add(self, path: Path) -> list[Image]:
        """Take the images of the archive at ``path`` over, and return them."""
        with tarfile.open(path) as archive:
            source = _Source(archive)
            descriptors = [self._index(source, found) for found in source.document("index.json")["manifests"]]
        self.images += descriptors
        return [self._image(descriptor) for descriptor in descriptors]

    def write(self, path: Path, epoch: int) -> None:
        """Write the archive; its members are in order, have the time ``epoch`` and belong to root."""
        index = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": self.images,
        }
        members = {"oci-layout": VERSION, "index.json": _written(index)}
        members |= {f"blobs/{digest.replace(':', '/')}": data for digest, data in self.blobs.items()}
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
            for name, data in sorted(members.items()):
                member = tarfile.TarInfo(name)
                member.size, member.mtime, member.mode = len(data), epoch, 0o644
                archive.addfile(member, io.BytesIO(data))

    def _index(self, source: _Source, descriptor: Json) -> Json:
        """Take over an index with all that it names; return its descriptor as it is now."""
        index = source.blob(descriptor)
        index["manifests"] = [self._manifest(source, entry) for entry in index["manifests"]]
        return self._put(index, descriptor)

    def _manifest(self, source: _Source, descriptor: Json) -> Json:
        manifest = source.blob(descriptor)
        if descriptor.get("annotations", {}).get(REFERENCE_TYPE) != "attestation-manifest":
            for part in (manifest["config"], *manifest["layers"]):
                self.blobs[part["digest"]] = source.data(part)
            self.blobs[descriptor["digest"]] = source.data(descriptor)
            return descriptor
        manifest["layers"] = [self._statement(source, layer) for layer in manifest["layers"]]
        config = source.blob(manifest["config"])
        config["rootfs"]["diff_ids"] = [layer["digest"] for layer in manifest["layers"]]
        manifest["config"] = self._put(config, manifest["config"])
        return self._put(manifest, descriptor)

    def _statement(self, source: _Source, descriptor: Json) -> Json:
        statement = source.blob(descriptor)
        if descriptor["annotations"][PREDICATE_TYPE].startswith(PROVENANCE):
            statement["predicate"] = repeatable(statement["predicate"])
        return self._put(statement, descriptor)

    def _put(self, document: Json, descriptor: Json) -> Json:
        """Keep ``document``, and return ``descriptor`` with its digest and size."""
        data = _written(document)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blobs[digest] = data
        return descriptor | {"digest": digest, "size": len(data)}

    def _image(self, descriptor: Json) -> Image:
        entries = json.loads(self.blobs[descriptor["digest"]])["manifests"]
        platforms = {
            f"{entry['platform']['os']}/{entry['platform']['architecture']}": entry["digest"]
            for entry in entries
            if REFERENCE_TYPE not in entry.get("annotations", {})
        }
        name = descriptor["annotations"]["io.containerd.image.name"]
        return Image(name.removeprefix("docker.io/"), descriptor["digest"], platforms)


class _Source(NamedTuple):
    """An archive that is read from."""

    archive: tarfile.TarFile

    def document(self, name: str) -> Json:
        return dict(json.loads(self._member(name)))

    def blob(self, descriptor: Json) -> Json:
        return dict(json.loads(self.data(descriptor)))

    def data(self, descriptor: Json) -> bytes:
        data = self._member(f"blobs/{descriptor['digest'].replace(':', '/')}")
        if f"sha256:{hashlib.sha256(data).hexdigest()}" != descriptor["digest"]:
            raise SystemExit(f"stopped: {descriptor['digest']} has other content")
        return data

    def _member(self, name: str) -> bytes:
        try:
            file = self.archive.extractfile(name)
        except KeyError:
            raise SystemExit(f"stopped: {self.archive.name!s} has no {name}") from None
        return file.read() if file else b""


def repeatable(value: Any) -> Any:
    """Return a part of provenance without the members that no second build can have."""
    if isinstance(value, dict):
        return {key: repeatable(part) for key, part in value.items() if key not in UNREPEATABLE}
    return [repeatable(part) for part in value] if isinstance(value, list) else value


def _written(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def main() -> None:
    """Read the command line, write the archive, and print what is in it: a digest and a name on each line."""
    parser = argparse.ArgumentParser(description="Make one repeatable OCI layout of several.")
    parser.add_argument("--out", type=Path, required=True, help="archive to write")
    parser.add_argument("--epoch", type=int, required=True, help="time of its members, in seconds since 1970")
    parser.add_argument(
        "archive", type=Path, nargs="+", help="archive of docker buildx build --output type=oci"
    )
    options = parser.parse_args()
    layout = Layout()
    for path in options.archive:
        for image in layout.add(path):
            print(image.digest, image.name)
            for platform, digest in sorted(image.platforms.items()):
                print(digest, image.name, platform)
    layout.write(options.out, options.epoch)


if __name__ == "__main__":
    main()
