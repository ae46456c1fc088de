"""Where the time of a plain build goes: a table of phases, and a picture of them as SVG."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from html import escape
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from process import environment

from bench.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]

#: Phases in the order of the table.
PHASES = (
    "start of Python",
    "import",
    "connect",
    "read",
    "parse",
    "lint",
    "plan",
    "lower",
    "marshal",
    "wait",
    "rest",
)
_SHADES = "#9aa5b1 #4c78a8 #b279a2 #72b7b2 #54a24b #88d27a #eeca3b #f58518 #e45756 #d8dee6 #ffffff"
COLOURS = dict(zip(PHASES, _SHADES.split(), strict=True))


class Event(NamedTuple):
    """What a thread did from ``start`` to ``end``, in milliseconds since the start of the process."""

    phase: str
    thread: str
    start: float
    end: float

    @property
    def kind(self) -> str:
        """The phase in the table: all calls are ``wait``."""
        return "wait" if self.phase.startswith("wait") else self.phase


def record() -> list[Event]:
    """Run a plain build once; return what it did."""
    with Engine() as engine:
        read_fd, write_fd = engine.fds
        path = os.pathsep.join([str(ROOT / "frontend"), str(ROOT / "tests")])
        environ = {**environment(), "PYTHONPATH": path, "BENCH_START": str(time.perf_counter())}
        command = [sys.executable, "-m", "bench.profiled"]
        with subprocess.Popen(
            command, env=environ, stdin=read_fd, stdout=write_fd, stderr=subprocess.PIPE
        ) as process:
            os.close(read_fd)
            os.close(write_fd)
            _, told = process.communicate(timeout=60)
    return [Event(*item) for item in json.loads(told)]


def profile(runs: int, target: Path) -> str:
    """Profile ``runs`` builds, draw the fastest into ``target``, and return the table of the faster third."""
    found = sorted((record() for _ in range(runs)), key=lambda events: max(event.end for event in events))
    target.write_text(picture(found[0]), "utf-8")
    return "\n".join(table(found[: (runs + 2) // 3]))


def own_times(events: Sequence[Event]) -> dict[str, float]:
    """Return the milliseconds that the main thread spent in each phase itself, not in one inside it."""
    found = dict.fromkeys(PHASES, 0.0)
    main = sorted(
        (event for event in events if event.thread == "main"), key=lambda event: (event.start, -event.end)
    )
    end = 0.0
    stack: list[Event] = []
    for event in main:
        while stack and stack[-1].end <= event.start:
            stack.pop()
        found[event.kind] += event.end - event.start
        if stack:
            found[stack[-1].kind] -= event.end - event.start
        else:
            found["rest"] += event.start - end
        end = max(end, event.end)
        stack.append(event)
    return found


def table(runs: Sequence[Sequence[Event]]) -> Iterator[str]:
    """Yield a Markdown table: the median of every phase, and its share."""
    times = [own_times(run) for run in runs]
    medians = {phase: median(found[phase] for found in times) for phase in PHASES}
    whole = sum(medians.values())
    yield "| phase | ms | share |"
    yield "|---|---:|---:|"
    yield from (f"| {phase} | {took:.1f} | {took / whole:.0%} |" for phase, took in medians.items())
    yield f"| all | {whole:.1f} | |"


def picture(events: Sequence[Event]) -> str:
    """Return the build as SVG: time from left to right, the main thread above, the others below."""
    threads = list(dict.fromkeys(event.thread for event in sorted(events, key=lambda event: event.start)))
    end, left, width, height = max(event.end for event in events), 90, 1000, 46
    scale = (width - left - 10) / end
    bars, rows = [], {"main": 0, **{name: n + 1 for n, name in enumerate(t for t in threads if t != "main")}}
    for event in sorted(events, key=lambda event: event.start):
        x, wide = left + event.start * scale, max((event.end - event.start) * scale, 0.5)
        inset = 6 if event.kind in ("wait", "import", "plan") and event.phase != "start of Python" else 0
        y = 30 + rows[event.thread] * (height + 8) + inset
        title = f"{event.phase}: {event.end - event.start:.1f} ms"
        bars.append(
            f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{height - 2 * inset}" stroke="#555" '
            f'stroke-width=".3" fill="{COLOURS[event.kind]}"><title>{escape(title)}</title></rect>'
        )
        if wide > 7 * len(event.phase.removeprefix("wait: ")):
            name = escape(event.phase.removeprefix("wait: "))
            bars.append(f'<text x="{x + wide / 2:.1f}" y="{y + height / 2 - inset + 4}">{name}</text>')
    labels = [
        f'<text x="{left - 8}" y="{30 + row * (height + 8) + height / 2 + 4}" style="text-anchor:end">'
        f"{escape(name if name == 'main' else 'thread')}</text>"
        for name, row in rows.items()
    ]
    marks = [f'<text x="{left + ms * scale:.1f}" y="20">{ms} ms</text>' for ms in range(0, int(end) + 1, 20)]
    tall = 62 + len(rows) * (height + 8)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {tall}" '
        'font-family="sans-serif" font-size="11" text-anchor="middle">'
        f'<rect width="{width}" height="{tall}" fill="white"/>'
    )
    return "\n".join([head, *marks, *labels, *bars, *_legend(left, tall - 22), "</svg>"]) + "\n"


def _legend(left: int, y: int) -> Iterator[str]:
    """Yield a square of its colour and the name of each phase."""
    x = left
    for phase, colour in COLOURS.items():
        yield f'<rect x="{x}" y="{y}" width="10" height="10" stroke="#555" fill="{colour}"/>'
        yield f'<text x="{x + 14}" y="{y + 9}" style="text-anchor:start">{escape(phase)}</text>'
        x += 30 + 7 * len(phase)
