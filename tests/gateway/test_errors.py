"""Errors as the daemon gets them: code, text and typed details."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from typing import Any

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import (
    FRONTEND_CAP_URL,
    MESSAGE_LIMIT,
    SOURCE_URL,
    SUBREQUEST_URL,
    BridgeError,
    Detail,
    from_status,
    source_details,
    to_status,
    unsupported_frontend_cap,
    unsupported_request,
)
from pyfrontend.pb import gateway_pb2, ops_pb2
from pyfrontend.span import SourceFile, Span

VERTEX = Detail("github.com/moby/buildkit/errdefs.Vertex+json", b'{"digest":"sha256:1"}')
STACK = Detail("github.com/moby/buildkit/stack.Stack+json", b"{}")
FOREIGN = Detail("example.com/x", b"\x00")


def definition() -> ops_pb2.Definition:
    made = ops_pb2.Definition()
    getattr(made, "def").extend([b"one", b""])
    made.metadata["sha256:b"].caps["source.local"] = True
    made.metadata["sha256:b"].description["llb.customname"] = "<x>"
    made.metadata["sha256:a"].ignore_cache = True
    made.metadata["sha256:a"].linux_resources.memory = 1 << 40
    made.Source.locations["sha256:a"].locations.add().ranges.add().start.line = 7
    return made


FILE = SourceFile("Dockerfile", b"FROM x\nRUN\xff\n", "Dockerfile", definition())


def values(status: gateway_pb2.Status, url: str) -> list[Any]:
    return [json.loads(detail.value) for detail in status.details if detail.type_url == url]


def lines(*numbers: int) -> list[Any]:
    return [{"start": {"line": number}, "end": {"line": number}} for number in numbers]


def test_an_error_is_plain_and_has_a_detail_for_each_place_outermost_first() -> None:
    status = to_status(DockerfileError("unknown instruction: RUM", Span(FILE, 3, 3), Span(FILE, 1, 2)))
    assert (status.code, status.message) == (2, "unknown instruction: RUM")
    assert [source["ranges"] for source in values(status, SOURCE_URL)] == [lines(1, 2), lines(3)]


def test_a_source_detail_is_the_json_that_go_would_write() -> None:
    status = to_status(DockerfileError("x", Span(FILE, 3, 3)))
    data = b64encode(FILE.data).decode()
    assert status.details[0].value.decode() == (
        '{"info":{"filename":"Dockerfile","data":"' + data + '","definition":{"def":["b25l",""],"metadata":{'
        '"sha256:a":{"ignore_cache":true,"linux_resources":{"memory":1099511627776}},'
        '"sha256:b":{"description":{"llb.customname":"\\u003cx\\u003e"},"caps":{"source.local":true}}},'
        '"Source":{"locations":{"sha256:a":{"locations":[{"ranges":[{"start":{"line":7}}]}]}}}},'
        '"language":"Dockerfile"},"ranges":[{"start":{"line":3},"end":{"line":3}}]}'
    )


def test_each_detail_has_the_file_that_its_span_is_in() -> None:
    other = SourceFile("base.Dockerfile", b"FROM y\n")
    status = to_status(DockerfileError("x", Span(other, 1, 1), Span(FILE, 3, 3)))
    found = [(source["info"]["filename"], source["ranges"]) for source in values(status, SOURCE_URL)]
    assert found == [("Dockerfile", lines(3)), ("base.Dockerfile", lines(1))]


def test_the_fallback_is_shown_only_where_there_are_no_spans() -> None:
    error = DockerfileError("x")
    error.fallback = Span(FILE, 2, 2)
    assert [source["ranges"] for source in values(to_status(error), SOURCE_URL)] == [lines(2)]
    error.spans.append(Span(FILE, 3, 3))
    assert [source["ranges"] for source in values(to_status(error), SOURCE_URL)] == [lines(3)]


def test_a_daemons_error_keeps_code_text_and_details() -> None:
    status = to_status(BridgeError(7, "denied", [FOREIGN]))
    assert status == gateway_pb2.Status(
        code=7, message="denied", details=[gateway_pb2.Any(type_url=FOREIGN.type_url, value=FOREIGN.value)]
    )


def test_relayed_typed_details_turn_round_as_at_every_hop_of_the_reference() -> None:
    status = to_status(BridgeError(2, "x", [STACK, FOREIGN, VERTEX]))
    assert [(one.type_url, one.value) for one in status.details] == [FOREIGN, VERTEX, STACK]


def test_a_located_daemon_error_keeps_its_code_and_details_behind_our_places() -> None:
    error = DockerfileError("failed to load: denied", Span(FILE, 2, 2))
    error.__cause__ = BridgeError(7, "denied", [VERTEX])
    status = to_status(error)
    assert (status.code, status.message) == (7, "failed to load: denied")
    assert [one.type_url for one in status.details] == [SOURCE_URL, VERTEX.type_url]


@pytest.mark.parametrize(
    ("error", "code", "message", "url", "value"),
    [
        (unsupported_frontend_cap("a.b"), 12, "unsupported frontend capability a.b", FRONTEND_CAP_URL, "a.b"),
        (
            unsupported_request("frontend.x"),
            2,
            "unsupported request frontend.x",
            SUBREQUEST_URL,
            "frontend.x",
        ),
        (unsupported_request(""), 2, "unsupported request ", SUBREQUEST_URL, ""),
    ],
)
def test_typed_errors(error: BridgeError, code: int, message: str, url: str, value: str) -> None:
    status = to_status(error)
    assert (status.code, status.message) == (code, message)
    assert values(status, url) == [{"name": value} if value else {}]


def test_a_defect_is_owned_up_to_and_its_traceback_goes_to_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(KeyError) as caught:
        os.environ.__getitem__("key")
    status = to_status(caught.value)
    assert status.code == 13
    assert status.message.startswith(
        "internal error of the Dockerfile frontend: KeyError: 'key' (this is a defect"
    )
    assert "Traceback" not in status.message
    assert "Traceback" in capsys.readouterr().err


def test_a_code_of_success_is_no_error_code() -> None:
    assert to_status(BridgeError(0, "x")).code == 2
    assert from_status(gateway_pb2.Status(message="x")).code == 2


def test_text_that_is_no_utf8_can_be_sent() -> None:
    status = to_status(DockerfileError("open \udcff\ud83d\ude00: x"))
    assert status.message == "open \ufffd\U0001f600: x"


def test_details_beyond_the_size_of_a_message_are_left_out() -> None:
    file = SourceFile("Dockerfile", b"x" * (9 << 20))
    status = to_status(DockerfileError("x", Span(file, 1, 1), Span(file, 2, 2)))
    assert status.message == "x"
    assert [source["ranges"] for source in values(status, SOURCE_URL)] == [lines(1)]
    assert status.ByteSize() < MESSAGE_LIMIT


def test_an_endless_text_is_cut() -> None:
    assert to_status(DockerfileError("x" * MESSAGE_LIMIT)).ByteSize() < MESSAGE_LIMIT


def test_wrapping_keeps_code_and_details() -> None:
    error = BridgeError(5, "no", [VERTEX]).wrapped("failed to read dockerfile")
    assert (error.code, error.message, error.details) == (5, "failed to read dockerfile: no", (VERTEX,))


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (2, "open Dockerfile: no such file or directory", True),
        (5, "gone", True),
        (2, "no such file", False),
        (14, "socket closed", False),
    ],
)
def test_a_missing_file_is_known(code: int, message: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert BridgeError(code, message).is_not_found is expected


def test_an_error_knows_whether_it_has_a_source() -> None:
    assert BridgeError(2, "x", [Detail(SOURCE_URL, b"{}")]).has_source
    assert not BridgeError(2, "x", [VERTEX]).has_source


#: As Docker Engine 20.10 writes a place.
OLD_SOURCE = b'{"info":{"filename":"Dockerfile"},"ranges":[{"start":{"Line":3},"end":{"Line":3}}]}'


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (DockerfileError("bad", Span(FILE, 3, 3), Span(FILE, 1, 2)), "bad (Dockerfile:3): a fix"),
        (DockerfileError("bad"), "bad: a fix"),
        (DockerfileError("dockerfile parse error on line 7: bad", Span(FILE, 7, 7)), None),
        (BridgeError(2, "bad", source_details([Span(FILE, 3, 3)])), "bad (Dockerfile:3): a fix"),
        (BridgeError(2, "bad", [Detail(SOURCE_URL, OLD_SOURCE)]), "bad (Dockerfile:3): a fix"),
        (BridgeError(2, "bad", [Detail(SOURCE_URL, b"{}"), FOREIGN]), "bad: a fix"),
    ],
    ids=[
        "lines",
        "no lines",
        "a line in the words",
        "of the daemon",
        "of an old one",
        "of the daemon, empty",
    ],
)
def test_a_message_that_is_shown_alone_has_line_and_help(
    error: DockerfileError | BridgeError, message: str | None
) -> None:
    error.help = "a fix"
    assert to_status(error, alone=True).message == (message or f"{error}: a fix")
