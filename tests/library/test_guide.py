"""The examples of docs/library.md do what the page says."""

from __future__ import annotations

import doctest
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_guide_run_in_order(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = [block for block in BLOCK.findall((root / "docs/library.md").read_text()) if ">>>" in block]
    assert len(blocks) > 5
    test = doctest.DocTestParser().get_doctest("".join(blocks), {}, "library.md", "docs/library.md", 0)
    output: list[str] = []
    doctest.DocTestRunner().run(test, out=output.append)
    assert "".join(output) == ""
