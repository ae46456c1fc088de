"""Named contexts of every kind, and what they take the place of: a stage, an image, nothing at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from engine.client import Build, build, build_text, buildx
from engine.files import built_files, read_files, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.contexts.places import Places

#: Each file of the result tells what one context gave.
DOCKERFILE = """
# A folder takes the place of a stage that would fail, of an image that is nowhere, and of nothing.
FROM busybox AS stage
RUN exit 1

FROM nowhere.invalid/no/image:1 AS from-image
COPY --from=stage /here /stage

# An image takes the place of an image, with its configuration.
FROM alpine AS configured
RUN echo "$MADE_BY in $PWD" >/configured

# A layout on the client's disk does the same.
FROM layout AS laid-out
RUN echo "$MADE_BY in $PWD" >/laid-out

# Nothing takes the place of an image.
FROM emptied AS empty
COPY --from=folder /here /only

FROM scratch
COPY --from=folder /here /folder
COPY --from=folder /ignored* /folder-ignored/
COPY --from=from-image /stage /in-image /
COPY --from=configured /configured /
COPY --from=laid-out /laid-out /
COPY --from=empty / /empty/
COPY --from=repository /version /repository
COPY --from=below /version /below
COPY --from=download /context /download
COPY --from=busybox /replaced /
COPY --from=context-like /here /context-like
RUN --mount=type=bind,from=mounted,target=/mnt ["/mnt/bin/cp", "/mnt/made", "/mounted"]
COPY main /
"""


@pytest.fixture(scope="module")
def made_image(tmp_path_factory: pytest.TempPathFactory, syntax: str) -> tuple[str, Path]:
    """An image with a variable and a folder of its own, in the engine and as a layout on disk."""
    folder = tmp_path_factory.mktemp("image")
    text = f"{syntax}FROM busybox\nENV MADE_BY=us\nWORKDIR /work\nRUN echo made >/made\n"
    for output in (
        f"type=oci,tar=false,dest={folder}/layout",
        "type=image,name=pyfrontend-test-named,unpack=true",
    ):
        done = build_text(folder, text, f"--output={output}", "--provenance=false")
        assert done.code == 0, done.output
    return "pyfrontend-test-named", folder / "layout"


def test_all_kinds_of_named_contexts_work_in_one_build(
    tmp_path: Path, syntax: str, everywhere: Places, made_image: tuple[str, Path]
) -> None:
    image, layout = made_image
    folder = write_files(
        tmp_path / "folder",
        {"here": "folder", "ignored-file": "no", "in-image": "image", ".dockerignore": "ignored*\n"},
    )
    main = write_files(tmp_path / "main", {"main": "main", "Dockerfile": syntax + DOCKERFILE})
    replaced = write_files(tmp_path / "busybox", {"replaced": "busybox"})
    contexts = {
        "stage": folder,
        "nowhere.invalid/no/image:1": folder,
        "alpine": f"docker-image://{image}",
        "layout": f"oci-layout://{layout}",
        "emptied": "docker-image://scratch",
        "folder": folder,
        "repository": f"{everywhere.git}/project.git#other",
        "below": f"{everywhere.git}/project.git?tag=v1&subdir=sub",
        "download": f"{everywhere.http}/files/version",
        # Written out in full, it is the same image as `busybox`.
        "docker.io/library/busybox:latest": replaced,
        "context-like": folder,
        "mounted": f"docker-image://{image}",
        # These two names always mean what they say.
        "scratch": folder,
        "context": folder,
    }
    found = built_files(main, *_options(contexts))
    assert found.texts == {
        "folder": "folder",
        "stage": "folder",
        "in-image": "image",
        "configured": "us in /work\n",
        "laid-out": "us in /work\n",
        "empty/only": "folder",
        "repository": "other",
        "below": "first below",
        "download": "main",
        "replaced": "busybox",
        "context-like": "folder",
        "mounted": "made\n",
        "main": "main",
    }
    assert not found.build.ran("RUN exit 1"), "the stage was replaced"


def test_each_platform_has_its_own(tmp_path: Path, syntax: str) -> None:
    for name in ("amd64", "arm64", "other"):
        write_files(tmp_path / name, {"which": name})
    write_files(tmp_path, {"Dockerfile": f"{syntax}FROM src\nCOPY --from=common which /common\n"})
    # The command line of `build` takes no platform in a name, a bake file does.
    target = {
        "contexts": {
            "src::linux/amd64": "amd64",
            "src::linux/arm64": "arm64",
            "common": "other",
            "common::linux/arm64": "arm64",
        },
        "platforms": ["linux/amd64", "linux/arm64"],
        **_to_folder(tmp_path / "out"),
    }
    _bake(tmp_path, {"default": target})
    assert read_files(tmp_path / "out") == {
        "linux_amd64/which": "amd64",
        "linux_amd64/common": "other",
        "linux_arm64/which": "arm64",
        "linux_arm64/common": "arm64",
    }


def test_stages_of_other_targets_reach_a_build_as_inputs(tmp_path: Path, syntax: str) -> None:
    folder = write_files(
        tmp_path,
        {
            "base.Dockerfile": f"{syntax}FROM busybox\nENV WHO=base\nWORKDIR /base\nRUN echo $WHO >/made\n",
            "files.Dockerfile": f"{syntax}FROM scratch\nCOPY given /given\n",
            "given": "given",
            "app.Dockerfile": f"{syntax}FROM alpine AS build\nRUN echo $WHO in $PWD >/app\n"
            "FROM scratch\nCOPY --from=build /app /made /\nCOPY --from=files given /\n",
        },
    )
    targets: dict[str, dict[str, Any]] = {
        "base": {"dockerfile": "base.Dockerfile", "output": ["type=cacheonly"]},
        "files": {"dockerfile": "files.Dockerfile", "output": ["type=cacheonly"]},
        "app": {
            "dockerfile": "app.Dockerfile",
            "contexts": {"alpine": "target:base", "files": "target:files"},
            **_to_folder(tmp_path / "out"),
        },
    }
    _bake(folder, targets, "app")
    assert read_files(tmp_path / "out") == {"app": "base in /base\n", "made": "base\n", "given": "given"}


@pytest.mark.parametrize(
    ("specification", "message"),
    [
        ("docker-image://nowhere.invalid/no/image:1", "nowhere.invalid"),
        ("docker-image://UPPER", "must be lowercase"),
        ("{http}/nothing.txt", "404"),
        ("{git}/project.git#nowhere", "nowhere"),
    ],
    ids=["no such registry", "no image name", "no such file", "no such branch"],
)
def test_a_bad_named_context_is_refused(
    tmp_path: Path, syntax: str, everywhere: Places, specification: str, message: str
) -> None:
    done = build_text(
        tmp_path,
        f"{syntax}FROM scratch\nCOPY --from=named /x /x\n",
        *_options({"named": everywhere.url(specification)}),
    )
    assert done.code != 0
    assert message in done.message


def test_an_ignore_file_that_cannot_be_read_names_itself(tmp_path: Path, syntax: str) -> None:
    folder = write_files(tmp_path / "folder", {".dockerignore": "[a\n", "x": "x"})
    text = f"{syntax}FROM scratch\nCOPY --from=named /x /x\n"
    done = _built(tmp_path, text, *_options({"named": folder}))
    assert done.code != 0
    assert "syntax error in pattern" in done.message


def _bake(folder: Path, targets: dict[str, dict[str, Any]], *names: str) -> None:
    (folder / "docker-bake.json").write_text(json.dumps({"target": targets}))
    done = buildx(["bake", "--allow=fs.write=*"], *names, cwd=folder)
    assert done.code == 0, done.output


def _to_folder(folder: Path) -> dict[str, list[str]]:
    return {"output": [f"type=local,dest={folder}"], "attest": ["type=provenance,disabled=true"]}


def _built(folder: Path, text: str, *options: str) -> Build:
    return build(write_files(folder / "main", {"Dockerfile": text}), *options)


def _options(contexts: Mapping[str, object]) -> list[str]:
    return [f"--build-context={name}={place}" for name, place in contexts.items()]
