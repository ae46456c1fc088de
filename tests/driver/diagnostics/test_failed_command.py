"""A RUN that could not begin, or did not find its command: the error says why, and what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes import FakeBridge
from pyfrontend.driver.diagnostics.failed_command import explained
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import conversions, solve
from pyfrontend.gateway.errors import UNKNOWN, VERTEX_URL, BridgeError, Detail
from pyfrontend.llb.marshal import head

FAILED = 'process "/bin/sh -c x" did not complete successfully: '
EMPTY = "this stage is empty, without a shell or any other program: start it from an image that has one"
USER = "create the user in a RUN above (useradd app, on Alpine adduser -D app), or give a number"
GROUP = "create the group in a RUN above (groupadd app, on Alpine addgroup app), or give a number"
NOT_FOUND = (
    "a command was not found; if it is a script that exists, its first line names an interpreter that does"
    " not, or ends with CR LF"
)
NOT_EXECUTABLE = "the program cannot be executed: use COPY --chmod=755, or call its interpreter"
ROWS = {
    "a user": ("unable to find user app: no matching entries in passwd file", USER),
    "a group": (
        "unable to find group app: no matching entries in group file",
        GROUP,
    ),
    "a user in an image without users": (
        "unable to find user app: invalid argument",
        "this stage has no /etc/passwd to look app up in: give a number, such as USER 1000",
    ),
    "a network that is not allowed": (
        "network.host is not allowed",
        "pass --allow network.host to the build; the daemon must allow it too",
    ),
    "no such command": (
        "exit code: 127",
        NOT_FOUND,
    ),
    "no program": (
        "exit code: 126",
        NOT_EXECUTABLE,
    ),
    "a command that failed": ("exit code: 1", ""),
    "another end": ("exit code: 127 or so", ""),
}


@pytest.mark.parametrize(("message", "text"), ROWS.values(), ids=ROWS)
def test_the_cause_stands_behind_the_words_of_the_daemon(message: str, text: str) -> None:
    error = explained(BridgeError(UNKNOWN, FAILED + message), None)
    assert error.helped == FAILED + message + (f": {text}" if text else "")


def test_help_that_is_there_stays() -> None:
    error = BridgeError(UNKNOWN, f"{FAILED}exit code: 127", help="this is known")
    assert explained(error, None).help == "this is known"


def failure(dockerfile: str, message: str) -> BridgeError:
    """Return the error of a build whose last step fails, as its user gets it."""
    given: dict[str, Any] = {"images": {"a": {}}}
    bridge = FakeBridge(dockerfile, **given)
    session = open_session(bridge, bridge.request())
    [convert] = conversions(session)
    converted = convert()
    detail = Detail(VERTEX_URL, json.dumps({"digest": head(converted.definition).digest}).encode())
    bridge.fail = {"solve:evaluated": BridgeError(UNKNOWN, message, [detail])}
    with pytest.raises(BridgeError) as caught:
        solve(session, converted)
    return caught.value


#: Dockerfiles and what the daemon says, to the help.
BUILDS = [
    ("FROM scratch\nRUN x\n", "exit code: 1", EMPTY),
    ("FROM scratch\nCOPY a /\nRUN x\n", "exit code: 1", ""),
    ("FROM a\nUSER app\nRUN x\n", ROWS["a user"][0], USER),
    ("FROM a\nUSER app:1\nCOPY a /\nRUN x\n", "exit code: 1", ""),
]


@pytest.mark.parametrize(("dockerfile", "message", "text"), BUILDS)
def test_a_build_whose_run_may_not_begin_waits_for_it(dockerfile: str, message: str, text: str) -> None:
    assert failure(dockerfile, FAILED + message).help == text


@pytest.mark.parametrize("dockerfile", ["FROM a\nRUN x\n", "FROM a\nUSER 1\nRUN x\n", "FROM a\nUSER b\n"])
def test_other_builds_are_left_to_the_export(dockerfile: str) -> None:
    bridge = FakeBridge(dockerfile, images={"a": {}})
    session = open_session(bridge, bridge.request())
    [convert] = conversions(session)
    bridge.fail = {"solve:evaluated": BridgeError(UNKNOWN, "it waits")}
    solve(session, convert())
