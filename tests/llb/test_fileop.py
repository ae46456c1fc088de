from __future__ import annotations

import pytest

from llb.graphs import BASE, caps_of, last_op
from pyfrontend.errors import DockerfileError
from pyfrontend.llb.fileop import Action, Owner, copy, mkdir, mkfile
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.sources import local
from pyfrontend.llb.state import State
from pyfrontend.pb import ops_pb2 as pb

CONTEXT = local("context", session_id="s").output


def action(state: State, *actions: Action) -> pb.FileAction:
    return last_op(state.file(actions)).file.actions[-1]


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("app", Owner("app")),
        ("app:web", Owner("app", "web")),
        ("1000:1001", Owner(1000, 1001)),
        ("root:root", Owner(0, 0)),
        (":web", Owner(0, "web")),
        ("app:", Owner("app", 0)),
        ("a:b:c", Owner("a", "b:c")),
        ("007", Owner(7)),
        ("+5", Owner(5)),
        ("-1", Owner(4294967295)),
        ("2147483647", Owner(2147483647)),
        ("2147483648", Owner("2147483648")),
        ("-2147483649", Owner("-2147483649")),
        ("0x1f", Owner("0x1f")),
        ("1_000", Owner("1_000")),
        ("٣", Owner("٣")),
        ("+", Owner("+")),
        ("9" * 5000, Owner("9" * 5000)),
    ],
)
def test_an_owner_is_a_number_where_the_reference_reads_one(text: str, owner: Owner) -> None:
    assert Owner.parse(text) == owner


def test_a_name_is_resolved_in_the_base() -> None:
    made = action(BASE, copy(CONTEXT, "/a", "/a"), copy(CONTEXT, "/b", "/b", owner="app:0")).copy
    assert (made.owner.user.byName.name, made.owner.user.byName.input) == ("app", 0)
    assert made.owner.group.WhichOneof("user") == "byID"


def test_a_name_without_base_names_no_input() -> None:
    made = action(State(), mkdir("/d", owner="app")).mkdir
    assert made.owner.user.byName.input == -1
    assert not made.owner.HasField("group")


def test_numbers_at_hand_need_no_text() -> None:
    owner = action(State(), mkdir("/cache", owner=Owner(4294967295, 0))).mkdir.owner
    assert (owner.user.byID, owner.group.byID) == (4294967295, 0)


def test_without_an_owner_files_keep_theirs() -> None:
    assert not action(BASE, copy(CONTEXT, "/a", "/a")).copy.HasField("owner")


@pytest.mark.parametrize(
    ("cwd", "written", "path"),
    [
        ("/", "/a/../b//c", "/b/c"),
        ("/", "/a/", "/a/"),
        ("/", "/a/.", "/a/."),
        ("/", "/", "/"),
        ("/", "/.", "/."),
        ("/w", "a", "/w/a"),
        ("/w", ".", "/w"),
        ("/w", "../..", "/"),
        ("/w", "//x", "/x"),
    ],
)
def test_destination_is_absolute_and_keeps_its_ending(cwd: str, written: str, path: str) -> None:
    assert action(BASE.with_cwd(cwd), copy(CONTEXT, "/a", written)).copy.dest == path


@pytest.mark.parametrize(
    ("written", "path"), [("a/", "/a"), ("../x", "/x"), ("/", "/"), ("", "/"), ("*", "/*")]
)
def test_source_path_is_rooted_and_loses_its_slash(written: str, path: str) -> None:
    assert action(BASE, copy(CONTEXT, written, "/")).copy.src == path


def test_mode_stays_unless_it_is_given() -> None:
    assert action(BASE, copy(CONTEXT, "/a", "/a")).copy.mode == -1
    assert action(BASE, copy(CONTEXT, "/a", "/a", mode=0o4755)).copy.mode == 0o4755


def test_symbolic_mode_leaves_the_number_out() -> None:
    made = action(BASE, copy(CONTEXT, "/a", "/a", mode_text="u+x")).copy
    assert (made.mode, made.modeStr) == (0, "u+x")


def test_mode_of_made_files_has_permission_bits_only() -> None:
    assert action(BASE, mkdir("/d", 0o1777)).mkdir.mode == 0o777
    assert action(BASE, mkfile("/f", 0o4755, "")).mkfile.mode == 0o755


def test_time_stays_unless_it_is_given() -> None:
    assert action(BASE, mkdir("/d")).mkdir.timestamp == -1
    assert action(BASE, mkdir("/d", timestamp=0)).mkdir.timestamp == 0


def test_inline_bytes_need_not_be_utf8() -> None:
    text = b"a\xe9\n".decode("utf-8", "surrogateescape")
    assert action(State(), mkfile("f", 0o644, text)).mkfile.data == b"a\xe9\n"


def test_later_actions_start_from_the_earlier_one() -> None:
    other = local("other", session_id="s").output
    op = last_op(BASE.file([copy(CONTEXT, "/a", "/a"), copy(other, "/b", "/b"), copy(CONTEXT, "/c", "/c")]))
    assert len(op.inputs) == 3
    found = [(made.input, made.secondaryInput, made.output) for made in op.file.actions]
    assert found == [(0, 1, -1), (3, 2, -1), (4, 1, 0)]


def test_nothing_below_and_nothing_copied_are_minus_one() -> None:
    made = last_op(State().file([copy(None, "/a", "/a"), mkdir("/d")]))
    assert [(one.input, one.secondaryInput) for one in made.file.actions] == [(-1, -1), (0, -1)]
    assert not made.inputs


def test_sources_of_later_actions_come_first_in_the_definition() -> None:
    first, second = (State().file([mkfile(name, 0o644, "")]).output for name in ("first", "second"))
    definition = marshal(BASE.file([copy(first, "/", "/"), copy(second, "/", "/")]).output, caps=None)
    found = [pb.Op.FromString(data) for data in getattr(definition, "def")[:3]]
    assert [op.WhichOneof("op") for op in found] == ["source", "file", "file"]
    assert found[1].file.actions[0].mkfile.path == "/second"


def test_patterns_ask_for_no_capability() -> None:
    made = BASE.file(
        [copy(CONTEXT, "/", "/", exclude_patterns=["*.o"], required_paths=["/a"], mode_text="u+x")]
    )
    assert caps_of(made) == {"file.base"}


def test_a_file_op_is_bound_to_no_platform() -> None:
    assert not last_op(BASE.file([mkdir("/d")])).HasField("platform")


def test_without_actions_there_is_nothing_to_marshal() -> None:
    with pytest.raises(DockerfileError, match="action is required"):
        marshal(BASE.file([]).output, caps=None)
