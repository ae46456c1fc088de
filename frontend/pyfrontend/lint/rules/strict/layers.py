"""Strict rules about steps that repeat or undo others."""

from __future__ import annotations

from pyfrontend.golang.paths import clean
from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.syntax.instructions import Add, Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.lint.strict.shell import Command
    from pyfrontend.lint.strict.view import StageView, Step
    from pyfrontend.syntax.document import Stage

#: A RUN with fewer characters is not worth a separate stage.
LONG = 80
#: Commands that a step may contain in addition to those that remove files.
NEUTRAL = frozenset(("set", "true"))
CLEANERS = frozenset(("apt-get", "apt", "yum", "dnf", "apk"))


@rule("RunRepeated", "A long RUN should be in one stage only", facts.stage_viewed, strict=True)
def run_repeated(_stage: Stage, view: StageView) -> Iterator[Finding]:
    """Report a long RUN that an earlier stage from the same image has too."""
    for node, twin in view.repeats:
        if len(node.code) >= LONG:
            text = f"the RUN on line {twin.span.start} is the same: move it into a stage that both start from"
            yield Finding(text, node.span)


@rule("OwnerChangedAfterCopy", "COPY should set owner and mode itself", facts.run_viewed, strict=True)
def owner_changed_after_copy(_node: Run, step: Step) -> Iterator[Finding]:
    """Report a step that only changes owner or mode of what the instruction above copied."""
    above = step.above
    if above is None or not isinstance(above.node, Copy | Add) or len(step.commands) != 1:
        return
    command = step.commands[0]
    if command.program in {"chown", "chmod"}:
        operands = command.operands()
        fits = len(operands) == 2 and (command.program == "chown" or _is_mode(operands[0]))
        if fits and _is_place(operands[1], above):
            flag = f"--{command.program}={operands[0]}"
            yield Finding(f"this stores the files a second time: use {above.node.keyword} {flag}")


def _is_mode(text: str) -> bool:
    """Tell whether ``text`` is a mode that the flag of COPY knows too."""
    change = text.lstrip("ugoa")
    return text.isdecimal() or (change[:1] in {"+", "-", "="} and not change[1:].strip("rwxX"))


def _is_place(path: str, copy: Step) -> bool:
    """Tell whether ``path`` is all that ``copy`` has brought."""
    node, dest = copy.node, copy.text
    if "$" in path or not dest or not isinstance(node, Copy | Add):
        return False
    here, there = (clean(one if one.startswith("/") else f"{copy.workdir}/{one}") for one in (path, dest))
    names = {clean(source).rpartition("/")[2] for source in node.sources}
    return here == there or (len(names) == 1 and here == f"{there.rstrip('/')}/{names.pop()}")


@rule(
    "RemovedInLaterLayer",
    "Files should be removed in the step that makes them",
    facts.run_viewed,
    strict=True,
)
def removed_in_later_layer(_node: Run, step: Step) -> Iterator[Finding]:
    """Report a step of the final image that only removes what earlier layers keep."""
    commands = [command for command in step.commands if command.program not in NEUTRAL]
    if not step.stage.is_final or not commands or not any(isinstance(one.node, Run) for one in step.earlier):
        return
    if all(_removes(command) for command in commands) and any(_is_cache(command) for command in commands):
        yield Finding("the layers above keep these files: remove them in the step that makes them")


def _removes(command: Command) -> bool:
    if command.program == "rm":
        return True
    return command.program in CLEANERS and bool({"clean", "autoclean"} & {*command.arguments})


def _is_cache(command: Command) -> bool:
    caches = ("/var/lib/apt", "/var/cache", "/root/.cache", "/tmp/", "/var/tmp/")  # noqa: S108 - of the image
    return command.program in CLEANERS or any(word.startswith(caches) for word in command.arguments)
