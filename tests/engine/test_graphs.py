"""The engine's built-in frontend and ours make the same graph of the same file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from parity import engine, show

if TYPE_CHECKING:
    from pathlib import Path

#: Examples of plugins and of the extended language have lines that the built-in frontend cannot know.
OTHERS = ("company-frontend", "conditions", "lock", "monorepo", "plugin", "tests")


def test_the_examples_have_the_same_graphs_as_through_the_built_in_frontend(root: Path, image: str) -> None:
    env = dict(os.environ)
    engine.make_image(env, image)
    files = [*engine.dockerfiles(root / "examples"), *engine.dockerfiles(root / "Dockerfile.frontend")]
    others = [root / "examples" / name for name in OTHERS]
    files = [file for file in files if not any(file.is_relative_to(other) for other in others)]

    found = list(engine.verdicts(files, env))

    assert len(found) > 2
    different = [show.verdict_text(verdict, case) for case, verdict in found if verdict.outcome != "equal"]
    assert not different, "\n\n".join(different)
