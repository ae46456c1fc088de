#!/usr/bin/env python3
"""Check all Dockerfiles below a folder, and that their base images have a tag or a digest.

pip install pyfrontend
python check.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyfrontend


def untagged(file: pyfrontend.File) -> list[str]:
    """Return a line for each stage that begins with an image of no known version."""
    earlier: set[str] = set()
    lines = []
    for stage in file.stages:
        is_image = stage.base.lower() not in earlier | {"scratch"}
        if is_image and ":" not in stage.base and "@" not in stage.base and "$" not in stage.base:
            lines.append(f"{file.name}:{stage.start_line}: error: {stage.base} has no tag")
        earlier.add(stage.name)
    return lines


def main(folder: Path) -> int:
    """Print what is wrong; return 1 where anything is."""
    code = 0
    for path in sorted(folder.rglob("*Dockerfile*")):
        file = pyfrontend.parse(path)
        report = pyfrontend.lint(file, skip=["StageNameCasing"])
        own = untagged(file)
        sys.stdout.write(report.render("lines") + "".join(f"{line}\n" for line in own))
        code = code or report.exit_code or int(bool(own))
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
