"""What strict rules know about package managers: how they install packages, and what they leave behind."""

from __future__ import annotations

from itertools import chain, islice

from pyfrontend.limits import RULE_STEPS
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyfrontend.lint.strict.shell import Command
    from pyfrontend.lint.strict.view import Step

#: Options of apt-get with a value in the next word.
APT_VALUED = ("-o", "--option", "-t", "--target-release", "-c", "--config-file", "-a", "--host-architecture")


class Manager(NamedTuple):
    """A package manager of a distribution.

    ``installs`` are its words for installing, ``yes`` the options that answer its questions (none if it has
    none), ``cache`` where it keeps what it fetched, ``keeps_no_cache`` the option that keeps nothing there,
    ``cleans`` its command that empties it.
    """

    installs: tuple[str, ...]
    yes: tuple[str, ...] = ()
    cache: str = ""
    keeps_no_cache: str = ""
    cleans: str = ""
    valued: tuple[str, ...] = ()


_RPM_YES = ("-y", "--assumeyes")
MANAGERS = {
    "apt-get": Manager(
        ("install",), ("-y", "--yes", "--assume-yes", "-qq"), "/var/lib/apt", valued=APT_VALUED
    ),
    "apt": Manager(("install",), ("-y", "--yes", "--assume-yes"), "/var/lib/apt", valued=APT_VALUED),
    "apk": Manager(
        ("add",), (), "/var/cache/apk", "--no-cache", valued=("-t", "--virtual", "-X", "--repository")
    ),
    "dnf": Manager(("install", "groupinstall"), _RPM_YES, "/var/cache/dnf", cleans="dnf clean all"),
    "yum": Manager(("install", "groupinstall"), _RPM_YES, "/var/cache/yum", cleans="yum clean all"),
    "microdnf": Manager(("install",), (), "/var/cache/dnf", cleans="microdnf clean all"),
    "zypper": Manager(
        ("install", "in"),
        ("-n", "--non-interactive", "-y", "--no-confirm"),
        "/var/cache/zypp",
        cleans="zypper clean",
    ),
}


class Cached(NamedTuple):
    """A command that fetches or compiles what a cache mount can keep: ``cache`` is where to mount it."""

    words: tuple[str, ...]
    cache: str
    manifest: str = ""


#: Commands that install what a manifest in the project lists, or compile; the first that fits counts.
PROJECT_COMMANDS = (
    Cached(("npm", "ci"), "/root/.npm", "package.json"),
    Cached(("npm", "install"), "/root/.npm", "package.json"),
    Cached(("npm", "i"), "/root/.npm", "package.json"),
    Cached(("yarn", "install"), "/usr/local/share/.cache/yarn", "package.json"),
    Cached(("yarn",), "/usr/local/share/.cache/yarn", "package.json"),
    Cached(("pnpm", "install"), "/root/.local/share/pnpm/store", "package.json"),
    Cached(("pnpm", "i"), "/root/.local/share/pnpm/store", "package.json"),
    Cached(("bun", "install"), "/root/.bun/install/cache", "package.json"),
    Cached(("bundle", "install"), "/usr/local/bundle/cache", "Gemfile"),
    Cached(("composer", "install"), "/root/.composer/cache", "composer.json"),
    Cached(("go", "mod", "download"), "/go/pkg/mod", "go.mod"),
    Cached(("go", "build"), "/root/.cache/go-build"),
    Cached(("go", "install"), "/root/.cache/go-build"),
    Cached(("cargo", "fetch"), "/usr/local/cargo/registry", "Cargo.toml"),
    Cached(("cargo", "build"), "/usr/local/cargo/registry"),
    Cached(("cargo", "install"), "/usr/local/cargo/registry"),
    Cached(("dotnet", "restore"), "/root/.nuget/packages", "the .csproj files"),
    Cached(("mvn",), "/root/.m2"),
    Cached(("mvnw",), "/root/.m2"),
    Cached(("gradle",), "/root/.gradle"),
    Cached(("gradlew",), "/root/.gradle"),
)
PIP = frozenset(("pip", "pip2", "pip3", "pipx"))
PIP_VALUED = (
    "-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f",
    "--find-links", "-t", "--target", "--prefix", "--root", "--trusted-host", "--timeout", "--retries",
    "--proxy", "-e", "--editable", "--platform", "--python-version", "--only-binary", "--no-binary",
    "--global-option", "--cache-dir", "--install-option", "--progress-bar", "--use-feature", "-C",
    "--config-settings",
)  # fmt: skip


def installs(step: Step, *names: str) -> Iterator[tuple[Command, Manager, list[str]]]:
    """Yield the commands of a step that install packages of the distribution, with the packages."""
    for command in step.commands:
        manager = MANAGERS.get(command.program)
        if manager and (not names or command.program in names):
            verb, *packages = command.operands(*manager.valued) or [""]
            if verb in manager.installs:
                yield command, manager, packages


def configures(step: Step, setting: str) -> bool:
    """Tell whether a step, or one above it, sets ``setting`` of apt: as an option, or in a file."""
    bases = islice(step.stage.chain(), 1, RULE_STEPS)
    below = (one for stage in bases for one in stage.steps[:RULE_STEPS])
    return any(setting in one.node.code for one in chain((step,), step.earlier, below))


def pip_installs(step: Step) -> Iterator[tuple[Command, list[str]]]:
    """Yield the commands of a step that install packages of Python, with the packages that they name."""
    for command in step.commands:
        pip = command
        if command.program.startswith("python") and command.arguments[:1] == ("-m",):
            pip = command._replace(words=command.arguments[1:])
        if pip.program in PIP:
            verb, *packages = pip.operands(*PIP_VALUED) or [""]
            if verb == "install":
                yield pip, packages


def project_command(command: Command) -> Cached | None:
    """Return what ``command`` is if it installs what a project lists, or compiles it."""
    words = (command.program, *command.operands())
    for known in PROJECT_COMMANDS:
        if words[: len(known.words)] == known.words:
            return known if _is_of_project(words[len(known.words) :], known, command) else None
    return None


def _is_of_project(rest: Sequence[str], known: Cached, command: Command) -> bool:
    """Tell whether nothing else is named: ``npm install -g NAME`` and ``yarn build`` are other commands."""
    return not known.manifest or not (rest or command.has("-g", "--global", "--version", "-v"))


def mounts_cache(step: Step, path: str = "") -> bool:
    """Tell whether a RUN has a cache mount, at ``path`` or anywhere below or above it."""
    for mount in getattr(step.node, "mounts", ()):
        target = mount.written("target").rstrip("/")
        if mount.written("type") == "cache" and (
            not path or f"{path}/".startswith(target) or target.startswith(path)
        ):
            return True
    return False
