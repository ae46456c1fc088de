"""What the image registry of a case knows: every image there is, some of them with a config of their own."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from pyfrontend.oci.platforms import Platform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cases import Json

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Found(NamedTuple):
    """An image: the reference it goes by, its digest, its config as JSON; or the ``error`` of the lookup."""

    reference: str
    digest: str
    config: bytes
    error: str = ""


def platform_text(platform: Platform) -> str:
    """Write a platform as the cases do: ``os[(os version)]/architecture[/variant]``."""
    version = f"({platform.os_version})" if platform.os_version else ""
    variant = f"/{platform.variant}" if platform.variant else ""
    return f"{platform.os}{version}/{platform.architecture}{variant}"


def read_platform(text: str) -> Platform:
    """Read a platform written by `platform_text`; nothing is normalised."""
    parts = [*text.split("/"), "", ""]
    os, _, version = parts[0].partition("(")
    return Platform(os, parts[1], parts[2], version.removesuffix(")"))


def lookup(images: Json, reference: str, platform: Platform) -> Found:
    """Return the image of a normalised ``reference``; ``images`` is the input member of the case."""
    entry = _entry(images, reference, platform_text(platform))
    if "error" in entry:
        return Found(reference, "", b"", entry["error"])
    given_back = entry.get("ref", reference)
    config = entry["config"] if "config" in entry else _default_config(given_back, platform)
    return Found(given_back, entry.get("digest") or _digest(reference), json.dumps(config).encode())


def _entry(images: Json, reference: str, platform: str) -> Json:
    """Return what ``images`` says of a reference, an empty entry if nothing."""
    for key in _keys(reference):
        for name in (f"{key}::{platform}", key):
            if name in images:
                found: Json = images[name]
                return found
    return {}


def _keys(reference: str) -> Iterator[str]:
    """Yield the names that a reference may have in a case, the most exact first."""
    yield reference
    familiar = reference.removeprefix("docker.io/")
    if familiar != reference:
        familiar = familiar.removeprefix("library/")
        yield familiar
    yield familiar.removesuffix(":latest")


def _digest(reference: str) -> str:
    """Return the digest that a reference pins, else one made from its text."""
    pinned = reference.partition("@")[2]
    return pinned or "sha256:" + sha256(reference.encode()).hexdigest()


def _default_config(reference: str, platform: Platform) -> Json:
    """Return the config of an image that the case says nothing about: one layer and a PATH."""
    config: Json = {"architecture": platform.architecture, "os": platform.os}
    config |= {"variant": platform.variant} if platform.variant else {}
    config |= {"os.version": platform.os_version} if platform.os_version else {}
    config |= {"os.features": list(platform.os_features)} if platform.os_features else {}
    layer = "sha256:" + sha256(f"layer:{reference}".encode()).hexdigest()
    return config | {
        "config": {} if platform.os == "windows" else {"Env": [PATH]},
        "rootfs": {"type": "layers", "diff_ids": [layer]},
    }
