"""Builds of hostile inputs with docker, through our image and the built-in frontend, and ours alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from bench.cached import BUILTIN
from bench.hostile import SERIES
from bench.samples import interleave, paired, summary
from bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.hostile import Hostile
    from bench.samples import Sample, Samples

ROOT = Path(__file__).resolve().parents[2]
OURS, ALONE, PLAIN = "ours", "alone", "plain"
#: What ours may take beyond the start of an image, in multiples of the built-in frontend's time; how much
#: more four times the input may cost; and seconds of the processor for `SMALL` bytes.
TIMES, GROWTH, SECONDS, SMALL = 3, 4.6, 3, 64_000
#: Less than this, in milliseconds, says nothing about growth.
NOISE = 100


def rows(names: Sequence[str], sizes: Sequence[int], runs: int, image: str) -> Iterator[Row]:
    """Measure the series of these names at all sizes; a plain build says what the start of an image costs."""
    with TemporaryDirectory(prefix="bench-hostile-") as folder:
        variants = dict(_variants(Path(folder, PLAIN), "FROM scratch\nLABEL a=b\n", image, PLAIN))
        for name in names:
            for size in sizes:
                key = _key(name, size)
                found = SERIES[name](size)
                variants |= _variants(Path(folder, str(len(variants))), found.text, image, key, found)
                variants[f"{key} {ALONE}"] = partial(_alone, name, size)
        results = interleave(variants, runs)
    base = [
        ours - other
        for ours, other in zip(
            results[f"{PLAIN} {OURS}"]["ms"], results[f"{PLAIN} {BUILTIN}"]["ms"], strict=True
        )
    ]
    for name in names:
        yield from _rows(name, sizes, results, base)


def _key(name: str, size: int) -> str:
    return f"{name} {size // 1000} kB"


def _rows(
    name: str, sizes: Sequence[int], results: dict[str, Samples], base: Sequence[float]
) -> Iterator[Row]:
    for size in sizes:
        key = _key(name, size)
        ours, other = results[f"{key} {OURS}"], results[f"{key} {BUILTIN}"]
        beyond = [value - more for value, more in zip(ours["ms"], base, strict=True)]
        same = "" if ours["failed"][0] == other["failed"][0] else ", ANOTHER OUTCOME"
        yield Row(f"{key}{same}", summary(ours["ms"]), "ms", paired(beyond, other["ms"]), BUILTIN, TIMES)
        yield Row(f"{key}, {BUILTIN}", summary(other["ms"]), "ms")
        cpu = summary(results[f"{key} {ALONE}"]["cpu"])
        most = SECONDS if size <= SMALL else None
        yield Row(f"{key}, {ALONE}", cpu, "ms cpu", cpu.median / 1000, "1 s", most)
    small, large = (summary(results[f"{_key(name, size)} {ALONE}"]["cpu"]) for size in (sizes[0], sizes[-1]))
    if large.median > NOISE:
        grown = large.median / max(small.median, NOISE / 4)
        goal = GROWTH * sizes[-1] / sizes[0] / 4 if len(sizes) > 1 else None
        yield Row(
            f"{name}, growth", small._replace(median=grown), "times", grown, f"{sizes[0] // 1000} kB", goal
        )


def _variants(
    folder: Path, text: str, image: str, key: str, hostile: Hostile | None = None
) -> dict[str, Callable[[], Sample]]:
    """Write the files of a build; return how to build them with either frontend."""
    folder.mkdir()
    (folder / ".dockerignore").write_text(hostile.ignore if hostile else "")
    arguments = [
        f"--build-arg={name}={value}" for name, value in (hostile.arguments if hostile else {}).items()
    ]
    found: dict[str, Callable[[], Sample]] = {}
    for frontend, first in ((OURS, f"# syntax={image}\n"), (BUILTIN, "")):
        file = folder / f"Dockerfile.{frontend}"
        # A first line that is as long keeps the lines of both files in step.
        file.write_text((first or "#\n") + text, "utf-8", "surrogateescape")
        found[f"{key} {frontend}"] = partial(_build, [*arguments, f"--file={file}", str(folder)])
    return found


def _build(arguments: Sequence[str]) -> Sample:
    started = perf_counter()
    done = subprocess.run(
        ["docker", "buildx", "build", "--quiet", *arguments], check=False, capture_output=True
    )
    return {"ms": (perf_counter() - started) * 1000, "failed": bool(done.returncode)}


def _alone(name: str, size: int) -> Sample:
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'frontend'}:{ROOT / 'tests'}"}
    command = [sys.executable, "-m", "bench.hostile_alone", name, str(size)]
    done = subprocess.run(command, check=True, env=environ, stdout=subprocess.PIPE)
    sample: Sample = json.loads(done.stdout)
    return sample
