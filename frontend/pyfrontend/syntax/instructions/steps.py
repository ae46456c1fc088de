"""Instructions that change files, and therefore count as steps: RUN, COPY, ADD, WORKDIR."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import did_you_mean
from pyfrontend.syntax import grammars
from pyfrontend.syntax.declare import Instruction, instruction
from pyfrontend.syntax.fields import flag, word
from pyfrontend.syntax.heredocs import Heredoc, parse_heredoc, strip_leading_tabs
from pyfrontend.syntax.inputs import CONTEXT, INLINE, STAGE, Input, files_and_downloads, mount_input

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.fields import Fields
    from pyfrontend.syntax.mounts import Device, MountFlag

NETWORKS = ("default", "none", "host")
SECURITIES = ("sandbox", "insecure")


def _mount(name: str, text: str) -> MountFlag:
    """Read a ``--mount`` (MNT-001, MNT-002)."""
    from pyfrontend.syntax.mounts import read_mount

    return read_mount(name, text)


def _device(name: str, text: str) -> Device:
    """Read a ``--device`` (RUN-015)."""
    from pyfrontend.syntax.mounts import read_device

    return read_device(name, text)


def _network(_name: str, text: str) -> str:
    """Read the network of a RUN (RUN-011)."""
    if text not in NETWORKS:
        raise DockerfileError(
            f"invalid network mode {go_quote(text)}{did_you_mean(text, NETWORKS)}",
            code="InvalidNetwork",
            flag="network",
            value=text,
            known=", ".join(NETWORKS),
        )
    return text


def _security(_name: str, text: str) -> str:
    """Read the security of a RUN (RUN-013)."""
    if text not in SECURITIES:
        raise DockerfileError(
            f"security {go_quote(text)} is not valid{did_you_mean(text, SECURITIES)}",
            code="InvalidSecurity",
            flag="security",
            value=text,
            known=", ".join(SECURITIES),
        )
    return text


@instruction("RUN", grammars.json_or_text, heredocs=True, step=True)
class Run(Instruction):
    """``RUN [flags] command`` runs a process; in shell form ``args`` is the one text, or empty.

    What a mount means is known when it is expanded, see `pyfrontend.syntax.mounts`.
    """

    args: tuple[str, ...] = word(many=True)
    shell: bool = word()
    heredocs: tuple[Heredoc, ...] = word(many=True)
    # The order is that in which the reference checks the values.
    devices: tuple[Device, ...] = flag(default=(), name="device", read=_device)
    mounts: tuple[MountFlag, ...] = flag(default=(), name="mount", read=_mount)
    network: str = flag(default="default", read=_network)
    security: str = flag(default="sandbox", read=_security)

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read a command in shell or exec form, and its heredocs."""
        return {**cls.read_flags(line), "heredocs": line.heredocs, **line.command()}

    def inputs(self) -> Iterable[Input]:
        """Return an input for each mount."""
        return [mount_input(mount, number) for number, mount in enumerate(self.mounts)]

    def entitlements(self) -> tuple[str, ...]:
        """Return what the network and the security of this process take."""
        network = ("network.host",) if self.network == "host" else ()
        return (*network, "security.insecure") if self.security == "insecure" else network


class HeredocSource(NamedTuple):
    """A file written in place as a source of COPY or ADD; ``expand`` lets variables into ``data``."""

    path: str
    data: str
    expand: bool


@instruction("COPY", grammars.json_or_word_list, heredocs=True, step=True)
class Copy(Instruction):
    """``COPY [flags] source... dest`` copies files from a stage or the build context."""

    sources: tuple[str, ...] = word(many=True, expand=True)
    dest: str = word(expand=True)
    heredocs: tuple[HeredocSource, ...] = word(many=True)
    chown: str = flag(default="", expand=True)
    stage: str = flag(default="", name="from")
    chmod: str = flag(default="", expand=True)
    link: bool = flag(default=False)
    excludes: tuple[str, ...] = flag(default=(), name="exclude")
    parents: bool = flag(default=False)

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read ``SOURCE... DEST``."""
        return _files(cls, line)

    def inputs(self) -> Iterator[Input]:
        """Yield the stage or the context, and the heredocs."""
        if self.stage:
            yield Input(STAGE, self.stage, self.sources, key="from")
        elif self.sources:
            yield Input(CONTEXT, paths=self.sources)
        yield from _inline(self.heredocs)


@instruction("ADD", grammars.json_or_word_list, heredocs=True, step=True)
class Add(Instruction):
    """``ADD [flags] source... dest`` copies files, unpacked archives, downloads and repositories."""

    sources: tuple[str, ...] = word(many=True, expand=True)
    dest: str = word(expand=True)
    heredocs: tuple[HeredocSource, ...] = word(many=True)
    chown: str = flag(default="", expand=True)
    chmod: str = flag(default="", expand=True)
    link: bool = flag(default=False)
    keep_git_dir: bool | None = flag(default=None)
    checksum: str = flag(default="", expand=True)
    unpack: bool | None = flag(default=None)
    excludes: tuple[str, ...] = flag(default=(), name="exclude")

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Read ``SOURCE... DEST``."""
        return _files(cls, line)

    def inputs(self) -> Iterator[Input]:
        """Yield remote sources, the context, and the heredocs."""
        yield from files_and_downloads(self.sources)
        yield from _inline(self.heredocs)


def _files(cls: type[Copy | Add], line: Line) -> Fields:
    """``SOURCE... DEST``, where sources may be heredocs (CPY-001, HDOC-010 to HDOC-012)."""
    words = line.words
    if len(words) < 2:
        raise DockerfileError(
            f"{cls.keyword} requires at least two arguments, but only one was provided. "
            "Destination could not be determined",
            code="MissingDestination",
        )
    flags = cls.read_flags(line)
    if not any("<<" in word for word in words):
        return {"sources": words[:-1], "dest": words[-1], "heredocs": (), **flags}
    if _heredoc(words[-1]):
        raise DockerfileError(
            f"{cls.keyword} cannot accept a heredoc as a destination", code="HeredocAsDestination"
        )
    bodies = {heredoc.name: heredoc.content for heredoc in line.heredocs}
    sources = [(word, _heredoc(word)) for word in words[:-1]]
    return {
        "sources": tuple([word for word, heredoc in sources if not heredoc]),
        "dest": words[-1],
        "heredocs": tuple([_in_place(heredoc, bodies) for _, heredoc in sources if heredoc]),
        **flags,
    }


def _heredoc(word: str) -> Heredoc | None:
    """Return the heredoc that a word of COPY is; one that cannot be read is a path."""
    try:
        return parse_heredoc(word)
    except DockerfileError:
        return None


def _in_place(heredoc: Heredoc, bodies: dict[str, str]) -> HeredocSource:
    """Give a heredoc its body, found by name, so that the last of equal names serves all of them."""
    body = bodies.get(heredoc.name, "")
    return HeredocSource(
        heredoc.name, strip_leading_tabs(body) if heredoc.strip_tabs else body, heredoc.expand
    )


def _inline(heredocs: tuple[HeredocSource, ...]) -> Iterable[Input]:
    return (Input(INLINE, paths=tuple(heredoc.path for heredoc in heredocs)),) if heredocs else ()


@instruction("WORKDIR", grammars.rest_of_line, step=True)
class Workdir(Instruction):
    """``WORKDIR path`` changes the directory for what follows, and makes it."""

    path: str = word(expand=True)
