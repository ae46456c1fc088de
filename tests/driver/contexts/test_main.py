"""The main context: where the Dockerfile, its ignore file and the files come from."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import FakeBridge, an_input
from parity import graph
from pyfrontend.driver.contexts.remote import git_context
from pyfrontend.driver.session import Session, open_session
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import UNKNOWN, BridgeError
from pyfrontend.gateway.results import Result
from pyfrontend.llb.fileop import File
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import Output, Source
from pyfrontend.pb import ops_pb2 as pb

REFUSED = BridgeError(UNKNOWN, "refused")
#: What a daemon without a capability gets: no call at all.
LACKING = DockerfileError("lacking")
GIT = "https://github.com/a/b.git"


def opened(bridge: FakeBridge, **options: str) -> Session:
    return open_session(bridge, bridge.request(**options))


def source(output: Output | None) -> Source:
    assert output is not None
    assert isinstance(output.vertex, Source)
    return output.vertex


def solved(bridge: FakeBridge) -> list[tuple[str, dict[str, str]]]:
    """Identifier and attributes of the source of each solve."""
    ops = [pb.Op.FromString(graph.defs(solve.definition)[0]).source for solve in bridge.solves]
    return [(op.identifier, dict(op.attrs)) for op in ops]


def test_the_dockerfile_is_read_with_what_may_lie_beside_it() -> None:
    bridge = FakeBridge("FROM a\n", dockerfile_dockerignore="x")
    loaded = opened(bridge).loaded
    assert (loaded.file.name, loaded.file.data) == ("Dockerfile", b"FROM a\n")
    [(identifier, attrs)] = solved(bridge)
    assert identifier == "local://dockerfile"
    assert attrs["local.followpaths"] == '["Dockerfile","Dockerfile.dockerignore","dockerfile"]'
    assert attrs["local.session"] == "session"
    assert loaded.digest == graph.head(bridge.solves[0].definition)[0]


@pytest.mark.parametrize(
    ("options", "identifier", "paths"),
    [
        pytest.param(
            {"filename": "x/Dockerfile"},
            "local://dockerfile",
            '["x/Dockerfile","x/Dockerfile.dockerignore","x/dockerfile"]',
            id="in a folder",
        ),
        pytest.param(
            {"context": "./folder"},
            "local://dockerfile",
            '["Dockerfile","Dockerfile.dockerignore","dockerfile"]',
            id="beside a context that is no URL",
        ),
        pytest.param(
            {"filename": "other"},
            "local://dockerfile",
            '["other","other.dockerignore"]',
            id="by another name",
        ),
        pytest.param(
            {"dockerfilekey": "k"},
            "local://k",
            '["Dockerfile","Dockerfile.dockerignore","dockerfile"]',
            id="in another directory",
        ),
        pytest.param(
            {"context": GIT}, "git://github.com/a/b.git", None, id="in the repository of the context"
        ),
        pytest.param(
            {"context": GIT, "dockerfilekey": "k"},
            "local://k",
            '["Dockerfile","Dockerfile.dockerignore","dockerfile"]',
            id="beside a remote context",
        ),
        pytest.param(
            {"contextkey": "c", "c": GIT}, "git://github.com/a/b.git", None, id="in a context by another name"
        ),
    ],
)
def test_the_dockerfile_is_where_the_options_say(
    options: dict[str, str], identifier: str, paths: str | None
) -> None:
    bridge = FakeBridge(opts=options)
    opened(bridge)
    found, attrs = solved(bridge)[0]
    assert (found, attrs.get("local.followpaths")) == (identifier, paths)


def test_another_session_may_serve_a_directory() -> None:
    bridge = FakeBridge()
    opened(bridge, **{"local-sessionid:dockerfile": "other"})
    assert solved(bridge)[0][1]["local.session"] == "other"


def test_a_lower_case_dockerfile_is_read_where_it_is_the_only_one() -> None:
    bridge = FakeBridge(files={"dockerfile": {"dockerfile": "FROM small"}}, filename="x")
    bridge.input["filename"] = "Dockerfile"
    bridge.fail = {"read_file:Dockerfile": REFUSED}
    assert opened(bridge).loaded.file.data == b"FROM small"


@pytest.mark.parametrize(
    ("fail", "message"),
    [
        ({"solve": REFUSED}, "failed to resolve dockerfile: refused"),
        ({"solve": LACKING}, "failed to resolve dockerfile: lacking"),
        ({"read_file": REFUSED}, "failed to read dockerfile: refused"),
        ({"inputs": REFUSED}, "failed to get frontend inputs: refused"),
    ],
)
def test_what_fails_is_named(fail: dict[str, BridgeError | DockerfileError], message: str) -> None:
    with pytest.raises((BridgeError, DockerfileError)) as caught:
        opened(FakeBridge(fail=fail))
    assert str(caught.value) == message


def test_a_feature_of_the_context_that_the_daemon_has_not_is_named() -> None:
    bridge = FakeBridge()

    def refuse(*_: object, **__: object) -> Result:
        raise DockerfileError("no such feature")

    bridge.solve = refuse  # type: ignore[method-assign] # a daemon without it
    with pytest.raises(DockerfileError, match=r"^failed to resolve dockerfile: no such feature$"):
        opened(bridge, context=GIT)


@pytest.mark.parametrize(
    ("given", "name", "patterns"),
    [
        pytest.param({}, ".dockerignore", [], id="none"),
        pytest.param({"dockerignore": "a\n#b\n!c/"}, ".dockerignore", ["a", "!c"], id="of the context"),
        pytest.param(
            {"dockerignore": "a", "dockerfile_dockerignore": "b"},
            "Dockerfile.dockerignore",
            ["b"],
            id="the Dockerfile's own comes first",
        ),
        pytest.param(
            {"dockerignore": "a", "dockerfile_dockerignore": ""},
            "Dockerfile.dockerignore",
            [],
            id="even if it is empty",
        ),
        pytest.param(
            {"dockerignore": "a", "opts": {"context": GIT}}, ".dockerignore", [], id="not for a repository"
        ),
    ],
)
def test_the_ignore_file_is_the_nearest(given: dict[str, Any], name: str, patterns: list[str]) -> None:
    main = opened(FakeBridge(**given)).main
    assert (main.ignore_file().name, main.ignore_patterns()) == (name, patterns)


def test_the_ignore_file_is_read_once() -> None:
    bridge = FakeBridge(dockerignore="a")
    main = opened(bridge).main
    for _ in range(3):
        main.output()
    assert [call for call in bridge.calls if "dockerignore" in call] == [
        "read_file:Dockerfile.dockerignore",
        "read_file:.dockerignore",
    ]


def test_a_bad_ignore_file_is_named() -> None:
    main = opened(FakeBridge(dockerignore="x" * 65_536)).main
    with pytest.raises(DockerfileError) as caught:
        main.ignore_patterns()
    assert caught.value.message == "failed parsing .dockerignore: bufio.Scanner: token too long"
    with pytest.raises(DockerfileError) as caught:
        main.output()
    assert caught.value.message.startswith("failed to read dockerignore patterns: failed parsing")


def test_the_context_is_cut_down_to_what_is_needed_and_not_ignored() -> None:
    main = opened(FakeBridge(dockerignore="x")).main
    attrs = source(main.output(["a", "b"])).attrs
    assert (attrs["local.followpaths"], attrs["local.excludepatterns"]) == ('["a","b"]', '["x"]')
    assert "local.followpaths" not in source(main.output()).attrs


@pytest.mark.parametrize(
    ("options", "attrs"),
    [
        pytest.param({}, {}, id="as it is"),
        pytest.param(
            {"build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR": "1"}, {"git.keepgitdir": "true"}, id="with .git"
        ),
        pytest.param({"build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR": "maybe"}, {}, id="which needs a boolean"),
        pytest.param(
            {"build-arg:SOURCE_DATE_EPOCH": "context"}, {"git.mtime": "commit"}, id="with times of the commit"
        ),
    ],
)
def test_a_repository_is_checked_out(options: dict[str, str], attrs: dict[str, str]) -> None:
    main = opened(FakeBridge(), context=GIT, **options).main
    found = source(main.output(["ignored", "for", "remote"])).attrs
    assert {key: value for key, value in found.items() if key in {"git.keepgitdir", "git.mtime"}} == attrs


def test_a_bad_repository_is_refused() -> None:
    with pytest.raises(DockerfileError, match=r'^unexpected query "x"$'):
        opened(FakeBridge(), context=f"{GIT}?x=1")
    assert git_context("./local") is None


URL = "https://example.org/x"


def test_a_downloaded_file_is_the_dockerfile_and_the_context() -> None:
    bridge = FakeBridge("FROM downloaded\n", opts={"context": URL})
    session = opened(bridge)
    file, main = session.loaded.file, session.main
    assert (file.name, file.data) == ("context", b"FROM downloaded\n")
    assert source(main.output()).identifier == URL


def test_a_download_of_nothing_is_reported() -> None:
    bridge = FakeBridge(opts={"context": URL})
    bridge.solve = lambda *_, **__: Result()  # type: ignore[method-assign] # a daemon that finds nothing
    with pytest.raises(DockerfileError, match=rf"^failed to read downloaded context: {URL} gave no file$"):
        opened(bridge)


def test_an_empty_directory_has_no_dockerfile() -> None:
    bridge = FakeBridge()
    bridge.solve = lambda *_, **__: Result()  # type: ignore[method-assign] # a daemon that finds nothing
    with pytest.raises(BridgeError) as caught:
        opened(bridge)
    assert caught.value.message == "failed to read dockerfile: open Dockerfile: no such file or directory"


def test_a_downloaded_archive_is_unpacked() -> None:
    bridge = FakeBridge(opts={"context": URL}, files={URL: {"context": "BZh", "Dockerfile": "FROM inside"}})
    session = opened(bridge)
    file, main = session.loaded.file, session.main
    assert (file.name, file.data) == ("Dockerfile", b"FROM inside")
    output = main.output()
    assert output is not None
    assert isinstance(output.vertex, File)


@pytest.mark.parametrize(
    ("fail", "message"),
    [
        ({"solve": REFUSED}, "failed to resolve httpcontext: refused"),
        ({"solve": LACKING}, "failed to resolve httpcontext: lacking"),
        ({"read_file:context": REFUSED}, "failed to read downloaded context: refused"),
    ],
)
def test_a_download_that_fails_is_reported(
    fail: dict[str, BridgeError | DockerfileError], message: str
) -> None:
    with pytest.raises((BridgeError, DockerfileError)) as caught:
        opened(FakeBridge(fail=fail), context=URL)
    assert str(caught.value) == message


def test_a_part_of_a_remote_context_may_be_the_context() -> None:
    main = opened(FakeBridge(), context=GIT, contextsubdir="sub").main
    output = main.output()
    assert output is not None
    assert isinstance(output.vertex, File)
    copied = pb.Op.FromString(graph.defs(marshal(output, caps=None))[1]).file.actions[0].copy
    assert (copied.src, copied.dest, copied.dirCopyContents) == ("/sub", "/", True)


@pytest.mark.parametrize(
    ("inputs", "options", "dockerfile", "context"),
    [
        pytest.param([], {}, "local://dockerfile", "local://context", id="none"),
        pytest.param(["dockerfile"], {}, "docker-image://dockerfile", "local://context", id="the Dockerfile"),
        pytest.param(["context"], {}, "local://dockerfile", "docker-image://context", id="the context"),
        pytest.param(
            ["context", "dockerfile"],
            {"dockerfilekey": "k"},
            "local://k",
            "docker-image://context",
            id="unless a directory is named",
        ),
        pytest.param(
            ["context", "dockerfile"],
            {"context": GIT},
            "git://github.com/a/b.git",
            "git://github.com/a/b.git",
            id="or a repository",
        ),
    ],
)
def test_inputs_of_the_frontend_take_the_place_of_directories(
    inputs: list[str], options: dict[str, str], dockerfile: str, context: str
) -> None:
    given = {name: an_input(f"docker-image://{name}") for name in inputs}
    bridge = FakeBridge(
        inputs=given, opts=options, files={"docker-image://dockerfile": {"Dockerfile": "FROM i"}}
    )
    main = opened(bridge).main
    assert solved(bridge)[0][0] == dockerfile
    definition = marshal(main.output(), caps=None)
    assert pb.Op.FromString(graph.defs(definition)[0]).source.identifier == context


EMPTY: dict[str, Any] = {"def": [], "metadata": {}}


@pytest.mark.parametrize("name", ["context", "dockerfile", "unused"])
def test_an_empty_input_is_refused_whether_it_is_used_or_not(name: str) -> None:
    given = {"context": an_input("docker-image://c"), "dockerfile": an_input("docker-image://d"), name: EMPTY}
    with pytest.raises(BridgeError) as caught:
        opened(FakeBridge(inputs=given))
    text = "failed to get frontend inputs: invalid nil input definition to definition op"
    assert caught.value.message == text
