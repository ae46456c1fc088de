from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llb.graphs import BASE, NEW, digests, ops
from pyfrontend.errors import DockerfileError
from pyfrontend.llb.execop import BindMount
from pyfrontend.llb.fileop import copy
from pyfrontend.llb.imported import imported
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import NO_META, OpMeta, ProgressGroup
from pyfrontend.llb.state import State
from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.span import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Callable

FOREIGN = SourceFile("other.Dockerfile", b"FROM other\n")
OWN = SourceFile("Dockerfile", b"FROM own\n")


def foreign() -> pb.Definition:
    """A definition with metadata and locations, as another frontend would send it."""
    meta = OpMeta({"llb.customname": "n"}, ignore_cache=True, spans=(Span(FOREIGN, 1, 2),))
    state = BASE.run(["x"], mounts=[BindMount("/out", None)], meta=meta)
    grouped = meta._replace(progress_group=ProgressGroup("g", "n"))
    state = state.run(["y"], mounts=[BindMount("/in", state.mounted("/out").output)], meta=grouped)
    return marshal(state.output, caps=NEW)


def test_a_definition_survives_the_round_trip() -> None:
    definition = foreign()
    # The op with two outputs is two vertices, and so is its place listed twice, as in the reference.
    twice = definition.Source.locations[digests(definition)[1]].locations
    again = marshal(imported(definition), caps=None)
    twice.extend(list(twice))
    assert again == definition


def test_bytes_stay_as_they_came_whoever_made_them() -> None:
    # Fields out of order, and one that nobody knows: encoding it again would change the digest.
    data = (
        bytes.fromhex("5a00")
        + pb.Op(source=pb.SourceOp(identifier="x://y")).SerializeToString()
        + b"\xf8\x07\x01"
    )
    definition = pb.Definition()
    getattr(definition, "def").append(data)
    digest = digests(definition)[0]
    definition.metadata[digest].SetInParent()
    getattr(definition, "def").append(pb.Op(inputs=[pb.Input(digest=digest)]).SerializeToString())
    made = marshal(State(imported(definition)).run(["x"]).output, caps=NEW)
    assert getattr(made, "def")[0] == data


def test_places_of_several_files_point_into_the_right_ones() -> None:
    base = State(imported(foreign()))
    own = base.run(["z"], meta=OpMeta(spans=(Span(OWN, 7, 7),)))
    definition = marshal(own.output, caps=NEW)
    assert [info.filename for info in definition.Source.infos] == ["other.Dockerfile", "Dockerfile"]
    found = {
        location.sourceIndex: location.ranges[0].start.line
        for digest in digests(definition)[:-1]
        for location in definition.Source.locations[digest].locations
    }
    assert found == {0: 1, 1: 7}


def test_the_same_file_is_listed_once() -> None:
    one, other = (State(imported(foreign())) for _ in range(2))
    definition = marshal(one.file([copy(other.output, "/", "/")]).output, caps=NEW)
    assert len(definition.Source.infos) == 1
    assert len(ops(definition)) == 4


def test_a_foreign_export_preference_is_kept_and_asked_for() -> None:
    definition = foreign()
    definition.metadata[digests(definition)[0]].export_cache.Value = False
    again = marshal(imported(definition), caps=None)
    assert again.metadata[digests(definition)[0]].HasField("export_cache")
    assert "meta.exportcache" in again.metadata[digests(again)[-1]].caps


def test_a_graph_may_be_the_empty_filesystem() -> None:
    definition = foreign()
    last = pb.Op(inputs=[pb.Input()]).SerializeToString()
    assert imported(pb.Definition(metadata=definition.metadata)) is None
    getattr(definition, "def").append(last)
    assert imported(definition) is None


def damaged(change: Callable[[pb.Definition], object]) -> pb.Definition:
    definition = foreign()
    change(definition)
    return definition


def _drop_first_op(definition: pb.Definition) -> None:
    del getattr(definition, "def")[0]


def _drop_metadata_of_first(definition: pb.Definition) -> None:
    del definition.metadata[digests(definition)[0]]


def _empty_source(definition: pb.Definition) -> None:
    definition.Source.infos[0].definition.SetInParent()


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        (damaged(_drop_first_op), "invalid definition op with unknown op "),
        (damaged(_drop_metadata_of_first), "invalid definition op with unknown metas "),
        (pb.Definition(), "invalid nil input definition to definition op"),
        (damaged(lambda d: d.metadata.clear()), "invalid nil input definition to definition op"),
        (damaged(_empty_source), "invalid nil input definition to definition op"),
        (damaged(lambda d: d.Source.infos.pop()), "failed to find source map with index 0"),
        (damaged(lambda d: getattr(d, "def").append(b"\xff")), "failed to parse llb proto op: "),
        (damaged(lambda d: getattr(d, "def").append(b"")), "invalid definition: its last op has no input"),
    ],
    ids=[
        "op missing",
        "metadata missing",
        "empty",
        "no metadata",
        "source of a file empty",
        "no such file",
        "no op",
        "no end",
    ],
)
def test_a_damaged_definition_is_refused(definition: pb.Definition, text: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        marshal(imported(definition), caps=None)
    assert caught.value.message.startswith(text)


def test_a_long_foreign_chain_is_no_deeper_for_us() -> None:
    state = BASE
    for number in range(5_000):
        state = state.run([str(number)], meta=NO_META)
    definition = marshal(state.output, caps=NEW)
    assert digests(marshal(imported(definition), caps=None)) == digests(definition)
