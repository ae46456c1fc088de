"""Cheaper `NamedTuple` and `Generic`: those of `typing` for type checkers, without their work at run time.

The originals compile every annotation and a constructor for each of the 90 such classes that a build loads: a
tenth of the CPU time of a plain build (docs/performance.md).  Here, a constructor is one of those below, with
the names of its parameters filled in.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType
    from typing import Any
    from typing import Generic as Generic  # noqa: PLC0414 - handed on
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - handed on
else:
    from _collections import _tuplegetter

    _new = tuple.__new__

    #: Constructors by the number of their fields; larger classes have theirs compiled.
    CONSTRUCTORS = (
        lambda _cls: _new(_cls, ()),
        lambda _cls, a: _new(_cls, (a,)),
        lambda _cls, a, b: _new(_cls, (a, b)),
        lambda _cls, a, b, c: _new(_cls, (a, b, c)),
        lambda _cls, a, b, c, d: _new(_cls, (a, b, c, d)),
        lambda _cls, a, b, c, d, e: _new(_cls, (a, b, c, d, e)),
        lambda _cls, a, b, c, d, e, f: _new(_cls, (a, b, c, d, e, f)),
        lambda _cls, a, b, c, d, e, f, g: _new(_cls, (a, b, c, d, e, f, g)),
        lambda _cls, a, b, c, d, e, f, g, h: _new(_cls, (a, b, c, d, e, f, g, h)),
        lambda _cls, a, b, c, d, e, f, g, h, i: _new(_cls, (a, b, c, d, e, f, g, h, i)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j: _new(_cls, (a, b, c, d, e, f, g, h, i, j)),
    )
    #: What a constructor sees: nothing but how a tuple is made.
    NAMES = {"_new": _new, "__builtins__": {}}
    #: What a class body has in addition to fields and methods, and the finished class sets itself.
    OWN = ("__annotations__", "__classcell__", "__firstlineno__", "__static_attributes__")

    def _code(count: int) -> CodeType:
        """Return the code of a constructor with ``count`` fields."""
        if count < len(CONSTRUCTORS):
            return CONSTRUCTORS[count].__code__
        fields = "".join(f"field{number}, " for number in range(count))
        return eval(f"lambda _cls, {fields}: _new(_cls, ({fields}))").__code__  # noqa: S307 - our own text

    def _constructor(name: str, fields: tuple[str, ...], defaults: dict[str, Any]) -> Any:
        """Return ``__new__`` for the class ``name``."""
        code = _code(len(fields)).replace(co_varnames=("_cls", *fields), co_name="__new__")
        made = type(_constructor)(code, NAMES, "__new__", tuple(defaults.values()))
        made.__qualname__ = f"{name}.__new__"
        return made

    def _make(cls: Any, values: Iterable[Any]) -> Any:
        """Return a tuple of the class with ``values``."""
        made = _new(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self: Any, /, **changes: Any) -> Any:
        """Return the tuple with other values for some of its fields."""
        made = self._make(map(changes.pop, self._fields, self))
        if changes:
            raise TypeError(f"Got unexpected field names: {list(changes)!r}")
        return made

    def _asdict(self: Any) -> dict[str, Any]:
        """Return the values by the names of their fields."""
        return dict(zip(self._fields, self, strict=True))

    def _values(self: Any) -> tuple[Any, ...]:
        """Return what the constructor takes, for copies and pickles."""
        return tuple(self)

    def _repr(self: Any) -> str:
        """Return the class and its fields, as one would write it."""
        fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
        return f"{type(self).__name__}({fields})"

    #: What all these classes have in common.
    COMMON = {
        "__slots__": (),
        "_make": classmethod(_make),
        "_replace": _replace,
        "__replace__": _replace,
        "_asdict": _asdict,
        "__repr__": _repr,
        "__getnewargs__": _values,
    }

    class _Maker(type):
        """Makes a tuple class of a class body with annotations."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            """Return the class that ``body`` describes; `NamedTuple` itself has no bases."""
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body[field] for field in fields if field in body}
            own = {key: value for key, value in body.items() if key not in OWN}
            getters = {field: _tuplegetter(number, None) for number, field in enumerate(fields)}
            known = {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields}
            constructor = _constructor(body["__qualname__"], fields, defaults)
            return type(name, (tuple,), {**COMMON, **own, **known, **getters, "__new__": constructor})

    class Generic:
        """A base class with parameters, which say something to type checkers alone."""

        __slots__ = ()
        __class_getitem__ = classmethod(lambda cls, _: cls)

    class NamedTuple(metaclass=_Maker):
        """What a record inherits from in its class statement; a record's fields are its annotations."""
