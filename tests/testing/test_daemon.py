"""The stand-in for BuildKit that tests of plugins build against."""

from __future__ import annotations

from hashlib import sha256
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from pyfrontend import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.results import Ref
from pyfrontend.lookups import SourceMeta, SourceQuery
from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.testing import Daemon, Tester, build
from pyfrontend.testing.standin import Known, StandIn

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = 40 * "a"
REPOSITORY = "https://example.com/app.git#v1"
DOWNLOAD = "https://example.com/tool.tar"


def error_of(text: str, daemon: Daemon | None = None, **more: Any) -> str:
    with pytest.raises(DockerfileError) as caught:
        Tester().build(text, daemon=daemon, **more)
    return str(caught.value)


def test_a_build_gives_image_graph_and_steps() -> None:
    built = build('FROM alpine\nRUN make\nCMD ["x"]\n', args={"A": "1"}, labels={"by": "me"})
    assert built.image()["config"]["Cmd"] == ["x"]
    assert built.image()["config"]["Labels"] == {"by": "me"}
    first, second = built.steps()
    assert (first.partition("@")[0], second) == (
        "[1/2] FROM docker.io/library/alpine:latest",
        "[2/2] RUN make",
    )
    assert (built.text, built.json, built.warnings) == ("", None, ())
    assert repr(built) == "Built(0 warnings)"


def test_several_platforms_are_looked_at_one_by_one() -> None:
    built = build("RUN make", platform="linux/amd64,linux/arm64")
    assert built.image("linux/arm64")["architecture"] == "arm64"
    assert built.definition("linux/amd64").digests != built.definition("linux/arm64").digests
    for ask in (built.image, built.definition, built.steps):
        with pytest.raises(
            ValueError, match="nothing was built for no platform: use linux/amd64, linux/arm64"
        ):
            ask()


def test_what_built_nothing_says_so() -> None:
    built = build("FROM alpine AS a", call="targets")
    assert [one["name"] for one in built.json["targets"]] == ["a"]
    assert "a" in built.text
    with pytest.raises(ValueError, match="nothing was built"):
        built.image()


def test_the_call_check_is_called_as_buildx_does() -> None:
    assert build("MAINTAINER me", call="check").json["warnings"][0]["ruleName"] == "MaintainerDeprecated"


def test_images_have_the_configs_that_are_given_and_the_others_are_not_there() -> None:
    digest = f"sha256:{64 * 'b'}"
    daemon = Daemon(
        images={"alpine:3": {"digest": digest, "config": {"WorkingDir": "/w", "OnBuild": ["RUN it"]}}}
    )
    built = daemon.build("FROM alpine:3\nRUN make\n")
    assert built.image()["config"]["WorkingDir"] == "/w"
    assert built.steps()[1:] == ("[2/3] ONBUILD RUN it", "[3/3] RUN make")
    [image] = [op["source"]["identifier"] for op in built.definition().ops if "source" in op]
    assert image == f"docker-image://docker.io/library/alpine:3@{digest}"
    assert built.looked_up == ("docker.io/library/alpine:3",)
    said = error_of("FROM alpine:4\n", daemon)
    assert said.startswith("Dockerfile:1: alpine:4: docker.io/library/alpine:4: not found")


def test_a_digest_of_an_image_is_made_up_and_one_that_is_written_stays() -> None:
    digest = f"sha256:{64 * 'c'}"
    [first] = Daemon().build("FROM alpine").definition().ops
    [again] = Daemon(images={"alpine": {}}).build("FROM alpine").definition().ops
    assert first == again
    assert "@sha256:" in first["source"]["identifier"]
    [pinned] = Daemon(images={"alpine:3": {}}).build(f"FROM alpine:3@{digest}").definition().ops
    assert pinned["source"]["identifier"].endswith(f"alpine:3@{digest}")


def test_files_of_the_context_are_a_dict_or_a_folder(tmp_path: Path) -> None:
    text = "FROM alpine\nENV --file=a.env\n"
    (tmp_path / "a.env").write_text("A=folder\n")
    (tmp_path / "Dockerfile").write_text(text)
    for built, value in (
        (Daemon(files={"a.env": "A=text\n"}).build(text), "A=text"),
        (Daemon(files={"a.env": b"A=bytes\n"}).build(text), "A=bytes"),
        (Daemon(files=tmp_path).build(text), "A=folder"),
        (Daemon().build(tmp_path / "Dockerfile"), "A=folder"),
    ):
        assert value in built.image()["config"]["Env"]
    assert "a.env" in error_of(text)
    with pytest.raises(ValueError, match="there is no folder"):
        Daemon(files=tmp_path / "none")


def test_ignore_files_count() -> None:
    built = Daemon(files={".dockerignore": "secret\n"}).build("COPY . /\n")
    [attrs] = [op["source"]["attrs"] for op in built.definition().ops if "attrs" in op.get("source", {})]
    assert attrs["local.excludepatterns"] == '["secret"]'


def test_named_contexts_are_files_or_specifications() -> None:
    text = "FROM base\nCOPY --from=assets logo /\n"
    assets = {".dockerignore": "x\n", "logo": ""}
    built = build(text, contexts={"base": "docker-image://alpine:3", "assets": assets})
    sources = {
        op["source"]["identifier"].partition("@")[0] for op in built.definition().ops if "source" in op
    }
    assert sources == {"docker-image://docker.io/library/alpine:3", "local://assets"}


def test_repositories_and_downloads_have_what_is_given() -> None:
    daemon = Daemon(git={REPOSITORY: COMMIT}, http={DOWNLOAD: "data"}, images={"alpine": {}})
    text = f"# syntax=pyfrontend\nFROM alpine\nADD {REPOSITORY} /a\nADD {DOWNLOAD} /b\n"
    locked = daemon.build(text, call="lock")
    assert locked.looked_up == ("docker.io/library/alpine:latest", "git://example.com/app.git#v1", DOWNLOAD)
    assert f"git {REPOSITORY} {COMMIT}\n" in locked.text
    assert f"http {DOWNLOAD} sha256:{sha256(b'data').hexdigest()}\n" in locked.text


def test_a_source_that_is_not_given_says_how_to_give_it() -> None:
    assert error_of(f"ADD {DOWNLOAD} /b\n", call="lock") == (
        f"Dockerfile:1: {DOWNLOAD}: not found (a test gives it with Daemon(http={{...}}))"
    )
    assert "(a test gives it with Daemon(git={...}))" in error_of(f"ADD {REPOSITORY} /b\n", call="lock")


def test_bad_addresses_and_references_are_errors_of_the_test() -> None:
    with pytest.raises(ValueError, match=r"https://example\.com/app is no repository"):
        Daemon(git={"https://example.com/app": COMMIT})
    with pytest.raises(ValueError, match="invalid reference format"):
        Daemon(images={"UPPER": {}})


def test_warnings_and_errors_have_the_lines_of_the_test() -> None:
    [warning] = build("RUN make\nMAINTAINER me\n").warnings
    assert (warning.rule, warning.line) == ("MaintainerDeprecated", 2)
    assert error_of("RUN make\nRUM make\n").startswith("Dockerfile:2: unknown instruction: RUM")


def test_a_build_is_not_handed_to_the_frontend_that_the_syntax_line_names() -> None:
    assert build("# syntax=ourorg/acme\nFROM alpine\n").steps()


def test_a_call_that_there_is_not_is_an_error() -> None:
    assert error_of("FROM alpine", call="nothing").startswith(
        "unsupported request frontend.nothing: --call is"
    )


def test_variables_of_the_image_of_the_frontend_configure_policies() -> None:
    daemon = Daemon(environ={"DOCKERFILE_FRONTEND_REGISTRIES": "registry.example.com", "PATH": "/bin"})
    said = error_of("FROM alpine\n", daemon)
    assert said.startswith("Dockerfile:1: the image docker.io/library/alpine:latest is denied by the policy")
    assert daemon.build("FROM registry.example.com/a\n").looked_up == ("registry.example.com/a:latest",)


def test_an_image_can_be_asked_for_as_any_other_source() -> None:
    known = Known({"docker.io/library/alpine:3": {"digest": "sha256:1"}}, {}, {})
    daemon = StandIn("Dockerfile", b"", known, {})
    source = pb.SourceOp(identifier="docker-image://docker.io/library/alpine:3")
    found = daemon.resolve_source(SourceQuery(source)).image
    assert found is not None
    assert (found.name, found.digest) == ("docker.io/library/alpine:3", "sha256:1")
    assert daemon.asked == ["docker.io/library/alpine:3"]


def test_parts_of_a_file_can_be_read() -> None:
    daemon = StandIn("Dockerfile", b"FROM a", Known(None, {}, {}), {"context": {"a": "12345"}})
    assert daemon.read_file(Ref("local://context"), "a", offset=1, length=2) == b"23"
    assert daemon.read_file(Ref("local://dockerfile"), "Dockerfile", offset=5) == b"a"
    assert daemon.read_file(Ref("local://dockerfile"), "a") == b"12345"
    with pytest.raises(BridgeError, match="open b: no such file or directory"):
        daemon.read_file(Ref("local://context"), "b")


OTHERS = """
from pyfrontend.api import call, context

@call("bases", "List the base images")
def bases(question):
    return [stage.source.image for stage in question.dockerfile.stages]

@context("mirror")
def mirror(image):
    return f"docker-image://mirror.example.com/{image}"
"""


def test_calls_and_contexts_of_plugins_are_answered() -> None:
    house = ModuleType("house")
    exec(OTHERS, vars(house))
    tester = Tester(house)
    asked = tester.build("FROM alpine AS a\nFROM a\n", call="bases")
    assert (asked.json, asked.looked_up) == (["alpine", "a"], ())
    for specification in ("mirror://tools", "https://mirror.plugin/tools"):
        built = tester.build("FROM base", contexts={"base": specification})
        assert built.looked_up == ("mirror.example.com/tools:latest",)
    assert "bases" in error_of("FROM alpine", call="bass", plugins=[house])


def test_what_is_known_of_sources_is_what_a_test_gives() -> None:
    daemon = StandIn(
        "Dockerfile", b"", Known(None, {"git://example.com/a.git": COMMIT}, {DOWNLOAD: b"x"}), {}
    )

    def ask(identifier: str) -> SourceMeta:
        return daemon.resolve_source(SourceQuery(pb.SourceOp(identifier=identifier)))

    for _ in range(2):
        git, http = ask("git://example.com/a.git").git, ask(DOWNLOAD).http
    assert git is not None
    assert http is not None
    assert (git.checksum, http.digest) == (COMMIT, f"sha256:{sha256(b'x').hexdigest()}")
    assert http.filename == "tool.tar"
    assert daemon.asked == ["git://example.com/a.git", DOWNLOAD]
    for missing, parameter in (("git://example.com/b.git", "git"), ("https://example.com/b", "http")):
        with pytest.raises(BridgeError, match=rf"^{missing}: not found .*Daemon\({parameter}="):
            ask(missing)
