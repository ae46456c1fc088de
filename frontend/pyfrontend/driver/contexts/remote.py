"""Main contexts other than local directories: git repositories, archives and downloaded files."""

from __future__ import annotations

from pyfrontend.driver.contexts.base import CONTEXT, Remote, internal, solved
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.giturl import parse_git_ref
from pyfrontend.llb.fileop import copy
from pyfrontend.llb.sources import git, http
from pyfrontend.llb.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.options.context_options import ContextOptions
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.llb.ops import Output

#: Bytes of a download that tell whether it is an archive.
SNIFFED = 1024


def open_remote(bridge: BridgeProtocol, options: ContextOptions) -> Remote:
    """Return the context at its address; empty where that is neither git nor http (CTX-009, CTX-015)."""
    address = options.address
    repository = git_context(
        address, keep_git_dir=options.keep_git_dir, by_commit_time=options.by_commit_time
    )
    if repository is not None:
        return Remote(repository.output, repository.output)
    if address.startswith(("http://", "https://")):
        return _open_http(bridge, address)
    return Remote()


def git_context(place: str, *, keep_git_dir: bool = False, by_commit_time: bool = False) -> State | None:
    """Return the repository that ``place`` names, None where it names none (CTX-010 to CTX-014).

    Raises `DockerfileError` for a repository with a bad query or fragment.
    """
    try:
        ref = parse_git_ref(place)
    except ValueError as error:
        raise DockerfileError(str(error), code="InvalidGitReference") from None
    if ref is None:
        return None
    return git(
        ref,
        keep_git_dir=keep_git_dir or bool(ref.keep_git_dir),
        checksum=ref.checksum,
        mtime=ref.mtime or ("commit" if by_commit_time else ""),
        meta=internal(f"load git source {place}"),
    )


def subdirectory(context: Output | None, path: str) -> Output | None:
    """Return the files below ``path`` of ``context`` (CTX-019)."""
    return State().file((copy(context, path, "/", dir_copy_contents=True),)).output


def _open_http(bridge: BridgeProtocol, url: str) -> Remote:
    source = http(url, filename=CONTEXT, meta=internal("load remote build context"))
    try:
        ref = solved(bridge, source.output)
    except (BridgeError, DockerfileError) as error:
        raise error.wrapped("failed to resolve httpcontext") from error
    if ref is None:
        raise DockerfileError(f"failed to read downloaded context: {url} gave no file", code="InvalidContext")
    try:
        start = bridge.read_file(ref, CONTEXT, length=SNIFFED)
    except BridgeError as error:
        raise error.wrapped("failed to read downloaded context") from error
    from pyfrontend.driver.contexts.archives import is_archive

    if not is_archive(start):
        return Remote(source.output, source.output, filename=CONTEXT)
    unpacked = State().file((copy(source.output, f"/{CONTEXT}", "/", unpack=True),)).output
    return Remote(unpacked, unpacked)
