"""`NamedTuple` for less: as `typing.NamedTuple` for type checkers, and without its checks at run time.

The original compiles the text of every annotation, for each of the 75 such classes that a build loads: a
tenth of all the processor time of a plain build (docs/performance.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - handed on
else:
    from collections import namedtuple

    #: What a class body has beside fields and methods, and the finished class has of its own.
    OWN = frozenset(
        ("__annotations__", "__classcell__", "__firstlineno__", "__module__", "__static_attributes__")
    )

    class _Maker(type):
        """Makes a tuple class of a class body with annotations."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            """Return the class that ``body`` describes; `NamedTuple` itself has no bases."""
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = [body[field] for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])  # noqa: PYI024 - see above
            for key in body.keys() - OWN.union(fields):
                setattr(made, key, body[key])
            return made

    class NamedTuple(metaclass=_Maker):
        """What a record inherits from in its class statement; a record's fields are its annotations."""
