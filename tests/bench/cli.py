"""``hack/bench``: measure start-up, conversion, cached builds and the image; print a table of ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench import cached, image
from bench.processes import to_end, to_first_call
from bench.samples import Summary, interleave
from bench.series import SERIES, SIZES
from bench.table import BARE, BARE_IN_IMAGE, BUILTIN, Row, against, lines, series_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.samples import Sample

ROOT = Path(__file__).resolve().parents[2]
IMAGE = os.environ.get("PYFRONTEND_IMAGE", "ourorg/pyfrontend")
PASS = ["-I", "-c", "pass"]


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
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with an earlier run")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", default=Path("bench.json"), help="where to (bench.json)"
    )
    parser.add_argument("--profile", type=Path, metavar="SVG", help="profile a build instead")
    options = parser.parse_args(arguments)
    options.runs = options.runs or (3 if options.quick else 11)
    options.sizes = SIZES[:-1] if options.quick else SIZES
    options.only = options.only or list(PARTS)
    return options


def _start_up(options: argparse.Namespace) -> Iterator[Row]:
    """Measure from the start of a process to its first call, in the checkout."""
    command = [sys.executable, "-m", "pyfrontend"]
    variants: dict[str, Callable[[], Sample]] = {
        BARE: partial(to_end, [sys.executable, *PASS]),
        "ours": partial(to_first_call, command, ROOT),
    }
    found = interleave(variants, options.runs)
    yield against(BARE, found[BARE], found[BARE], "")
    yield against("start to first call", found["ours"], found[BARE], "bare")


def _start_up_in_image(options: argparse.Namespace) -> Iterator[Row]:
    """Measure the same in the image's own files."""
    with image.unpacked(IMAGE) as folder:
        command = ["chroot", str(folder), "/usr/bin/python3"]
        variants: dict[str, Callable[[], Sample]] = {
            BARE_IN_IMAGE: partial(to_end, [*command, *PASS]),
            "ours": partial(to_first_call, [*command, "-I", "-S", "-m", "pyfrontend"]),
        }
        found = interleave(variants, options.runs)
    yield against(BARE_IN_IMAGE, found[BARE_IN_IMAGE], found[BARE_IN_IMAGE], "")
    yield against("start to first call, in the image", found["ours"], found[BARE_IN_IMAGE], "bare", 9)


def _series(options: argparse.Namespace) -> Iterator[Row]:
    """Measure conversions of growing Dockerfiles, each in a process of its own."""
    variants = {BARE: partial(to_end, [sys.executable, *PASS])}
    for name in options.series or SERIES:
        variants |= {f"{name} {size}": partial(_convert, name, size) for size in options.sizes}
    yield from series_rows(interleave(variants, options.runs), options.sizes)


def _convert(name: str, size: int) -> Sample:
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    command = [sys.executable, "-m", "bench.convert", name, str(size)]
    done = subprocess.run(command, check=True, env=environ, stdout=subprocess.PIPE)
    sample: Sample = json.loads(done.stdout)
    return sample


def _cached(options: argparse.Namespace) -> Iterator[Row]:
    """Measure a build of which nothing has to be done, through our image and the built-in frontend."""
    with cached.builds(IMAGE) as variants:
        found = interleave(variants, options.runs)
    yield against(BUILTIN, found["builtin"], found["builtin"], "")
    yield against("all-cached build, our image", found["ours"], found["builtin"], "built-in", 1.9)


def _image(_: argparse.Namespace) -> Iterator[Row]:
    """Weigh the image."""
    found = image.size(IMAGE)
    for name, value, unit, goal in (
        ("image, compressed", found.compressed / 1e6, "MB", 20),
        ("image, files", found.files, "files", 600),
    ):
        yield Row(name, Summary(value, value, value), unit, value, "", goal)


PARTS: dict[str, Callable[[argparse.Namespace], Iterator[Row]]] = {
    "start-up": _start_up,
    "start-up-in-image": _start_up_in_image,
    "series": _series,
    "cached": _cached,
    "image": _image,
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
