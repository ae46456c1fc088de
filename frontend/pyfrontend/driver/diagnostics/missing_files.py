"""Why a COPY or a mount found nothing: the daemon's error in, the same error with the reason as its help out.

The daemon only says that a path does not exist.  This module finds out whether an ignore pattern excludes it,
and what exists instead, by looking at the files; only builds that fail pay for this.
"""

from __future__ import annotations

import posixpath

from pyfrontend.driver.diagnostics.failed_step import failed_digest, failed_op
from pyfrontend.driver.diagnostics.file_tree import SolvedTree, main_tree, named_tree
from pyfrontend.driver.diagnostics.odd_paths import broken_link, escaped, no_path, spaced
from pyfrontend.driver.diagnostics.path_suggestions import suggestion
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.golang.paths import join
from pyfrontend.llb.locations import ops_by_digest, spans_of
from pyfrontend.llb.ops import Output, Source, resolve
from pyfrontend.oci.reference import parse_normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.driver.contexts.main import MainContext
    from pyfrontend.driver.diagnostics.file_tree import Tree
    from pyfrontend.lower.stage import StageState
    from pyfrontend.lower.target import Lowered
    from pyfrontend.pb import ops_pb2 as pb

#: Behind the quoted path that is not there, in the words of BuildKit now and of 0.8.
NOT_FOUND = ('": not found', '" not found: not found')
#: Around the first directory of a path that is not there, which BuildKit up to 0.13 names by where it has the
#: files mounted.
LSTAT, NO_SUCH_FILE = "lstat /", ": no such file or directory"
#: Around the patterns of what to send where one of them is wrong.
PATTERNS, BAD_PATTERN = "invalid includepatterns: [", "syntax error in pattern"
LOCAL = "local://"
#: So much of an instruction is looked at as it is written.
LONGEST = 10_000
#: The end of an error about a command, as one has it that could not be started.
FAILED_COMMAND = "did not complete successfully: exit code: 1"


def explained(
    error: BridgeError, main: MainContext, lowered: Lowered, definition: pb.Definition
) -> BridgeError:
    """Return ``error`` with the reason why a path is missing as its help; unchanged for other errors."""
    missing = missing_path(error.message)
    op = failed_op(error, definition)
    reason = ""
    if missing:
        written = escaped(missing, _code(definition, failed_digest(error, definition)))
        reason = written or _misplaced_flag(op) or _reason(missing, main, lowered, op)
    if has_broken_array(error.message):
        reason = 'to pass a JSON array, use double quotes and commas: ["a", "b"]'
    if error.message.endswith(FAILED_COMMAND):
        reason = _file_over_directory(main, lowered, op)
    return BridgeError(error.code, error.message, error.details, help=reason) if reason else error


def _code(definition: pb.Definition, digest: str) -> str:
    """Return the lines of an op as they are written."""
    texts = [text for span in spans_of(definition, digest) for text in span.texts]
    return "\n".join(texts)[:LONGEST]


def _misplaced_flag(op: pb.Op | None) -> str:
    """Say that a flag stands at the end, in place of the destination."""
    for action in op.file.actions if op is not None else ():
        name = posixpath.basename(action.copy.dest.rstrip("/"))
        if name.startswith("--"):
            return f"{name} was parsed as the destination: flags must come before the paths"
    return ""


def missing_path(message: str) -> str:
    """Return the path that is not there by an error of the daemon's; empty for other errors.

    Only the end of ``message`` tells: before it may stand a command of any length.
    """
    for ending in NOT_FOUND:
        if message.endswith(ending):
            path = message[: -len(ending)].rpartition('"')[2]
            return path[1:] if path[:1] == "/" else ""
    if not message.endswith(NO_SUCH_FILE):
        return ""
    before, found, path = message.removesuffix(NO_SUCH_FILE).rpartition(LSTAT)
    return path if found and (not before or before.endswith(": ")) else ""


def has_broken_array(message: str) -> bool:
    """Tell whether a pattern is at fault that begins as an array does: ``["a"`` without its quotes."""
    patterns = message.partition(PATTERNS)[2]
    return message.endswith(BAD_PATTERN) and (patterns.startswith("[") or " [" in patterns)


def _file_over_directory(main: MainContext, lowered: Lowered, op: pb.Op | None) -> str:
    """Tell of a mount without a target, so that it covers the working directory, whose source is a file.

    The command is not even started then, but only the daemon's log of it says why.
    """
    if op is None:
        return ""
    for mount in op.exec.mounts:
        path = posixpath.normpath(mount.selector).lstrip("/")
        if mount.selector and mount.input >= 0 and mount.dest == op.exec.meta.cwd != "/":
            tree = _tree(op.inputs[mount.input], main, lowered)
            found = tree.entry(path) if tree else None
            if found and found.is_file:
                target = join(mount.dest, found.name)
                return (
                    f"the source {path} is a file, and the mount covers the working directory {mount.dest}:"
                    f" add target={target}"
                )
    return ""


def require_paths(main: MainContext, lowered: Lowered, definition: pb.Definition) -> None:
    """Raise DockerfileError where a COPY --parents has copied nothing, which BuildKit up to 0.25 allows.

    Later ones see to it themselves that its paths are there, unless they have wildcards (CPY-017).
    """
    for digest, op in ops_by_digest(definition).items():
        for action in op.file.actions:
            paths = [posixpath.normpath(path).lstrip("/") for path in action.copy.required_paths]
            for path in filter(None, paths):
                reason = _why_absent(path, op.inputs[action.secondaryInput], main, lowered)
                if reason:
                    text = f'"/{path}": not found: {reason}'
                    raise DockerfileError(text, *spans_of(definition, digest), code="MissingFile")


def _why_absent(path: str, end: pb.Input, main: MainContext, lowered: Lowered) -> str:
    """Return why ``path`` was not in ``end``, which has been built; empty where it was, or cannot be seen."""
    output = _output(end, lowered)
    tree = _tree(end, main, lowered)
    if output is None or tree is None:
        return ""
    try:
        ref = SolvedTree(main.bridge, output, "").ref
        entries = main.bridge.read_dir(ref, posixpath.dirname(path) or "/") if ref else []
    except BridgeError as error:
        if not error.is_not_found:
            return ""
        entries = []
    if posixpath.basename(path) in (entry.name for entry in entries):
        return ""
    return tree.hidden_by(path) or _outside(path, lowered, tree) or _no_such(path, tree)


def _output(end: pb.Input, lowered: Lowered) -> Output | None:
    """Return the files that ``end`` of a definition stands for."""
    lowering = lowered.lowering
    known = [Output(lowering.build_context), *(stage.state.output for stage in lowering.graph.stages)]
    return next((output for output in known if output is not None and _is(end, output)), None)


def _reason(missing: str, main: MainContext, lowered: Lowered, op: pb.Op | None) -> str:
    sources = list(_sources(op)) if op is not None else []
    for path, end in sorted(sources, key=lambda one: not _begins(one[0], missing)):
        if _begins(path, missing) or _is_mounted(path, missing):
            tree = _tree(end, main, lowered)
            if tree is None:
                return ""
            words = [source for source, _ in sources]
            return (
                no_path(path, words)
                or tree.hidden_by(path)
                or _outside(path, lowered, tree)
                or spaced(words, tree)
                or _not_there(path, tree)
            )
    return ""


def _begins(path: str, missing: str) -> bool:
    """Tell whether ``missing`` is ``path`` or a directory above it."""
    return path == missing or path.startswith(f"{missing}/")


def _is_mounted(path: str, missing: str) -> bool:
    """Tell whether ``missing`` ends with ``path`` or a directory above it, after a place of the daemon's."""
    parts = path.split("/")
    above = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
    return any(missing.endswith(f"/{directory}") for directory in above)


def _outside(path: str, lowered: Lowered, tree: Tree) -> str:
    """Tell of a source like ``../path``, which does not leave a context (CPY-005)."""
    if tree.root:
        return ""
    inputs = (one for stage in lowered.lowering.graph.stages for one in stage.inputs())
    for source in (path for one in inputs for path in one.paths):
        if posixpath.normpath(source).startswith("../") and join("/", source) == f"/{path}":
            return f"{source} is outside {tree.title}"
    return ""


def _sources(op: pb.Op) -> Iterator[tuple[str, pb.Input]]:
    """Yield what ``op`` takes: paths, and the inputs that they should be in."""
    for action in op.file.actions:
        if action.HasField("copy") and action.secondaryInput >= 0:
            end, source = op.inputs[action.secondaryInput], action.copy.src
            # With --parents the paths are patterns below the directory that is left out of them.
            below = [join(source, pattern) for pattern in action.copy.include_patterns]
            for path in below or [source]:
                yield posixpath.normpath(path).lstrip("/"), end
    for mount in op.exec.mounts:
        if mount.selector and mount.input >= 0:
            yield posixpath.normpath(mount.selector).lstrip("/"), op.inputs[mount.input]


def _tree(end: pb.Input, main: MainContext, lowered: Lowered) -> Tree | None:
    """Return the files that ``end`` stands for; None for those that have no name."""
    lowering = lowered.lowering
    if _is(end, Output(lowering.build_context)):
        return main_tree(main)
    for stage in lowering.graph.stages:
        output = resolve(stage.state.output)
        if output is not None and _is(end, output):
            identifier = output.vertex.identifier if isinstance(output.vertex, Source) else ""
            if identifier.startswith(LOCAL):
                return named_tree(main, identifier.removeprefix(LOCAL))
            return SolvedTree(main.bridge, output, _title(stage))
    return None


def _is(end: pb.Input, output: Output) -> bool:
    """Tell whether ``end`` of a definition is ``output``, which was marshalled into it."""
    real = resolve(output)
    if real is None or real.vertex.encoded is None:
        return False
    return (real.vertex.encoded.digest, real.index) == (end.digest, end.index)


def _title(stage: StageState) -> str:
    """Return what people call ``stage``: of one that only a flag names it is an image, or a context."""
    if not stage.implicit:
        return f"the stage {stage.name}"
    return parse_normalized(stage.base_name)._replace(digest="").familiar().removesuffix(":latest")


def _not_there(path: str, tree: Tree) -> str:
    try:
        link = broken_link(path, tree)
        return link or ("" if tree.entry(path) else _no_such(path, tree))
    except (BridgeError, DockerfileError):
        return _no_such(path, tree)


def _no_such(path: str, tree: Tree) -> str:
    reason = f"{tree.title} has no {tree.root}{path}"
    try:
        return reason + suggestion(path, tree)
    except (BridgeError, DockerfileError):
        return reason  # what is there instead cannot be seen; the reason still stands
