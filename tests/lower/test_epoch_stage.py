"""Stages that SOURCE_DATE_EPOCH may not name, and what is said of them (SDE-007)."""

from __future__ import annotations

import pytest

from fakes import complaint

ADD = "ADD https://example.com/a.tar /\n"
ONE_ADD = "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD"
BASE = '"${base:?needed}"'
REFUSED = [
    ("an image", f"FROM busybox AS src\n{ADD}", "SOURCE_DATE_EPOCH stage must use FROM scratch"),
    ("no source", "FROM scratch AS src\nARG a\n", ONE_ADD),
    ("two sources", f"FROM scratch AS src\n{ADD}{ADD}", ONE_ADD),
    ("two in one", "FROM scratch AS src\nADD https://a.example https://b.example /\n", f"{ONE_ADD} source"),
    (
        "a local file",
        "FROM scratch AS src\nADD a /\n",
        "SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD",
    ),
    (
        "another instruction",
        f"FROM scratch AS src\n{ADD}Env a=b\n",
        "SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported Env instruction",
    ),
    (
        "a name that cannot be expanded",
        f"FROM ${{base:?needed}} AS src\n{ADD}",
        f"failed to process source stage base name {BASE}: failed to process {BASE}: base: needed",
    ),
]


@pytest.mark.parametrize(
    ("text", "message"), [pytest.param(text, message, id=name) for name, text, message in REFUSED]
)
def test_a_stage_that_is_no_plain_source_is_refused_at_its_from(text: str, message: str) -> None:
    found, ranges, _hint = complaint(f"{text}FROM busybox\n", build_args={"SOURCE_DATE_EPOCH": "src"})
    assert (found, ranges) == (message, [(1, 1)])
