"""Dockerfile.lock in builds and calls: found, written, compared, translated."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.extend.lockfile import Key, Pin, lock_text, read_lock
from pyfrontend.span import SourceFile

if TYPE_CHECKING:
    from pyfrontend.gateway.results import Result

OLD = "sha256:" + 64 * "0"
COMMIT = 40 * "c"
URL, REPOSITORY = "https://example.com/a.tgz", "https://example.com/r.git#v1"
TEXT = f"FROM alpine:3\nFROM --platform=$BUILDPLATFORM busybox\nADD {URL} /a\nADD {REPOSITORY} /r\n"
SOURCES = {
    URL: {"digest": OLD, "filename": "a.tgz"},
    "git://example.com/r.git#v1": {"checksum": COMMIT, "ref": "v1"},
}
LOCKED: dict[str, Any] = {"build_args": {"BUILDKIT_DOCKERFILE_LOCK": "pinned"}}


def call(name: str, lock: str = "", text: str = TEXT) -> Result:
    files = {"dockerfile": {"Dockerfile.lock": lock}} if lock else {}
    bridge = FakeBridge(text, sources=SOURCES, files=files)
    return serve(bridge, bridge.request(requestid=f"frontend.{name}"))


def entries(result: Result) -> dict[str, str]:
    read = read_lock(SourceFile("Dockerfile.lock", result.metadata["result.txt"]))
    return {f"{key.kind} {key.reference}": pin.digest for key, pin in read.items()}


def test_a_written_lock_holds_what_all_stages_take_from_elsewhere() -> None:
    result = call("lock")
    found = entries(result)
    assert list(found) == [
        f"git {REPOSITORY}",
        f"http {URL}",
        "image docker.io/library/alpine:3",
        "image docker.io/library/busybox:latest",
    ]
    assert (found[f"git {REPOSITORY}"], found[f"http {URL}"]) == (COMMIT, OLD)
    assert result.ref is not None


def test_a_daemon_that_can_look_up_images_only_fetches_the_rest() -> None:
    fetched = {
        URL: {"download": "x" * (4 << 20) + "y"},
        "git://example.com/r.git#v1": {".git/HEAD": f"{COMMIT}\n"},
    }
    bridge = FakeBridge(TEXT.replace("r.git#v1", "r.git#v1:sub"), files=fetched)
    found = entries(serve(bridge, bridge.request(requestid="frontend.lock")))
    assert found[f"git {REPOSITORY}:sub"] == COMMIT
    assert found[f"http {URL}"] == "sha256:" + sha256(b"x" * (4 << 20) + b"y").hexdigest()


def test_what_cannot_be_fetched_is_an_error_at_its_line() -> None:
    bridge = FakeBridge(f"FROM alpine\nADD {URL} /a\n")
    with pytest.raises(DockerfileError, match="no such file or directory") as caught:
        serve(bridge, bridge.request(requestid="frontend.lock"))
    assert [span.start for span in caught.value.spans] == [2]


def test_entries_that_are_there_are_refreshed_and_kept() -> None:
    lock = lock_text({Key("image", "docker.io/library/debian:12"): Pin(OLD)})
    found = entries(call("lock", lock))
    assert found["image docker.io/library/debian:12"] != OLD
    assert len(found) == 5


def test_a_lock_that_holds_what_is_found_is_up_to_date() -> None:
    text = call("lock").metadata["result.txt"].decode()
    result = call("lock-check", text)
    assert result.metadata["result.txt"] == b"Dockerfile.lock is up to date\n"
    assert result.metadata["result.statuscode"] == b"0"


def test_a_check_lists_what_is_new_gone_and_moved() -> None:
    pins = {
        Key("image", "docker.io/library/alpine:3"): Pin(OLD),
        Key("image", "docker.io/library/debian:12"): Pin(OLD),
        Key("http", URL): Pin(OLD),
        Key("git", REPOSITORY): Pin(COMMIT),
    }
    result = call("lock-check", lock_text(pins))
    assert result.metadata["result.statuscode"] == b"1"
    rows = json.loads(result.metadata["result.json"])["changes"]
    assert [" ".join(row.split()[:3]) for row in rows] == [
        "~ image docker.io/library/alpine:3",
        "+ image docker.io/library/busybox:latest",
        "- image docker.io/library/debian:12",
    ]


def test_a_policy_says_the_same_as_the_lock() -> None:
    pins = {
        Key("image", "docker.io/library/alpine:3"): Pin(OLD),
        Key("http", URL): Pin(OLD),
        Key("git", REPOSITORY): Pin(COMMIT),
    }
    rules = json.loads(call("lock-policy", lock_text(pins)).metadata["result.json"])["rules"]
    assert {rule["selector"]["identifier"]: rule["updates"] for rule in rules} == {
        "docker-image://docker.io/library/alpine:3": {
            "identifier": f"docker-image://docker.io/library/alpine:3@{OLD}"
        },
        URL: {"attrs": {"http.checksum": OLD}},
        "git://example.com/r.git#v1": {"attrs": {"git.checksum": COMMIT}},
    }


def test_without_a_lock_there_is_no_policy() -> None:
    with pytest.raises(DockerfileError, match=r"^there is no Dockerfile\.lock"):
        call("lock-policy")


def test_a_frozen_build_without_a_lock_names_the_command_that_writes_it() -> None:
    bridge = FakeBridge("FROM x\n", build_args={"BUILDKIT_DOCKERFILE_LOCK": "frozen"})
    with pytest.raises(DockerfileError, match=r"write it with docker buildx build --call=lock -o \. \."):
        serve(bridge, bridge.request())


def test_a_locked_build_looks_up_the_digest_of_its_entry() -> None:
    lock = lock_text({Key("image", "docker.io/library/alpine:3"): Pin(OLD)})
    bridge = FakeBridge("FROM alpine:3\n", files={"dockerfile": {"Dockerfile.lock": lock}}, **LOCKED)
    serve(bridge, bridge.request())
    assert [one["ref"] for one in bridge.lookups] == [f"docker.io/library/alpine:3@{OLD}"]


def test_the_plain_form_may_differ_between_platforms_only_if_one_is_chosen() -> None:
    text = "FROM x\nRUN --if=TARGETARCH=arm64 y\n"
    two = FakeBridge(text, platforms=["linux/amd64", "linux/arm64"])
    with pytest.raises(DockerfileError, match="differs between linux/amd64 and linux/arm64") as caught:
        serve(two, two.request(requestid="frontend.plain"))
    assert "--platform" in caught.value.message
    one = FakeBridge(text, platforms=["linux/arm64"])
    plain = serve(one, one.request(requestid="frontend.plain"))
    assert plain.metadata["result.txt"] == b"FROM x\nRUN y\n"


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("FROM x\nRUN --if=A y\n", {}, "unknown flag: --if"),
        ("FROM x\nINCLUDE y\n", {}, "unknown instruction: INCLUDE"),
        ("FROM x\n", LOCKED, "extensions switched off"),
    ],
    ids=["a flag", "an instruction", "the lock argument"],
)
def test_an_image_with_extensions_switched_off_refuses_them(
    text: str, options: dict[str, Any], message: str
) -> None:
    bridge = FakeBridge(text, **options)
    with pytest.raises(DockerfileError, match=message):
        serve(bridge, bridge.request()._replace(extensions=False))
