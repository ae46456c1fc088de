"""EXPOSE: port specifications such as ``8080``, ``80-90/udp`` or the legacy ``ip:host:container``."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strconv import parse_int
from pyfrontend.lint import facts
from pyfrontend.lower.dispatch import lower
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.expand import expand_words
from pyfrontend.syntax.instructions import Expose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lower.stage import StageState

PROTOCOLS = ("tcp", "udp", "sctp")
MAX_PORT = 65535
#: What a word and a port cost, in characters of other text: a port gets an entry in the config, and a word in
#: the history.
WORD_COST, PORT_COST = 200, 32


class PortSpec(NamedTuple):
    """A specification taken apart; only container port and protocol reach the image (INS-022)."""

    ip: str
    host: str
    container: str
    protocol: str


@lower.register(Expose)
def _expose(node: Expose, stage: StageState) -> None:
    """``EXPOSE port...``; each word may expand to several ports (INS-020 to INS-025)."""
    ports: list[str] = []
    words: list[str] = []
    for text in node.ports:
        named = _words(text, stage)
        words += named
        if not named and "$" in text:
            stage.report(facts.port_empty, node, text)
    for word in words:
        spec = parse_port(word)
        stage.report(facts.port_exposed, node, word, spec.protocol, spec.ip or spec.host)
        found = container_ports(spec)
        stage.lowering.meter.spend(WORD_COST + PORT_COST * len(found))
        ports += [f"{port}/{spec.protocol.lower()}" for port in found]
    stage.image.add_ports(ports)
    stage.commit(f"EXPOSE [{' '.join(ports)}]")


def _words(text: str, stage: StageState) -> list[str]:
    lowering = stage.lowering
    return expand_words(text, stage.state.env, escape=lowering.escape, meter=lowering.meter)


def parse_port(text: str) -> PortSpec:
    """Take ``[ip:][host:]container[/protocol]`` apart; raises `DockerfileError` (INS-023)."""
    front, _, container = text.rpartition(":")
    ip, _, host = front.rpartition(":")
    container, _, protocol = container.partition("/")
    if not container:
        raise DockerfileError(
            f"invalid port: {go_quote(text)}: no port specified", code="InvalidPort", value=text
        )
    if protocol and protocol.lower() not in PROTOCOLS:
        raise DockerfileError(
            f"invalid port: {go_quote(text)}: invalid proto: {protocol}",
            code="InvalidPort",
            value=text,
            protocol=protocol,
        )
    return PortSpec(ip, host, container, protocol or "tcp")


def container_ports(spec: PortSpec) -> range:
    """Return the container ports of ``spec``; raises for bad parts (INS-023)."""
    _check_ip(spec.ip)
    ports = _read_range(spec.container, "containerPort")
    if spec.host:
        host = _read_range(spec.host, "hostPort")
        if len(host) != len(ports) and len(ports) != 1:
            raise DockerfileError(
                f"invalid ranges specified for container and host Ports: {spec.container} and {spec.host}",
                code="InvalidPort",
            )
    return ports


def _check_ip(ip: str) -> None:
    if not ip:
        return
    import ipaddress  # 12 ms

    address = _without_brackets(ip) if ip.startswith("[") else ip
    try:
        ipaddress.ip_address(address)
        valid = "%" not in address  # zones are for addresses of this machine
    except ValueError:
        valid = False
    if not valid:
        raise DockerfileError(f"invalid IP address: {address}", code="InvalidPort")


def _without_brackets(ip: str) -> str:
    inner, bracket, rest = ip[1:].partition("]")
    reason = ""
    if not bracket:
        reason = "missing ']' in address"
    elif rest:
        reason = "missing port in address"
    elif "[" in inner:
        reason = "unexpected '[' in address"
    if reason:
        raise DockerfileError(f"invalid IP address {ip}: address {ip}:: {reason}", code="InvalidPort")
    return inner


def _read_range(text: str, what: str) -> range:
    """Range = PORT ["-" PORT], ascending, between 0 and 65535 (INS-024)."""
    first, dash, last = text.partition("-")
    try:
        start = parse_int(first)
        end = parse_int(last) if dash else start
    except ValueError:
        start, end = 0, -1
    if not 0 <= start <= end <= MAX_PORT:
        raise DockerfileError(f"invalid {what}: {text}", code="InvalidPort", value=text)
    return range(start, end + 1)
