"""``hack/fuzz [TARGET] [SECONDS]``: fuzz, one target after another, and tell what fails."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
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
#: Limits of the fuzzer itself, beyond those of `fuzz.limits`: for what never comes back.
HANG, MEGABYTES = 30, 1500
LONGEST = 4096


def main() -> int:
    """Fuzz; the exit code says whether an input failed."""
    names, seconds = read_arguments(sys.argv[1:])
    failed = [name for name in names if not fuzz(name, seconds)]
    if failed:
        print(f"failed: {', '.join(failed)}; make each input a file of {CORPUS.relative_to(ROOT)}")  # noqa: T201
    return bool(failed)


def read_arguments(arguments: Sequence[str]) -> tuple[list[str], int]:
    """Return the targets and the seconds for each."""
    names, seconds = list(TARGETS), SECONDS
    for word in arguments:
        if word.isdigit():
            seconds = int(word)
        elif word in TARGETS:
            names = [word]
        else:
            sys.exit(f"hack/fuzz: no target {word}; there are {', '.join(TARGETS)}")
    return names, seconds


def fuzz(name: str, seconds: int) -> bool:
    """Fuzz one target for so many seconds; tell what failed, and return whether nothing did."""
    print(f"==> {name}, {seconds} seconds", flush=True)  # noqa: T201 - this is a command
    grown = FOUND / name
    grown.mkdir(parents=True, exist_ok=True)
    seeds = [str(CORPUS / name)]
    if name == "conversion":
        write_seeds(FOUND / "parity")
        seeds.append(str(FOUND / "parity"))
    command = [
        *(sys.executable, "-m", "fuzz.child", name, f"-dict={_dictionary(name)}"),
        *(f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={HANG}"),
        *(f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={FOUND}/{name}-"),
        *("-print_final_stats=1", "-verbosity=0"),
        *(str(grown), *seeds),
    ]
    started = time.time()
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    artifacts = [path for path in FOUND.glob(f"{name}-*") if path.stat().st_mtime >= started]
    print(_summary(done.stderr))  # noqa: T201
    if not artifacts:
        if done.returncode:
            told = (line for line in done.stderr.splitlines() if not line.startswith("INFO: "))
            print(done.stdout[-2000:], "\n".join(told)[-4000:])  # noqa: T201
        return done.returncode == 0
    # Instrumented code is slow: only what fails without instrumentation has failed.
    replayed = subprocess.run(
        [sys.executable, "-m", "fuzz.replay", name, *map(str, artifacts)],
        capture_output=True,
        text=True,
        check=False,
    )
    print(replayed.stdout, replayed.stderr)  # noqa: T201
    return replayed.returncode == 0


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
