"""An all-cached build of three stages with docker: our image, the reference's, or the one built in."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bench.samples import Sample

DOCKERFILE = """\
FROM alpine AS one
RUN echo one > /one
FROM alpine AS two
WORKDIR /src
COPY file /src/
RUN echo two > /two
FROM alpine
COPY --from=one /one /
COPY --from=two /two /src/ /
ENV GREETING=hello
CMD ["cat", "/one"]
"""


#: The reference as an image, which is measured where the engine has it.
REFERENCE = "docker/dockerfile:1.26"
BUILTIN = "built-in"


@contextmanager
def builds(images: Mapping[str, str]) -> Iterator[dict[str, Callable[[], Sample]]]:
    """Yield the ways to build the same file, each of which returns the milliseconds it took.

    ``images`` are frontend images by the name of their variant; the engine's own is `BUILTIN`.
    """
    with TemporaryDirectory(prefix="bench-cached-") as folder:
        Path(folder, "file").write_text("content\n")
        Path(folder, BUILTIN).write_text(DOCKERFILE)
        variants = {BUILTIN: _builder(folder, BUILTIN)}
        for number, (name, image) in enumerate(images.items()):
            Path(folder, f"image{number}").write_text(f"# syntax={image}\n{DOCKERFILE}")
            variants[name] = _builder(folder, f"image{number}")
        yield variants


def _builder(folder: str, name: str) -> Callable[[], Sample]:
    command = ["docker", "buildx", "build", "--quiet", "--file", f"{folder}/{name}", folder]

    def build() -> Sample:
        start = perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return {"ms": (perf_counter() - start) * 1000}

    return build
