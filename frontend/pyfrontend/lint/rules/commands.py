"""Rules about commands, directories and ports: what an instruction sets in the config of the image."""

from __future__ import annotations

from pyfrontend.golang.quote import go_quote
from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Instruction
    from pyfrontend.syntax.instructions import Expose, Workdir


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
