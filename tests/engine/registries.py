"""Images put into a registry by hand, so that no engine has seen anything of them before a build."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "application/vnd.oci.image.{}+json".format


def put_image(address: str, name: str, files: Mapping[str, str], *, layers: bool = True) -> str:
    """Put an image with ``files`` under ``name``, a repository and a tag; return its digest.

    Without ``layers`` the registry knows what it consists of, and has no files of it.
    """
    repository, _, tag = name.partition(":")
    layer = _tar(files)
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    ).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": KIND("manifest.v1"),
            "config": _descriptor(KIND("config.v1"), config),
            "layers": [_descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
        }
    ).encode()
    base = f"http://{address}/v2/{repository}"
    for blob in (config, layer):
        started = _send("POST", f"{base}/blobs/uploads/")
        where = started["Location"]
        _send("PUT", f"{where}{'&' if '?' in where else '?'}digest={_digest(blob)}", blob)
    _send("PUT", f"{base}/manifests/{tag}", manifest, KIND("manifest.v1"))
    if not layers:
        _send("DELETE", f"{base}/blobs/{_digest(layer)}")
    return _digest(manifest)


def _tar(files: Mapping[str, str]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return data.getvalue()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _descriptor(kind: str, data: bytes) -> dict[str, object]:
    return {"mediaType": kind, "digest": _digest(data), "size": len(data)}


def _send(method: str, url: str, data: bytes = b"", kind: str = "application/octet-stream") -> dict[str, str]:
    request = Request(url, data=data, method=method, headers={"Content-Type": kind})
    with urlopen(request, timeout=30) as answer:
        return dict(answer.headers)
