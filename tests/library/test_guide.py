"""The examples of docs/library.md do what the page says."""

from __future__ import annotations

import doctest
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from pyfrontend import DockerfileError

if TYPE_CHECKING:
    from pathlib import Path

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


def test_the_frontend_of_the_guide_makes_an_image(root: Path) -> None:
    blocks = BLOCK.findall((root / "docs/library.md").read_text())
    (script,) = [block for block in blocks if "@frontend" in block and ">>>" not in block]
    space: dict[str, Any] = {"__name__": "hello"}
    exec(compile(script, "hello.py", "exec"), space)
    built = space["hello"].lower("# syntax=x\nHello\n", args={"GREETING": "ciao"})
    config = json.loads(built.config)["config"]
    assert (config["Cmd"], config["Labels"]) == (["cat", "/hello"], {"greeting": "ciao"})
    commands = [op["exec"]["meta"]["args"] for op in built.definition.ops if "exec" in op]
    assert commands == [["sh", "-c", "echo 'Hello' >>/hello"]]
    with pytest.raises(DockerfileError, match="a line is text"):
        space["hello"].lower("\0\n")
