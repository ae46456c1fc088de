"""Strict rules about package managers."""

from __future__ import annotations

from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.lint.rules.strict.managers import (
    MANAGERS,
    configures,
    installs,
    mounts_cache,
    pip_installs,
    project_command,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.lint.strict.view import Step
    from pyfrontend.syntax.instructions import Run

APT = ("apt-get", "apt")
#: Packages that compile, and nothing that was compiled needs to run.
BUILD_TOOLS = frozenset(
    ("build-essential", "build-base", "gcc", "g++", "clang", "cmake", "autoconf", "automake",
     "libtool", "bison", "flex", "gfortran", "nasm", "ninja", "ninja-build", "meson", "gcc-c++", "rustc",
     "golang")
)  # fmt: skip


@rule("AptInsteadOfAptGet", "A script should use apt-get, not apt", facts.run_viewed, strict=True)
def apt_instead_of_apt_get(_node: Run, step: Step) -> Iterator[Finding]:
    """Report ``apt``, whose options and output may change."""
    if any(command.program == "apt" for command in step.commands):
        yield Finding("apt is for people, and may change: use apt-get or apt-cache")


@rule("AssumeYesMissing", "A package manager should not ask", facts.run_viewed, strict=True)
def assume_yes_missing(_node: Run, step: Step) -> Iterator[Finding]:
    """Report an installation that waits for an answer; there is nobody to give one."""
    for command, manager, packages in installs(step):
        answered = command.has(*manager.yes) or command.before == "|" or configures(step, "Assume-Yes")
        if manager.yes and packages and not answered:
            yield Finding(f"{command.program} may ask, and nobody answers: add {manager.yes[0]}")
            return


@rule("RecommendsInstalled", "apt-get should install only what is asked for", facts.run_viewed, strict=True)
def recommends_installed(_node: Run, step: Step) -> Iterator[Finding]:
    """Report an installation with recommended packages."""
    for command, _, packages in installs(step, *APT):
        if not packages or command.has("--no-install-recommends"):
            continue
        if not configures(step, "Install-Recommends"):
            yield Finding(f"{command.program} installs recommended packages too: add --no-install-recommends")
            return


@rule("PackageListsKept", "Package lists should not stay in the image", facts.run_viewed, strict=True)
def package_lists_kept(_node: Run, step: Step) -> Iterator[Finding]:
    """Report lists of apt in a step of the final image that fetches and does not remove them."""
    updates = any(
        command.program in APT and command.operands(*MANAGERS["apt"].valued)[:1] == ["update"]
        for command in step.commands
    )
    if not (updates and step.stage.is_final and any(installs(step, *APT))) or mounts_cache(
        step, "/var/lib/apt"
    ):
        return
    if not any(
        "/var/lib" in word and "apt" in word for command in step.commands for word in command.arguments
    ):
        yield Finding("the lists of apt stay in this layer: end the step with rm -rf /var/lib/apt/lists/*")


@rule("PackageCacheKept", "What a package manager fetched should not stay", facts.run_viewed, strict=True)
def package_cache_kept(_node: Run, step: Step) -> Iterator[Finding]:
    """Report an installation in the final image that leaves the manager's cache in its layer."""
    if not step.stage.is_final:
        return
    for command, manager, packages in installs(step, "apk", "dnf", "yum", "microdnf", "zypper"):
        if not packages or mounts_cache(step, manager.cache) or _cleans(step, manager.cache):
            continue
        if manager.keeps_no_cache and not command.has(manager.keeps_no_cache, "--no-network"):
            yield Finding(f"{command.program} leaves its index in this layer: add {manager.keeps_no_cache}")
            return
        if manager.cleans:
            yield Finding(
                f"{command.program} leaves its cache in this layer: end the step with {manager.cleans}"
            )
            return
    for command, _ in pip_installs(step):
        off = command.has("--no-cache-dir") or "PIP_NO_CACHE_DIR" in step.stage.env
        if not (off or mounts_cache(step) or _cleans(step, "/.cache")):
            yield Finding("pip leaves what it fetched in this layer: add --no-cache-dir, or a cache mount")
            return


def _cleans(step: Step, folder: str) -> bool:
    """Tell whether a step empties ``folder``."""
    for command in step.commands:
        if command.program == "rm" and any(
            folder in word or word.rstrip("/*") == "/var/cache" for word in command.arguments
        ):
            return True
        if ("clean" in command.arguments or "purge" in command.arguments) and command.program in {
            *MANAGERS,
            "pip",
            "pip3",
        }:
            return True
    return False


@rule("UpdateAlone", "apt-get update should be in the step that installs", facts.run_viewed, strict=True)
def update_alone(_node: Run, step: Step) -> Iterator[Finding]:
    """Report lists that are fetched in a separate step: the cache keeps them while they become outdated."""
    names = {command.program for command in step.commands}
    if names and names <= {"apt-get", "apt", "set"} and not mounts_cache(step):
        verbs = {
            tuple(command.operands(*MANAGERS["apt"].valued)[:1])
            for command in step.commands
            if command.program in APT
        }
        if verbs == {("update",)}:
            yield Finding("these lists are cached and grow old: update in the step that installs")


@rule("PackageNotPinned", "A package of a language should have a version", facts.run_viewed, strict=True)
def package_not_pinned(_node: Run, step: Step) -> Iterator[Finding]:
    """Report packages that are whatever their newest version is."""
    for name in _unpinned(step):
        yield Finding(f"{name} is whatever its newest version is: name a version, or use a lock file")
        return


def _unpinned(step: Step) -> Iterator[str]:
    for command, packages in pip_installs(step):
        if not command.has("-r", "--requirement", "-c", "--constraint"):
            yield from (
                name
                for name in packages
                if _is_bare(name, "=<>~@!") and name not in {"pip", "setuptools", "wheel"}
            )
    for command in step.commands:
        operands = command.operands("--prefix", "--registry")
        if (
            command.program == "npm"
            and operands[:1] in (["install"], ["i"], ["add"])
            and command.has("-g", "--global")
        ):
            yield from (
                name for name in operands[1:] if _is_bare(name.removeprefix("@"), "@") and name != "npm"
            )
        elif command.program == "go" and operands[:1] == ["install"]:
            yield from (name for name in operands[1:] if name.endswith("@latest"))


def _is_bare(name: str, marks: str) -> bool:
    """Tell whether ``name`` is the name of a package, without a version after one of ``marks``."""
    is_place = name.startswith((".", "/", "$", "git+", "http", "-", "~")) or name.endswith(
        (".whl", ".tar.gz", ".tgz")
    )
    return (
        bool(name)
        and not is_place
        and "$" not in name
        and "/" not in name.partition("@")[0][-1:]
        and not any(mark in name for mark in marks)
    )


@rule(
    "CacheMountMissing",
    "A build tool should keep its cache from build to build",
    facts.run_viewed,
    strict=True,
)
def cache_mount_missing(_node: Run, step: Step) -> Iterator[Finding]:
    """Report a tool that fetches or compiles everything again whenever its step runs."""
    if mounts_cache(step):
        return
    for command in step.commands:
        known = project_command(command)
        if known:
            yield Finding(
                f"{' '.join(known.words)} begins from nothing each time:"
                f" add --mount=type=cache,target={known.cache} to this RUN"
            )
            return


@rule("BuildToolsKept", "Build tools should not stay in the final image", facts.run_viewed, strict=True)
def build_tools_kept(_node: Run, step: Step) -> Iterator[Finding]:
    """Report compilers and the like in a final image that runs something, unless they are removed."""
    if not step.stage.is_final or not step.stage.has_command or _removes(step):
        return
    for _, _, packages in installs(step):
        tools = [name for name in packages if name.partition("=")[0] in BUILD_TOOLS]
        if tools:
            yield Finding(
                f"{', '.join(tools)} in the final image: compile in a stage of its own, and COPY --from it"
            )
            return


def _removes(step: Step) -> bool:
    verbs = {"remove", "purge", "autoremove", "del", "erase"}
    return any(
        command.program in MANAGERS and verbs.intersection(command.arguments) for command in step.commands
    )
