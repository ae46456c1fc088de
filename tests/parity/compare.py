"""Names the differences between a recorded answer and ours; both are values of the same shape."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parity.cases import Json

#: Stands for a member that one side does not have.
ABSENT = "(absent)"

#: Areas of an answer that decide what is built and cached; the others are words about it.
CORE = frozenset({"crash", "error", "ops", "config", "platforms"})

#: Kind of the op that closes a definition and names its result.
TERMINAL = "terminal"

#: Members of an op beside its digest, with the area that a difference is counted under. The digest speaks for
#: kind and op, unless somebody changed a recorded case by hand.
OP_MEMBERS = (
    "kind", "op",
    "description", "caps", "ignore_cache", "export_cache", "progress_group", "linux_resources", "ranges",
)  # fmt: skip

_CHANGING = re.compile(r'"[^"]*"|`[^`]*`|\'[^\']*\'|sha256:[0-9a-f]+|\d+|\S*[/:]\S+')


class Difference(NamedTuple):
    """One difference: ``area`` and ``reason`` say what kind, ``where`` which one, and what both sides have.

    ``reason`` is free of names and numbers of the case, so that equal causes have equal reasons.
    ``left`` and ``right`` are the larger values around it that are worth showing side by side.
    """

    area: str
    reason: str
    where: str
    expected: Any
    got: Any
    left: Any = None
    right: Any = None

    @property
    def unsupported(self) -> bool:
        """Tell whether the frontend said that it does not do this yet."""
        return self.area == "unsupported"


def compare(expected: Json, got: Json) -> list[Difference]:
    """Return what differs between two answers, the most telling first; at most one for each area."""
    if "crash" in got:
        return [Difference("crash", got["crash"], "", ABSENT, got.get("trace", ""))]
    if "unsupported" in got:
        return [Difference("unsupported", normal(got["unsupported"]), "", ABSENT, got["unsupported"])]
    result = list(_outcome(expected, got))
    result += _lookups(expected["lookups"], got["lookups"], fewer_is_fine="error" in expected)
    result += _warnings(expected["warnings"], got["warnings"], any_order="warnings_any_order" in expected)
    result += _subrequests(expected.get("subrequests", {}), got.get("subrequests", {}))
    if "build" in expected:
        result += _build(expected["build"], got["build"])
    return result


def compare_ops(expected: Sequence[Json], got: Sequence[Json], where: str = "") -> Iterator[Difference]:
    """Yield the first differing op of two definitions, and the first difference of metadata of equal ones."""
    theirs = {op["digest"] for op in expected}
    ours = {op["digest"] for op in got}
    if theirs != ours:
        yield _differing_op(expected, got, theirs, ours, where)
        return
    if [op["digest"] for op in expected] != [op["digest"] for op in got]:
        order = [op["kind"] for op in expected], [op["kind"] for op in got]
        yield Difference("order", "ops: equal ops in another order", where, *order, expected, got)
    by_digest = {op["digest"]: op for op in got}
    seen = set()
    for op in expected:
        for difference in _metadata(op, by_digest[op["digest"]], where):
            if difference.area not in seen:
                seen.add(difference.area)
                yield difference


def normal(text: str) -> str:
    """Return ``text`` without quoted words, numbers, digests and paths, so that like causes group."""
    return _CHANGING.sub("_", text.partition("\n")[0])[:160]


def first_difference(expected: Any, got: Any, path: str = "") -> tuple[str, Any, Any] | None:
    """Return path and values of the first place where two JSON values differ, None when they are equal."""
    if isinstance(expected, dict) and isinstance(got, dict):
        pairs = _members(expected, got, path)
    elif isinstance(expected, list) and isinstance(got, list):
        pairs = _items(expected, got, path)
    else:
        return None if expected == got and type(expected) is type(got) else (path, expected, got)
    return next((found for name, a, b in pairs if (found := first_difference(a, b, name))), None)


def _members(expected: Json, got: Json, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the members of two objects in pairs, with their paths."""
    for key in dict.fromkeys([*expected, *got]):
        yield f"{path}.{key}" if path else key, expected.get(key, ABSENT), got.get(key, ABSENT)


def _items(expected: list[Any], got: list[Any], path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the items of two lists in pairs, with their paths."""
    for i, (a, b) in enumerate(zip_longest(expected, got, fillvalue=ABSENT)):
        yield f"{path}[{i}]", a, b


def _only(value: Json, *names: str) -> Json:
    """Return only some members of an object."""
    return {key: value[key] for key in names if key in value}


def _value(area: str, label: str, expected: Any, got: Any, where: str = "") -> Iterator[Difference]:
    """Yield the difference of two JSON values, if any, named by its path."""
    found = first_difference(expected, got)
    if found is None:
        return
    path, left, right = found
    how = "missing" if right is ABSENT else "extra" if left is ABSENT else "differs"
    inner = re.sub(r"\[\d+\]", "[]", path)
    reason = f"{': '.join(filter(None, (label, inner)))} {how}"
    yield Difference(area, reason, f"{where} {path}".strip(), left, right, expected, got)


def _outcome(expected: Json, got: Json) -> Iterator[Difference]:
    """Yield differences of the conversion: its error, or its platforms."""
    theirs, ours = expected.get("error"), got.get("error")
    if theirs and ours:
        yield from _error(theirs, ours)
    elif ours:
        yield Difference("error", f"error: unexpected: {normal(ours['message'])}", "", "success", ours)
    elif theirs:
        yield Difference("error", f"error: missing: {normal(theirs['message'])}", "", theirs, "success")
    else:
        yield from _platforms(expected["platforms"], got["platforms"])


def _error(expected: Json, got: Json) -> Iterator[Difference]:
    """Yield differences of two errors; the phase counts where the frontend tells it."""
    if expected["message"] != got["message"]:
        reason = f"error: message differs: {normal(expected['message'])}"
        yield Difference("error", reason, "", expected["message"], got["message"])
    elif _places(expected) != got["ranges"]:
        reason = f"error: ranges differ: {normal(expected['message'])}"
        yield Difference("error", reason, "", expected["ranges"], got["ranges"])
    elif "phase" in got and expected["phase"] != got["phase"]:
        reason = f"error: phase differs: {normal(expected['message'])}"
        yield Difference("phase", reason, "", expected["phase"], got["phase"])


def _places(error: Json) -> list[list[Json]]:
    """Return the locations of an error that have lines: the reference adds empty ones, which tell nothing."""
    return [group for group in error["ranges"] if group]


def _platforms(expected: list[Json], got: list[Json]) -> Iterator[Difference]:
    """Yield differences of the results of all platforms, for each area the first one."""
    names = [[item.get("platform", "") for item in side] for side in (expected, got)]
    if names[0] != names[1]:
        yield Difference("platforms", "platforms: other ids", "", *names)
        return
    seen = set()
    for theirs, ours in zip(expected, got, strict=True):
        for difference in _platform(theirs, ours):
            if difference.area not in seen:
                seen.add(difference.area)
                yield difference


def _platform(expected: Json, got: Json) -> Iterator[Difference]:
    """Yield differences of the result of one platform."""
    name = expected.get("platform", "")
    yield from compare_ops(expected["ops"], got["ops"], name)
    yield from _value("head", "head", _heads(expected), _heads(got), name)
    yield from _config("config", expected, got)
    yield from _config("base_config", expected, got)
    yield from _value("source", "", *_sources(expected, got), name)
    for member in ("epoch", "ignore_cache", "sbom"):
        theirs, ours = (_only(side, member) for side in (expected, got))
        yield from _value(member, "", theirs, ours, name)


def _sources(expected: Json, got: Json) -> tuple[Json, Json]:
    """Return the source files; a definition that was not recorded (it held random text) is left out."""
    known = {number for number, info in enumerate(expected["source"]) if info["definition"]}
    left, right = (
        [info if number in known else info | {"definition": []} for number, info in enumerate(side["source"])]
        for side in (expected, got)
    )
    return {"source": left}, {"source": right}


def _heads(result: Json) -> Json:
    """Return what a result points to; output 0 is not written."""
    return {key: value for key, value in _only(result, "head", "head_index").items() if value}


def _config(member: str, expected: Json, got: Json) -> Iterator[Difference]:
    """Yield the difference of an image config: of a member, else of the order or writing of the bytes."""
    digest = f"{member}_sha256"
    area, theirs, ours = "config", expected.get(member, ABSENT), got.get(member, ABSENT)
    found = list(_value(area, member, theirs, ours, expected.get("platform", "")))
    yield from found
    if not found and expected.get(digest) != got.get(digest):
        yield Difference(area, f"{member}: equal members in other bytes", "", theirs, ours, theirs, ours)


def _differing_op(
    expected: Sequence[Json], got: Sequence[Json], theirs: set[str], ours: set[str], where: str
) -> Difference:
    """Return the first op whose bytes differ: a cause, since inputs come before their users."""
    lost = [(i, op) for i, op in enumerate(expected) if op["digest"] not in ours]
    added = [op for op in got if op["digest"] not in theirs]
    if any(op["kind"] != TERMINAL for op in [*added, *(op for _, op in lost)]):
        # The closing op only follows the one that is missing, or too many.
        lost = [(i, op) for i, op in lost if op["kind"] != TERMINAL]
        added = [op for op in added if op["kind"] != TERMINAL]
    if not lost or not added:
        index, op = lost[0] if lost else (got.index(added[0]), added[0])
        left, right = (op, ABSENT) if lost else (ABSENT, op)
        reason = f"ops: {op['kind']} {'missing' if lost else 'extra'}"
        return Difference("ops", reason, f"{where} op {index}".strip(), left, right, left, right)
    index, op = lost[0]
    place = f"{where} op {index}".strip()
    mine = next((other for other in added if other["kind"] == op["kind"]), added[0])
    if mine["kind"] != op["kind"]:
        reason = f"ops: {op['kind']} expected, {mine['kind']} made"
        return Difference("ops", reason, place, op["kind"], mine["kind"], op, mine)
    found = next(_value("ops", f"ops: {op['kind']}", op["op"], mine["op"], place), None)
    if found is None:
        return Difference(
            "ops", f"ops: {op['kind']}: equal members in other bytes", place, op, mine, op, mine
        )
    return found._replace(left=op, right=mine)


def _metadata(expected: Json, got: Json, where: str) -> Iterator[Difference]:
    """Yield differences beside the bytes of one op."""
    for member in OP_MEMBERS:
        theirs, ours = (_only(side, member) for side in (expected, got))
        for found in _value(member, expected["kind"], theirs, ours, f"{where} {expected['digest'][:15]}"):
            yield found._replace(left=expected, right=got)


def _lookups(expected: list[Json], got: list[Json], *, fewer_is_fine: bool) -> Iterator[Difference]:
    """Yield the first difference of two sets of image lookups."""
    theirs, ours = _keyed(expected), _keyed(got)
    for key in theirs:
        if key in ours:
            found = next(_value("lookups", "lookups", theirs[key], ours[key], " ".join(key)), None)
            if found:
                yield found
                return
        elif not fewer_is_fine:
            yield Difference("lookups", "lookups: missing", " ".join(key), theirs[key], ABSENT, expected, got)
            return
    extra = next((key for key in ours if key not in theirs), None)
    if extra:
        yield Difference("lookups", "lookups: extra", " ".join(extra), ABSENT, ours[extra], expected, got)


def _keyed(lookups: list[Json]) -> dict[tuple[str, str], Json]:
    """Return lookups by reference and platform; the mode that everybody has need not be named."""
    return {
        (item["ref"], item["platform"]): {k: v for k, v in item.items() if (k, v) != ("mode", "default")}
        for item in lookups
    }


def _warnings(expected: list[Json], got: list[Json], *, any_order: bool) -> Iterator[Difference]:
    """Yield the first difference of the warnings given."""
    if any_order:
        expected, got = (sorted(side, key=lambda warning: str(warning["text"])) for side in (expected, got))
    if expected == got:
        return
    rules = [[warning["rule"] for warning in side] for side in (expected, got)]
    for lost, how in ((_rest(rules[0], rules[1]), "missing"), (_rest(rules[1], rules[0]), "extra")):
        if lost:
            yield Difference("warnings", f"warnings: {lost} {how}", lost, rules[0], rules[1], expected, got)
            return
    index = next(i for i, pair in enumerate(zip(expected, got, strict=True)) if pair[0] != pair[1])
    theirs, ours = expected[index], got[index]
    if theirs["rule"] != ours["rule"]:
        yield Difference("warnings", "warnings: another order", str(index), rules[0], rules[1], expected, got)
        return
    yield from _value("warnings", f"warnings: {theirs['rule']}", theirs, ours, str(index))


def _rest(expected: list[str], got: list[str]) -> str:
    """Return the first rule that ``expected`` names more often than ``got``."""
    left = list(got)
    for rule in expected:
        if rule not in left:
            return rule
        left.remove(rule)
    return ""


def _subrequests(expected: Json, got: Json) -> Iterator[Difference]:
    """Yield the first difference of each subrequest."""
    for name, theirs in expected.items():
        ours = got[name]
        if "unsupported" in ours:
            yield Difference("unsupported", f"subrequest {name}", name, ABSENT, ours["unsupported"])
            continue
        if "crash" in ours:
            yield Difference(
                "subrequests", f"subrequest {name}: {ours['crash']}", name, ABSENT, ours["trace"]
            )
            continue
        if "error_ranges" not in theirs:  # the reference has no places here (docs/parity.md)
            ours = {key: value for key, value in ours.items() if key != "error_ranges"}
        left, right = ({key: _lines(value) for key, value in side.items()} for side in (theirs, ours))
        label = f"subrequest {name}: {normal(ours['error'])}" if "error" in ours else f"subrequest {name}"
        yield from _value("subrequests", label, left, right, name)


def _lines(value: Any) -> Any:
    """Return a long text as its lines, other values as they are."""
    return value.split("\n") if isinstance(value, str) and "\n" in value else value


def _build(expected: Json, got: Json) -> Iterator[Difference]:
    """Yield differences of a whole build request; only forwarded and cache-importing solves count."""
    if "unsupported" in got:
        yield Difference(
            "unsupported", f"build: {normal(got['unsupported'])}", "build", ABSENT, got["unsupported"]
        )
        return
    if "crash" in got:
        yield Difference("build", f"build: {got['crash']}", "", ABSENT, got["trace"])
        return
    members = ("error", "error_type", "error_ranges", "metadata", "ref", "refs", "warn_calls")
    for member in members:
        theirs, ours = (_only(side, member) for side in (expected, got))
        yield from _value("build", "build", theirs, ours)
    yield from _value("build", "build solves", _telling(expected["solves"]), _telling(got["solves"]))
    yield from _attestations(expected.get("attestations", {}), got.get("attestations", {}))
    left, right = ([_only(one, "ref", "platform") for one in side["lookups"]] for side in (expected, got))
    for found in _lookups(left, right, fewer_is_fine="error" in expected):
        yield found._replace(area="build", reason=f"build {found.reason}")


def _telling(solves: list[Json]) -> list[Json]:
    """Return the solves that other frontends cannot do differently.

    When a solve is evaluated is not compared: ours has the last one evaluated at once, so that it can say
    why a file to copy is missing (docs/parity.md).
    """
    kept = ("frontend", "frontend_opt", "cache_imports")
    named = [{key: solve[key] for key in kept if solve.get(key)} for solve in solves]
    return [solve for solve in named if solve]


def _attestations(expected: Json, got: Json) -> Iterator[Difference]:
    """Yield differences of the attestations, their graphs compared as such."""
    for name, theirs in expected.items():
        for a, b in zip(theirs, got.get(name, []), strict=False):
            yield from (found._replace(area="build") for found in compare_ops(a["ops"], b["ops"], name))
    left, right = (
        {name: [{k: v for k, v in one.items() if k != "ops"} for one in many] for name, many in side.items()}
        for side in (expected, got)
    )
    yield from _value("build", "build attestations", left, right)
