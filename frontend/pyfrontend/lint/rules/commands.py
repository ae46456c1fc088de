"""Rules about commands, directories and ports: what instructions set in the image config."""

from __future__ import annotations

import re

from pyfrontend.golang.quote import go_quote
from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Instruction
    from pyfrontend.syntax.instructions import Expose, Workdir

#: Programs that replace variables themselves.
SHELLS = frozenset(
    ("sh", "bash", "ash", "dash", "ksh", "zsh", "busybox", "env", "envsubst", "cmd", "cmd.exe")
)
#: Programs that hand a command to the shell of another user.
USERS = frozenset(("su", "runuser", "sudo"))
VARIABLE = re.compile(r"(?<![\\$])\$\{?([A-Za-z_]\w*)")


@rule(
    "JSONArgsRecommended",
    "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
    facts.default_shell_used,
)
def json_args_recommended(node: Instruction) -> Iterator[Finding]:
    """LINT-017."""
    yield Finding(
        f"JSON arguments recommended for {node.written} to prevent unintended behavior related to OS signals"
    )


@rule(
    "ExecFormVariable",
    "Commands in exec form should not rely on variables",
    facts.dollar_in_exec_form,
    advisory=True,
    page="",
)
def exec_form_variable(node: Instruction, args: Sequence[str], known: Collection[str]) -> Iterator[Finding]:
    """Report a variable in a command that no shell sees: one of the stage, or any in the program's name."""
    program = args[0].rpartition("/")[2]
    programs = {arg.rpartition("/")[2] for arg in args}
    if not programs.isdisjoint(SHELLS) or ("-c" in args and program in USERS):
        return
    program = "PROGRAM" if "$" in program else program
    keyword = "HEALTHCHECK CMD" if node.keyword == "HEALTHCHECK" else node.keyword
    for name in dict.fromkeys(VARIABLE.findall(" ".join(args))):
        if name in known or f"${name}" in args[0] or f"${{{name}}}" in args[0]:
            yield Finding(
                f"${name} is not expanded in exec form: use a shell,"
                f' as in {keyword} ["sh", "-c", "exec {program} ..."]'
            )


@rule(
    "WorkdirRelativePath",
    "Relative workdir without an absolute workdir declared within the build can have unexpected results if"
    " the base image changes",
    facts.workdir_is_relative,
)
def workdir_relative_path(node: Workdir) -> Iterator[Finding]:
    """LINT-020."""
    yield Finding(
        f"Relative workdir {go_quote(node.path)} can have unexpected results if the base image changes"
    )


@rule(
    "MultipleInstructionsDisallowed",
    "Multiple instructions of the same type should not be used in the same stage",
    facts.instruction_replaced,
)
def multiple_instructions_disallowed(node: Instruction, earlier: Span) -> Iterator[Finding]:
    """LINT-022, reported at the one that is replaced."""
    yield Finding(
        f"Multiple {node.written} instructions should not be used in the same stage because only the last"
        " one will be used",
        earlier,
    )


@rule(
    "ExposeNothing",
    "EXPOSE should not have empty ports",
    facts.port_empty,
    advisory=True,
    page="",
)
def expose_nothing(_node: Expose, text: str) -> Iterator[Finding]:
    """Report a variable without a value instead of a port."""
    found = VARIABLE.search(text)
    name = found[1] if found else "NAME"
    yield Finding(f"{text} is empty, so no port is exposed: give it a value, as in ARG {name}=8080")


@rule("ExposeProtoCasing", "Protocol in EXPOSE instruction should be lowercase", facts.port_exposed)
def expose_proto_casing(_node: Expose, port: str, protocol: str, _host: str) -> Iterator[Finding]:
    """LINT-031."""
    if protocol != protocol.lower():
        yield Finding(f"Defined protocol '{port}' in EXPOSE instruction should be lowercase")


@rule(
    "ExposeInvalidFormat",
    "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in"
    " a future release",
    facts.port_exposed,
)
def expose_invalid_format(_node: Expose, port: str, _protocol: str, host: str) -> Iterator[Finding]:
    """LINT-032."""
    if host:
        text = f"EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'"
        yield Finding(text)
