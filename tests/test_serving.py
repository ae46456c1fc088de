"""`pyfrontend.frontend`: a frontend of one's own, with a daemon that is a table."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from process import Daemon, environment

from fakes import FakeBridge
from pyfrontend import Client, DockerfileError, Image, frontend, llb
from pyfrontend.gateway.errors import NOT_FOUND, UNKNOWN, BridgeError
from pyfrontend.gateway.results import DirEntry

if TYPE_CHECKING:
    from pathlib import Path

    from pyfrontend.gateway.requests import SolveRequest
    from pyfrontend.gateway.results import Result
    from pyfrontend.serving import Frontend


@frontend
def words(client: Client) -> Image:
    """One file for each word."""
    state = llb.scratch()
    for number, line in enumerate(client.text.splitlines(), 1):
        if line.startswith("!"):
            raise client.error(f"{line} is no word", line=number)
        if line.startswith("?"):
            client.warn("Doubtful", f"{line} may be no word", line=number)
        state = state.mkfile(f"/{line}", client.args.get("GREETING", "hi"))
    state = state.env("A", "b").cwd("/w").user("me")
    return Image(state, ["x"], ["y"], {"platform": client.platform}, ["80/tcp"], "SIGINT")


def config_of(result: Any, key: str = "") -> Any:
    return json.loads(result.metadata[f"containerimage.config{key}"])


def test_a_function_makes_the_files_and_the_config_of_an_image() -> None:
    bridge = FakeBridge("one\ntwo\n")
    result = words.serve(bridge, bridge.request(**{"build-arg:GREETING": "hello", "platform": "linux/arm64"}))
    config = config_of(result)
    assert config["architecture"] == "arm64"
    assert config["config"] == {
        "User": "me",
        "ExposedPorts": {"80/tcp": {}},
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=b"],
        "Entrypoint": ["y"],
        "Cmd": ["x"],
        "WorkingDir": "/w",
        "Labels": {"platform": "linux/arm64"},
        "StopSignal": "SIGINT",
    }
    assert result.ref is not None


def test_it_is_called_for_each_platform() -> None:
    bridge = FakeBridge("one\n")
    result = words.serve(bridge, bridge.request(platform="linux/amd64,linux/arm64"))
    assert sorted(result.refs) == ["linux/amd64", "linux/arm64"]
    for key in result.refs:
        assert config_of(result, f"/{key}")["config"]["Labels"] == {"platform": key}


def test_errors_and_warnings_have_their_lines() -> None:
    bridge = FakeBridge("one\n?two\n!three\n")
    with pytest.raises(DockerfileError, match="!three is no word") as caught:
        words.serve(bridge, bridge.request())
    assert [(span.start, span.file.name) for span in caught.value.spans] == [(3, "Dockerfile")]
    assert "warn:Doubtful: ?two may be no word (line 2)" in bridge.calls


def test_what_the_function_raises_by_mistake_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    @frontend
    def broken(client: Client) -> llb.State:
        return llb.image(client.text)

    bridge = FakeBridge("A B")
    with pytest.raises(
        DockerfileError, match=r"the frontend failed: ValueError: .*\(.*test_serving.py, line \d+\)"
    ):
        broken.serve(bridge, bridge.request())
    assert "Traceback" in capsys.readouterr().err


def test_what_it_returns_has_to_be_a_state_or_an_image() -> None:
    plain = frontend(lambda client: llb.scratch().mkfile("/x", client.name))
    bridge = FakeBridge("x")
    assert config_of(plain.serve(bridge, bridge.request()))["config"]["WorkingDir"] == "/"
    wrong: Any = frontend(lambda client: client.text)  # type: ignore[arg-type, return-value] # that is the test
    with pytest.raises(DockerfileError, match="the frontend returned str, not a State or an Image"):
        wrong.serve(bridge, bridge.request())


def test_calls_and_capabilities_that_it_does_not_have_are_refused() -> None:
    bridge = FakeBridge("x")
    with pytest.raises(BridgeError, match=r"unsupported request frontend.outline"):
        words.serve(bridge, bridge.request(requestid="frontend.outline"))
    with pytest.raises(BridgeError, match="unsupported frontend capability nope"):
        words.serve(bridge, bridge.request(**{"frontend.caps": "nope"}))


IMAGES = {
    "docker.io/library/busybox:latest": {
        "digest": f"sha256:{64 * 'b'}",
        "config": {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["PATH=/b", "X=y"], "WorkingDir": "/start", "User": "u"},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{64 * 'c'}"]},
        },
    }
}


class Recorder(FakeBridge):
    """Keeps the graphs that it is asked to build."""

    def __init__(self, dockerfile: str, **given: Any) -> None:
        super().__init__(dockerfile, **given)
        self.definitions: list[Any] = []

    def solve(self, request: SolveRequest) -> Result:
        if self.calls.count("solve"):  # after the file itself was loaded
            self.definitions.append(request.definition)
        return super().solve(request)


def test_an_image_brings_its_digest_environment_directory_and_user() -> None:
    over = frontend(lambda client: client.image(client.text).run("x"))
    bridge = Recorder("busybox", images=IMAGES)
    config = config_of(over.serve(bridge, bridge.request(platform="linux/amd64")))["config"]
    assert (config["Env"], config["WorkingDir"], config["User"]) == (["PATH=/b", "X=y"], "/start", "u")
    source, ran = llb.Definition(bridge.definitions[0]).ops
    digest = IMAGES["docker.io/library/busybox:latest"]["digest"]
    assert source["source"]["identifier"] == f"docker-image://docker.io/library/busybox:latest@{digest}"
    assert ran["exec"]["meta"]["env"] == ["PATH=/b", "X=y"]
    assert (ran["exec"]["meta"]["cwd"], ran["exec"]["meta"]["user"]) == ("/start", "u")


def test_the_context_is_cut_down_to_what_is_needed() -> None:
    @frontend
    def copied(client: Client) -> llb.State:
        return llb.scratch().copy(client.context(["a"]), "a", "/")

    (source, _) = copied.lower("x").definition.ops
    assert source["source"]["identifier"] == "local://context"
    assert source["source"]["attrs"]["local.followpaths"] == '["a"]'


def test_tools_may_be_those_of_the_machine_while_the_image_is_for_another() -> None:
    @frontend
    def cross(client: Client) -> llb.State:
        tools = client.image("golang", platform=client.build_platform).run("make")
        return client.image("busybox").copy(tools, "/made", "/")

    ops = cross.lower("x", platform="linux/riscv64").definition.ops
    platforms = {
        op["source"]["identifier"][-14:]: op["platform"]["Architecture"] for op in ops if "source" in op
    }
    assert platforms["busybox:latest"] == "riscv64"
    assert platforms["/golang:latest"] == next(op["platform"]["Architecture"] for op in ops if "exec" in op)
    assert platforms["/golang:latest"] != "riscv64"


def test_no_cache_runs_every_step_again() -> None:
    @frontend
    def steps(client: Client) -> llb.State:
        return client.image("busybox").run("x").mkfile("/y", client.text)

    for options, expected in ({}, [False, False, False]), ({"no-cache": ""}, [False, True, True]):
        bridge = Recorder("x", images=IMAGES)
        steps.serve(bridge, bridge.request(**options))
        (definition,) = bridge.definitions
        digests = llb.Definition(definition).digests
        assert [definition.metadata[digest].ignore_cache for digest in digests] == expected


def test_files_of_a_state_can_be_looked_into() -> None:
    seen: list[object] = []

    @frontend
    def looks(client: Client) -> llb.State:
        files = client.files(llb.local("other"))
        seen.append(files.names("/"))
        for path in ("there", "gone"):
            try:
                seen.append(files.read(path))
            except FileNotFoundError as error:
                seen.append(f"no {error}")
        return llb.scratch()

    bridge = FakeBridge(
        "x", directories={"/": [DirEntry("there", is_dir=False)]}, files={"other": {"there": "1"}}
    )
    looks.serve(bridge, bridge.request())
    assert seen == [["there"], b"1", "no gone"]


@pytest.mark.parametrize("call", ["read_file:x", "read_dir:x"])
def test_a_daemon_that_fails_is_no_missing_file(call: str) -> None:
    @frontend
    def looks(client: Client) -> llb.State:
        files = client.files(llb.local("other"))
        files.read("x") if call == "read_file:x" else files.names("x")
        return llb.scratch()

    bridge = FakeBridge("x", fail={call: BridgeError(UNKNOWN, "disk on fire")}, files={"other": {"x": ""}})
    with pytest.raises(BridgeError, match="disk on fire"):
        looks.serve(bridge, bridge.request())


def test_a_folder_that_is_not_there_and_an_empty_state_have_no_files() -> None:
    @frontend
    def looks(client: Client) -> llb.State:
        for state, path in ((llb.local("other"), "x"), (llb.scratch(), "/")):
            with pytest.raises(FileNotFoundError):
                client.files(state).names(path)
        with pytest.raises(FileNotFoundError):
            client.files(llb.scratch()).read("x")
        return llb.scratch()

    bridge = FakeBridge("x", fail={"read_dir:x": BridgeError(NOT_FOUND, "no")})
    assert looks.serve(bridge, bridge.request()).ref is None


SCRIPT = """
from pyfrontend import frontend, llb

@frontend
def hello(client):
    return llb.scratch().mkfile("/hello", client.text)

hello()
"""


def test_a_script_serves_a_build_over_its_standard_streams(root: Path) -> None:
    with Daemon(b"FROM nothing: any text\n") as peer:
        read_fd, write_fd = peer.fds
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            stdin=read_fd,
            stdout=write_fd,
            stderr=subprocess.PIPE,
            env={**environment(), "PYTHONPATH": str(root / "frontend")},
        )
        os.close(read_fd)
        os.close(write_fd)
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, b"")
    assert peer.returned().HasField("result")


def test_a_script_that_a_person_starts_says_what_it_is(root: Path) -> None:
    env = {"PYTHONPATH": str(root / "frontend")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2
    assert "# syntax=<image of this frontend>" in done.stderr


# --------------------------------------------------------------------------------------------- the example


def test_the_example_makes_pages_and_says_what_it_does_not_know(root: Path) -> None:
    example = root / "examples/frontend"
    pages: Frontend = runpy.run_path(str(example / "pages.py"))["pages"]
    built = pages.lower(example / "Pages")
    (made,) = [
        action["mkfile"]
        for op in built.definition.ops
        for action in op.get("file", {}).get("actions", ())
        if action.get("mkfile", {}).get("path") == "/www/index.html"
    ]
    assert made
    assert json.loads(built.config)["config"]["Labels"] == {"pages": "2"}
    for text, message in (("form x", "there is no form"), ("from A B", "A B is no image")):
        with pytest.raises(DockerfileError, match=message) as caught:
            pages.lower(f"\n{text}\n")
        assert caught.value.spans[0].start == 2
    assert pages.lower("from scratch\n").definition.ops == []
