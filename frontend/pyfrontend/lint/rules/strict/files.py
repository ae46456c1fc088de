"""Strict rules about the files of COPY and ADD."""

from __future__ import annotations

from pyfrontend.golang.paths import clean
from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.lint.rules.strict.managers import mounts_cache, pip_installs, project_command
from pyfrontend.lint.strict.view import context_paths
from pyfrontend.syntax.inputs import HTTP
from pyfrontend.syntax.instructions import Add, Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.lint.strict.view import Step

ARCHIVES = (".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".tbz2", ".txz", ".lzma", ".tzst", ".tbz")
EVERYTHING = frozenset((".", "./", "/"))
#: Files that hold keys or passwords by their name.
SECRETS = frozenset((
    ".env", ".netrc", ".pgpass", ".git-credentials", ".pypirc", ".htpasswd", "credentials.json",
    "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".ssh", ".aws", ".gnupg", ".kube", "kubeconfig",
    "service-account.json", "secrets.yml", "secrets.yaml", "secrets.json", "master.key",
))  # fmt: skip
SECRET_ENDINGS = (".p12", ".pfx", ".jks", ".keystore", ".ppk")
#: A file with this ending is a private key if one of the words stands in its path or destination; else it may
#: be one that packages are signed with.
KEY = ".key"
PRIVATE = ("private", "privkey", "server", "client", "ssl", "tls", "cert", "https")


@rule("AddInsteadOfCopy", "Files of the context should be copied with COPY", facts.copy_viewed, strict=True)
def add_instead_of_copy(node: Copy | Add, _step: Step) -> Iterator[Finding]:
    """Report ADD of plain files, where nothing is fetched or unpacked."""
    if not isinstance(node, Add) or node.unpack is not None:
        return
    local = context_paths(node)
    if local and len(local) == len(node.sources) and not any(_may_be_archive(path) for path in local):
        yield Finding("ADD also fetches and unpacks: use COPY for files of the build context")


def _may_be_archive(path: str) -> bool:
    name = path.rpartition("/")[2]
    return "$" in path or path.endswith(ARCHIVES) or (any(mark in name for mark in "*?[") and ".tar" in name)


@rule("AddWithoutChecksum", "A download should have a checksum", facts.copy_viewed, strict=True)
def add_without_checksum(node: Copy | Add, _step: Step) -> Iterator[Finding]:
    """Report a download that nothing checks."""
    if isinstance(node, Add) and not node.checksum and any(one.kind == HTTP for one in node.inputs()):
        yield Finding("whatever the server sends is used: add --checksum=sha256:...")


@rule(
    "CopyBeforeInstall",
    "Dependencies should be installed before all files are copied",
    facts.copy_viewed,
    strict=True,
)
def copy_before_install(node: Copy | Add, step: Step) -> Iterator[Finding]:
    """Report a COPY of everything above the installation of what a manifest lists."""
    if not EVERYTHING.intersection(context_paths(node)) or node.excludes:
        return
    if any(_manifest(earlier) for earlier in step.earlier):
        return
    for follower in step.later:
        manifest = _manifest(follower)
        if manifest:
            if not mounts_cache(follower):
                yield Finding(
                    f"any change of any file repeats the installation on line {follower.node.span.start}:"
                    f" copy {manifest} alone, install, and then copy the rest"
                )
            return


def _manifest(step: Step) -> str:
    """Return what a RUN installs from, empty if it installs nothing."""
    if not isinstance(step.node, Run):
        return ""
    for command in step.commands:
        known = project_command(command)
        if known and known.manifest:
            return known.manifest
    for command, packages in pip_installs(step):
        if command.has("-r", "--requirement") and not packages and not command.has("-e", "--editable"):
            return "requirements.txt"
    return ""


@rule("CopyOverwritten", "A copied file should not be overwritten at once", facts.copy_viewed, strict=True)
def copy_overwritten(node: Copy | Add, step: Step) -> Iterator[Finding]:
    """Report a file that a later COPY replaces before anything could use it."""
    targets = set(_targets(step))
    if not targets:
        return
    for later in step.later:
        if isinstance(later.node, Run):
            return
        if isinstance(later.node, Copy | Add):
            found = targets.intersection(_targets(later)) or _covered(node, targets, later)
            if found:
                line = later.node.span.start
                yield Finding(
                    f"the {node.keyword} on line {line} replaces {min(found)}: remove one of the two"
                )
                return


def _targets(step: Step) -> Iterator[str]:
    """Yield the files that a COPY makes, where source and destination name files."""
    node = step.node
    if not isinstance(node, Copy | Add) or (isinstance(node, Copy) and node.parents):
        return
    sources = [*node.sources, *(heredoc.path for heredoc in node.heredocs)]
    folder = _destination(step)
    if folder is None or any(mark in source for source in sources for mark in "*?[$:"):
        return
    for source in sources:
        name = clean(source).rpartition("/")[2]
        if "." in name.strip("."):  # what has no ending may be a directory
            if node.dest.endswith("/") or node.dest == "." or len(sources) > 1:
                yield f"{folder}/{name}"
            elif "." in folder.rpartition("/")[2].strip("."):
                yield folder


def _destination(step: Step) -> str | None:
    """Return the absolute destination of a COPY without a slash at its end; None where it is not known."""
    dest = step.text
    if dest is None or not (dest.startswith("/") or step.workdir):
        return None
    path = clean(dest if dest.startswith("/") else f"{step.workdir}/{dest}")
    return "" if path == "/" else path


def _covered(node: Copy | Add, targets: set[str], later: Step) -> set[str]:
    """Return those of ``targets`` that a later COPY of the whole context brings again."""
    folder = _destination(later)
    is_all = isinstance(later.node, Copy | Add) and not later.node.excludes
    if folder is None or not is_all or not EVERYTHING.intersection(context_paths(later.node)):
        return set()
    brought = {f"{folder}/{clean(path).lstrip('/')}" for path in context_paths(node)}
    return targets & brought


@rule("SecretCopied", "Secrets should not be copied into the image", facts.copy_viewed, strict=True)
def secret_copied(node: Copy | Add, step: Step) -> Iterator[Finding]:
    """Report files of the context that look like keys or passwords, in a stage of the final image."""
    if not step.stage.is_final:
        return
    for path in context_paths(node):
        name = clean(path).rpartition("/")[2]
        place = f"{path} {node.dest}".lower()
        is_key = name.endswith(KEY) and any(word in place for word in PRIVATE)
        if name in SECRETS or name.endswith(SECRET_ENDINGS) or is_key:
            yield Finding(
                f"{path} looks like a secret, and everybody who has the image can read it: use"
                " RUN --mount=type=secret, or mount it where the container runs"
            )
            return
