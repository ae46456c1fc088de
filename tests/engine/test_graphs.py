"""The engine's built-in frontend and ours make the same graph of the same file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from parity import engine, show

if TYPE_CHECKING:
    from pathlib import Path


def test_the_examples_have_the_same_graphs_as_through_the_built_in_frontend(root: Path, image: str) -> None:
    env = dict(os.environ)
    engine.make_image(env, image)
    files = [*engine.dockerfiles(root / "examples"), *engine.dockerfiles(root / "Dockerfile.frontend")]
    # The plugin's example has an instruction that the built-in frontend cannot know.
    files = [file for file in files if file != root / "examples/plugin/Dockerfile"]

    found = list(engine.verdicts(files, env))

    assert len(found) > 2
    different = [show.verdict_text(verdict, case) for case, verdict in found if verdict.outcome != "equal"]
    assert not different, "\n\n".join(different)
