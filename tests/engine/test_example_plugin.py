"""The example of a plugin: a frontend image derived from ours builds with the instruction that it adds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.built import build_image
from engine.client import build, build_text, docker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def derived(tmp_path: Path, image: str) -> Iterator[Callable[[str, str], str]]:
    """Builds frontend images with one plugin each, by its text and the names to load; returns their tags."""
    tags: list[str] = []

    def make(plugin: str, names: str) -> str:
        tag = f"pyfrontend-test-plugin-{uuid4().hex[:8]}"
        (tmp_path / "house.py").write_text(plugin)
        dockerfile = f"FROM {image}\nCOPY house.py /plugins/\nENV DOCKERFILE_FRONTEND_PLUGINS={names}\n"
        made = build_text(tmp_path, dockerfile, "--tag", tag, "--load", "--provenance=false")
        assert made.code == 0, made.output
        tags.append(tag)
        return tag

    yield make
    docker("image", "rm", "--force", *tags)


def test_example_installs_packages_with_its_own_instruction(root: Path, image: str) -> None:
    example = root / "examples/plugin"
    frontend, tag = "ourorg/with-apt", "pyfrontend-test-plugin-example"
    options = ("--build-context", f"ourorg/pyfrontend=docker-image://{image}", "--provenance=false")
    made = build(
        example, "--file", str(example / "Dockerfile.frontend"), *options, "--tag", frontend, "--load"
    )
    assert made.code == 0, made.output
    built = build(example, "--tag", tag, "--load")
    assert built.code == 0, built.output
    assert built.ran(f"docker-image://docker.io/{frontend}")
    assert "apt-get -qy install --no-install-recommends figlet" in "".join(built.steps)
    assert len(docker("run", "--rm", tag, "hello").splitlines()) > 3


def test_instruction_of_the_guide_does_what_it_says(
    root: Path, tmp_path: Path, derived: Callable[[str, str], str]
) -> None:
    guide = (root / "docs/plugins.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    (plugin,) = [block for block in blocks if '@instruction("TITLE"' in block]
    frontend = derived(plugin, "house")
    text = "FROM scratch\nARG of=Anything\nTITLE --vendor=Us Shop of $of\nCOPY Dockerfile /\n"
    built = build_image(tmp_path, f"# syntax={frontend}\n{text}")
    assert built.config["Labels"] == {
        "org.opencontainers.image.title": "Shop of Anything",
        "org.opencontainers.image.vendor": "Us",
    }
    assert "TITLE Shop of Anything" in built.history


@pytest.mark.parametrize(
    ("plugin", "names", "message"),
    [
        pytest.param("", "house,garden", "the plugin garden is not in the frontend image", id="missing"),
        pytest.param("import nowhere", "house", "the plugin house needs the module nowhere", id="its import"),
        pytest.param(
            "1 / 0", "house", "the plugin house cannot be loaded: ZeroDivisionError", id="exception"
        ),
    ],
)
def test_frontend_with_a_broken_plugin_says_which(
    tmp_path: Path, derived: Callable[[str, str], str], plugin: str, names: str, message: str
) -> None:
    frontend = derived(plugin, names)
    built = build_text(tmp_path, f"# syntax={frontend}\nFROM scratch\n")
    assert built.code != 0
    assert message in built.message
