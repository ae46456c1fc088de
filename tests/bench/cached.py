"""An all-cached build of three stages with docker, through our image or the engine's built-in frontend."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


@contextmanager
def builds(image: str) -> Iterator[dict[str, Callable[[], Sample]]]:
    """Yield the two ways to build the same file, each of which returns the milliseconds it took."""
    with TemporaryDirectory(prefix="bench-cached-") as folder:
        Path(folder, "file").write_text("content\n")
        Path(folder, "builtin").write_text(DOCKERFILE)
        Path(folder, "ours").write_text(f"# syntax={image}\n{DOCKERFILE}")
        yield {name: _builder(folder, name) for name in ("builtin", "ours")}


def _builder(folder: str, name: str) -> Callable[[], Sample]:
    command = ["docker", "buildx", "build", "--quiet", "--file", f"{folder}/{name}", folder]

    def build() -> Sample:
        start = perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return {"ms": (perf_counter() - start) * 1000}

    return build
