"""Each example has a page with the commands that show it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_says_what_it_shows_and_how_to_run_it(folder: Path) -> None:
    page = (folder / "README.md").read_text()
    assert re.match(r"# \S.*\n\n\S", page)
    commands = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert commands
    files = re.findall(r"--file (\S+)", "".join(commands))
    assert [name for name in files if not (folder / name).exists()] == []


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_the_readme_links_every_example(folder: Path) -> None:
    assert f"(examples/{folder.name})" in (ROOT / "README.md").read_text()
