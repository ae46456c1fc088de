"""Text files that lines name: where they are read from, how often, and what becomes of missing ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge, an_input
from parity import graph
from pyfrontend.dockerignore import Matcher
from pyfrontend.driver import extended
from pyfrontend.driver.contexts.base import Folder
from pyfrontend.driver.contexts.files import MOST_BYTES, TextFiles, context_folder, dockerfile_folder
from pyfrontend.driver.extended import MOST_DIRECTORIES
from pyfrontend.driver.serve import serve
from pyfrontend.driver.session import open_session
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import UNKNOWN, BridgeError
from pyfrontend.gateway.offline import Offline
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.llb.sources import local
from pyfrontend.parallel import gather
from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyfrontend.driver.contexts.main import MainContext

GIT = "https://github.com/a/b.git"
REFUSED = BridgeError(UNKNOWN, "refused")
MISSING = BridgeError(UNKNOWN, "open /a: no such file or directory")


def files_of(
    bridge: FakeBridge, folder: Callable[[MainContext], Folder] = context_folder, **options: str
) -> TextFiles:
    main = open_session(bridge, bridge.request(**options)).main
    bridge.solves.clear()
    bridge.calls.clear()
    return TextFiles(main, folder(main))


def sources(bridge: FakeBridge) -> list[tuple[str, dict[str, str]]]:
    """Identifier and attributes of the source of each solve."""
    ops = [pb.Op.FromString(graph.defs(solve.definition)[0]).source for solve in bridge.solves]
    return [(op.identifier, dict(op.attrs)) for op in ops]


def test_a_file_of_the_client_comes_alone_and_by_a_source_of_its_own() -> None:
    bridge = FakeBridge(files={"context": {"sub/a.env": "A=1\n"}}, dockerignore="*")
    found = files_of(bridge).read("sub/a.env")
    assert found is not None
    assert (found.name, found.data) == ("sub/a.env", b"A=1\n")
    assert found.definition == bridge.solves[0].definition, "clients can show it"
    [(identifier, attrs)] = sources(bridge)
    assert identifier == "local://context"
    assert attrs["local.followpaths"] == '["sub/a.env"]'
    assert attrs["local.sharedkeyhint"] == "context-sub/a.env", "the daemon keeps it apart from the context"
    assert "local.excludepatterns" not in attrs, "what the ignore file hides can be read"


INPUTS = {name: an_input(f"docker-image://{name}") for name in ("context", "dockerfile")}


@pytest.mark.parametrize(
    ("folder", "given", "options", "identifier"),
    [
        pytest.param(dockerfile_folder, {}, {}, "local://dockerfile", id="beside the Dockerfile"),
        pytest.param(dockerfile_folder, {}, {"dockerfilekey": "k"}, "local://k", id="in another directory"),
        pytest.param(context_folder, {}, {"context": GIT}, "git://github.com/a/b.git", id="in a repository"),
        pytest.param(
            dockerfile_folder, {}, {"context": GIT}, "git://github.com/a/b.git", id="beside the one in it"
        ),
        pytest.param(
            dockerfile_folder,
            {},
            {"context": GIT, "dockerfilekey": "k"},
            "local://k",
            id="beside one that is elsewhere",
        ),
        pytest.param(context_folder, {"inputs": INPUTS}, {}, "docker-image://context", id="in an input"),
        pytest.param(
            dockerfile_folder,
            {"inputs": INPUTS},
            {},
            "docker-image://dockerfile",
            id="beside one in an input",
        ),
        pytest.param(lambda _: Folder("theme"), {}, {}, "local://theme", id="in a named directory"),
    ],
)
def test_a_file_is_read_from_its_folder_wherever_that_is(
    folder: Callable[[MainContext], Folder], given: dict[str, Any], options: dict[str, str], identifier: str
) -> None:
    name = identifier.removeprefix("local://")
    texts = {name: {"a": "found", "Dockerfile": "FROM x"}}
    bridge = FakeBridge(
        opts=options, files={**texts, "docker-image://dockerfile": {"Dockerfile": "F", "a": "found"}}, **given
    )
    found = files_of(bridge, folder).read("a")
    assert found is not None
    assert found.data == b"found"
    assert [source for source, _ in sources(bridge)] == [identifier]


def test_another_session_may_serve_a_named_directory() -> None:
    bridge = FakeBridge(files={"theme": {"a": ""}})
    files_of(bridge, lambda _: Folder("theme"), **{"local-sessionid:theme": "other"}).read("a")
    assert sources(bridge)[0][1]["local.session"] == "other"


def test_a_file_is_read_once_for_all_platforms() -> None:
    bridge = FakeBridge(files={"context": {"a": "1", "b": "2"}})
    main = open_session(bridge, bridge.request()).main
    bridge.calls.clear()
    calls = [partial(TextFiles(main, context_folder(main)).read, path) for path in "aabbab"]
    found = [file.data if file else None for file in gather(calls)]
    assert found == [b"1", b"1", b"2", b"2", b"1", b"2"]
    assert sorted(call for call in bridge.calls if "read" in call) == ["read_file:a", "read_file:b"]


def test_files_of_one_name_in_two_folders_are_two() -> None:
    bridge = FakeBridge(files={"context": {"a": "1"}, "dockerfile": {"a": "2", "Dockerfile": "FROM x"}})
    main = open_session(bridge, bridge.request()).main
    found = [TextFiles(main, folder(main)).read("a") for folder in (context_folder, dockerfile_folder)]
    assert [file.data if file else None for file in found] == [b"1", b"2"]


def test_a_file_that_is_not_there_is_none_and_not_looked_for_again() -> None:
    bridge = FakeBridge()
    files = files_of(bridge)
    assert [files.read("a"), files.read("a")] == [None, None]
    assert bridge.calls == ["solve", "read_file:a"]


@pytest.mark.parametrize("call", ["solve", "read_file:a"])
def test_a_file_that_cannot_be_read_is_named(call: str) -> None:
    bridge = FakeBridge(files={"context": {"a": ""}})
    files = files_of(bridge)
    bridge.fail = {call: REFUSED}
    with pytest.raises(DockerfileError, match=r"^failed to read a: refused$") as caught:
        files.read("a")
    assert caught.value.__cause__ is not None
    bridge.fail = {call: MISSING}
    assert files.read("a") is None, "a failure is no answer to keep"


def test_no_more_is_read_of_a_file_than_tells_that_it_is_too_large() -> None:
    bridge = FakeBridge(files={"context": {"a": "x" * (MOST_BYTES + 10)}})
    found = files_of(bridge).read("a")
    assert found is not None
    assert len(found.data) == MOST_BYTES


def test_without_a_daemon_files_are_those_of_the_two_folders(tmp_path: Path) -> None:
    for name in ("beside", "context"):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "a").write_text(name)
    offline = Offline("Dockerfile", b"FROM x", tmp_path / "beside", tmp_path / "context")

    def read(directory: str, path: str) -> bytes | str:
        source = local(directory, session_id="s", unique="").output
        ref = offline.solve(SolveRequest(output=source)).ref
        assert ref is not None
        try:
            return offline.read_file(ref, path)
        except BridgeError as error:
            return "not there" if error.is_not_found else error.message

    assert read("dockerfile", "Dockerfile") == b"FROM x"
    assert (read("dockerfile", "a"), read("context", "a")) == (b"beside", b"context")
    assert [read("context", path) for path in ("Dockerfile", "a/b", "gone")] == ["not there"] * 3
    assert read("other", "a") == "not there"
    assert read("context", "sub") == "open sub: Is a directory"


def test_few_directories_are_looked_into_for_names_and_each_once() -> None:
    lines = "".join(f"INCLUDE d{number % 40}/x{number}\n" for number in range(80))
    bridge = FakeBridge(f"FROM a\n{lines}")
    with pytest.raises(DockerfileError, match='has no file "d0/x0"'):
        serve(bridge, bridge.request())
    asked = [call for call in bridge.calls if call.startswith("read_dir")]
    assert len(asked) == len(set(asked)) == MOST_DIRECTORIES


def test_the_ignore_file_is_compiled_once_for_all_files_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    class Counted(Matcher):
        __slots__ = ()

        def __init__(self, patterns: list[str]) -> None:
            made.append(len(patterns))
            super().__init__(patterns)

    monkeypatch.setattr(extended, "Matcher", Counted)
    bridge = FakeBridge("FROM a\n" + "ENV --file=v.env\n" * 5, dockerignore="v.*\n")
    with pytest.raises(DockerfileError, match="excluded by the ignore file"):
        serve(bridge, bridge.request())
    assert made == [1]
