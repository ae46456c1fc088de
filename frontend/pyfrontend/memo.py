"""A cheaper `cache`: `functools.cache` for type checkers, a dict at run time.

Importing `functools` would cost 2 ms of a build's startup, for a handful of functions with few arguments.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import cache as cache  # noqa: PLC0414 - handed on
    from typing import Any
else:

    def cache(call: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``call`` with a memory: what it has returned for its arguments, it returns again."""
        known = {}

        def cached(*arguments: Any) -> Any:
            try:
                return known[arguments]
            except KeyError:
                found = known[arguments] = call(*arguments)
                return found

        cached.__doc__ = call.__doc__
        return cached
