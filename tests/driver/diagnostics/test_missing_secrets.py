"""A secret or an SSH agent that the client does not have: the error says how to pass it."""

from __future__ import annotations

import pytest

from pyfrontend.driver.diagnostics.missing_secrets import explained
from pyfrontend.gateway.errors import UNKNOWN, BridgeError

ROWS = {
    "a secret": (
        "secret token: not found",
        "pass it to the build: --secret id=token,src=FILE, or --secret id=token,env=VARIABLE",
    ),
    "the agent": ("unset ssh forward key default", "pass it to the build: --ssh default"),
    "a key": ("unset ssh forward key work", "pass it to the build: --ssh work=FILE"),
    "no agent at all": (
        'no SSH key "default" forwarded from the client',
        "pass it to the build: --ssh default",
    ),
    "another error": ("exit code: 1", ""),
}


@pytest.mark.parametrize(("message", "text"), ROWS.values(), ids=ROWS)
def test_the_help_is_what_to_add_to_the_command_line(message: str, text: str) -> None:
    assert explained(BridgeError(UNKNOWN, f"failed to solve: {message}")).help == text
