#!/usr/bin/env python3
"""Build a graph by hand, without a Dockerfile: Debian packages unpacked beside each other, and merged.

pip install 'pyfrontend[build]'
python build.py | buildctl build --output type=local,dest=out
"""

from __future__ import annotations

import sys

from pyfrontend import llb

PACKAGES = ("jq", "tree")


def unpacked(package: str) -> llb.State:
    """Return the files of a Debian package and nothing else; each package is a step of its own."""
    base = llb.image("debian:trixie-slim")
    command = (
        f"apt-get update -q && cd /tmp && apt-get download -q {package} && dpkg-deb -x {package}_*.deb /out"
    )
    ran = base.run(
        command,
        mounts=[
            llb.bind(llb.scratch(), "/out", writable=True),
            llb.cache("/var/lib/apt/lists", sharing="locked"),
        ],
        name=f"unpack {package}",
    )
    return ran.mounted("/out")


def graph() -> llb.State:
    """Return all of them over each other, with a list of what is there."""
    return llb.merge(*map(unpacked, PACKAGES)).mkfile("/packages", "\n".join(PACKAGES) + "\n")


if __name__ == "__main__":
    sys.stdout.buffer.write(graph().marshal("linux/amd64").to_bytes())
