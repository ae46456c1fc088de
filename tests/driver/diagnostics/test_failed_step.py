"""An error of a solve shows the line that it is about, also where the daemon names none."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from fakes import FakeBridge
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import conversions, solve
from pyfrontend.gateway.errors import SOURCE_URL, UNKNOWN, VERTEX_URL, BridgeError, Detail

URL = "http://example.com/x"
DOWNLOAD = f"FROM scratch\nCOPY a /\nADD {URL} /\n"


def shown(text: str, message: str, *, failed: bytes = b"", details: tuple[Detail, ...] = ()) -> list[Any]:
    """Return the lines that a build shows where the solve fails in the op that has ``failed`` in it."""
    bridge = FakeBridge(text)
    session = open_session(bridge, bridge.request())
    [convert] = conversions(session)
    converted = convert()
    if failed:
        digest = next(key for key, op in ops(converted.definition).items() if failed in op)
        details = (Detail(VERTEX_URL, json.dumps({"digest": digest}).encode()), *details)
    bridge.fail = {**bridge.fail, "solve:evaluated": BridgeError(UNKNOWN, message, details)}
    with pytest.raises(BridgeError) as caught:
        solve(session, converted)
    assert caught.value.message == message
    sources = [json.loads(item.value) for item in caught.value.details if item.type_url == SOURCE_URL]
    return [[line["start"]["line"] for line in source["ranges"]] for source in sources]


def ops(definition: Any) -> dict[str, bytes]:
    return {"sha256:" + sha256(data).hexdigest(): data for data in getattr(definition, "def")}


@pytest.mark.parametrize(
    ("text", "message", "failed", "lines"),
    [
        pytest.param(DOWNLOAD, "refused", URL.encode(), [[3]], id="a download that fails"),
        pytest.param(f"FROM scratch\nADD {URL} /\n", "refused", URL.encode(), [[2]], id="without a COPY"),
        pytest.param(
            "FROM a\nRUN true\nRUN --network=host \\\n  true\n",
            "failed to load LLB: network.host is not allowed",
            b"",
            [[3, 4]],
            id="a network that is not allowed",
        ),
        pytest.param(DOWNLOAD, "the daemon ends", b"", [], id="a failure of no step has no line"),
    ],
)
def test_the_line_is_shown(text: str, message: str, failed: bytes, lines: list[Any]) -> None:
    assert shown(text, message, failed=failed) == lines


def test_a_place_that_the_daemon_names_is_the_only_one() -> None:
    named = Detail(SOURCE_URL, b'{"ranges":[{"start":{"line":9}}]}')
    assert shown(DOWNLOAD, "x", failed=URL.encode(), details=(named,)) == [[9]]
