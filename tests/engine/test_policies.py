"""Policies on an engine: derived images refuse sources at their line, and take images from a mirror."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import pytest

from engine import machines, servers
from engine.client import TIMEOUT, build, build_text, buildx, docker
from engine.extended.calls import call
from engine.registries import put_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from engine.client import Build

TYPING_ERROR = "pyfrontend-test-policies-typing-error"
REQUIRED = "(DOCKERFILE_FRONTEND_REQUIRE)"


class Company(NamedTuple):
    """A folder to build in, a registry with an image ``hub/library/base:1``, and frontends with policies."""

    folder: Path
    registry: str
    frontend: Callable[..., str]

    def build(self, text: str, *options: str, **variables: str) -> Build:
        """Build with a frontend that has these ``variables``."""
        return build_text(self.folder, f"# syntax={self.frontend(**variables)}\n{text}", *options)

    def mirrors(self) -> str:
        return f"docker.io={self.registry}/hub"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, image: str) -> Iterator[Company]:
    if reason := machines.missing_registry():
        pytest.skip(reason)
    tags: dict[str, str] = {}
    folder = tmp_path_factory.mktemp("company")

    def frontend(**variables: str) -> str:
        text = "".join(f"ENV DOCKERFILE_FRONTEND_{name}={value}\n" for name, value in variables.items())
        if text not in tags:
            tags[text] = f"pyfrontend-test-policies-{uuid4().hex[:8]}"
            options = ("--tag", tags[text], "--load", "--provenance=false")
            made = build_text(folder, f'FROM {image}\n{text}RUN ["pyfrontend", "plugins"]\n', *options)
            assert made.code == 0, made.output
        return tags[text]

    with machines.registry(tmp_path_factory.mktemp("registry")) as address:
        base = f"{address}/hub/library/base:1"
        made = build_text(
            folder, "FROM scratch\nCOPY <<E /from\nmirror\nE\n", f"--output=type=registry,name={base}"
        )
        assert made.code == 0, made.output
        yield Company(folder, address, frontend)
    docker("image", "rm", "--force", *tags.values())


@pytest.mark.parametrize(
    ("text", "options", "line"),
    [
        pytest.param("FROM scratch\nFROM evil.invalid/x\nRUN y\n", (), 3, id="FROM"),
        pytest.param("FROM scratch\nCOPY --from=evil.invalid/x / /\n", (), 3, id="COPY --from"),
        pytest.param("FROM scratch\nRUN --mount=from=evil.invalid/x,target=/m y\n", (), 3, id="a mount"),
        pytest.param(
            "FROM other\nRUN y\n",
            ("--build-context=other=docker-image://evil.invalid/x",),
            2,
            id="a named context",
        ),
    ],
)
def test_an_image_from_a_registry_that_is_not_allowed_is_refused_at_its_line(
    company: Company, text: str, options: tuple[str, ...], line: int
) -> None:
    done = company.build(text, *options, REGISTRIES="docker.io/library,registry.example.com")
    assert done.code != 0
    assert (
        "the image evil.invalid/x:latest is denied by the policy registries (DOCKERFILE_FRONTEND_REGISTRIES):"
        " it allows docker.io/library, registry.example.com"
    ) in done.message
    assert done.marked == [line]
    assert not [name for name in done.steps if "evil.invalid" in name], "it was not looked up"


def test_an_image_in_a_folder_of_the_client_comes_from_no_registry(company: Company) -> None:
    layout = company.folder / "layout"
    made = build_text(
        company.folder, "FROM scratch\nCOPY Dockerfile /x\n", f"--output=type=oci,tar=false,dest={layout}"
    )
    assert made.code == 0, made.output
    text, context = "FROM busybox\nCOPY Dockerfile /\n", f"--build-context=busybox=oci-layout://{layout}"
    done = company.build(text, context, "--output=type=cacheonly", REGISTRIES="docker.io/library")
    assert "is denied by the policy registries" in done.message
    assert done.marked == [2]
    allowed = "docker.io/library,oci-layout://"
    done = company.build(text, context, "--output=type=cacheonly", REGISTRIES=allowed)
    assert done.code == 0, done.output


@pytest.mark.parametrize(
    ("text", "required", "line", "told"),
    [
        (
            "FROM busybox:1\nRUN y\n",
            "digest",
            2,
            f"by the policy digest {REQUIRED}: write docker.io/library/",
        ),
        ("FROM busybox\nRUN y\n", "no-latest", 2, f"by the policy no-latest {REQUIRED}: without a tag"),
        ("FROM scratch\nADD https://evil.invalid/x /\n", "checksum", 3, f"by the policy checksum {REQUIRED}"),
        ("FROM scratch\nADD git@evil.invalid:x.git /\n", "checksum", 3, f"by the policy checksum {REQUIRED}"),
    ],
)
def test_what_is_not_pinned_is_refused_at_its_line(
    company: Company, text: str, required: str, line: int, told: str
) -> None:
    done = company.build(text, REQUIRE=required)
    assert done.code != 0
    assert told in done.message
    assert done.marked == [line]


def test_a_mirror_is_used_and_shown(company: Company) -> None:
    out = company.folder / "out"
    both = {"MIRRORS": company.mirrors(), "REGISTRIES": "docker.io/library"}
    done = company.build("FROM base:1\nCOPY Dockerfile /\n", f"--output={out}", **both)
    assert done.code == 0, done.output
    assert (out / "from").read_text() == "mirror\n"
    mirrored = f"{company.registry}/hub/library/base:1"
    assert done.ran(f"load metadata for {mirrored}")
    assert done.ran(f"FROM {mirrored}@sha256:")
    drawn = call(company.folder, "graph")
    assert f"FROM {mirrored}" in drawn.stdout
    assert "for base:1" in drawn.stdout
    outline = call(company.folder, "outline,format=json")
    assert json.loads(outline.stdout)["rewritten"][0]["taken"] == mirrored


def test_a_lock_by_a_mirror_names_what_the_file_names(company: Company) -> None:
    company.build("FROM base:1\nCOPY Dockerfile /\n", "--output=type=cacheonly", MIRRORS=company.mirrors())
    written = call(company.folder, "lock", "--output", str(company.folder))
    assert written.returncode == 0, written.stderr
    lock = (company.folder / "Dockerfile.lock").read_text()
    mirrored = f"{company.registry}/hub/library/base:1"
    assert "\nimage docker.io/library/base:1 sha256:" in lock
    assert f"# docker.io/library/base:1: digest of {mirrored} (DOCKERFILE_FRONTEND_MIRRORS)\n" in lock
    assert call(company.folder, "lock-check").returncode == 0
    done = build(company.folder, "--build-arg=BUILDKIT_DOCKERFILE_LOCK=frozen", "--output=type=cacheonly")
    assert done.code == 0, done.output
    assert done.ran(f"FROM {mirrored}@sha256:")


HOUSE = """
from pyfrontend.api import Deny, Rewrite, policy


@policy
def our_own(source):
    if source.kind == "http" and source.host == "evil.invalid":
        return Rewrite(f"{web}/{{source.repository}}")
    if source.kind == "git" and source.host == "evil.invalid":
        return Rewrite(f"{web}/{{source.repository}}#v1")
    if source.kind == "image" and source.name == "docker.io/library/old":
        return Rewrite("{registry}/hub/library/base:1")
    if source.is_within("docker.io/bitnami"):
        return Deny("take one of ours")
    if source.instruction == "COPY" and source.tag == "broken":
        raise KeyError(source.ref)
    return None
"""


@pytest.fixture(scope="module")
def house(company: Company, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A frontend with a plugin that has a policy; what it rewrites to is on servers of this machine."""
    folder, tag = tmp_path_factory.mktemp("house"), f"pyfrontend-test-policies-{uuid4().hex[:8]}"
    served = folder / "served"
    served.mkdir()
    (served / "tool").write_text("from our server\n")
    servers.make_repository(served / "x", served / "inner.git", {"file": "from our repository\n"})
    with servers.web(served) as web:
        (folder / "house.py").write_text(HOUSE.format(web=web.url, registry=company.registry))
        text = f"FROM {image}\nCOPY house.py /plugins/\nENV DOCKERFILE_FRONTEND_PLUGINS=house\n"
        made = build_text(folder, text, "--tag", tag, "--load", "--provenance=false")
        assert made.code == 0, made.output
        yield tag
    docker("image", "rm", "--force", tag)


def test_a_policy_in_python_rewrites_every_kind_of_source(company: Company, house: str) -> None:
    out = company.folder / "rewritten"
    text = (
        f"# syntax={house}\nFROM old\nADD https://evil.invalid/tool /\nADD https://evil.invalid/x.git /x/\n"
    )
    done = build_text(company.folder, text, f"--output={out}")
    assert done.code == 0, done.output
    found = [(out / name).read_text() for name in ("from", "tool", "x/file")]
    assert found == ["mirror\n", "from our server\n", "from our repository\n"]
    assert any("ADD https://evil.invalid/tool / (from http://127.0.0.1:" in name for name in done.steps)


def test_a_policy_in_python_denies_at_the_line(company: Company, house: str) -> None:
    done = build_text(company.folder, f"# syntax={house}\nFROM scratch\nCOPY --from=bitnami/redis / /\n")
    assert "docker.io/bitnami/redis:latest is denied by the policy our_own (house): take one of ours" in (
        done.message
    )
    assert done.marked == [3]


def test_a_policy_in_python_that_fails_is_shown_with_both_lines(company: Company, house: str) -> None:
    done = build_text(company.folder, f"# syntax={house}\nFROM scratch\nCOPY --from=x:broken / /\n")
    assert "our_own of the plugin house failed: KeyError: 'docker.io/library/x:broken'" in done.message
    assert "(/plugins/house.py, line " in done.message
    assert done.marked == [3]


BAKE = """
target "linked" {{ dockerfile-inline = "FROM {base}\\nCOPY Dockerfile /linked\\n" }}
target "default" {{
  contexts = {{ linked = "target:linked" }}
  dockerfile-inline = "# syntax={frontend}\\nFROM linked\\nCOPY Dockerfile /\\n"
  output = ["type=local,dest=out"]
}}
"""


def test_what_bake_hands_over_is_looked_through(company: Company) -> None:
    (company.folder / "Dockerfile").touch()
    for registries, code in ((company.registry, 0), ("docker.io", 1)):
        frontend = company.frontend(REGISTRIES=registries)
        text = BAKE.format(base=f"{company.registry}/hub/library/base:1", frontend=frontend)
        (company.folder / "docker-bake.hcl").write_text(text)
        done = buildx(["bake"], "--allow=fs=*", cwd=company.folder)
        assert bool(done.code) == bool(code), done.output
        if code:
            assert f"the image {company.registry}/hub/library/base:1" in done.message
            assert "is denied by the policy registries" in done.message


def test_what_bake_hands_over_is_taken_from_the_mirror(company: Company) -> None:
    (company.folder / "Dockerfile").touch()
    unique = {"from": uuid4().hex}
    put_image(company.registry, "hub/library/broken:1", unique, layers=False)
    put_image(company.registry, "elsewhere/library/broken:1", unique)
    frontend = company.frontend(MIRRORS=f"{company.registry}/hub={company.registry}/elsewhere")
    text = BAKE.format(base=f"{company.registry}/hub/library/broken:1", frontend=frontend)
    (company.folder / "docker-bake.hcl").write_text(text)
    done = buildx(["bake"], "--allow=fs=*", cwd=company.folder)
    assert done.code == 0, done.output
    assert (company.folder / "out/from").read_text() == unique["from"]


@pytest.mark.parametrize(
    "selector",
    # The name with its digest is in no lookup, so what becomes of it only the daemon sees.
    ["base:1", "base:1@*"],
    ids=["in the lookup", "in the build"],
)
def test_a_source_policy_of_the_client_leads_nowhere_else(company: Company, selector: str) -> None:
    put_image(company.registry, "elsewhere/library/base:1", {"from": "elsewhere"})
    names = [f"docker-image://{company.registry}/{part}/library/" for part in ("hub", "elsewhere")]
    rule = {
        "action": "CONVERT",
        "selector": {"identifier": f"{names[0]}{selector}"},
        "updates": {"identifier": f"{names[1]}base:1"},
    }
    policy = company.folder / "policy.json"
    policy.write_text(json.dumps({"rules": [rule]}))
    frontend = company.frontend(REGISTRIES=f"{company.registry}/hub,docker.io/library")
    text = f"# syntax={frontend}\nFROM {company.registry}/hub/library/base:1\nCOPY Dockerfile /\n"
    (company.folder / "Dockerfile").write_text(text)
    env = {"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": str(policy)}
    done = build(company.folder, "--output=type=cacheonly", env=env)
    assert done.code != 0
    assert f"{names[1]}base:1" in done.message
    assert "denied by policy" in done.message


def test_the_command_line_of_the_image_heeds_its_policies(company: Company) -> None:
    frontend = company.frontend(REGISTRIES="docker.io/library")
    for command in ("check", "graph", "llb", "lock-check"):
        done = subprocess.run(
            ["docker", "run", "--rm", "-i", frontend, command],
            input="FROM evil.invalid/x\nRUN y\n",
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert done.returncode == 1
        assert "denied by the policy registries" in done.stdout + done.stderr


def test_a_variable_that_cannot_be_read_fails_every_build(company: Company, image: str) -> None:
    text = "FROM {}\nENV DOCKERFILE_FRONTEND_REQUIRE=digests\n".format
    checks = 'RUN ["pyfrontend", "plugins"]\n'
    done = build_text(company.folder, f"{text(image)}{checks}")
    assert done.marked == [3]
    made = build_text(company.folder, text(image), f"--tag={TYPING_ERROR}", "--load", "--provenance=false")
    assert made.code == 0, made.output
    done = build_text(company.folder, f"# syntax={TYPING_ERROR}\nFROM scratch\nCOPY Dockerfile /\n")
    docker("image", "rm", "--force", TYPING_ERROR)
    assert '"digests" is no requirement (did you mean digest?)' in done.message
