"""The reports of steps that passed, and the directory with all reports that is exported."""

from __future__ import annotations

import posixpath

from pyfrontend.driver.reports.find import File, Skipped, find
from pyfrontend.gateway.caps import READ_DIR
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.llb.fileop import CopyAction, MkdirAction, MkfileAction
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import CUSTOM_NAME, OpMeta
from pyfrontend.llb.state import State
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyfrontend.driver.reports.bounds import Bounds
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Ref
    from pyfrontend.llb.fileop import Action
    from pyfrontend.llb.ops import Output
    from pyfrontend.lower.reports import Reported
    from pyfrontend.oci.platforms import Platform


class Piece(NamedTuple):
    """A file of the directory: copied from ``source``, or created from ``data`` if there is no result."""

    file: File
    source: Output | None
    data: bytes = b""


def look(
    bridge: BridgeProtocol, reported: Reported, platform: Platform, bounds: Bounds
) -> tuple[list[Piece], list[Skipped]]:
    """Return the report files of a step that passed, and what cannot be brought home."""
    definition = marshal(reported.state.output, caps=bridge.llb_caps, platform=platform)
    try:
        ref = bridge.solve(SolveRequest(definition)).single_ref()
    except BridgeError as error:
        return [], [Skipped(path.flag, f"reports unavailable: {error.message}") for path in reported.paths]
    if ref is None or not bridge.api_caps.supports(READ_DIR):
        return [], [Skipped(path.flag, "this daemon lists no files") for path in reported.paths]
    files, skipped = find(reported, lambda folder: bridge.read_dir(ref, folder))
    pieces = []
    for file in files:
        reason = bounds.refuse(file)
        if reason:
            skipped.append(Skipped(file.name, reason))
        else:
            pieces.append(Piece(file, reported.state.output))
    return pieces, skipped


def latest(pieces: Iterable[Piece]) -> tuple[list[Piece], list[Skipped]]:
    """Return the pieces with the last one of each name, and the others.

    A file has no name that is a folder of another step either.
    """
    found: dict[str, Piece] = {}
    skipped = []
    for piece in pieces:
        if piece.file.name in found:
            skipped.append(Skipped(piece.file.name, "a later step has written another one"))
        found[piece.file.name] = piece
    folders = {folder for name in found for folder in _folders(name)}
    for name in sorted(folders.intersection(found)):
        del found[name]
        skipped.append(Skipped(name, "another step has a folder of this name"))
    return list(found.values()), skipped


def _folders(name: str) -> Iterator[str]:
    """Yield the folders in which the file ``name`` is."""
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def folder(bridge: BridgeProtocol, pieces: Mapping[str, Sequence[Piece]]) -> Ref | None:
    """Have a folder made of the ``pieces`` of each stage, below its name; None without any."""
    files = {f"/{stage}/{piece.file.name}": piece for stage, found in pieces.items() for piece in found}
    if not files:
        return None
    parents = dict.fromkeys(map(posixpath.dirname, files))
    actions: list[Action] = [MkdirAction(parent, make_parents=True) for parent in parents]
    actions += [_action(path, piece) for path, piece in files.items()]
    count = f"{len(files)} file{'s' if len(files) > 1 else ''}"
    state = State().file(actions, OpMeta({CUSTOM_NAME: f"[reports] {count}"}))
    definition = marshal(state.output, caps=bridge.llb_caps)
    return bridge.solve(SolveRequest(definition, evaluate=True)).single_ref()


def _action(path: str, piece: Piece) -> Action:
    if piece.source is None:
        return MkfileAction(path, 0o644, piece.data.decode("utf-8", "surrogateescape"))
    return CopyAction(piece.source, piece.file.path, path)
