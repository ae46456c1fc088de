"""Named contexts by the scheme of their specification, and what is wrong with them."""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge, an_input
from parity import graph
from pyfrontend.driver.contexts.base import Remote
from pyfrontend.driver.contexts.main import MainContext
from pyfrontend.driver.contexts.resolver import ContextResolver
from pyfrontend.driver.options.build_options import parse_options
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import UNKNOWN, BridgeError, NotAnImage
from pyfrontend.gateway.lookups import DaemonImages, DaemonSources
from pyfrontend.llb.marshal import marshal
from pyfrontend.lower.ports import LoadedContext
from pyfrontend.oci.image_json import write_image
from pyfrontend.oci.platforms import Platform
from pyfrontend.parallel import gather
from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from pyfrontend.lookups import ImageMeta, ImageQuery

LINUX, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")
SHA = "sha256:" + "a" * 64
GIT = "https://github.com/a/b.git"
CONFIG = {
    "os": "linux",
    "architecture": "arm64",
    "created": "2024-01-02T03:04:05Z",
    "config": {"Env": ["A=1", "=x"], "WorkingDir": "w"},
}


def resolver_of(bridge: FakeBridge) -> ContextResolver:
    options = parse_options(bridge.request(), bridge.llb_caps)
    main = MainContext(bridge, options.contexts, Remote(), None)
    return ContextResolver(main, options, DaemonImages(bridge), DaemonSources(bridge))


def load(specification: str, bridge: FakeBridge | None = None, **given: Any) -> LoadedContext:
    """Load the context ``x`` with this specification."""
    options = {"context:x": specification, **given.pop("opts", {})}
    resolver = resolver_of(bridge or FakeBridge(opts=options, **given))
    context = resolver.named_context("x", ARM, lambda: ["used"])
    assert context is not None
    loaded = context.load()
    resolver.main_context(())
    return loaded


def source(loaded: LoadedContext) -> pb.SourceOp:
    return pb.Op.FromString(graph.defs(marshal(loaded.state.output, caps=None))[0]).source


@pytest.mark.parametrize(
    ("options", "platform", "key"),
    [
        pytest.param(["x"], ARM, "x", id="for any platform"),
        pytest.param(["x", "x::linux/arm64"], ARM, "x::linux/arm64", id="for its platform first"),
        pytest.param(["x::linux/arm64"], LINUX, None, id="not for another platform"),
        pytest.param(["y"], ARM, None, id="not by another name"),
    ],
)
def test_a_context_is_found_by_name_and_platform(
    options: list[str], platform: Platform, key: str | None
) -> None:
    resolver = resolver_of(FakeBridge(opts={f"context:{name}": "local:x" for name in options}))
    found = resolver.named_context("docker.io/library/x:latest", platform, list)
    assert (found.key if found else None) == key


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(DockerfileError, match=r"^invalid context name A B: invalid reference format"):
        resolver_of(FakeBridge()).named_context("A B", None, list)


@pytest.mark.parametrize(
    ("specification", "identifier"),
    [
        ("docker-image://busybox", "docker-image://docker.io/library/busybox:latest"),
        ("docker-image:busybox:1", "docker-image://docker.io/library/busybox:1"),
        (f"oci-layout://store@{SHA}", f"oci-layout://docker.io/library/x@{SHA}"),
        (GIT, "git://github.com/a/b.git"),
        ("git@github.com:a/b.git", "git://github.com/a/b.git"),
        ("git://github.com/a/b", "git://github.com/a/b"),
        ("https://a/b.tar", "https://a/b.tar"),
        ("http://a/b", "http://a/b"),
        ("local:folder", "local://folder"),
    ],
)
def test_a_scheme_names_the_source(specification: str, identifier: str) -> None:
    assert source(load(specification)).identifier == identifier


def test_the_context_scratch_is_the_empty_filesystem() -> None:
    assert load("docker-image://scratch") == LoadedContext(load("docker-image://scratch").state, None)
    assert load("docker-image://scratch").state.output is None


def test_an_image_brings_its_surroundings() -> None:
    loaded = load("docker-image://y", images={"y": {"config": CONFIG}})
    state = loaded.state
    assert (dict(state.env), state.cwd, state.platform) == ({"A": "1"}, "/w", ARM)
    assert loaded.image is not None
    assert json.loads(write_image(loaded.image)).get("created") is None


@pytest.mark.parametrize(
    ("specification", "created"),
    [
        pytest.param("docker-image://y", "", id="an image does not"),
        pytest.param(f"oci-layout://y@{SHA}", CONFIG["created"], id="a layout does"),
        pytest.param("input:y", CONFIG["created"], id="an input does"),
    ],
)
def test_a_context_says_when_it_was_made(specification: str, created: str) -> None:
    given = given_input(wrapped(json.dumps(CONFIG).encode()))
    loaded = load(specification, images={"y": {"config": CONFIG}, f"x@{SHA}": {"config": CONFIG}}, **given)
    assert loaded.image is not None
    assert loaded.image.created == created


def test_an_image_that_says_no_platform_is_for_the_one_asked_for() -> None:
    assert load("docker-image://y", images={"y": {"config": {}}}).state.platform == ARM


def test_a_layout_is_read_by_the_session_of_the_client() -> None:
    bridge = FakeBridge(opts={"context:x": f"oci-layout://store@{SHA}"})
    attrs = dict(source(load("", bridge)).attrs)
    assert attrs == {"oci.session": "session", "oci.store": "store"}
    assert [lookup["oci_store"] for lookup in bridge.lookups] == ["store"]


@pytest.mark.parametrize(
    ("specification", "message"),
    [
        pytest.param("nothing", "invalid context specifier nothing for x", id="no scheme"),
        pytest.param("", "invalid context specifier  for x", id="nothing"),
        pytest.param("ftp://a", "unsupported context source ftp for x", id="an unknown scheme"),
        pytest.param("docker-image://A/b:c:d", "invalid reference format", id="no image"),
        pytest.param(
            "oci-layout://a\t",
            r'could not parse oci-layout reference "a\t": invalid reference format',
            id="a layout with a tab in its name",
        ),
        pytest.param(
            "oci-layout://A",
            'could not parse oci-layout reference "A": repository name must be lowercase',
            id="no layout",
        ),
        pytest.param(
            "oci-layout://store", 'oci-layout reference "store" has no digest', id="a layout without digest"
        ),
        pytest.param("git:x", "invalid git context git:x", id="no repository"),
        pytest.param(f"{GIT}?x=1", 'unexpected query "x"', id="a bad repository"),
        pytest.param("input:y", "invalid input y for x", id="no input"),
    ],
)
def test_a_bad_specification_is_refused(specification: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        load(specification)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("specification", "call"),
    [("docker-image://y", "resolve_image"), ("local:y", "solve"), ("input:y", "inputs")],
)
def test_what_the_daemon_refuses_is_an_error_that_gets_a_place(specification: str, call: str) -> None:
    refused = BridgeError(UNKNOWN, "refused")
    bridge = FakeBridge(fail={call: refused}, opts={"context:x": specification})
    with pytest.raises(DockerfileError, match=r"^refused$") as caught:
        load("", bridge)
    assert isinstance(caught.value.__cause__, BridgeError)


class Rewriting(FakeBridge):
    """A daemon whose policies make something else of images."""

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        raise NotAnImage(f"docker-image://{query.name}", self.fail_with)

    fail_with = ""


@pytest.mark.parametrize(
    ("updated", "identifier"), [("https://a/b", "https://a/b"), ("local://folder", "local://folder")]
)
def test_a_policy_may_give_a_context_another_specification(updated: str, identifier: str) -> None:
    bridge = Rewriting(opts={"context:x": "docker-image://y"})
    bridge.fail_with = updated
    assert source(load("", bridge)).identifier == identifier


@pytest.mark.parametrize(
    ("updated", "message"),
    [
        ("nonsense", "could not parse ref: nonsense"),
        (
            "docker-image://z",
            "context recursion limit exceeded; this may indicate a cycle in the provided source policies: docker-image://z",
        ),
    ],
)
def test_a_policy_that_leads_nowhere_is_reported(updated: str, message: str) -> None:
    bridge = Rewriting(opts={"context:x": "docker-image://y"})
    bridge.fail_with = updated
    with pytest.raises(DockerfileError) as caught:
        load("", bridge)
    assert caught.value.message == message.replace(
        "docker-image://z", "docker-image:z" if "limit" in message else updated
    )


def test_a_directory_is_sent_without_what_it_ignores_and_only_what_is_used() -> None:
    options = {"sharedkey:localdir:x": "key", "local-sessionid:folder": "other"}
    loaded = load("local:folder", opts=options, files={"folder": {".dockerignore": "a\nb"}})
    assert dict(source(loaded).attrs) == {
        "local.excludepatterns": '["a","b"]',
        "local.followpaths": '["used"]',
        "local.session": "other",
        "local.sharedkeyhint": "context:x-key",
    }


def test_a_bad_ignore_file_of_a_directory_is_reported() -> None:
    with pytest.raises(
        DockerfileError, match=r"^failed parsing .dockerignore: bufio.Scanner: token too long"
    ):
        load("local:folder", files={"folder": {".dockerignore": "x" * 65_536}})


def given_input(metadata: Any = None) -> dict[str, Any]:
    options = {} if metadata is None else {"input-metadata:y": metadata}
    return {"inputs": {"y": an_input("docker-image://made")}, "opts": options}


def wrapped(config: bytes) -> str:
    return json.dumps({"containerimage.config": base64.b64encode(config).decode()})


@pytest.mark.parametrize(
    ("metadata", "env"),
    [
        pytest.param(None, None, id="without metadata"),
        pytest.param("{}", None, id="without a config"),
        pytest.param("null", None, id="with nothing in it"),
        pytest.param(wrapped(json.dumps(CONFIG).encode()), ["A=1", "=x"], id="with a config"),
        pytest.param(
            wrapped(json.dumps(CONFIG).encode()).replace("ey", "ey\\n", 1), ["A=1", "=x"], id="on two lines"
        ),
    ],
)
def test_an_input_may_have_a_config(metadata: str | None, env: list[str] | None) -> None:
    loaded = load("input:y", **given_input(metadata))
    assert source(loaded).identifier == "docker-image://made"
    assert (loaded.image.env if loaded.image else None) == env


def test_an_empty_input_beside_the_named_one_is_refused() -> None:
    inputs = {**given_input()["inputs"], "other": {"def": [], "metadata": {}}}
    with pytest.raises(DockerfileError, match=r"^invalid nil input definition to definition op$"):
        load("input:y", inputs=inputs)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        pytest.param("", "failed to parse input metadata : unexpected end of JSON input", id="nothing"),
        pytest.param(
            "[]",
            "failed to parse input metadata []: json: cannot unmarshal array into Go value of type"
            " map[string][]uint8",
            id="a list",
        ),
        pytest.param(
            '{"containerimage.config": 1}',
            'failed to parse input metadata {"containerimage.config": 1}: json: cannot unmarshal number into'
            " Go struct field .containerimage.config of type []uint8",
            id="a number",
        ),
        pytest.param(
            '{"x": 1}',
            'failed to parse input metadata {"x": 1}: json: cannot unmarshal number into Go struct field .x'
            " of type []uint8",
            id="a number elsewhere",
        ),
        pytest.param(
            '{"containerimage.config": "ä"}',
            'failed to parse input metadata {"containerimage.config": "ä"}: illegal base64 data',
            id="no base64",
        ),
        pytest.param(
            '{"containerimage.config": null}', "failed to parse image config: ", id="nothing as the config"
        ),
        pytest.param(wrapped(b"[]"), "failed to parse image config: it is not an object", id="no config"),
    ],
)
def test_bad_metadata_of_an_input_is_reported(metadata: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        load("input:y", **given_input(metadata))
    assert caught.value.message.startswith(message)


def test_a_directory_of_a_client_without_session_is_marked() -> None:
    bridge = FakeBridge(opts={"context:x": "local:f"})
    request = Request(bridge.request().options, "", bridge.workers, unique="mark")
    options = parse_options(request, bridge.llb_caps)
    main = MainContext(bridge, options.contexts, Remote(), None)
    resolver = ContextResolver(main, options, DaemonImages(bridge), DaemonSources(bridge))
    found = resolver.named_context("x", None, list)
    assert found is not None
    loaded = found.load()
    resolver.main_context(())
    ignore_file = pb.Op.FromString(graph.defs(bridge.solves[0].definition)[0]).source
    assert [op.attrs["local.unique"] for op in (ignore_file, source(loaded))] == ["mark", "mark"]


def test_several_loads_at_the_same_time_all_learn_their_paths() -> None:
    bridge = FakeBridge(opts={f"context:x{n}": f"local:f{n}" for n in range(50)})
    resolver = resolver_of(bridge)
    contexts = [resolver.named_context(f"x{n}", LINUX, partial(list, str(n % 10))) for n in range(50)]
    loaded = gather([context.load for context in contexts if context is not None])
    resolver.main_context(())
    assert [source(one).attrs["local.followpaths"] for one in loaded] == [f'["{n % 10}"]' for n in range(50)]


BAKE = {"context:base": "target:base"}
BASED = "FROM base\nARG Y=1\nCOPY --chown=app a b\nRUN x\n"


@pytest.mark.parametrize("call", ["lint", "outline", "targets", "graph"])
def test_a_target_of_bake_is_a_base_of_which_calls_know_nothing(call: str) -> None:
    bridge = FakeBridge(BASED, opts=BAKE)
    result = serve(bridge, bridge.request(requestid=f"frontend.{call}"))
    assert result.metadata.get("result.statuscode", b"0") == b"0"
    assert bridge.lookups == []


@pytest.mark.parametrize("call", [{}, {"requestid": "frontend.convertllb"}], ids=["build", "convertllb"])
def test_a_build_needs_what_bake_makes_of_a_target(call: dict[str, str]) -> None:
    bridge = FakeBridge(BASED, opts=BAKE)
    with pytest.raises(DockerfileError) as caught:
        serve(bridge, bridge.request(**call))
    assert caught.value.helped == (
        "unsupported context source target for base:"
        " only docker buildx bake builds the target base and passes it on"
    )
