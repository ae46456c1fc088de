"""Dockerfiles that grow: the name of a series and a size in, a text out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Series = Callable[[int], str]


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def copy_chain(size: int) -> str:
    """Every stage copies a file from the stage before it."""
    stages = [f"FROM alpine AS s{n}\nCOPY --from=s{n - 1} /f /f{n}" for n in range(1, size)]
    return _lines("FROM alpine AS s0\nRUN touch /f", *stages)


def run(size: int) -> str:
    """One stage with nothing but RUN."""
    return _lines("FROM alpine", *[f"RUN echo {n}" for n in range(size)])


def from_chain(size: int) -> str:
    """Every stage starts from the stage before it."""
    stages = [f"FROM s{n - 1} AS s{n}\nRUN echo {n}" for n in range(1, size)]
    return _lines("FROM alpine AS s0\nRUN echo 0", *stages)


def env_run(size: int) -> str:
    """ENV and RUN in turn: every RUN carries all variables before it, so the output grows with the square."""
    return _lines("FROM alpine", *[f"ENV NAME{n}=value{n}\nRUN echo {n}" for n in range(size)])


def fan_in(size: int) -> str:
    """Stages that stand for themselves, all copied into the last one."""
    stages = [f"FROM alpine AS s{n}\nRUN echo {n} > /f" for n in range(size)]
    return _lines(*stages, "FROM alpine", *[f"COPY --from=s{n} /f /f{n}" for n in range(size)])


def copy_link(size: int) -> str:
    """One stage with nothing but COPY --link, which stand beside each other."""
    return _lines("FROM alpine", *[f"COPY --link f{n} /f{n}" for n in range(size)])


def diamonds(size: int) -> str:
    """Every stage copies from the two before it: a walk without a memory takes exponential time."""
    stages = [
        f"FROM alpine AS s{n}\nCOPY --from=s{n - 1} /f /a\nCOPY --from=s{n - 2} /f /b" for n in range(2, size)
    ]
    return _lines("FROM alpine AS s0\nRUN touch /f", "FROM alpine AS s1\nRUN touch /f", *stages)


def warnings(size: int) -> str:
    """Every line has a finding: keywords in both cases, and variables that nobody declares."""
    return _lines("FROM alpine", *[f"run echo $undeclared{n}\nLABEL name{n} $gone{n}" for n in range(size)])


#: All series by the name that the table shows.
SERIES: dict[str, Series] = {
    "COPY --from chain": copy_chain,
    "N RUN": run,
    "FROM chain": from_chain,
    "ENV and RUN": env_run,
    "fan-in": fan_in,
    "COPY --link": copy_link,
    "diamonds": diamonds,
    "8 platforms": copy_chain,
    "warnings": warnings,
}
#: Build options of the series that are not about the Dockerfile alone.
OPTIONS: dict[str, dict[str, str]] = {
    "8 platforms": {
        "platform": "linux/amd64,linux/arm64,linux/arm/v7,linux/386,linux/ppc64le,linux/riscv64,linux/s390x,"
        "linux/mips64le"
    },
}

SIZES = (10, 100, 1_000, 5_000)
#: The largest size of a series whose graph is beyond what BuildKit takes at more.
LARGEST = {"ENV and RUN": 1_000, "8 platforms": 1_000}

#: What a series may take at 5,000, in multiples of bare Python; ENV and RUN only must grow with its output.
GOALS = {
    "COPY --from chain": 130,
    "N RUN": 100,
    "FROM chain": 150,
    "fan-in": 250,
    "COPY --link": 130,
    "diamonds": 250,
}
#: And how much more than at 1,000, for every series but ENV and RUN.
GROWTH = 5.5
#: Megabytes at 5,000.
PEAK = 200
