"""``hack/fuzz [TARGET] [SECONDS | fixed]``: fuzz, one target after another, and tell what fails.

A fixed run tries the same inputs every time: it has a fixed seed, a number of inputs in place of seconds, and
begins with nothing that earlier runs have found.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fuzz.seeds import write_seeds
from fuzz.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus"
#: What the fuzzer finds on its way, kept from run to run; not in the repository.
FOUND = ROOT / ".fuzz"
SECONDS = 60
#: In place of seconds: a fixed run, of so many inputs for each target (seeds among them), about ten seconds.
FIXED = 0
INPUTS = {
    "conversion": 400,
    "ignore": 800,
    "expansion": 2_000,
    "values": 400,
    "options": 2_000,
    "files": 10_000,
    "image": 6_000,
    "archives": 4_000,
    "graphs": 10_000,
    "gateway": 400,
    "fixes": 600,
    "opening": 10_000,
}
#: Limits of the fuzzer itself, beyond those of `fuzz.limits`: for what never comes back.
HANG, MEGABYTES = 30, 1500
LONGEST = 4096


def main() -> int:
    """Fuzz; the exit code says whether an input failed."""
    names, seconds = read_arguments(sys.argv[1:])
    failed = [f"{name}: {reason}" for name in names for reason in fuzz(name, seconds)]
    if failed:
        print("\n".join(["failed:", *failed]))  # noqa: T201 - once more, for logs that are cut in the middle
        print(f"make each input a file of {CORPUS.relative_to(ROOT)}/TARGET")  # noqa: T201
    return bool(failed)


def read_arguments(arguments: Sequence[str]) -> tuple[list[str], int]:
    """Return the targets and the seconds for each, or `FIXED`."""
    names, seconds = list(TARGETS), SECONDS
    for word in arguments:
        if word.isdigit():
            seconds = int(word) or 1
        elif word == "fixed":
            seconds = FIXED
        elif word in TARGETS:
            names = [word]
        else:
            sys.exit(f"hack/fuzz: no target {word}; there are {', '.join(TARGETS)}")
    return names, seconds


def fuzz(name: str, seconds: int) -> list[str]:
    """Fuzz one target for so many seconds; tell what failed, and return each failure in one line."""
    print(f"==> {name}, {f'{seconds} seconds' if seconds else f'{INPUTS[name]:,} inputs'}", flush=True)  # noqa: T201
    FOUND.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="fuzz-") as empty:
        done, artifacts = _run(name, _fixed(name, empty) if seconds == FIXED else _random(name, seconds))
    print(_summary(done.stderr))  # noqa: T201
    if not artifacts:
        if not done.returncode:
            return []
        told = [line for line in done.stderr.splitlines() if not line.startswith("INFO: ")]
        print(done.stdout[-2000:], "\n".join(told)[-4000:])  # noqa: T201
        return [next(filter(None, reversed(told)), f"exit code {done.returncode}")]
    # Instrumented code is slow: only what fails without instrumentation has failed.
    replayed = subprocess.run(
        [sys.executable, "-m", "fuzz.replay", name, *map(str, artifacts)],
        capture_output=True,
        text=True,
        check=False,
    )
    print(replayed.stdout, replayed.stderr)  # noqa: T201
    return replayed.stdout.splitlines()[-1:] if replayed.returncode else []


def _fixed(name: str, empty: str) -> list[str]:
    """Return what makes a run the same every time, its seeds in a fixed order."""
    seeds = ",".join(str(path) for path in sorted((CORPUS / name).iterdir()))
    return ["-seed=1", "-reload=0", f"-runs={INPUTS[name]}", f"-seed_inputs={seeds}", empty]


def _random(name: str, seconds: int) -> list[str]:
    """Return how long to run, and the folders that a run begins with; it adds to the first."""
    grown = FOUND / name
    grown.mkdir(exist_ok=True)
    folders = [str(grown), str(CORPUS / name)]
    if name == "conversion":
        write_seeds(FOUND / "parity")
        folders.append(str(FOUND / "parity"))
    return [f"-max_total_time={seconds}", *folders]


def _run(name: str, options: Sequence[str]) -> tuple[subprocess.CompletedProcess[str], list[Path]]:
    """Run the fuzzer; return how it ended, and the files of the inputs that failed."""
    command = [
        *(sys.executable, "-m", "fuzz.child", name, f"-dict={_dictionary(name)}"),
        *(f"-max_len={LONGEST}", f"-timeout={HANG}"),
        *(f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={FOUND}/{name}-"),
        *("-print_final_stats=1", "-verbosity=0", *options),
    ]
    started = time.time()
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return done, [path for path in FOUND.glob(f"{name}-*") if path.stat().st_mtime >= started]


def _summary(stderr: str) -> str:
    wanted = ("number_of_executed_units", "average_exec_per_sec", "new_units_added", "peak_rss_mb")
    lines = [line for line in stderr.splitlines() if line.startswith("stat::")]
    return "    " + ", ".join(
        line.removeprefix("stat::").replace(" ", "") for line in lines if any(name in line for name in wanted)
    )


def _dictionary(name: str) -> Path:
    """Write the words of a target as libFuzzer reads them."""
    path = FOUND / f"{name}.dict"
    words = (word.encode("utf-8", "surrogateescape") for word in TARGETS[name].words)
    path.write_text("".join(f'"{_escaped(word)}"\n' for word in words))
    return path


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    sys.exit(main())
