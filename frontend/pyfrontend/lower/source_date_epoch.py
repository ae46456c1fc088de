"""SOURCE_DATE_EPOCH: a number, or a context, named context or stage whose time becomes the number."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError, located
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strconv import parse_int
from pyfrontend.golang.strings import to_lower
from pyfrontend.llb.ops import NO_META
from pyfrontend.llb.sources import git, http
from pyfrontend.lower.instructions.copy import checked_digest, remote_git, url_filename
from pyfrontend.lower.scope import EPOCH
from pyfrontend.oci.timestamp import Moment
from pyfrontend.syntax.declare import replace
from pyfrontend.syntax.expand import expand
from pyfrontend.syntax.inputs import HTTP, SCRATCH
from pyfrontend.syntax.instructions import Add, Arg

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.llb.ops import Output
    from pyfrontend.lower.lowering import Lowering
    from pyfrontend.lower.scope import Globals
    from pyfrontend.syntax.document import Stage

NEEDS_ONE_ADD = "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD"
NEEDS_REMOTE = "SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD"


def resolve_epoch(lowering: Lowering) -> None:
    """Set the epoch of ``lowering`` and rewrite the argument to its number (SDE-001 to SDE-009).

    Raises `DockerfileError` for a value that names nothing, or a stage that is not a plain source.
    """
    try:
        value = lowering.args[EPOCH] if EPOCH in lowering.args else lowering.globals.values[EPOCH]
        lowering.epoch = _moment(lowering, value) if value else None
    except DockerfileError as error:
        declared = None if EPOCH in lowering.args else lowering.globals.declared.get(EPOCH)
        error.fallback = error.fallback or (declared.span if declared else None)
        raise
    _rewrite(lowering)


def _moment(lowering: Lowering, value: str) -> Moment | None:
    try:
        moment: Moment | None = Moment(parse_int(value))
    except ValueError:
        moment = lowering.contexts.source_time(*_source(lowering, value))
    if moment is not None:
        try:
            moment.text()  # the reference notices only when it has built: the config cannot be written
        except DockerfileError as error:
            raise error.wrapped("invalid SOURCE_DATE_EPOCH") from None
    return moment


def _rewrite(lowering: Lowering) -> None:
    """Put the number where the name stood, or unset the argument where no time was found."""
    for values in (lowering.args, lowering.globals.values):
        if EPOCH in values:
            if lowering.epoch is None:
                del values[EPOCH]
            else:
                values[EPOCH] = str(lowering.epoch.seconds)


def _source(lowering: Lowering, value: str) -> tuple[Output | None, str]:
    """Return the source that ``value`` names and the progress line of its lookup (SDE-004 to SDE-006)."""
    if value == "context":
        main = lowering.contexts.main_context(())
        return main, "[internal] resolve main build context metadata"
    context = lowering.contexts.named_context(value, None, list)
    if context is not None:
        loaded = context.load()
        return loaded.state.output, f"[internal] resolve SOURCE_DATE_EPOCH named context {value}"
    for stage in lowering.request.dockerfile.stages:
        if stage.name == to_lower(value):
            with located(stage.span):
                source = _stage_source(lowering, stage)
            return source, f"[internal] resolve SOURCE_DATE_EPOCH source stage {stage.name}"
    raise DockerfileError(f"invalid SOURCE_DATE_EPOCH: {value}", code="InvalidSourceDateEpoch", kind="value")


def _stage_source(lowering: Lowering, stage: Stage) -> Output | None:
    """Return the one remote ADD of a stage that holds nothing else (SDE-006, SDE-007)."""
    scope = lowering.globals.without(EPOCH)
    if _base_name(lowering, stage, scope) != SCRATCH:
        raise DockerfileError(
            "SOURCE_DATE_EPOCH stage must use FROM scratch", code="InvalidSourceDateEpoch", kind="base"
        )
    found: list[Output | None] = []
    for node in stage.instructions:
        match node:
            case Arg():
                _declare(lowering, node, scope)
            case Add():
                if found:
                    raise DockerfileError(NEEDS_ONE_ADD, code="InvalidSourceDateEpoch", kind="stage")
                found.append(_remote(lowering, node, scope))
            case _:
                raise DockerfileError(
                    "SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported"
                    f" {node.written} instruction",
                    code="InvalidSourceDateEpoch",
                    kind="stage",
                )
    if not found:
        raise DockerfileError(NEEDS_ONE_ADD, code="InvalidSourceDateEpoch", kind="stage")
    return found[0]


def _base_name(lowering: Lowering, stage: Stage, scope: Globals) -> str:
    try:
        return _expand(lowering, stage.source.image, scope)
    except DockerfileError as error:
        written = go_quote(stage.source.image)
        message = f"failed to process source stage base name {written}: {error.message}"
        raise DockerfileError(message, code="InvalidSourceDateEpoch", kind="stage") from error


def _declare(lowering: Lowering, node: Arg, scope: Globals) -> None:
    for pair in node.pairs:
        if pair.key in lowering.args:
            scope.values[pair.key] = lowering.args[pair.key]
        elif pair.value is not None:
            scope.values[pair.key] = _expand(lowering, pair.value, scope)


def _remote(lowering: Lowering, node: Add, scope: Globals) -> Output | None:
    if node.heredocs or len(node.sources) != 1:
        raise DockerfileError(f"{NEEDS_ONE_ADD} source", code="InvalidSourceDateEpoch", kind="stage")
    url = _expand(lowering, node.sources[0], scope)
    checksum = _expand(lowering, node.checksum, scope)
    ref = remote_git(url)
    if ref is None:
        [source] = replace(node, sources=(url,)).inputs()
        if source.kind != HTTP:
            raise DockerfileError(NEEDS_REMOTE, code="InvalidSourceDateEpoch", kind="stage")
        if node.checksum:
            checksum = checked_digest(checksum)
        return http(url, filename=url_filename(url), checksum=checksum, meta=NO_META).output
    keep = bool(node.keep_git_dir or ref.keep_git_dir)
    ref = ref._replace(fetch_by_commit=False)  # which is not passed on here
    if not node.checksum:
        checksum = ref.checksum
    return git(ref, keep_git_dir=keep, checksum=checksum, meta=NO_META).output


def _expand(lowering: Lowering, word: str, scope: Globals) -> str:
    return expand(word, scope.values, escape=lowering.escape).text
