from __future__ import annotations

import pytest

from llb.graphs import BASE, NEW, OLD, digests, ops
from pyfrontend.errors import DockerfileError
from pyfrontend.llb.caps import Capabilities
from pyfrontend.llb.fileop import copy, mkdir
from pyfrontend.llb.marshal import Head, head, marshal
from pyfrontend.llb.ops import Deferred, LinuxResources, Merge, OpMeta, Output, ProgressGroup
from pyfrontend.llb.sources import local
from pyfrontend.llb.state import State, merge
from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.span import NOWHERE, SourceFile, Span

FILE = SourceFile("Dockerfile", b"FROM x\n")


def run(state: State, text: str = "x", meta: OpMeta | None = None) -> State:
    return state.run([text], meta=meta or OpMeta())


def metadata_of(state: State) -> pb.OpMetadata:
    definition = marshal(state.output, caps=NEW)
    return definition.metadata[head(definition).digest]


def test_the_empty_filesystem_has_no_ops() -> None:
    definition = marshal(None, caps=NEW)
    assert definition == pb.Definition()
    assert head(definition) == Head("", 0)


def test_a_definition_ends_with_its_output() -> None:
    made = BASE.run(["x"])
    assert made.output
    definition = marshal(Output(made.output.vertex, 2), caps=NEW)
    terminal = pb.Op.FromString(getattr(definition, "def")[-1])
    assert terminal == pb.Op(inputs=[pb.Input(digest=digests(definition)[-2], index=2)])
    assert head(definition) == Head(digests(definition)[-2], 2)


def test_every_op_but_the_last_has_constraints() -> None:
    definition = marshal(run(BASE).output, caps=NEW)
    assert all(op.HasField("constraints") for op in ops(definition))


@pytest.mark.parametrize(
    ("meta", "caps"),
    [
        (OpMeta(), {"constraints", "platform"}),
        (OpMeta({"llb.customname": "n"}), {"constraints", "platform", "meta.description"}),
        (OpMeta(ignore_cache=True), {"constraints", "platform", "meta.ignorecache"}),
    ],
    ids=["plain", "described", "never cached"],
)
def test_the_terminal_op_asks_for_what_metadata_needs(meta: OpMeta, caps: set[str]) -> None:
    definition = marshal(run(run(BASE, meta=meta)).output, caps=NEW)
    assert set(definition.metadata[digests(definition)[-1]].caps) == caps


def test_metadata_has_all_of_an_op() -> None:
    limits = LinuxResources(1, 2, 3, 4, 5, "0", "1")
    meta = OpMeta({"llb.customname": "n"}, ignore_cache=True, resources=limits)
    found = metadata_of(run(BASE, meta=meta._replace(progress_group=ProgressGroup("id", "COPY", weak=True))))
    assert dict(found.description) == {"llb.customname": "n"}
    assert found.ignore_cache
    assert found.progress_group == pb.ProgressGroup(id="id", name="COPY", weak=True)
    assert found.linux_resources == pb.LinuxResources(
        memory=1, memorySwap=2, cpuShares=3, cpuPeriod=4, cpuQuota=5, cpusetCpus="0", cpusetMems="1"
    )


def test_metadata_does_not_change_the_op() -> None:
    told = OpMeta({"a": "b"}, ignore_cache=True, spans=(Span(FILE, 1, 2),), resources=LinuxResources(1))
    plain = marshal(run(BASE).output, caps=NEW)
    assert digests(marshal(run(BASE, meta=told).output, caps=NEW)) == digests(plain)


def test_equal_ops_are_listed_once_with_the_metadata_of_all() -> None:
    first = run(BASE, meta=OpMeta({"a": "1", "b": "1"}, ignore_cache=True, spans=(Span(FILE, 1, 1),)))
    second = run(BASE, meta=OpMeta({"b": "2"}, spans=(Span(FILE, 2, 2),)))
    joined = BASE.file([copy(second.output, "/", "/"), copy(first.output, "/", "/")])
    definition = marshal(joined.output, caps=NEW)
    assert len(ops(definition)) == 3
    digest = digests(definition)[1]
    assert dict(definition.metadata[digest].description) == {"a": "1", "b": "2"}
    assert definition.metadata[digest].ignore_cache
    lines = [location.ranges[0].start.line for location in definition.Source.locations[digest].locations]
    assert lines == [1, 2]
    assert [action.secondaryInput for action in ops(definition)[2].file.actions] == [1, 1]


def test_a_location_has_a_range_for_every_line() -> None:
    made = run(BASE, meta=OpMeta(spans=(Span(FILE, 3, 5), FILE.nowhere, Span(FILE, 9, 9))))
    definition = marshal(made.output, caps=NEW)
    groups = definition.Source.locations[head(definition).digest].locations
    found = [[(r.start.line, r.end.line) for r in group.ranges] for group in groups]
    assert found == [[(3, 3), (4, 4), (5, 5)], [], [(9, 9)]]


def test_the_source_map_names_every_op_and_the_file_once() -> None:
    load = marshal(local("dockerfile", session_id="s").output, caps=NEW)
    file = SourceFile("app.Dockerfile", b"FROM x\n", "Dockerfile", load)
    made = run(run(BASE, meta=OpMeta(spans=(Span(file, 1, 1),))), "y", OpMeta(spans=(Span(file, 2, 2),)))
    definition = marshal(made.output, caps=NEW)
    assert set(definition.Source.locations) == set(digests(definition)[:-1])
    expected = pb.SourceInfo(
        filename="app.Dockerfile", data=b"FROM x\n", language="Dockerfile", definition=load
    )
    assert list(definition.Source.infos) == [expected]


def test_the_source_map_has_all_files_in_the_order_of_their_use() -> None:
    other = SourceFile("base.Dockerfile", b"FROM y\n")
    first = run(BASE, meta=OpMeta(spans=(Span(other, 1, 1), Span(FILE, 5, 5))))
    second = run(first, "y", OpMeta(spans=(Span(other, 2, 2),)))
    definition = marshal(second.output, caps=NEW)
    assert [info.filename for info in definition.Source.infos] == ["base.Dockerfile", "Dockerfile"]
    found = [
        [
            (place.sourceIndex, place.ranges[0].start.line)
            for place in definition.Source.locations[digest].locations
        ]
        for digest in digests(definition)[1:-1]
    ]
    assert found == [[(0, 1), (1, 5)], [(0, 2)]]


def test_what_comes_from_no_file_has_no_location() -> None:
    definition = marshal(run(BASE, meta=OpMeta(spans=(NOWHERE,))).output, caps=NEW)
    assert [len(found.locations) for found in definition.Source.locations.values()] == [0, 0]
    assert not definition.Source.infos


def test_a_chain_may_be_longer_than_the_call_stack() -> None:
    state = BASE
    for number in range(20_000):
        state = state.run([str(number)])
    assert len(ops(marshal(state.output, caps=NEW))) == 20_001


def test_a_shared_op_is_visited_once_however_many_ways_lead_to_it() -> None:
    state = BASE
    for _ in range(64):
        state = merge(run(state, "a"), run(state, "b"))
    assert len(ops(marshal(state.output, caps=NEW))) == 3 * 64 + 1


def test_overlapping_graphs_have_the_same_ops() -> None:
    common = run(BASE, "common")
    first = marshal(run(common, "a").output, caps=NEW)
    again = marshal(common.output, caps=NEW)
    assert digests(again)[:-1] == digests(first)[:2]


def test_another_daemon_gets_other_ops() -> None:
    made = run(BASE)
    new, old = (marshal(made.output, caps=caps) for caps in (NEW, OLD))
    assert digests(new) != digests(old)
    assert digests(marshal(made.output, caps=Capabilities(NEW.enabled))) == digests(new)


def test_a_marshal_without_capabilities_keeps_what_an_earlier_one_found() -> None:
    made = run(BASE)
    before = marshal(made.output, caps=OLD)
    after = marshal(run(made, "scan").output, caps=None)
    assert digests(after)[:2] == digests(before)[:2]
    assert set(after.metadata[digests(after)[2]].caps) == {"exec.meta.base", "exec.mount.bind"}


def test_a_deferred_output_is_looked_through() -> None:
    context = Deferred()
    made = BASE.file([copy(Output(context), "/a", "/a")])
    source = local("context", session_id="s")
    context.fill(source.output)
    assert marshal(made.output, caps=NEW) == marshal(
        BASE.file([copy(source.output, "/a", "/a")]).output, caps=NEW
    )


def test_a_deferred_output_may_turn_out_empty() -> None:
    context = Deferred()
    context.fill(None)
    assert marshal(Output(context), caps=NEW) == pb.Definition()
    op = ops(marshal(BASE.file([copy(Output(context), "/", "/")]).output, caps=NEW))[-1]
    assert op.file.actions[0].secondaryInput == -1


def test_a_deferred_output_is_filled_once_and_in_time() -> None:
    context = Deferred()
    with pytest.raises(ValueError, match="before it is filled"):
        marshal(Output(context), caps=NEW)
    context.fill(BASE.output)
    with pytest.raises(ValueError, match="filled once"):
        context.fill(None)


@pytest.mark.parametrize(
    "made",
    [
        BASE.run(["echo \udce9"]),
        BASE.with_env("A", "\udce9").run(["x"]),
        BASE.with_user("\udce9").run(["x"]),
        BASE.file([mkdir("/\udce9")]),
        local("\udce9"),
    ],
    ids=["argument", "variable", "user", "path", "source"],
)
def test_text_that_is_no_utf8_is_refused(made: State) -> None:
    with pytest.raises(DockerfileError) as caught:
        marshal(made.output, caps=NEW)
    assert (caught.value.message, caught.value.spans) == ("string field contains invalid UTF-8", [])


def test_a_description_that_is_no_utf8_is_mended() -> None:
    found = metadata_of(run(BASE, meta=OpMeta({"a": "\udcf0\udc9f", "b": "ok"})))
    assert dict(found.description) == {"a": "\ufffd\ufffd", "b": "ok"}


def test_merge_leaves_empty_filesystems_out() -> None:
    empty = State()
    assert merge(empty, BASE).output is BASE.output
    assert merge(BASE, empty).output is BASE.output
    assert merge(empty, empty).output is None


def test_merge_on_an_empty_filesystem_keeps_what_surrounds_it() -> None:
    surrounded = State(user="u", cwd="/c").with_env("A", "1")
    made = merge(surrounded, BASE.with_user("other").with_env("B", "2"))
    assert made == surrounded.with_output(BASE.output)


def test_merge_keeps_equal_layers_apart_and_the_lower_surroundings() -> None:
    made = merge(BASE.with_user("u"), BASE)
    definition = marshal(made.output, caps=NEW)
    op = ops(definition)[-1]
    assert len(op.inputs) == 2
    assert [layer.input for layer in op.merge.inputs] == [0, 1]
    assert not op.HasField("platform")
    assert set(definition.metadata[head(definition).digest].caps) == {"mergeop"}
    assert made.user == "u"


def test_merge_needs_two_layers() -> None:
    assert BASE.output
    with pytest.raises(DockerfileError, match="merge must have at least 2 inputs"):
        marshal(Output(Merge((BASE.output,))), caps=NEW)
