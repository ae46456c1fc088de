"""COPY and ADD: files from a stage, the build context, inline text, a URL or a git repository."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.giturl import GitRef, parse_git_ref, web_path
from pyfrontend.golang.paths import join, normalize, strip_drive, to_slash
from pyfrontend.golang.quote import go_quote
from pyfrontend.lint import facts
from pyfrontend.llb import caps
from pyfrontend.llb.fileop import KEEP, CopyAction, mkfile
from pyfrontend.llb.ops import COMMAND, CUSTOM_NAME, OpMeta, Output, ProgressGroup
from pyfrontend.llb.sources import git, http
from pyfrontend.llb.state import State, merge
from pyfrontend.lower.dispatch import lower
from pyfrontend.oci.reference import check_digest
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.declare import replace
from pyfrontend.syntax.instructions import Add, Copy
from pyfrontend.units import parse_chmod

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyfrontend.lower.stage import StageState
    from pyfrontend.syntax.instructions import HeredocSource

#: The name of a downloaded file whose URL has none (CPY-028).
UNNAMED = "__unnamed__"


class FileAttributes(NamedTuple):
    """What copied files get: ``--chown``, ``--chmod`` as number or text, ``--exclude``."""

    owner: str
    mode: int
    mode_text: str
    excludes: tuple[str, ...]


@lower.register(Copy)
def _copy(node: Copy, stage: StageState) -> None:
    """``COPY [--from=...] src... dest``: where an edge to another stage becomes an input of a file op."""
    source = stage.sources.get("from")
    if source is None:
        _transfer(node, stage, Output(stage.lowering.build_context), from_context=True)
        stage.context_paths.update(_rooted(path) for path in node.sources)
        return
    if not source.is_ready:
        raise DockerfileError(
            f"cannot copy from stage {go_quote(node.stage)}, it needs to be defined before current stage"
            f" {go_quote(stage.name)}",
            code="UndefinedStage",
        )
    _transfer(node, stage, source.state.output, from_context=False)
    source.paths.update(_rooted(path) for path in node.sources)


@lower.register(Add)
def _add(node: Add, stage: StageState) -> None:
    """``ADD src... dest``: like COPY from the context, and archives, URLs and git repositories besides."""
    _transfer(node, stage, Output(stage.lowering.build_context), from_context=True)
    for path in node.sources:
        if not path.startswith(("http://", "https://")):
            stage.context_paths.add(_rooted(path))


def _rooted(path: str) -> str:
    return join("/", path)


def _transfer(node: Copy | Add, stage: StageState, source: Output | None, *, from_context: bool) -> None:
    """Append the file op of ``node`` to the stage; with ``--link``, as a separate layer."""
    heredocs = [_expanded(heredoc, node, stage) for heredoc in node.heredocs]
    dest = _destination(node.dest, stage)
    if len(node.sources) + len(heredocs) > 1 and not node.dest.endswith("/"):
        codes = _codes_above(stage), _codes_below(stage)
        stage.report(facts.copied_together, node, dest, stage.state.cwd, *codes)
    if node.excludes:
        stage.report(facts.files_excluded, node, node.excludes)
    if node.chown[-1:] == ":" or node.chown[:1] == ":":
        stage.report(facts.owner_incomplete, node, node.chown)
    linked = node.link and not node.chmod and stage.lowering.caps.supports(caps.MERGE)
    attributes = FileAttributes(node.chown, *_chmod(node.chmod), node.excludes)
    parents = isinstance(node, Copy) and node.parents
    if attributes.owner or attributes.mode_text or attributes.excludes or parents:
        from pyfrontend.lower.instructions.copy_checks import check_engine, check_owner

        check_owner(attributes.owner, stage, linked=linked)
        check_engine(node, attributes.mode_text, stage)
    _check_checksum(node)
    shown = stage.shown(node.code)
    name = stage.step_name(shown, stage.platform)
    transfer = Transfer(node, stage, source, dest, attributes, name, from_context)
    actions = [*transfer.path_actions(), *(transfer.inline_action(heredoc) for heredoc in heredocs)]
    if linked:
        _link(node, stage, actions, name, shown)
    else:
        meta = OpMeta({CUSTOM_NAME: name}, ignore_cache=stage.ignore_cache, spans=(node.span,))
        stage.state = stage.state.file(actions, meta)
    stage.commit(_history(node), layer=True, suffix=" # buildkit")


def _codes_above(stage: StageState) -> Iterator[str]:
    """Yield the code of the steps above the current one, and of those of the stages that it is based on."""
    for step in stage.steps:
        if step is stage.current:
            break
        yield step.node.code
    base = stage.base
    while base is not None:
        yield from (step.node.code for step in base.steps)
        base = base.base


def _codes_below(stage: StageState) -> Iterator[str]:
    """Yield the code of the steps below the current one."""
    steps = iter(stage.steps)
    for step in steps:
        if step is stage.current:
            break
    yield from (step.node.code for step in steps)


def _expanded(heredoc: HeredocSource, node: Copy | Add, stage: StageState) -> HeredocSource:
    """Return ``heredoc`` with its variables replaced, quotes kept (HDOC-013)."""
    if not heredoc.expand:
        return heredoc
    return heredoc._replace(data=stage.expand_body(heredoc.data, node))


def _destination(dest: str, stage: StageState) -> str:
    """Return ``dest`` seen from the working directory (CPY-004)."""
    with _REMOVING_DRIVE:
        dest = strip_drive(dest, stage.os, keep_slash=True)
    return normalize(stage.state.cwd, "./" if dest in ("", ".") else dest, stage.os, keep_slash=True)


def _chmod(text: str) -> tuple[int, str]:
    """Return ``--chmod`` as number and symbolic text; -1 keeps the source's mode (CPY-011, CPY-012)."""
    if not text:
        return KEEP, ""
    try:
        mode = parse_chmod(text)
    except ValueError as error:
        raise DockerfileError(str(error), code="InvalidMode", mode=text) from None
    return (mode, "") if isinstance(mode, int) else (0, mode)


def _check_checksum(node: Copy | Add) -> None:
    if not isinstance(node, Add) or not node.checksum:
        return
    if len(node.sources) != 1:
        raise DockerfileError("checksum can't be specified for multiple sources", code="InvalidChecksum")
    # ``github.com/owner/name`` passes as a repository here, and is then copied from the context.
    if not is_http(node.sources[0]) and _git_ref(node.sources[0]) is None:
        raise DockerfileError("checksum requires HTTP(S) or Git sources", code="ChecksumOfFile")


def is_http(source: str) -> bool:
    """Tell whether ``source`` is a URL to download, and no git repository."""
    return source.startswith(("http://", "https://")) and remote_git(source) is None


def remote_git(source: str) -> GitRef | None:
    """Return the git repository that ``source`` names; bad ones raise (CPY-030, CPY-032)."""
    ref = _git_ref(source)
    return None if ref is None or ref.indistinguishable_from_local else ref


def _git_ref(source: str) -> GitRef | None:
    try:
        return parse_git_ref(source)
    except ValueError as error:
        raise DockerfileError(str(error), code="InvalidGitReference") from None


class Transfer(NamedTuple):
    """One COPY or ADD on its way to file actions; ``name`` is its step in the progress."""

    node: Copy | Add
    stage: StageState
    source: Output | None
    dest: str
    attributes: FileAttributes
    name: str
    from_context: bool

    def path_actions(self) -> Iterator[CopyAction]:
        """Yield an action for each source but heredocs; what a URL requires applies to later ones too."""
        transfer = self
        for source in self.node.sources:
            ref = remote_git(source)
            if ref is not None:
                ref, name = self._permitted(source, ref)
                add = _with_query_of(ref, transfer.node)
                transfer = transfer._replace(node=add)
                yield transfer.git_action(ref, add, name)
            elif source.startswith(("http://", "https://")):
                yield transfer.http_action(source)
            else:
                yield transfer.local_action(source)

    def _permitted(self, source: str, ref: GitRef) -> tuple[GitRef, str]:
        """Return the repository to take and its step in the progress, as policies have it."""
        policies, node = self.stage.lowering.request.policies, self.node
        if policies is None or not isinstance(node, Add):
            return ref, self.name
        from pyfrontend.lower.policed import permitted_repository

        return permitted_repository(policies, self.stage, node, source, ref, self.name)

    def inline_action(self, heredoc: HeredocSource) -> CopyAction:
        """Return the action that copies an inline file (HDOC-014)."""
        with _REMOVING_DRIVE:
            name = strip_drive(heredoc.path, self.stage.os)
        meta = OpMeta(description={CUSTOM_NAME: "[internal] preparing inline document"})
        made = State().file((mkfile(name, 0o644, heredoc.data),), meta)
        return self._copied(made.output, join("/", to_slash(name, self.stage.os)))

    def _copied(self, source: Output | None, path: str, *, unpack: bool = False) -> CopyAction:
        attributes = self.attributes
        return CopyAction(
            source,
            path,
            self.dest,
            owner=attributes.owner,
            mode=attributes.mode,
            mode_text=attributes.mode_text,
            exclude_patterns=attributes.excludes,
            create_dest_path=True,
            unpack=unpack,
        )

    def local_action(self, path: str) -> CopyAction:
        """Copy ``path`` from a stage or the context (CPY-005, CPY-016, CPY-017)."""
        stage, node = self.stage, self.node
        if self.from_context and stage.lowering.ignores is not None:
            ignores = stage.lowering.ignores
            stage.report(facts.path_copied, node, path, ignores)
            if ignores.exclusions:
                stage.report(facts.path_copied_with_exceptions, node, path, ignores)
        patterns: tuple[str, ...] = ()
        required: tuple[str, ...] = ()
        if isinstance(node, Copy) and node.parents:
            path, patterns, required = self._parents(path)
        unpack = isinstance(node, Add) and node.unpack is not False
        return self._copied(self.source, _inside(path, stage.os), unpack=unpack)._replace(
            include_patterns=patterns,
            required_paths=required,
            follow_symlink=True,
            dir_copy_contents=True,
            allow_wildcard=True,
            allow_empty_wildcard=True,
        )

    def _parents(self, path: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Return directory, include pattern and required path of ``--parents`` (CPY-016, CPY-017)."""
        os = self.stage.os
        directory, pivot, pattern = path.partition("/./")
        if not pivot:
            directory, pattern = "/", path
        pattern = _inside(pattern, os)
        required: tuple[str, ...] = ()
        if not has_wildcards(directory) and not has_wildcards(pattern):
            required = (_inside(join(directory, pattern), os),)
        return directory, (pattern.removeprefix("/"),), required

    def http_action(self, url: str) -> CopyAction:
        """Download ``url``; only ``--unpack`` extracts it (CPY-026 to CPY-029)."""
        node = self.node
        if not isinstance(node, Add):
            raise DockerfileError("source can't be a URL for COPY", code="RemoteSourceInCopy")
        name = url_filename(url)
        description = {COMMAND: "", CUSTOM_NAME: self.name}
        checksum = checked_digest(node.checksum) if node.checksum else ""
        policies = self.stage.lowering.request.policies
        if policies is not None:
            from pyfrontend.lower.policed import permitted_download

            url, description[CUSTOM_NAME] = permitted_download(policies, self.stage, node, url, self.name)
        made = http(url, filename=name, checksum=checksum, meta=OpMeta(description=description))
        return self._copied(made.output, join("/", name), unpack=bool(node.unpack))

    def git_action(self, ref: GitRef, add: Add, name: str) -> CopyAction:
        """Check ``ref`` out (CPY-030 to CPY-034)."""
        made = git(
            ref,
            keep_git_dir=bool(add.keep_git_dir),
            checksum=add.checksum,
            meta=OpMeta(description={CUSTOM_NAME: name}),
        )
        return self._copied(made.output, "/")


def _with_query_of(ref: GitRef, node: Copy | Add) -> Add:
    """Return ``node`` with what the query of ``ref`` asks for; raises where they differ (CPY-032 ff.)."""
    if not isinstance(node, Add):
        raise DockerfileError("source can't be a git ref for COPY", code="RemoteSourceInCopy")
    if None not in (node.keep_git_dir, ref.keep_git_dir) and node.keep_git_dir != ref.keep_git_dir:
        raise DockerfileError("inconsistent keep-git-dir configuration", code="ConflictingGitOptions")
    if node.checksum and ref.checksum and node.checksum != ref.checksum:
        raise DockerfileError(
            f"checksum mismatch {go_quote(node.checksum)} != {go_quote(ref.checksum)}",
            code="ChecksumMismatch",
        )
    keep = node.keep_git_dir if ref.keep_git_dir is None else ref.keep_git_dir
    return replace(node, keep_git_dir=keep, checksum=ref.checksum or node.checksum)


def _inside(path: str, os: str) -> str:
    """Return ``path`` rooted in its source, out of which no ``..`` leads (CPY-005, WIN-003)."""
    with _REMOVING_DRIVE:
        return normalize("/", path, os, keep_slash=False)


class _RemovingDrive:
    """Lets errors of the block say what was done."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, DockerfileError):
            raise error.wrapped("removing drive letter") from None


_REMOVING_DRIVE = _RemovingDrive()


def checked_digest(text: str) -> str:
    """Return ``text``, a digest ``algorithm:hex``; raises `DockerfileError` for another text."""
    try:
        check_digest(text)
    except ValueError as error:
        raise DockerfileError(str(error), code="InvalidDigest", value=text) from None
    return text


def url_filename(url: str) -> str:
    """Return the last element of the URL's path, `UNNAMED` if there is none (CPY-028)."""
    try:
        path = web_path(url)
    except ValueError:
        return UNNAMED
    base = path.rstrip("/").rpartition("/")[2]
    return base if base not in ("", ".") else UNNAMED


def has_wildcards(path: str) -> bool:
    """Tell whether ``path`` has an unescaped ``*``, ``?`` or ``[``."""
    plain = path.replace("\\\\", "") if "\\" in path else path
    return any(
        sign in "*?[" and (position == 0 or plain[position - 1] != "\\")
        for position, sign in enumerate(plain)
    )


def _link(node: Copy | Add, stage: StageState, actions: Sequence[CopyAction], name: str, shown: str) -> None:
    """Add the files to the stage as a separate layer (CPY-020)."""
    import secrets

    group = secrets.token_hex(12)
    copied = OpMeta(
        {CUSTOM_NAME: name},
        ignore_cache=stage.ignore_cache,
        progress_group=ProgressGroup(group, name, weak=True),
        spans=(node.span,),
    )
    linked = OpMeta(
        {CUSTOM_NAME: stage.step_name(f"LINK {shown}", stage.platform, count=False)},
        ignore_cache=stage.ignore_cache,
        progress_group=ProgressGroup(group, name, weak=False),
        spans=(node.span,),
    )
    stage.state = merge(stage.state, State().file(actions, copied), linked)


def _history(node: Copy | Add) -> str:
    """Return the instruction as the history shows it (CPY-040)."""
    parts = [node.keyword]
    if isinstance(node, Copy) and node.parents:
        parts.append("--parents")
    if node.chown:
        parts.append(f"--chown={node.chown}")
    if node.chmod:
        parts.append(f"--chmod={node.chmod}")
    parts += node.sources
    parts += (f"<<{heredoc.path}" for heredoc in node.heredocs)
    return " ".join((*parts, node.dest))
