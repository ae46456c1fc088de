"""Help for values that an instruction cannot use: an error in its context in, how to fix it out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyfrontend.driver.diagnostics.scene import LONGEST, Help, Scene
from pyfrontend.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

PROTOCOLS = ("tcp", "udp", "sctp")
#: The signals that people stop programs with.
SIGNALS = (
    "SIGHUP",
    "SIGINT",
    "SIGKILL",
    "SIGQUIT",
    "SIGTERM",
    "SIGUSR1",
    "SIGUSR2",
    "SIGWINCH",
    "SIGRTMIN+3",
)
MODIFIERS = ":-, -, :+, +, :?, ?, #, ##, %, %%, / and //"


def _duration(scene: Scene) -> Help | None:
    value = scene.facts["value"]
    if "$" in value:
        return Help(f"--interval, --timeout and the like do not expand variables: {value} is taken literally")
    if value[-1:] not in "0123456789":
        return Help("a duration is a number with a unit: ms, s, m or h", scene.span.narrowed(value))
    return Help(f"a duration needs a unit, as in {value}s", scene.span.narrowed(value))


def _healthcheck(scene: Scene) -> Help:
    split = re.search(r"(--[a-z-]+=\d+)\s+(ms|s|m|h)\b", scene.code)
    if split:
        return Help(f"remove the space: {split[1]}{split[2]}")
    if not scene.facts.get("kind"):
        return Help("write the command, or HEALTHCHECK NONE")
    return Help(f"write HEALTHCHECK CMD {' '.join(scene.words)}")


def _protocol(value: str) -> Help:
    """Say how the protocol of a port is written, or several of them."""
    number, *several = value.split("/")
    if len(several) > 1 and all(one.lower() in PROTOCOLS for one in several):
        return Help(f"write a port for each protocol: {' '.join(f'{number}/{one}' for one in several)}")
    meant = nearest("/".join(several).lower(), PROTOCOLS)
    return Help(f"write {number}/{meant}" if meant else "the protocols are tcp, udp and sctp")


def _port(scene: Scene) -> Help | None:
    """Say what a port looks like, by what was written."""
    value, protocol = scene.facts.get("value", ""), scene.facts.get("protocol", "")
    if value[:1] == "#":
        return Help("put the comment on its own line")
    if protocol:
        return _protocol(value)
    ports = re.findall(r"\d+(?:-\d+)?(?:/\w+)?", " ".join(scene.words))
    if ports and re.search(r"[\[\],;]", " ".join(scene.words)):
        return Help(f"separate ports with spaces: EXPOSE {' '.join(ports)}")
    colon = re.search(rf"(\d+):({'|'.join(PROTOCOLS)})\b", " ".join(scene.words), re.IGNORECASE)
    if colon:
        return Help(f"write the protocol after a slash: {colon[1]}/{colon[2].lower()}")
    if re.fullmatch(r"\d+-\d+|\d+", value):
        return Help("ports go up to 65535, and a range begins with the lower one")
    return Help("a port is a number, or a range such as 8000-8010, with /tcp or /udp after it if needed")


def _name(scene: Scene) -> Help:
    spaced = re.search(r"(\S+)\s+=\s*(\S*)", " ".join(scene.words))
    if spaced:
        return Help(f"remove the spaces around =: {spaced[1]}={spaced[2]}")
    return Help("write a name before the =")


def _no_value(scene: Scene) -> Help:
    return Help(f"write {scene.keyword} {scene.facts['name']}=VALUE")


def _expansion(scene: Scene) -> Help | None:
    """Say how a variable or a quote is written, by what could not be expanded."""
    find = EXPANSIONS.get(scene.facts.get("kind", ""))
    opened = re.search(r"\$\{(\w+)[^}]*$", scene.facts.get("word", "")[-LONGEST:])
    if opened and find is not _required:
        return Help(f"close the brace: ${{{opened[1]}}}")
    return Help(find(scene)) if find else None


def _quote(scene: Scene) -> str:
    quote = scene.facts["quote"]
    if scene.keyword in ("COPY", "ADD"):
        return f'write paths that contain spaces as a JSON array: {scene.keyword} ["a path", "/to/"]'
    return f"close the {quote}, or write \\{quote} for the character itself"


def _required(scene: Scene) -> str:
    name = scene.facts["name"]
    declared = "" if scene.stated("ARG", name) else f"ARG {name}, and "
    return f"give {name} a value: {declared}--build-arg {name}=VALUE"


#: Kinds of what cannot be expanded to how it is written.
EXPANSIONS: dict[str, Callable[[Scene], str]] = {
    "quote": _quote,
    "required": _required,
    "modifier": lambda _scene: (
        f"for a default value, write ${{NAME:-default}}; the modifiers are {MODIFIERS}"
    ),
}


def _destination(scene: Scene) -> Help:
    words, keyword = scene.words, scene.keyword
    if not words:
        return Help(f"write {keyword} SOURCE DESTINATION")
    return Help(f"add the destination: {keyword} {words[0]} {'/path' if '<<' in words[0] else '.'}")


def _heredoc_first(scene: Scene) -> Help:
    found = re.search(r"<<\S+", scene.own[0]) if scene.own else None
    return Help(f"the heredoc is the source: {scene.keyword} {found[0] if found else '<<EOF'} /path")


def _signal(scene: Scene) -> Help:
    name = scene.facts["name"].upper().strip("[]\"', ")
    if name in SIGNALS:
        return Help(f"write STOPSIGNAL {name}")
    meant = nearest(name if name.startswith("SIG") else f"SIG{name}", SIGNALS)
    return Help(f"did you mean {meant}?" if meant else "use a name such as SIGTERM, or a number")


def _escape(scene: Scene) -> Help:
    found = (number for number, line in enumerate(scene.lines, 1) if re.match(r"(?i)#\s*escape\s*=", line))
    return Help("write # escape=`, or remove the line", scene.at(next(found, 1)))


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    "BlankName": _name,
    "HeredocAsDestination": _heredoc_first,
    "InvalidDuration": _duration,
    "InvalidEscape": _escape,
    "InvalidExpansion": _expansion,
    "InvalidHealthcheck": _healthcheck,
    "InvalidPort": _port,
    "ChecksumOfFile": lambda _scene: Help("remove --checksum, which is for downloads and Git repositories"),
    "InvalidRetries": lambda _scene: Help("--retries takes a whole number, such as --retries=3"),
    "InvalidSignal": _signal,
    "MissingDestination": _destination,
    "MissingValue": _no_value,
    "RemoteSourceInCopy": lambda _scene: Help("use ADD for URLs and git repositories"),
}
