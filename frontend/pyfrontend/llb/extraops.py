"""Ops that no Dockerfile instruction creates: differences and removals, for `pyfrontend.llb.builder`."""

from __future__ import annotations

from pyfrontend.llb import caps
from pyfrontend.llb.ops import OpMeta, Output, Vertex
from pyfrontend.pb import ops_pb2 as pb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.llb.ops import Inputs
    from pyfrontend.oci.platforms import Platform


class Diff(Vertex):
    """What ``upper`` adds to ``lower``, changes in it, and removes from it."""

    __slots__ = ("lower", "upper")

    def __init__(self, lower: Output | None, upper: Output | None, meta: OpMeta) -> None:
        """Compare two filesystems."""
        super().__init__(meta)
        self.lower = lower
        self.upper = upper

    def inputs(self) -> Sequence[Output]:
        """Return both, but for an empty one."""
        return [end for end in (self.lower, self.upper) if end is not None]

    def encode(self, inputs: Inputs) -> tuple[pb.Op, Platform | None, tuple[str, ...]]:
        """Encode as `Vertex.encode` says."""
        op = pb.Op()
        op.diff.lower.input = inputs.add(self.lower)
        op.diff.upper.input = inputs.add(self.upper)
        return op, None, (caps.DIFF,)


class Remove(Vertex):
    """``base`` without ``path``; ``wildcard`` lets it mean several files, ``missing_ok`` none."""

    __slots__ = ("base", "missing_ok", "path", "wildcard")

    def __init__(
        self, base: Output | None, path: str, meta: OpMeta, *, wildcard: bool, missing_ok: bool
    ) -> None:
        """Remove ``path``, which is absolute."""
        super().__init__(meta)
        self.base = base
        self.path = path
        self.wildcard = wildcard
        self.missing_ok = missing_ok

    def inputs(self) -> Sequence[Output]:
        """Return the base."""
        return [self.base] if self.base else ()

    def encode(self, inputs: Inputs) -> tuple[pb.Op, Platform | None, tuple[str, ...]]:
        """Encode as `Vertex.encode` says."""
        op = pb.Op()
        action = op.file.actions.add()
        action.input = inputs.add(self.base)
        action.secondaryInput = -1
        action.rm.path = self.path
        action.rm.allowNotFound = self.missing_ok
        action.rm.allowWildcard = self.wildcard
        return op, None, (caps.FILE_BASE, caps.FILE_RM_WILDCARD) if self.wildcard else (caps.FILE_BASE,)
