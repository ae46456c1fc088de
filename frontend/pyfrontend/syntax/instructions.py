"""The instructions of the Dockerfile language: one declaration each, nothing else.

How their arguments are checked stands in `pyfrontend.syntax.readers`, where a new instruction needs an
entry only if its words are not simply one text or a list of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.record import NamedTuple
from pyfrontend.syntax import flag_values, grammars
from pyfrontend.syntax.declare import Instruction, flag, instruction, word
from pyfrontend.syntax.heredocs import Heredoc  # noqa: TC001 - part of this module's vocabulary
from pyfrontend.syntax.inputs import CONTEXT, INLINE, STAGE, Input, files_and_downloads, mount_input

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyfrontend.syntax.mounts import Device, MountFlag


class KeyValue(NamedTuple):
    """One pair of ENV or LABEL; both parts still hold their quotes and variables."""

    key: str
    value: str


class ArgPair(NamedTuple):
    """One name of ARG with its default, if it has one, and its description comment, if there is one."""

    key: str
    value: str | None
    doc: str


class HeredocSource(NamedTuple):
    """A file written in place as a source of COPY or ADD; ``expand`` lets variables into ``data``."""

    path: str
    data: str
    expand: bool


@instruction("FROM", grammars.spaced)
class From(Instruction):
    """``FROM [--platform=p] image [AS name]`` begins a stage.

    ``image`` and ``platform`` see global arguments only, so the stage's expansion leaves them alone.
    """

    image: str = word()
    platform: str = flag(default="")
    stage_name: str = word()
    as_keyword: str = word()

    def inputs(self) -> Iterable[Input]:
        """Return the base."""
        return (Input(STAGE, self.image, key="from"),)


@instruction("ARG", grammars.names)
class Arg(Instruction):
    """``ARG name[=default]...`` declares build arguments; expanded one after the other when lowered."""

    pairs: tuple[ArgPair, ...] = word(many=True)


@instruction("ENV", grammars.pairs)
class Env(Instruction):
    """``ENV key=value...`` sets variables; ``legacy`` is the old form ``ENV key value``."""

    pairs: tuple[KeyValue, ...] = word(many=True, expand=True)
    legacy: bool = word()


@instruction("LABEL", grammars.pairs)
class Label(Instruction):
    """``LABEL key=value...`` sets labels of the image; ``legacy`` is the old form ``LABEL key value``."""

    pairs: tuple[KeyValue, ...] = word(many=True, expand=True)
    legacy: bool = word()


@instruction("RUN", grammars.json_or_text, heredocs=True, step=True)
class Run(Instruction):
    """``RUN [flags] command`` runs a process; in shell form ``args`` is the one text, or empty.

    What a mount means is known when it is expanded, see `pyfrontend.syntax.mounts`.
    """

    args: tuple[str, ...] = word(many=True)
    shell: bool = word()
    heredocs: tuple[Heredoc, ...] = word(many=True)
    devices: tuple[Device, ...] = flag(default=(), name="device", read=flag_values.device)
    mounts: tuple[MountFlag, ...] = flag(default=(), name="mount", read=flag_values.mount)
    network: str = flag(default="default", read=flag_values.network)
    security: str = flag(default="sandbox", read=flag_values.security)

    def inputs(self) -> Iterable[Input]:
        """Return an input for each mount."""
        return [mount_input(mount, number) for number, mount in enumerate(self.mounts)]

    def entitlements(self) -> tuple[str, ...]:
        """Return what the network and the security of this process take."""
        network = ("network.host",) if self.network == "host" else ()
        return (*network, "security.insecure") if self.security == "insecure" else network


@instruction("COPY", grammars.json_or_spaced, heredocs=True, step=True)
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

    def inputs(self) -> Iterable[Input]:
        """Yield the stage or the context, and the heredocs."""
        if self.stage:
            yield Input(STAGE, self.stage, self.sources, key="from")
        elif self.sources:
            yield Input(CONTEXT, paths=self.sources)
        yield from _inline(self.heredocs)


@instruction("ADD", grammars.json_or_spaced, heredocs=True, step=True)
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

    def inputs(self) -> Iterable[Input]:
        """Yield remote sources, the context, and the heredocs."""
        yield from files_and_downloads(self.sources)
        yield from _inline(self.heredocs)


def _inline(heredocs: tuple[HeredocSource, ...]) -> Iterable[Input]:
    return (Input(INLINE, paths=tuple(heredoc.path for heredoc in heredocs)),) if heredocs else ()


@instruction("WORKDIR", grammars.text_only, step=True)
class Workdir(Instruction):
    """``WORKDIR path`` changes the directory for what follows, and makes it."""

    path: str = word(expand=True)


@instruction("USER", grammars.text_only)
class User(Instruction):
    """``USER user[:group]`` changes who runs what follows."""

    user: str = word(expand=True)


@instruction("CMD", grammars.json_or_text)
class Cmd(Instruction):
    """``CMD command`` is what a container runs by default; ``args`` as in RUN."""

    args: tuple[str, ...] = word(many=True)
    shell: bool = word()


@instruction("ENTRYPOINT", grammars.json_or_text)
class Entrypoint(Instruction):
    """``ENTRYPOINT command`` is what a container always runs; ``args`` as in RUN."""

    args: tuple[str, ...] = word(many=True)
    shell: bool = word()


@instruction("SHELL", grammars.json_or_text)
class Shell(Instruction):
    """``SHELL ["program", "argument"]`` is put before the commands in shell form."""

    args: tuple[str, ...] = word(many=True)


@instruction("EXPOSE", grammars.spaced)
class Expose(Instruction):
    """``EXPOSE port[/protocol]...`` names ports, sorted; each may expand to several words."""

    ports: tuple[str, ...] = word(many=True)


@instruction("VOLUME", grammars.json_or_spaced)
class Volume(Instruction):
    """``VOLUME path...`` names directories that keep their data outside the image."""

    paths: tuple[str, ...] = word(many=True, expand=True)


@instruction("STOPSIGNAL", grammars.text_only)
class Stopsignal(Instruction):
    """``STOPSIGNAL signal`` is how a container is asked to stop."""

    signal: str = word(expand=True)


@instruction("HEALTHCHECK", grammars.probe)
class Healthcheck(Instruction):
    """``HEALTHCHECK NONE`` or ``HEALTHCHECK [flags] CMD command``; times are nanoseconds."""

    test: tuple[str, ...] = word(many=True)
    interval: int = flag(default=0, read=flag_values.interval)
    timeout: int = flag(default=0, read=flag_values.interval)
    start_period: int = flag(default=0, read=flag_values.interval)
    start_interval: int = flag(default=0, read=flag_values.interval)
    retries: int = flag(default=0, read=flag_values.retries)


@instruction("MAINTAINER", grammars.text_only)
class Maintainer(Instruction):
    """``MAINTAINER name`` tells the author; superseded by labels."""

    name: str = word()


@instruction("ONBUILD", grammars.trigger)
class Onbuild(Instruction):
    """``ONBUILD instruction`` keeps an instruction, heredoc bodies included, for images built upon this."""

    expression: str = word()
