"""``hack/bench``: measure start-up, conversion, cached builds and the image; print a table of ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from process import environment

from bench import cached, hostile, hostile_builds, image
from bench.cached import REFERENCE
from bench.engine import CALL, plain_build
from bench.processes import to_end, to_first_call
from bench.samples import Summary, interleave, summary
from bench.series import LARGEST, SERIES, SIZES
from bench.table import BARE, BARE_IN_IMAGE, Row, against, lines, series_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.samples import Sample

ROOT = Path(__file__).resolve().parents[2]
IMAGE = os.environ.get("PYFRONTEND_IMAGE", "ourorg/pyfrontend")
OURS = "ours"
PASS = ["-I", "-c", "pass"]
HOSTILE_SIZES = (64_000, 256_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for; return the exit code."""
    options = _options(arguments)
    if options.profile:
        from bench.profile import profile  # noqa: PLC0415 - the frontend is for the processes that run it

        sys.stdout.write(profile(options.runs, options.profile) + "\n")
        return 0
    try:
        earlier = _earlier(options.against) if options.against else {}
    except (OSError, ValueError, LookupError, TypeError) as error:
        sys.stderr.write(f"hack/bench: {options.against} is no report of an earlier run: {error}\n")
        return 2
    rows: list[Row] = []
    for name, part in PARTS.items():
        if name in options.only:
            try:
                rows += part(options)
            except (OSError, subprocess.CalledProcessError) as error:
                sys.stderr.write(f"{name} is left out: {_reason(error)}\n")
    table = "\n".join(lines(rows, earlier))
    sys.stdout.write(f"{table}\n")
    options.json.write_text(json.dumps(_report(rows, options.runs), indent=1) + "\n", "utf-8")
    return 0


def _earlier(file: Path) -> dict[str, float]:
    """Return the ratios of a saved report, by the names of its rows."""
    rows = json.loads(file.read_text("utf-8"))["rows"]
    return {name: row["ratio"] for name, row in rows.items()}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hack/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 runs, and series up to 1,000")
    parser.add_argument("--runs", type=int, help="runs of each variant (default: 11)")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="this part; may be repeated")
    parser.add_argument("--series", action="append", choices=list(SERIES), help="of the series, this one")
    parser.add_argument(
        "--hostile",
        action="append",
        choices=[*hostile.SERIES, "all"],
        metavar="NAME",
        help="with --only hostile: this series, or all (default: one for each kind of cost)",
    )
    parser.add_argument(
        "--size",
        action="append",
        type=int,
        metavar="BYTES",
        help="of hostile inputs (default: 64000, 256000)",
    )
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with an earlier run")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", default=Path("bench.json"), help="where to (bench.json)"
    )
    parser.add_argument("--profile", type=Path, metavar="SVG", help="profile a build instead")
    options = parser.parse_args(arguments)
    options.runs = options.runs or (3 if options.quick else 11)
    options.sizes = SIZES[:-1] if options.quick else SIZES
    options.only = options.only or [part for part in PARTS if part != "hostile"]
    options.size = options.size or list(HOSTILE_SIZES)
    return options


def _start_up(options: argparse.Namespace) -> Iterator[Row]:
    """Measure from the start of a process to its first call, in the checkout."""
    command = [sys.executable, "-m", "pyfrontend"]
    variants: dict[str, Callable[[], Sample]] = {
        BARE: partial(to_end, [sys.executable, *PASS]),
        OURS: partial(to_first_call, command, ROOT),
    }
    found = interleave(variants, options.runs)
    yield against(BARE, found[BARE], found[BARE], "")
    yield against("start to first call", found[OURS], found[BARE], "bare")


def _start_up_in_image(options: argparse.Namespace) -> Iterator[Row]:
    """Measure the same in the image's own files."""
    with image.unpacked(IMAGE) as folder:
        command = ["chroot", str(folder)]
        variants: dict[str, Callable[[], Sample]] = {
            BARE_IN_IMAGE: partial(to_end, [*command, "/usr/bin/python3", *PASS]),
            OURS: partial(to_first_call, [*command, *image.entrypoint(IMAGE)]),
        }
        found = interleave(variants, options.runs)
    yield against(BARE_IN_IMAGE, found[BARE_IN_IMAGE], found[BARE_IN_IMAGE], "")
    yield against("start to first call, in the image", found[OURS], found[BARE_IN_IMAGE], "bare", 9)


def _series(options: argparse.Namespace) -> Iterator[Row]:
    """Measure conversions of growing Dockerfiles, each in a process of its own."""
    variants = {BARE: partial(to_end, [sys.executable, *PASS])}
    for name in options.series or SERIES:
        sizes = [size for size in options.sizes if size <= LARGEST.get(name, size)]
        variants |= {f"{name} {size}": partial(_convert, name, size) for size in sizes}
    yield from series_rows(interleave(variants, options.runs), options.sizes)


def _convert(name: str, size: int) -> Sample:
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'frontend'}:{ROOT / 'tests'}"}
    command = [sys.executable, "-m", "bench.convert", name, str(size)]
    done = subprocess.run(command, check=True, env=environ, stdout=subprocess.PIPE)
    sample: Sample = json.loads(done.stdout)
    return sample


def _plain(options: argparse.Namespace) -> Iterator[Row]:
    """Measure whole builds with a stand-in for the engine, in the files of our image and the reference's."""
    images = _images()
    with ExitStack() as stack:
        variants: dict[str, Callable[[], Sample]] = {}
        for name, tag in images.items():
            folder = stack.enter_context(image.unpacked(tag))
            command = ["chroot", str(folder), *image.entrypoint(tag)]
            variants[name] = partial(plain_build, command, environment() | {"PATH": os.environ["PATH"]})
        found = interleave(variants, options.runs)
    base = found.get(REFERENCE, found[OURS])
    to = "reference" if REFERENCE in found else ""
    for name, samples in found.items():
        yield against(f"plain build, {name}", samples, base, to)
        yield against(f"plain build, {name}, processor", samples, base, to, figure="cpu")
        for call in (figure for figure in samples if figure.startswith(CALL)):
            yield Row(f"  {name}: {call.removeprefix(CALL)}", summary(samples[call]), "ms")


def _cached(options: argparse.Namespace) -> Iterator[Row]:
    """Measure a build of which nothing has to be done: built-in frontend, our image, the reference's."""
    with cached.builds(_images()) as variants:
        found = interleave(variants, options.runs)
    builtin = found[cached.BUILTIN]
    yield against("all-cached build, built-in", builtin, builtin, "")
    yield against("all-cached build, ours", found[OURS], builtin, "built-in", 1.6)
    if REFERENCE in found:
        yield against(f"all-cached build, {REFERENCE}", found[REFERENCE], builtin, "built-in")
        yield against("all-cached build, ours to that", found[OURS], found[REFERENCE], "reference", 1.08)


def _images() -> dict[str, str]:
    """Return the frontend images to measure: ours, and the reference where the engine has it."""
    return {OURS: IMAGE, **({REFERENCE: REFERENCE} if image.present(REFERENCE) else {})}


def _image(_: argparse.Namespace) -> Iterator[Row]:
    """Weigh the image."""
    found = image.size(IMAGE)
    for name, value, unit, goal in (
        ("image, compressed", found.compressed / 1e6, "MB", 20),
        ("image, files", found.files, "files", 600),
    ):
        yield Row(name, Summary(value, value, value), unit, value, "", goal)


def _hostile(options: argparse.Namespace) -> Iterator[Row]:
    """Measure builds of inputs that want to hurt; only where it is asked for, since it takes long."""
    names = list(hostile.SERIES) if "all" in (options.hostile or ()) else options.hostile or hostile.USUAL
    return hostile_builds.rows(names, sorted(options.size), options.runs, IMAGE)


PARTS: dict[str, Callable[[argparse.Namespace], Iterator[Row]]] = {
    "start-up": _start_up,
    "start-up-in-image": _start_up_in_image,
    "series": _series,
    "plain": _plain,
    "cached": _cached,
    "image": _image,
    "hostile": _hostile,
}


def _report(rows: Sequence[Row], runs: int) -> dict[str, object]:
    """Return the report as JSON: what ran where, and the figures of every row."""
    return {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "runs": runs,
        "rows": {
            row.name: {
                **row.value._asdict(),
                "unit": row.unit,
                "ratio": row.ratio,
                "to": row.to,
                "peak_mb": row.peak,
            }
            for row in rows
        },
    }


def _reason(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, subprocess.CalledProcessError) and error.stderr:
        text = error.stderr if isinstance(error.stderr, str) else error.stderr.decode()
        return text.strip().splitlines()[-1]
    return str(error)
