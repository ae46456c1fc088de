"""What stages start from: images, named contexts, nothing."""

from __future__ import annotations

import json
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from fakes import LINUX, Conversion, DictResolver, complaint, config, context, lower
from pyfrontend.errors import DockerfileError
from pyfrontend.oci.image_json import write_image
from pyfrontend.oci.platforms import Platform, default

if TYPE_CHECKING:
    from pyfrontend.lookups import ImageMeta, ImageQuery

ARM = Platform("linux", "arm64")
LAYERS = {"rootfs": {"type": "layers", "diff_ids": ["sha256:1"]}}


def image(**members: Any) -> dict[str, Any]:
    return {"config": {"os": "linux", "architecture": "amd64"} | LAYERS | members}


def images(**entries: Any) -> DictResolver:
    return DictResolver(entries)


def test_an_image_is_looked_up_by_its_full_name_which_the_progress_shows() -> None:
    conversion = Conversion("FROM busybox:1 AS b")
    conversion.lower()
    name = "docker.io/library/busybox:1"
    assert conversion.resolver.asked == [(name, LINUX, f"[internal] load metadata for {name}")]


def test_the_progress_names_the_platform_where_there_are_several() -> None:
    conversion = Conversion("FROM --platform=linux/arm64 x", opts={"multi-platform": "1"})
    conversion.lower()
    assert conversion.resolver.asked[0][1:] == (
        ARM,
        "[linux/arm64 internal] load metadata for docker.io/library/x:latest",
    )


def test_an_image_is_asked_for_once_for_each_platform() -> None:
    conversion = Conversion(
        "FROM x AS a\nFROM --platform=linux/arm64 x AS b\nFROM x\nCOPY --from=a / /\nCOPY --from=b / /"
    )
    conversion.lower()
    assert sorted(platform for _, platform, _ in conversion.resolver.asked) == [LINUX, ARM]


@pytest.mark.parametrize(
    ("target", "base", "exported"),
    [
        pytest.param(
            Platform("linux", "amd64"),
            {"architecture": "arm", "variant": "v6"},
            Platform("linux", "amd64"),
            id="another architecture has no use for the variant of the base",
        ),
        pytest.param(
            Platform("linux", "arm"),
            {"architecture": "arm", "variant": "v6"},
            Platform("linux", "arm", "v6"),
            id="the same architecture keeps the variant of the base",
        ),
        pytest.param(
            Platform("linux", "arm", "v7"),
            {"architecture": "arm", "variant": "v6"},
            Platform("linux", "arm", "v7"),
            id="a variant that was asked for wins",
        ),
        pytest.param(
            Platform("linux", "amd64"),
            {"architecture": "amd64", "os": "windows", "os.version": "10.0.1"},
            Platform("linux", "amd64"),
            id="another system has no use for the version of the base",
        ),
        pytest.param(
            Platform("windows", "amd64"),
            {"architecture": "amd64", "os": "windows", "os.version": "10.0.1"},
            Platform("windows", "amd64", os_version="10.0.1"),
            id="the same system keeps the version of the base",
        ),
    ],
)
def test_the_image_is_exported_for_the_platform_that_was_asked_for(
    target: Platform, base: dict[str, str], exported: Platform
) -> None:
    made = {"config": {"os": "linux", **base, "config": {}}}
    assert lower("FROM x", resolver=DictResolver({"x": made}), platform=target).image.platform == exported


@pytest.mark.parametrize(
    ("target", "made_for", "stage"),
    [
        pytest.param(None, ARM, ARM, id="the image decides among the build platforms"),
        pytest.param(
            None, Platform("linux", "s390x"), LINUX, id="an image for none of them runs on the first"
        ),
        pytest.param(LINUX, ARM, LINUX, id="the user's platform is kept"),
    ],
)
def test_a_stage_runs_on_a_platform_of_the_worker(
    target: Platform | None, made_for: Platform, stage: Platform
) -> None:
    resolver = images(x=image(architecture=made_for.architecture))
    assert lower("FROM x", resolver=resolver, platform=target, workers=[LINUX, ARM]).stage.platform == stage


@pytest.mark.parametrize(
    ("members", "empty"),
    [
        pytest.param(LAYERS, False, id="layers"),
        pytest.param(
            {"rootfs": {"diff_ids": []}, "history": [{"created_by": "x"}]},
            False,
            id="only a history of layers",
        ),
        pytest.param(
            {"rootfs": {"diff_ids": []}, "history": [{"empty_layer": True}]},
            True,
            id="a history without layers",
        ),
        pytest.param({"rootfs": None, "history": None}, True, id="nothing"),
    ],
)
def test_an_image_without_layers_is_an_empty_filesystem(members: dict[str, Any], *, empty: bool) -> None:
    assert (lower("FROM x", resolver=images(x={"config": members})).state.output is None) == empty


def test_an_image_without_a_digest_keeps_its_name() -> None:
    resolver = images(x=image())
    resolver.images = {"x": image() | {"ref": "docker.io/library/other:1", "digest": "sha256:" + "a" * 64}}
    found = lower("FROM x", resolver=resolver)
    assert found.stage.base_name == "docker.io/library/other:1@sha256:" + "a" * 64


def test_the_config_of_the_base_is_where_the_stage_starts() -> None:
    settings = {"Env": ["A=1", "=x", "B"], "User": "u", "WorkingDir": "/w", "Labels": {"l": "m"}}
    found = lower("FROM x", resolver=images(x=image(config=settings, created="2024-01-02T03:04:05Z")))
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert config(found) == {
        "User": "u",
        "Env": ["A=1", "=x", "B", path],
        "WorkingDir": "/w",
        "Labels": {"l": "m"},
    }
    assert (found.image.created, found.stage.state.cwd, found.stage.state.user) == ("", "/w", "u")
    assert found.base_image is not None
    assert json.loads(write_image(found.base_image))["created"] == "2024-01-02T03:04:05Z"


def test_a_relative_directory_of_the_base_is_below_itself_as_in_the_reference() -> None:
    found = lower("FROM x", resolver=images(x=image(config={"WorkingDir": "rel"})))
    assert config(found)["WorkingDir"] == "/rel/rel"


def test_what_a_stage_does_to_the_config_stays_in_that_stage() -> None:
    resolver = images(x=image(config={"Env": ["A=1"], "Labels": {"l": "m"}, "OnBuild": ["ENV C=3"]}))
    found = lower("FROM x AS a\nENV A=2\nLABEL l=n\nFROM x AS b\nCOPY --from=a / /", resolver=resolver)
    assert config(found)["Labels"] == {"l": "m"}
    assert config(found)["Env"][0] == "A=1"
    assert config(found)["Env"][-1] == "C=3"
    assert "OnBuild" not in config(found)


@pytest.mark.parametrize(
    ("text", "known", "message", "line"),
    [
        pytest.param(
            "FROM a AS build\nFROM bild",
            {"bild": {"error": "not found"}},
            "bild: not found (did you mean build?)",
            2,
            id="a misspelt stage",
        ),
        pytest.param(
            "FROM alpin",
            {"alpin": {"error": "not found"}},
            "alpin: not found (did you mean alpine?)",
            1,
            id="a misspelt common image",
        ),
        pytest.param(
            "FROM a\nCOPY --from=b / /",
            {"b": {"error": "not found"}},
            "b: not found",
            2,
            id="an image of a COPY",
        ),
        pytest.param(
            "FROM a\nFROM b\nCOPY --from=0 / /",
            {"a": {"error": "one"}, "b": {"error": "two"}},
            "b: two",
            2,
            id="of two that fail, the last stage's comes first",
        ),
        pytest.param(
            "FROM a",
            {"a": {"ref": "a/B"}},
            'failed to parse ref "a/B": invalid reference format: repository name (a/B) must be lowercase',
            1,
            id="a policy that gives no name",
        ),
        pytest.param(
            "FROM a", {"a": {"digest": "x"}}, "invalid digest format", 1, id="a digest that is none"
        ),
        pytest.param(
            "FROM a",
            {"a": {"config": []}},
            "failed to parse image config: it is not an object",
            1,
            id="a config that is none",
        ),
        pytest.param(
            "FROM a",
            {"a": image(config={"OnBuild": ["NONSENSE"]})},
            "unknown instruction: NONSENSE",
            1,
            id="a trigger that is no instruction",
        ),
        pytest.param(
            "FROM a",
            {"a": image(config={"WorkingDir": "C:"}, os="windows")},
            "normalizing workdir: normalizing working directory: removing drive letter: "
            'No relative path specified in "C:"',
            1,
            id="a directory without a path",
        ),
    ],
)
def test_a_base_that_cannot_be_used_is_reported_at_its_line(
    text: str, known: dict[str, Any], message: str, line: int
) -> None:
    given = {"platform": Platform("windows", "amd64")} if "C:" in message else {}
    assert complaint(text, resolver=DictResolver(known), **given) == (message, [(line, line)], None)


class Slow(DictResolver):
    """Never answers about the image ``slow``, until it is told to."""

    def __init__(self, **images: Any) -> None:
        super().__init__(images)
        self.told = Event()

    def resolve(self, query: ImageQuery) -> ImageMeta:
        if "/slow:" in query.name:
            self.told.wait()
        return super().resolve(query)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("FROM bad\nFROM slow\nCOPY --from=0 / /", "bad: no", id="another one was refused"),
        pytest.param("FROM bad\nFROM x\nCOPY --from=0 / /\nCOPY --from=slow / /", "bad: no", id="by COPY"),
        pytest.param(
            "FROM b::d\nFROM slow\nCOPY --from=0 / /",
            'failed to parse stage name "b::d": invalid reference format',
            id="another one has no proper name",
        ),
    ],
)
def test_a_registry_that_does_not_answer_is_not_waited_for_once_it_is_in_vain(
    text: str, message: str
) -> None:
    resolver = Slow(bad={"error": "no"})
    assert complaint(text, resolver=resolver)[0] == message
    resolver.told.set()


def test_a_context_as_base_brings_its_config_or_that_of_scratch() -> None:
    settings = {
        "os": "linux",
        "architecture": "arm64",
        "created": "2024-01-02T03:04:05Z",
        "config": {"Env": ["A=1"]},
    }
    resolver = DictResolver(contexts={"x": context("x", settings), "y": context("y")})
    found = lower("FROM x", resolver=resolver)
    assert (found.image.env[0], found.image.created) == ("A=1", "")
    assert found.base_image is not None
    assert found.base_image.created == "2024-01-02T03:04:05Z"
    assert found.stage.platform == LINUX
    assert config(lower("FROM y", resolver=resolver))["WorkingDir"] == "/"


def test_a_context_that_stands_for_a_stage_need_not_say_a_platform() -> None:
    bare = {"config": {"Env": ["A=1"]}}
    resolver = DictResolver(contexts={"x": context("x", bare), "y": context("y")})
    nowhere = Platform("", "")  # so that PATH is set whatever the target is
    assert lower("FROM a AS x\nFROM x\nRUN a", resolver=resolver).stage.platform == nowhere
    assert lower("FROM a AS y\nFROM y\nRUN a", resolver=resolver).stage.platform == nowhere


def test_a_context_that_cannot_be_loaded_is_reported_at_every_line_that_needs_it() -> None:
    resolver = DictResolver(contexts={"x": DockerfileError("refused")})
    text = "FROM x AS a\nFROM a\nCOPY --from=x / /"
    assert complaint(text, resolver=resolver) == ("refused", [(3, 3)], None)
    assert complaint("FROM a\nFROM x", resolver=resolver) == ("refused", [(2, 2)], None)


def test_without_any_platform_that_of_this_process_is_used() -> None:
    assert lower("FROM scratch", workers=()).stage.platform == default()


def test_an_image_of_a_mount_is_reported_at_the_line_of_the_mount() -> None:
    text = "FROM a\nRUN true\nRUN --mount=from=b,target=/x true"
    resolver = DictResolver({"b": {"error": "not found"}})
    assert complaint(text, resolver=resolver) == ("b: not found", [], (3, 3))
