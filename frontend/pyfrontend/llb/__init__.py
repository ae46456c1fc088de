"""LLB, the graph language of BuildKit: states and ops in, a `pb.Definition` out.

The public API of `pyfrontend.llb` is the names in `PUBLIC`, which are defined in its module `builder`; the
other modules of this package are private.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.llb.builder import Definition as Definition
    from pyfrontend.llb.builder import Mount as Mount
    from pyfrontend.llb.builder import State as State
    from pyfrontend.llb.builder import bind as bind
    from pyfrontend.llb.builder import cache as cache
    from pyfrontend.llb.builder import diff as diff
    from pyfrontend.llb.builder import git as git
    from pyfrontend.llb.builder import http as http
    from pyfrontend.llb.builder import image as image
    from pyfrontend.llb.builder import local as local
    from pyfrontend.llb.builder import merge as merge
    from pyfrontend.llb.builder import scratch as scratch
    from pyfrontend.llb.builder import secret as secret
    from pyfrontend.llb.builder import ssh as ssh
    from pyfrontend.llb.builder import tmpfs as tmpfs

#: The public names; all others are private.
PUBLIC = (
    *("Definition", "Mount", "State", "bind", "cache", "diff", "git", "http", "image", "local", "merge"),
    *("scratch", "secret", "ssh", "tmpfs"),
)


def __getattr__(name: str) -> object:
    """Return a public name, loaded on first use, because builds need none of them."""
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pyfrontend.llb import builder

    return getattr(builder, name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(PUBLIC)
