"""A frontend that starts late on a busy machine: BuildKit hangs up where nothing comes for 10 seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.client import build_text, docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: More than the daemon waits, and than the reference as an image needs at its slowest.
LATE = 15

#: Our frontend, whose first import of another module than `__main__` takes ``LATE`` seconds.
PROGRAM = f"""\
import runpy, sys, time

class Late:
    def find_spec(name, path=None, target=None):
        if name.startswith("pyfrontend.") and not name.endswith("__main__"):
            sys.meta_path.remove(Late)
            time.sleep({LATE})

sys.meta_path.insert(0, Late)
sys.argv[1:] = []
runpy.run_module("pyfrontend", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def late(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a frontend image made from ours that starts late."""
    folder, tag = tmp_path_factory.mktemp("late"), f"pyfrontend-test-late-{uuid4().hex[:8]}"
    (folder / "late.py").write_text(PROGRAM)
    dockerfile = f'FROM {image}\nCOPY late.py /\nENTRYPOINT ["/usr/bin/python3", "-I", "-S", "/late.py"]\n'
    made = build_text(folder, dockerfile, "--tag", tag, "--load", "--provenance=false")
    assert made.code == 0, made.output
    yield tag
    docker("image", "rm", "--force", tag)


def test_a_late_start_builds(late: str, tmp_path: Path) -> None:
    built = build_text(tmp_path, f"# syntax={late}\nFROM scratch\nCOPY <<EOF /f\nhello\nEOF\n")
    assert built.code == 0, built.output
    assert built.ran("COPY <<EOF /f")


def test_a_late_start_reports_errors(late: str, tmp_path: Path) -> None:
    built = build_text(tmp_path, f"# syntax={late}\nFROM scratch\nCOPY missing /\nRUM x\n")
    assert built.message.endswith("unknown instruction: RUM (did you mean RUN?)"), built.output
    assert built.marked == [4]
