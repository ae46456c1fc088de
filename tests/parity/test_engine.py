"""Two graphs of one Dockerfile, as the test frontend in the engine hands them over."""

from __future__ import annotations

import base64
import copy
from typing import TYPE_CHECKING

import pytest

from parity import graph
from parity.engine import compare_sides, dockerfiles
from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from pathlib import Path

    from parity.cases import Json


def _side(*args: str) -> Json:
    """Return a side with one exec op, whose digest, as always, follows from its bytes."""
    exec_op = pb.Op(exec=pb.ExecOp(meta=pb.Meta(args=args, cwd="/"))).SerializeToString()
    end = pb.Op(inputs=[pb.Input(digest=graph.digest_of(exec_op))]).SerializeToString()
    definition = graph.definition_of([exec_op, end])
    definition.metadata[graph.digest_of(exec_op)].progress_group.id = base64.b64encode(exec_op).decode()
    encoded = base64.b64encode(definition.SerializeToString()).decode()
    return {"refs": {"": encoded}, "metadata": {"containerimage.config": '{"os":"linux"}'}}


def test_equal_graphs_have_no_differences() -> None:
    assert compare_sides(_side("a"), _side("a")) == []


def test_the_op_that_differs_is_named() -> None:
    (difference, *_) = compare_sides(_side("a"), _side("b"))

    assert difference.reason == "ops: exec: exec.meta.args[] differs"
    assert (difference.expected, difference.got) == ("a", "b")


def test_the_bytes_of_a_config_count() -> None:
    ours = copy.deepcopy(_side("a"))
    ours["metadata"]["containerimage.config"] = '{"os": "linux"}'

    assert [item.reason for item in compare_sides(_side("a"), ours)] == [
        "config: equal members in other bytes"
    ]


def test_errors_are_compared_with_their_lines() -> None:
    builtin = {"error": "bad", "sources": ['{"ranges":[{"start":{"line":2},"end":{"line":2}}]}']}
    elsewhere = {"error": "bad", "sources": ['{"ranges":[{"start":{"line":3},"end":{"line":3}}]}']}

    assert compare_sides(builtin, builtin) == []
    assert [item.reason for item in compare_sides(builtin, elsewhere)] == ["error: ranges differ: bad"]
    assert [item.area for item in compare_sides(builtin, _side("a"))] == ["error"]
    assert [item.area for item in compare_sides(builtin, {"unsupported": "x"})] == ["unsupported"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Dockerfile", True),
        ("Dockerfile.alpine", True),
        ("app.Dockerfile", True),
        ("Containerfile", True),
        ("Dockerfile.dockerignore", False),
        ("README.md", False),
    ],
)
def test_dockerfiles_are_found_by_name(name: str, found: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table
    (tmp_path / "deep").mkdir()
    file = tmp_path / "deep" / name
    file.touch()

    assert dockerfiles(tmp_path) == ([file] if found else [])
    assert dockerfiles(file) == [file]
