"""The example of a frontend of its own: an image made of ours and a Python file."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from engine.client import build, build_text, docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRONTEND = "ourorg/pages"


@pytest.fixture(scope="module")
def pages(root: Path, image: str) -> Iterator[str]:
    example = root / "examples/frontend"
    options = ("--build-context", f"ourorg/pyfrontend=docker-image://{image}", "--provenance=false")
    made = build(
        example, "--file", str(example / "Dockerfile.frontend"), *options, "--tag", FRONTEND, "--load"
    )
    assert made.code == 0, made.output
    yield FRONTEND
    docker("image", "rm", "--force", FRONTEND)


def test_pages_are_built_and_served_from_an_image(root: Path, pages: str) -> None:
    example, tag = root / "examples/frontend", "pyfrontend-test-pages"
    built = build(example, "--file", str(example / "Pages"), "--tag", tag, "--load")
    assert built.code == 0, built.output
    assert built.ran(f"docker-image://docker.io/{pages}")
    assert built.ran("mkfile /www/index.html")
    shown = docker("run", "--rm", tag, "cat", "index.html", "style.css")
    assert "<p>Hello, world: 1 &lt; 2 &amp; 3 &gt; 2</p>" in shown
    assert "sans-serif" in shown
    config = docker("image", "inspect", "--format", "{{json .Config}}", tag)
    assert '"Labels":{"pages":"2"}' in config
    docker("image", "rm", "--force", tag)


@pytest.mark.usefixtures("pages")
def test_a_line_that_it_does_not_know_is_shown(tmp_path: Path) -> None:
    (tmp_path / "Pages").write_text(f"# syntax={FRONTEND}\nfrom scratch\npaeg index Hello\n")
    built = build(tmp_path, "--file", str(tmp_path / "Pages"))
    assert built.code != 0
    assert "there is no paeg: lines begin with from, page or files" in built.message
    assert built.marked == [3]


@pytest.mark.usefixtures("pages")
def test_it_builds_for_several_platforms_and_warns(tmp_path: Path) -> None:
    (tmp_path / "Pages").write_text(f"# syntax={FRONTEND}\nfrom scratch\nfiles static\n")
    (tmp_path / "static").mkdir()
    (tmp_path / "static/x").write_text("x")
    options = ("--platform", "linux/amd64,linux/arm64", "--output", f"type=local,dest={tmp_path}/out")
    built = build(tmp_path, "--file", str(tmp_path / "Pages"), *options)
    assert built.code == 0, built.output
    progress = [json.loads(line) for line in built.output.splitlines() if line.startswith("{")]
    warnings = [base64.b64decode(found["short"]) for part in progress for found in part.get("warnings", ())]
    assert warnings == 2 * [b"NoPages: there is no page, so the site is empty"], "one for each platform"
    for platform in ("linux_amd64", "linux_arm64"):
        assert (tmp_path / "out" / platform / "www/x").read_text() == "x"


#: Every kind of op, each of which would fail, or leave other files, were it not what it says.
EVERYTHING = """
from pyfrontend import Client, frontend, llb

@frontend
def everything(client: Client) -> llb.State:
    base = client.image("busybox")
    mounts = [llb.tmpfs("/tmp"), llb.cache("/cache"), llb.secret("token", env="TOKEN", optional=True)]
    made = base.run("touch /tmp/x /cache/x && echo $A >/made && touch /junk1", env={"A": "1"}, mounts=mounts)
    places = [llb.bind(made, "/in"), llb.bind(llb.scratch(), "/out", writable=True)]
    out = base.run(["cp", "/in/made", "/out/copied"], mounts=places).mounted("/out")
    there = client.files(made).read("/made").decode()
    files = llb.scratch().mkdir("/a/b", parents=True).mkfile("/a/b/there", there, mode=0o600)
    change = llb.diff(base, made)
    return llb.merge(change, out, files).rm("/junk*", wildcard=True).rm("/none", missing_ok=True)

everything()
"""


def test_every_op_does_what_it_says(tmp_path: Path, image: str) -> None:
    tag = "pyfrontend-test-everything"
    (tmp_path / "house.py").write_text(EVERYTHING)
    entrypoint = '["/usr/bin/python3", "-I", "-S", "/house.py"]'
    made = build_text(
        tmp_path,
        f"FROM {image}\nCOPY house.py /\nENTRYPOINT {entrypoint}\n",
        *("--tag", tag, "--load", "--provenance=false"),
    )
    assert made.code == 0, made.output
    out = tmp_path / "out"
    built = build_text(tmp_path, f"# syntax={tag}\n", "--output", f"type=local,dest={out}")
    docker("image", "rm", "--force", tag)
    assert built.code == 0, built.output
    found = {str(path.relative_to(out)): path.read_text() for path in out.rglob("*") if path.is_file()}
    assert found == {"made": "1\n", "copied": "1\n", "a/b/there": "1\n"}
    assert (out / "a/b/there").stat().st_mode & 0o777 == 0o600
