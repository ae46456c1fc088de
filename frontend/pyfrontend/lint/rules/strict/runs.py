"""Strict rules about the commands of a RUN."""

from __future__ import annotations

from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.lint.rules.strict import packages  # noqa: F401 - its rules look at the same fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.lint.strict.shell import Command
    from pyfrontend.lint.strict.view import Step
    from pyfrontend.syntax.instructions import Run

SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh"))
INTERPRETERS = SHELLS | {"python", "python3", "perl", "ruby", "node", "php"}
DOWNLOADERS = frozenset(("curl", "wget"))
#: Where a step works for a moment only.
TEMPORARY = frozenset(("/tmp", "/var/tmp"))  # noqa: S108 - of the image


@rule("CdInRun", "The directory of a step should be set by WORKDIR", facts.run_viewed, strict=True)
def cd_in_run(_node: Run, step: Step) -> Iterator[Finding]:
    """Report a ``cd`` that has no effect, and one at the beginning of a step."""
    commands = step.commands
    if not commands:
        return
    last, first = commands[-1], commands[0]
    if last.program == "cd" and not last.depth and last.before in {"", ";", "&&", "\n"}:
        yield Finding("this cd has no effect: the next step begins in WORKDIR again")
    elif first.program == "cd" and first.after == "&&" and not first.depth and first.arguments[:1]:
        path = first.arguments[0]
        if path.startswith("/") and "$" not in path and path.rstrip("/") not in TEMPORARY:
            yield Finding(f"the whole step runs in {path}: set WORKDIR {path} above it")


@rule("SudoInRun", "A step should not use sudo", facts.run_viewed, strict=True)
def sudo_in_run(_node: Run, step: Step) -> Iterator[Finding]:
    """Report ``sudo``."""
    if any("sudo" in command.wrappers or command.program == "sudo" for command in step.commands):
        yield Finding("sudo is not needed: set USER to the user that the step takes, and set it back below")


@rule("PipefailMissing", "A pipe should fail where one of its commands does", facts.run_viewed, strict=True)
def pipefail_missing(_node: Run, step: Step) -> Iterator[Finding]:
    """Report a download whose failure a pipe hides: the status of a pipe is that of its last command."""
    if "pipefail" in " ".join(step.shell or ()):
        return
    for command in step.commands:
        if command.program == "set" and "pipefail" in command.arguments:
            return
        if command.after in {"|", "|&"} and command.program in DOWNLOADERS:
            yield Finding(
                f"if {command.program} fails, the step goes on: set -o pipefail in it, or above it"
                ' SHELL ["/bin/bash", "-o", "pipefail", "-c"]'
            )
            return


@rule("DownloadPipedToShell", "A download should be checked before it runs", facts.run_viewed, strict=True)
def download_piped_to_shell(_node: Run, step: Step) -> Iterator[Finding]:
    """Report ``curl ... | sh`` and what comes to the same."""
    is_download = False  # whether what comes out of the pipe so far was fetched
    for command in step.commands:
        if command.before not in {"|", "|&"}:
            is_download = False
        if (is_download and _reads_script(command)) or _runs_substitution(command):
            yield Finding(
                "this runs whatever the server sends: fetch it with ADD --checksum=sha256:..., or install a"
                " package of a fixed version"
            )
            return
        is_download = is_download or command.program in DOWNLOADERS


def _reads_script(command: Command) -> bool:
    """Tell whether a command runs the script that it reads."""
    if command.program not in INTERPRETERS or command.has("-c"):
        return False
    operands = command.operands()
    return not operands or operands[0] == "-" or command.has("-s")


def _runs_substitution(command: Command) -> bool:
    """Tell whether a command runs the output of a download: ``sh -c "$(curl ...)"``, ``bash <(curl ...)``."""
    if command.program not in SHELLS | {"source", ".", "eval"}:
        return False
    starts = tuple(f"{mark}{tool} " for mark in ("$(", "<(", "`") for tool in DOWNLOADERS)
    return any(word.startswith(starts) for word in command.arguments)


@rule("ServiceStarted", "A step should not end with the start of a service", facts.run_viewed, strict=True)
def service_started(_node: Run, step: Step) -> Iterator[Finding]:
    """Report a service that is started for nothing: no process outlives its step."""
    last = step.commands[-1] if step.commands else None
    if last is None:
        return
    words = last.words
    by_service = last.program == "service" and words[-1:] in {("start",), ("restart",)}
    by_systemd = last.program == "systemctl" and words[1:2] in {("start",), ("restart",)}
    if by_service or by_systemd:
        yield Finding("this service ends with the step: start it in CMD or ENTRYPOINT")
