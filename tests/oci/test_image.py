"""Image configs: what is read, edited and written, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.oci.image import Healthcheck, History, ImageConfig
from pyfrontend.oci.image_json import read_image, write_image
from pyfrontend.oci.platforms import Platform

FULL: dict[str, Any] = {
    "created": "2024-01-02T03:04:05.678Z",
    "author": "somebody",
    "architecture": "arm",
    "os": "linux",
    "os.version": "1",
    "os.features": ["x"],
    "variant": "v7",
    "rootfs": {"type": "layers", "diff_ids": ["sha256:1", "sha256:2"]},
    "history": [
        {"created": "2024-01-02T03:04:05Z", "created_by": "RUN x", "author": "a", "comment": "c"},
        {"empty_layer": True},
    ],
    "config": {
        "User": "u",
        "ExposedPorts": {"80/tcp": {}},
        "Env": ["A=1", "B"],
        "Entrypoint": ["e"],
        "Cmd": ["c", ""],
        "Volumes": {"/v": {}},
        "WorkingDir": "/w",
        "Labels": {"a": "1", "b": ""},
        "StopSignal": "TERM",
        "ArgsEscaped": True,
        "Healthcheck": {"Test": ["NONE"], "Interval": 1, "Timeout": 2, "StartPeriod": 3}
        | {"StartInterval": 4, "Retries": 5},
        "OnBuild": ["RUN y"],
        "Shell": ["sh"],
    },
}


def read(value: object) -> ImageConfig:
    return read_image(json.dumps(value).encode())


def written(image: ImageConfig) -> dict[str, Any]:
    return dict(json.loads(write_image(image)))


def test_what_is_read_is_written_byte_for_byte() -> None:
    data = json.dumps(FULL, separators=(",", ":")).encode()
    assert write_image(read_image(data)) == data


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"container": "x", "config": {"Hostname": "h"}}, {}, id="unknown members are dropped"),
        pytest.param({"os": None, "config": None, "history": None, "rootfs": None}, {}, id="null is absent"),
        pytest.param(
            {"OS": "linux", "Config": {"USER": "u"}},
            {"os": "linux", "config": {"User": "u"}},
            id="names count in any case",
        ),
        pytest.param(
            {"config": {"Env": ["A=1", None]}},
            {"config": {"Env": ["A=1", ""]}},
            id="null in a list is an empty text",
        ),
        pytest.param(
            {"config": {"Labels": {"a": None}}},
            {"config": {"Labels": {"a": ""}}},
            id="null in a map is an empty text",
        ),
        pytest.param(
            {"config": {"Healthcheck": {}}}, {"config": {"Healthcheck": {}}}, id="an empty check is a check"
        ),
        pytest.param({"history": [None]}, {"history": [{}]}, id="null in the history is an entry"),
        pytest.param(
            {"rootfs": {"diff_ids": []}},
            {"rootfs": {"type": "", "diff_ids": []}},
            id="no layers are not null",
        ),
        pytest.param(
            {"config": {"Volumes": {"/b": {}, "/a": None}}},
            {"config": {"Volumes": {"/a": {}, "/b": {}}}},
            id="maps are sorted",
        ),
        pytest.param({"author": "<ä&日本\u2028>"}, {"author": "<ä&日本\u2028>"}, id="any letters"),
        pytest.param(
            {"author": "half \ud83d"}, {"author": "half \ufffd"}, id="half a surrogate pair is replaced"
        ),
    ],
)
def test_odd_members_are_read_as_go_reads_them(given: dict[str, Any], expected: dict[str, Any]) -> None:
    empty = {"architecture": "", "os": "", "rootfs": {"type": "", "diff_ids": None}, "config": {}}
    assert written(read(given)) == empty | expected


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("2024-02-29T01:02:03Z", "2024-02-29T01:02:03Z", id="a leap day"),
        pytest.param("2024-01-02T03:04:05.120-00:00", "2024-01-02T03:04:05.12Z", id="no zeros, UTC as Z"),
        pytest.param("2024-01-02T03:04:05,5+01:30", "2024-01-02T03:04:05.5+01:30", id="a comma"),
        pytest.param("2024-01-02T03:04:05.1234567899Z", "2024-01-02T03:04:05.123456789Z", id="nanoseconds"),
        pytest.param("2024-01-02T03:04:05.0000000001Z", "2024-01-02T03:04:05Z", id="less than one"),
    ],
)
def test_a_time_is_kept_as_go_writes_it(given: str, kept: str) -> None:
    assert written(read({"created": given}))["created"] == kept


def test_bytes_that_are_no_letters_are_replaced_one_by_one() -> None:
    assert read_image(b'{"author": "a\xe2\x82b"}').author == "a\ufffd\ufffdb"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        pytest.param(None, "it is not an object", id="null"),
        pytest.param([], "it is not an object", id="a list"),
        pytest.param({"os": 1}, "os is not a text", id="a number for a text"),
        pytest.param({"os.features": "x"}, "os.features is not a list", id="a text for a list"),
        pytest.param({"rootfs": []}, "rootfs is not an object", id="a list for an object"),
        pytest.param({"rootfs": {"diff_ids": [1]}}, "rootfs.diff_ids is not a text", id="a number in a list"),
        pytest.param({"history": {}}, "history is not a list", id="an object for a list"),
        pytest.param({"history": ["x"]}, "history is not an object", id="a text in the history"),
        pytest.param({"config": {"Env": {"A": "1"}}}, "config.Env is not a list", id="a map for a list"),
        pytest.param({"config": {"Labels": ["a"]}}, "config.Labels is not an object", id="a list for a map"),
        pytest.param({"config": {"Labels": {"a": 1}}}, "config.Labels is not a text", id="a number in a map"),
        pytest.param(
            {"config": {"ArgsEscaped": "yes"}},
            "config.ArgsEscaped is not true or false",
            id="a text for a flag",
        ),
        pytest.param(
            {"config": {"Healthcheck": {"Retries": 1.5}}},
            "config.Healthcheck.Retries is not a whole number",
            id="a fraction",
        ),
        pytest.param(
            {"config": {"Healthcheck": {"Retries": True}}},
            "config.Healthcheck.Retries is not a number of 64 bits",
            id="a flag for a number",
        ),
        pytest.param(
            {"config": {"Healthcheck": {"Retries": 1 << 63}}},
            "config.Healthcheck.Retries is not a number of 64 bits",
            id="a number too large",
        ),
        pytest.param({"created": "yesterday"}, "created is not a time: yesterday", id="no time"),
        pytest.param({"created": ""}, "created is not a time: ", id="an empty time"),
        pytest.param(
            {"history": [{"created": "2024-01-02 03:04:05Z"}]},
            "created is not a time: 2024-01-02 03:04:05Z",
            id="a time without T",
        ),
        pytest.param(
            {"created": "2023-02-29T00:00:00Z"},
            "created is not a time: 2023-02-29T00:00:00Z (day out of range)",
            id="no leap day",
        ),
        pytest.param(
            {"created": "2024-13-01T00:00:00Z"},
            "created is not a time: 2024-13-01T00:00:00Z (month out of range)",
            id="a month too many",
        ),
        pytest.param(
            {"created": "2024-01-02T03:04:60Z"},
            "created is not a time: 2024-01-02T03:04:60Z (second out of range)",
            id="a leap second",
        ),
        pytest.param(
            {"created": "2024-01-02T03:04:05+24:00"},
            "created is not a time: 2024-01-02T03:04:05+24:00 (zone out of range)",
            id="a zone of a day",
        ),
    ],
)
def test_a_config_of_the_wrong_shape_is_refused_with_the_member(given: Any, complaint: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        read(given)
    assert caught.value.message == f"failed to parse image config: {complaint}"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut short"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
        pytest.param(b'{"a": 1} x', id="more than a value"),
        pytest.param(b'{"a": NaN}', id="a number that is none"),
    ],
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(DockerfileError, match=r"^failed to parse image config: "):
        read_image(data)


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert read_image(b'{"author": "\xff"}').author == "\ufffd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-02T03:04:05.500000Z", "2024-01-02T03:04:05.5Z"),
        ("2024-01-02T03:04:05.000Z", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05+00:00", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05.10-00:00", "2024-01-02T03:04:05.1Z"),
        ("2024-01-02T03:04:05.10+02:00", "2024-01-02T03:04:05.1+02:00"),
    ],
)
def test_a_time_is_written_as_go_writes_it(text: str, expected: str) -> None:
    assert read({"created": text}).created == expected


def edit(image: ImageConfig) -> None:
    image.set_env("A", "changed")
    image.set_env("NEW", "1")
    image.set_label("b", "changed")
    image.add_ports(["53/udp"])
    image.add_volumes(["/new"])
    image.add_history(History("", "ENV"))
    image.user = "other"


def test_edits_of_a_clone_do_not_show_in_the_original_nor_the_other_way_round() -> None:
    original = read(FULL)
    before = write_image(original)
    twin = original.clone()
    edit(twin)
    assert write_image(original) == before
    other = original.clone()
    edit(original)
    assert write_image(other) == before
    assert write_image(twin) == write_image(original)


def test_a_variable_is_replaced_in_place_and_the_first_of_twins_counts() -> None:
    image = read({"config": {"Env": ["A=1", "B=2", "A=3", "C"]}})
    image.set_env("A", "x=y")
    image.set_env("C", "")
    image.set_env("", "empty name")
    assert image.env == ["A=x=y", "B=2", "A=3", "C=", "=empty name"]
    assert (image.has_env("B"), image.has_env("b"), image.has_env("")) == (True, False, True)


def test_scratch_has_a_path_except_on_windows() -> None:
    linux = written(ImageConfig.empty(Platform("linux", "amd64")))["config"]
    windows = written(ImageConfig.empty(Platform("windows", "amd64")))["config"]
    assert linux.pop("Env") == ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    assert linux == windows == {"WorkingDir": "/"}


def test_a_check_says_only_what_is_set() -> None:
    image = ImageConfig()
    image.healthcheck = Healthcheck(("CMD", "x"), retries=3)
    assert written(image)["config"] == {"Healthcheck": {"Test": ["CMD", "x"], "Retries": 3}}


def test_edits_of_a_config_that_was_read_leave_the_next_reading_alone() -> None:
    data = json.dumps({"config": {"Env": ["A=1"], "Labels": {"b": "2"}, "Volumes": {"/v": {}}}}).encode()
    first, fresh = read_image(data), write_image(read_image(data))
    first.set_env("A", "3")
    first.set_label("b", "4")
    first.user = "u"
    first.add_history(History("", "RUN x"))
    assert write_image(first) != fresh
    assert write_image(read_image(data)) == fresh
