"""Named tuples of our own making, beside those of the standard library."""

from __future__ import annotations

import copy
import pickle
from collections import namedtuple
from typing import Any, NamedTuple

import pytest

from pyfrontend.record import NamedTuple as Record


class Point(Record):
    """A place."""

    x: int
    y: int = 2

    @property
    def total(self) -> int:
        return self.x + self.y

    def moved(self) -> Point:
        return self._replace(x=self.x + 1)


class Usual(NamedTuple):
    x: int
    y: int = 2


def made(count: int, base: Any = Record) -> Any:
    """Return a class with ``count`` fields, made as the compiler makes one."""
    body = {
        "__annotations__": {f"f{n}": "int" for n in range(count)},
        "__module__": __name__,
        "__qualname__": "Many",
    }
    return type(base)("Many", (base,), body)


def test_a_record_is_a_tuple_with_names() -> None:
    point = Point(1)
    assert point == (1, 2) == tuple(point)
    assert (point.x, point.y, point.total) == (1, 2, 3)
    assert hash(point) == hash((1, 2))
    assert point.moved() == Point(2, 2)
    assert type(point.moved()) is Point
    match point:
        case Point(1, y):
            assert y == 2
    assert Point.__doc__ == "A place."


@pytest.mark.parametrize("name", ["_fields", "_field_defaults", "__match_args__", "__slots__"])
def test_the_class_says_what_the_usual_one_says(name: str) -> None:
    assert getattr(Point, name) == getattr(Usual, name)


@pytest.mark.parametrize(
    "use",
    [
        lambda kind: kind(1)._asdict(),
        lambda kind: kind(y=5, x=4)._replace(y=6),
        lambda kind: kind._make([1, 2]),
        lambda kind: repr(kind("a")).partition("(")[2],
        lambda kind: copy.deepcopy(kind([1])),
    ],
    ids=["_asdict", "_replace", "_make", "repr", "copy"],
)
def test_it_does_what_the_usual_one_does(use: Any) -> None:
    assert use(Point) == use(Usual)


@pytest.mark.parametrize(
    "use",
    [
        lambda kind: kind(),
        lambda kind: kind(1, 2, 3),
        lambda kind: kind(1, z=3),
        lambda kind: kind(1, x=3),
        lambda kind: kind._make([1]),
        lambda kind: setattr(kind(1), "x", 2),
        lambda kind: setattr(kind(1), "other", 2),
    ],
    ids=["too few", "too many", "unknown", "twice", "_make", "set", "set another"],
)
def test_it_refuses_what_the_usual_one_refuses(use: Any) -> None:
    with pytest.raises((TypeError, AttributeError)) as usual:
        use(Usual)
    with pytest.raises(usual.type) as ours:
        use(Point)
    assert str(ours.value).replace("Point", "Usual") == str(usual.value)


def test_an_unknown_field_cannot_be_replaced() -> None:
    with pytest.raises(TypeError, match="z"):
        Point(1)._replace(z=3)  # type: ignore[call-arg] # that it fails is the point


def test_it_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Point(1, 3))) == Point(1, 3)
    assert type(pickle.loads(pickle.dumps(Point(1)))) is Point


@pytest.mark.parametrize("count", range(26))
def test_it_may_have_any_number_of_fields(count: int) -> None:
    values = list(range(count))
    names = [f"f{n}" for n in values]
    usual = namedtuple("Many", names)  # type: ignore[misc] # noqa: PYI024 - the one to compare with
    ours = made(count)(*values)
    assert ours == usual(*values) == tuple(values)
    assert ours._asdict() == dict(zip(names, values, strict=True))
    assert made(count)(**dict(zip(names, values, strict=True))) == ours
