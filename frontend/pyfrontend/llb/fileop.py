"""The file op: copies, directories and files created on top of a filesystem, in one step.

`copy`, `mkdir` and `mkfile` describe one action each, for `State.file`.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.paths import clean, join, keep_ending
from pyfrontend.llb import caps
from pyfrontend.llb.ops import NO_META, Output, Vertex
from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.llb.ops import Inputs, OpMeta
    from pyfrontend.oci.platforms import Platform

#: A time or mode that stays as it is (LLB-011).
KEEP = -1
_INT32 = range(-(2**31), 2**31)


class Owner(NamedTuple):
    """Who owns files: a number, or a name that the base filesystem resolves; ``group`` may be missing."""

    user: int | str
    group: int | str | None = None

    @classmethod
    def parse(cls, text: str) -> Owner:
        """Read ``user[:group]``; ``root`` and an empty part are 0 (CPY-010, LLB-023)."""
        user, colon, group = text.partition(":")
        return cls(_parse_id(user), _parse_id(group) if colon else None)


class CopyAction(NamedTuple):
    """Copies ``src`` of ``source`` to ``dest``; the fields are those of `pb.FileActionCopy`.

    ``owner`` is ``user[:group]``, empty for the owner that the files have; ``mode_text`` a symbolic mode
    instead of ``mode`` (LLB-012).
    """

    source: Output | None
    src: str
    dest: str
    owner: str | Owner = ""
    mode: int = KEEP
    mode_text: str = ""
    follow_symlink: bool = False
    dir_copy_contents: bool = False
    unpack: bool = False
    create_dest_path: bool = False
    allow_wildcard: bool = False
    allow_empty_wildcard: bool = False
    include_patterns: Sequence[str] = ()
    exclude_patterns: Sequence[str] = ()
    required_paths: Sequence[str] = ()
    timestamp: int = KEEP


class MkdirAction(NamedTuple):
    """Makes the directory ``path``; ``timestamp`` counts nanoseconds since 1970.

    ``owner`` is ``user[:group]``; an `Owner` serves where the numbers are at hand.
    """

    path: str
    mode: int = 0o755
    make_parents: bool = False
    owner: str | Owner = ""
    timestamp: int = KEEP


class MkfileAction(NamedTuple):
    """Makes the file ``path`` with the text ``data``, the bytes of which need not be UTF-8."""

    path: str
    mode: int
    data: str
    owner: str | Owner = ""
    timestamp: int = KEEP


Action = CopyAction | MkdirAction | MkfileAction
# Verbs to describe actions with; the instructions have the nouns.
copy, mkdir, mkfile = CopyAction, MkdirAction, MkfileAction


class File(Vertex):
    """Actions one after the other on top of ``base``; relative paths start from ``cwd``."""

    __slots__ = ("actions", "base", "cwd")

    def __init__(
        self, base: Output | None, actions: Sequence[Action], cwd: str = "/", meta: OpMeta = NO_META
    ) -> None:
        """Do ``actions``, of which there is one at least."""
        super().__init__(meta)
        self.base = base
        self.actions = actions
        self.cwd = cwd

    def inputs(self) -> Sequence[Output]:
        """Return the base and the sources of the copies, which the reference visits from the last one on."""
        ends = [self.base]
        ends += [action.source for action in reversed(self.actions) if isinstance(action, CopyAction)]
        return [end for end in ends if end is not None]

    def encode(self, inputs: Inputs) -> tuple[pb.Op, Platform | None, tuple[str, ...]]:
        """Encode as `Vertex.encode` says (LLB-010, LLB-014, LLB-023)."""
        if not self.actions:
            raise DockerfileError("action is required", code="InvalidDefinition")
        base = inputs.add(self.base)
        ends = [action.source if isinstance(action, CopyAction) else None for action in self.actions]
        sources = [inputs.add(end) for end in ends]
        op, last, earlier = pb.Op(), len(self.actions) - 1, len(inputs.ends) - 1
        for number, action in enumerate(self.actions):
            message = op.file.actions.add()
            message.input = earlier + number if number else base
            message.secondaryInput = sources[number]
            message.output = 0 if number == last else -1
            self._describe(message, action, base)
        return op, None, (caps.FILE_BASE,)

    def _describe(self, message: pb.FileAction, action: Action, base: int) -> None:
        match action:
            case CopyAction():
                _fill_copy(message.copy, action, self.cwd, base)
            case MkdirAction():
                mkdir = message.mkdir
                mkdir.path = _absolute(self.cwd, action.path)
                mkdir.mode = action.mode & 0o777
                mkdir.makeParents = action.make_parents
                mkdir.timestamp = action.timestamp
                _fill_owner(mkdir, action.owner, base)
            case MkfileAction():
                mkfile = message.mkfile
                mkfile.path = _absolute(self.cwd, action.path)
                mkfile.mode = action.mode & 0o777
                mkfile.data = action.data.encode("utf-8", "surrogateescape")
                mkfile.timestamp = action.timestamp
                _fill_owner(mkfile, action.owner, base)


def _fill_copy(message: pb.FileActionCopy, action: CopyAction, cwd: str, base: int) -> None:
    message.src = _absolute("/", action.src)
    message.dest = keep_ending(action.dest, _absolute(cwd, action.dest))
    if action.mode_text:
        message.modeStr = action.mode_text
    else:
        message.mode = action.mode
    message.followSymlink = action.follow_symlink
    message.dirCopyContents = action.dir_copy_contents
    message.attemptUnpackDockerCompatibility = action.unpack
    message.createDestPath = action.create_dest_path
    message.allowWildcard = action.allow_wildcard
    message.allowEmptyWildcard = action.allow_empty_wildcard
    message.timestamp = action.timestamp
    message.include_patterns.extend(action.include_patterns)
    message.exclude_patterns.extend(action.exclude_patterns)
    message.required_paths.extend(action.required_paths)
    _fill_owner(message, action.owner, base)


def _fill_owner(
    message: pb.FileActionCopy | pb.FileActionMkDir | pb.FileActionMkFile, owner: str | Owner, base: int
) -> None:
    if not owner:
        return
    if isinstance(owner, str):
        owner = Owner.parse(owner)
    _fill_user(message.owner.user, owner.user, base)
    if owner.group is not None:
        _fill_user(message.owner.group, owner.group, base)


def _fill_user(message: pb.UserOpt, user: int | str, base: int) -> None:
    if isinstance(user, int):
        message.byID = user
    else:
        message.byName.name = user
        message.byName.input = base


def _parse_id(text: str) -> int | str:
    if text in ("", "root"):
        return 0
    digits = text[1:] if text[0] in "+-" else text
    if digits.isascii() and digits.isdigit():
        number = int(text) if len(digits.lstrip("0")) <= 10 else _INT32.stop
        if number in _INT32:
            return number % 2**32
    return text


def _absolute(parent: str, path: str) -> str:
    cleaned = clean(path)
    return cleaned if cleaned.startswith("/") else join("/", parent, cleaned)
