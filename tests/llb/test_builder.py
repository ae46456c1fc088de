"""`pyfrontend.llb`: graphs built by hand are those that Dockerfiles make, and more."""

from __future__ import annotations

from typing import Any

import pytest

from pyfrontend import DockerfileError, llb, lower

LINUX = "linux/amd64"


def ops(state: llb.State) -> list[dict[str, Any]]:
    return state.marshal(LINUX).ops


def last(state: llb.State, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = ops(state)[-1][kind]
    return found


def test_a_graph_built_by_hand_has_the_digests_of_a_dockerfile() -> None:
    text = 'FROM alpine AS a\nRUN ["make", "x"]\nFROM scratch\nCOPY --from=a /made /to/\n'
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    made = llb.image("alpine").env("PATH", path).run(["make", "x"])
    built = llb.scratch().copy(made, "/made", "/to/")
    assert built.marshal(LINUX).digests == lower(text, platform=LINUX).definition.digests


def test_a_definition_names_its_ops_and_its_head() -> None:
    definition = llb.scratch().mkdir("/a").mkfile("/a/b", "x").marshal(LINUX)
    assert repr(definition) == "Definition(2 ops)"
    assert definition.head == definition.digests[-1]
    assert definition.message.FromString(definition.to_bytes()) == definition.message
    assert definition.message.metadata[definition.head].description["llb.customname"] == "mkfile /a/b"
    empty = llb.scratch().marshal()
    assert (empty.head, empty.ops, empty.to_bytes()) == ("", [], b"")


def test_a_command_is_a_text_for_the_shell_or_a_list() -> None:
    base = llb.image("alpine").env("A", "1").cwd("/src").cwd("sub").user("me")
    meta = last(base.run("echo $A"), "exec")["meta"]
    assert meta["args"] == ["/bin/sh", "-c", "echo $A"]
    assert (meta["env"], meta["cwd"], meta["user"]) == (["A=1"], "/src/sub", "me")
    assert last(base.run(["a", "b c"]), "exec")["meta"]["args"] == ["a", "b c"]


def test_what_one_command_gets_is_not_inherited() -> None:
    first = llb.image("alpine").run("a", env={"X": "1"}, cwd="/x", user="u")
    meta = last(first, "exec")["meta"]
    assert (meta["env"], meta["cwd"], meta["user"]) == (["X=1"], "/x", "u")
    after = last(first.run("b"), "exec")["meta"]
    assert ("env" in after, after["cwd"], "user" in after) == (False, "/", False)


def test_settings_of_a_command_reach_the_wire() -> None:
    state = llb.image("alpine").run(
        "x",
        network="none",
        hostname="h",
        extra_hosts={"db": "10.0.0.1"},
        insecure=True,
        ignore_cache=True,
        name="n",
    )
    definition = state.marshal(LINUX)
    op = definition.ops[-1]["exec"]
    assert (op["network"], op["security"], op["meta"]["hostname"]) == ("NONE", "INSECURE", "h")
    assert op["meta"]["extraHosts"] == [{"Host": "db", "IP": "10.0.0.1"}]
    metadata = definition.message.metadata[definition.head]
    assert (metadata.ignore_cache, metadata.description["llb.customname"]) == (True, "n")


def test_every_kind_of_mount_can_be_given() -> None:
    source = llb.image("busybox")
    state = llb.image("alpine").run(
        "x",
        mounts=[
            llb.bind(source, "/src", path="/sub"),
            llb.cache("/cache", sharing="locked"),
            llb.cache("/own", id="mine", source=source),
            llb.tmpfs("/tmp", size=1 << 20),
            llb.secret("token"),
            llb.secret("key", env="KEY"),
            llb.ssh(optional=True),
        ],
    )
    mounts = {mount["dest"]: mount for mount in last(state, "exec")["mounts"]}
    assert mounts["/src"]["selector"] == "/sub"
    assert mounts["/src"]["readonly"] is True
    assert mounts["/cache"]["cacheOpt"] == {"ID": "/cache", "sharing": "LOCKED"}
    assert mounts["/own"]["cacheOpt"]["ID"] == "mine"
    assert mounts["/tmp"]["TmpfsOpt"]["size"] in (1 << 20, str(1 << 20))
    assert mounts["/run/secrets/token"]["secretOpt"]["ID"] == "token"
    assert mounts["/run/buildkit/ssh_agent.0"]["SSHOpt"]["optional"] is True
    assert last(state, "exec")["secretenv"] == [{"ID": "key", "name": "KEY"}]


def test_what_is_written_into_a_mount_is_a_state_of_its_own() -> None:
    ran = llb.image("alpine").run("x", mounts=[llb.bind(llb.scratch(), "/out", writable=True)])
    built = llb.scratch().copy(ran.mounted("/out"), "/", "/")
    ends = ops(built)[-1]["inputs"]
    assert [int(end.get("index", 0)) for end in ends] == [1]
    with pytest.raises(ValueError, match="no output at /cache"):
        llb.image("alpine").run("x", mounts=[llb.cache("/cache")]).mounted("/cache")


def test_files_are_made_copied_and_removed() -> None:
    base = (
        llb.scratch()
        .mkdir("/a/b", parents=True, mode=0o700, owner="1:2")
        .mkfile("/a/b/c", b"\xff", mode=0o600)
    )
    (mkdir,) = [op["file"]["actions"][0]["mkdir"] for op in ops(base) if "mkdir" in op["file"]["actions"][0]]
    assert (mkdir["path"], mkdir["mode"], mkdir["makeParents"]) == ("/a/b", 0o700, True)
    copied = last(llb.scratch().copy(base, "/a/*", "/x/", exclude=["*.o"], owner="u", mode=0o755), "file")
    copy = copied["actions"][0]["copy"]
    assert (copy["src"], copy["dest"], copy["exclude_patterns"]) == ("/a/*", "/x/", ["*.o"])
    assert copy["allowWildcard"] is True
    removed = last(base.cwd("/a").rm("b/*", wildcard=True, missing_ok=True), "file")["actions"][0]["rm"]
    assert removed == {"path": "/a/b/*", "allowNotFound": True, "allowWildcard": True}
    assert last(base.rm("/a"), "file")["actions"][0]["rm"] == {"path": "/a"}
    assert ops(llb.scratch().rm("/x", missing_ok=True))[0]["file"]["actions"][0]["input"] == "-1"


def test_sources_have_the_identifiers_of_buildkit() -> None:
    def source(state: llb.State) -> dict[str, Any]:
        found: dict[str, Any] = ops(state)[0]["source"]
        return found

    assert source(llb.image("alpine"))["identifier"] == "docker-image://docker.io/library/alpine:latest"
    assert source(llb.image("a/b:1", resolve_mode="pull"))["attrs"] == {"image.resolvemode": "pull"}
    directory = source(llb.local("src", paths=["a"], exclude=["*.o"], session="s"))
    assert directory["identifier"] == "local://src"
    assert directory["attrs"]["local.followpaths"] == '["a"]'
    assert (
        source(llb.git("https://github.com/a/b.git#main:sub"))["identifier"]
        == "git://github.com/a/b.git#main:sub"
    )
    assert source(llb.http("https://x/y", filename="z"))["attrs"] == {"http.filename": "z"}
    assert ops(llb.image("alpine", platform="linux/arm64"))[0]["platform"]["Architecture"] == "arm64"


def test_merge_and_diff_make_ops_of_their_own() -> None:
    base = llb.image("alpine")
    changed = base.run("x")
    change = llb.diff(base, changed)
    assert [sorted(op) for op in ops(llb.merge(llb.image("busybox"), change))][-1] == [
        "constraints",
        "inputs",
        "merge",
    ]
    definition = change.marshal(LINUX)
    assert definition.ops[-1]["diff"] == {"lower": {}, "upper": {"input": "1"}}
    assert dict(definition.message.metadata[definition.head].caps) == {"diffop": True}


def test_what_is_empty_makes_no_op() -> None:
    base = llb.image("alpine")
    assert ops(llb.merge()) == []
    assert ops(llb.merge(llb.scratch(), llb.scratch())) == []
    assert ops(llb.merge(llb.scratch(), base)) == ops(base)
    assert llb.diff(llb.scratch(), base) is base
    assert ops(llb.diff(base, llb.scratch()))[-1]["diff"]["upper"] == {"input": "-1"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: llb.image("A B"), "invalid reference format"),
        (lambda: llb.git("https://x/y"), "the path ends in .git"),
        (lambda: llb.http("file:///x"), "it begins with https://"),
        (lambda: llb.cache("/x", sharing="all"), "use shared, private or locked"),
        (lambda: llb.image("a").run(""), "there is no command"),
        (lambda: llb.image("a").run([]), "there is no command"),
        (lambda: llb.image("a").run("x", network="bridge"), "use none or host"),
    ],
    ids=["image", "repository", "address", "sharing", "no text", "no arguments", "network"],
)
def test_what_is_wrong_is_said_at_once(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_platform_that_is_none_and_text_that_is_no_utf8_are_errors() -> None:
    with pytest.raises((ValueError, DockerfileError)):
        llb.image("a", platform="x/y/z/w")
    with pytest.raises(DockerfileError, match="UTF-8"):
        llb.image("a").run("\udcff").marshal()
