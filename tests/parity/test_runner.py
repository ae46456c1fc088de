"""The runner itself: it takes equal answers for equal, and sees every member that counts."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from parity import baseline, graph, show
from parity.cases import OWN, case_files, read_cases
from parity.compare import CORE, compare, compare_ops
from parity.run import judge
from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cases import Json

CASES = {case.id: case for case in read_cases(case_files([OWN]))}

#: Members that do not count: README.md of the cases names them.
SPOKEN_FOR = {"phase", "solves"}

#: Cases that together have every member of an answer.
RICH = [
    "apps-002",  # several platforms, progress groups
    "apps-032",  # epoch
    "arg-021",  # extra scan targets
    "apps-025",  # ignore_cache
    "llb-007",  # linux resources
    "att-001",  # build with attestation
    "err-010",  # build with an error, and warnings
    "dir-017",  # a request that is forwarded
    "sub-001",  # subrequests
    "apps-041",  # an error with several places
]


def test_every_recorded_answer_is_equal_to_itself() -> None:
    verdicts = [judge(case, lambda case: copy.deepcopy(case.expect)) for case in CASES.values()]

    assert [verdict for verdict in verdicts if verdict.outcome != "equal"] == []
    assert len(verdicts) == 615
    assert all(verdict.same_build for verdict in verdicts)


@pytest.mark.parametrize("name", RICH)
def test_every_member_that_counts_is_seen_when_it_changes(name: str) -> None:
    expect = CASES[name].expect
    paths = list(_leaves(expect, ()))

    unseen = [path for path in paths if not compare(expect, _changed(expect, path))]

    assert len(paths) > 3
    assert unseen == []


@pytest.mark.parametrize("name", RICH)
def test_every_member_that_counts_is_missed_when_it_is_gone(name: str) -> None:
    expect = CASES[name].expect
    # A build that fails may have asked for fewer images.
    lists = [path for path in _lists(expect, ()) if path[-1] != "lookups" or "error" not in expect]

    unseen = [path for path in lists if not compare(expect, _shortened(expect, path))]

    assert unseen == []


def _leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all values that count."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if key not in SPOKEN_FOR and not _is_lookup_detail(path, key):
                yield from _leaves(inner, (*path, key))
    else:
        yield path


def _is_lookup_detail(path: tuple[Any, ...], key: Any) -> bool:
    """Tell whether a member belongs to a lookup of a build, of which only image and platform count."""
    return path[:2] == ("build", "lookups") and len(path) == 3 and key not in ("ref", "platform")


def _lists(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all lists that count and are not empty."""
    if isinstance(value, list) and value:
        yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if key not in SPOKEN_FOR:
                yield from _lists(inner, (*path, key))


def _changed(value: Json, path: tuple[Any, ...]) -> Json:
    """Return a copy with another value at ``path``."""
    result = copy.deepcopy(value)
    place = _at(result, path[:-1])
    old = place[path[-1]]
    place[path[-1]] = not old if isinstance(old, bool) else old + 1 if isinstance(old, int) else f"{old}x"
    return result


def _shortened(value: Json, path: tuple[Any, ...]) -> Json:
    """Return a copy without the last item of the list at ``path``."""
    result = copy.deepcopy(value)
    _at(result, path).pop()
    return result


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize(
    ("change", "area", "reason"),
    [
        (lambda got: got["warnings"].pop(), "warnings", "warnings: LegacyKeyValueFormat missing"),
        (
            lambda got: got["warnings"].append(got["warnings"][0]),
            "warnings",
            "warnings: LegacyKeyValueFormat extra",
        ),
        (lambda got: got["lookups"].clear(), "lookups", "lookups: missing"),
        (
            lambda got: got["lookups"].append(got["lookups"][0] | {"platform": "linux/arm64"}),
            "lookups",
            "lookups: extra",
        ),
        (
            lambda got: got.pop("platforms") and got.update(error={"message": "x"}),
            "error",
            "error: unexpected: x",
        ),
        (
            lambda got: got["platforms"][0].update(config_sha256="0"),
            "config",
            "config: equal members in other bytes",
        ),
        (lambda got: got["platforms"][0]["ops"].reverse(), "order", "ops: equal ops in another order"),
        (
            lambda got: got.update(crash="crash: TypeError: x at a.py:1"),
            "crash",
            "crash: TypeError: x at a.py:1",
        ),
        (lambda got: got.update(unsupported="RUN --device"), "unsupported", "RUN --device"),
    ],
)
def test_a_difference_is_named_by_its_area_and_a_reason_that_groups(
    change: Any, area: str, reason: str
) -> None:
    case = next(
        case
        for case in CASES.values()
        if "platforms" in case.expect
        and "build" not in case.expect
        and [warning["rule"] for warning in case.expect["warnings"]] == ["LegacyKeyValueFormat"]
    )
    got = copy.deepcopy(case.expect)
    change(got)

    differences = compare(case.expect, got)

    assert [(item.area, item.reason) for item in differences] == [(area, reason)]


def test_the_first_op_that_differs_is_shown_not_those_that_only_follow_it() -> None:
    expected = CASES["apps-001"].expect["platforms"][0]["ops"]
    got = copy.deepcopy(expected)
    number = next(i for i, op in enumerate(got) if op["kind"] == "exec")
    got[number]["op"]["exec"]["meta"]["cwd"] = "/elsewhere"
    for op in got[number:]:
        op["digest"] = f"other {op['digest']}"

    (difference,) = compare_ops(expected, got)

    assert difference.reason == "ops: exec: exec.meta.cwd differs"
    assert difference.where.startswith(f"op {number} ")
    assert difference.got == "/elsewhere"


@pytest.mark.parametrize("how", ["missing", "extra"])
def test_an_op_that_one_side_lacks_is_shown_not_the_closing_one(how: str) -> None:
    shorter = CASES["apps-001"].expect["platforms"][0]["ops"]
    step = next(op for op in shorter if op["kind"] == "exec") | {"digest": "sha256:new"}
    closing = shorter[-1] | {"digest": "sha256:last"}
    longer = [*shorter[:-1], step, closing]
    sides = (longer, shorter) if how == "missing" else (shorter, longer)

    (difference,) = compare_ops(*sides)

    assert difference.reason == f"ops: exec {how}"
    assert difference.where == f"op {len(shorter) - 1}"
    assert step in (difference.left, difference.right)
    assert "Dockerfile:" in show.difference_text(difference, CASES["apps-001"])


def test_what_is_not_supported_yet_is_not_different() -> None:
    verdict = judge(CASES["apps-001"], lambda _: {"unsupported": "heredocs"})

    assert verdict.outcome == "unsupported"
    assert not verdict.same_build


def test_other_words_about_an_equal_graph_still_build_the_same() -> None:
    got = copy.deepcopy(CASES["apps-001"].expect)
    got["platforms"][0]["ops"][0]["description"]["llb.customname"] = "other"

    verdict = judge(CASES["apps-001"], lambda _: got)

    assert verdict.outcome == "different"
    assert verdict.same_build
    assert not CORE & {item.area for item in verdict.differences}


def test_decoding_a_definition_gives_back_every_recorded_op() -> None:
    wrong = [
        case.id
        for case in CASES.values()
        for result in case.expect.get("platforms", [])
        if graph.ops(_definition(result["ops"])) != result["ops"]
    ]

    assert wrong == []


def _definition(ops: list[Json]) -> pb.Definition:
    """Return recorded ops as the definition that they were."""
    result = graph.definition_of([_encoded(op["op"]) for op in ops])
    for op in ops:
        metadata = result.metadata[op["digest"]]
        metadata.description.update(op.get("description", {}))
        metadata.caps.update(dict.fromkeys(op.get("caps", ()), True))
        metadata.ignore_cache = op.get("ignore_cache", False)
        for member in ("progress_group", "linux_resources"):
            if member in op:
                graph.read(op[member], getattr(metadata, member))
        places = result.Source.locations[op["digest"]].locations
        for group in op.get("ranges", []):
            ranges = [{"start": _position(*item[:2]), "end": _position(*item[2:])} for item in group]
            places.add(ranges=ranges)
    return result


def _position(line: int, character: int) -> pb.Position:
    return pb.Position(line=line, character=character)


def _encoded(op: Json) -> bytes:
    """Return an op as Go writes it: the member of the oneof after all other fields."""
    whole = graph.read(op, pb.Op())
    kind = whole.WhichOneof("op")
    rest = pb.Op.FromString(whole.SerializeToString())
    if kind is None:
        return whole.SerializeToString(deterministic=True)
    rest.ClearField(kind)
    whole = pb.Op(**{kind: getattr(whole, kind)})
    return rest.SerializeToString(deterministic=True) + whole.SerializeToString(deterministic=True)


def test_a_difference_reads_side_by_side() -> None:
    case = CASES["apps-001"]
    got = copy.deepcopy(case.expect)
    op = next(op for op in got["platforms"][0]["ops"] if op["kind"] == "exec")
    op["op"]["exec"]["meta"]["cwd"] = "/elsewhere"
    op["digest"] = "sha256:0"

    text = show.verdict_text(judge(case, lambda _: got), case)

    (line,) = [line for line in text.split("\n") if " | " in line and "cwd" in line]
    assert '"/elsewhere"' in line.split(" | ")[1]
    assert "Dockerfile:" in text


def test_the_baseline_only_rises(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(baseline, "FILE", tmp_path / "baseline.json")
    baseline.update({"run": {"cases": 3, "equal": 2, "same_build": 2}})

    complaints = baseline.update({"run": {"cases": 3, "equal": 1, "same_build": 3}})

    assert complaints == ["run: 1 cases equal, were 2"]
    assert baseline.read() == {"run": {"cases": 3, "equal": 2, "same_build": 3}}
    assert json.loads(baseline.FILE.read_text())


def test_what_is_reported_beyond_the_reference_is_no_difference_and_is_shown() -> None:
    case = CASES["hdoc-004"]
    told = case.expect | {"beyond": [{"text": "SyntaxError: also wrong (line 4)"}]}

    verdict = judge(case, lambda _: copy.deepcopy(told))

    assert verdict.outcome == "equal"
    assert "hdoc-004" in show.beyond([verdict])
    assert "beyond the reference: SyntaxError: also wrong (line 4)" in show.verdict_text(verdict, case)


LATER = [
    pytest.param("run-014", CASES["apps-002"].expect, "RUN --device is stable", id="a device"),
    pytest.param("run-014", {"error": {"message": "another"}}, "", id="a device and another error"),
    pytest.param(
        "apps-002",
        {"error": {"message": '--chown=a: with --link there is no /etc/passwd to look up the user "a" in'}},
        "--chown by name",
        id="an owner by name",
    ),
    pytest.param("apps-002", {"error": {"message": "another"}}, "", id="another error"),
    pytest.param("apps-002", {"error": {"message": "--chown=a: another"}}, "", id="another about an owner"),
]


@pytest.mark.parametrize(("name", "got", "rule"), LATER)
def test_what_the_reference_changed_since_is_told_from_what_is_wrong(name: str, got: Json, rule: str) -> None:
    case = CASES[name]
    answer = {"warnings": [], "lookups": [], **copy.deepcopy(got)}
    answer["error"] = answer["error"] | {"ranges": []} if "error" in answer else {}

    verdict = judge(case, lambda _: {key: value for key, value in answer.items() if value != {}})

    assert verdict.later.startswith(rule)
    assert verdict.outcome == ("equal" if rule else "different")
    assert bool(show.later([verdict])) == bool(rule)
    assert ("the reference since" in show.verdict_text(verdict, case)) == bool(rule)
