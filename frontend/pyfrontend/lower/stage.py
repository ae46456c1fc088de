"""One stage while it is lowered: its filesystem, image config, variables, and the names of its steps."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.lint import facts
from pyfrontend.llb.state import State
from pyfrontend.lower.scope import NOT_IN_ENVIRONMENT, Usage
from pyfrontend.oci.image import COMMENT, History, ImageConfig
from pyfrontend.oci.platforms import Platform, format_all, normalize
from pyfrontend.oci.platforms import parse as parse_platform
from pyfrontend.record import NamedTuple
from pyfrontend.shared import RECENT, SharedDict
from pyfrontend.syntax.expand import ExpandError, expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import ParamSpec

    from pyfrontend.limits import Meter
    from pyfrontend.lint.registry import Fact
    from pyfrontend.lower.lowering import Lowering
    from pyfrontend.lower.ports import NamedContext
    from pyfrontend.lower.reports import Reported
    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Instruction
    from pyfrontend.syntax.document import Stage
    from pyfrontend.syntax.inputs import Input

    P = ParamSpec("P")


class Step(NamedTuple):
    """An instruction with the stages that it takes files from.

    ``sources`` has a stage for each input that comes from one, by `Input.key`.  ``trigger`` is the ONBUILD
    that set it off, whose step stands at the FROM line; None for an instruction of the stage itself.
    """

    node: Instruction
    sources: Mapping[str, StageState]
    trigger: Span | None = None

    @property
    def triggered(self) -> bool:
        """Whether an ONBUILD set it off."""
        return self.trigger is not None


class Progress:
    """How far a stage is: one of these, and it only ever grows (a small class: enum would cost more)."""

    #: Its text is known.
    DECLARED = 0
    #: Its base is settled: looked up, or, of a base stage, its triggers taken over.
    BASED = 1
    #: Others may use its files.
    READY = 2


class StageState:
    """A stage being built, or an image that only a COPY or a mount names (``implicit``).

    ``paths`` are those that others read from this stage's base: a stage on top of another shares the
    set with it, so that a named local context learns all of them (CPY-039).  ``gates`` are the stages that
    this one requires, each with the lines that say so; nothing of them enters it.
    """

    __slots__ = (
        "_arguments",
        "base",
        "base_image",
        "base_name",
        "build_args",
        "code",
        "context_paths",
        "current",
        "declared",
        "gates",
        "ignore_cache",
        "image",
        "last_seen",
        "lowering",
        "name",
        "named_context",
        "needs",
        "paths",
        "platform",
        "progress",
        "reports",
        "scan_args",
        "scan_context",
        "scan_stage",
        "span",
        "state",
        "step_index",
        "step_total",
        "steps",
        "trigger_of",
        "usage",
        "user",
    )

    def __init__(
        self, lowering: Lowering, base_name: str, declared: Stage | None, place: Span | None
    ) -> None:
        """Make a stage that starts from ``base_name``; an implicit one has no declaration."""
        self.lowering = lowering
        self.declared = declared
        self.base_name = base_name
        self.span = place
        self.code = declared.code if declared else ""
        self.name = declared.name if declared else ""
        self.progress = Progress.DECLARED
        self.base: StageState | None = None
        #: Of an image that a trigger names, the stage in which that trigger runs.
        self.trigger_of: StageState | None = None
        #: Of an image that only a flag names, the step of that flag and its stage.
        self.user: tuple[StageState, Instruction] | None = None
        self.named_context: NamedContext | None = None
        self.platform: Platform | None = None
        self.state = State()
        self.image = ImageConfig()
        self.base_image: ImageConfig | None = None
        self.steps: list[Step] = []
        self.needs: dict[StageState, Span | None] = {}
        self.gates: dict[StageState, Span] = {}
        #: Its steps with reports, in the order in which they run.
        self.reports: Sequence[Reported] = ()
        self.build_args: SharedDict[str | None] = SharedDict()
        self.scan_args: dict[str, str] = {}
        self.scan_stage = self.scan_context = False
        self.context_paths: set[str] = set()
        self.paths: set[str] = set()
        self.ignore_cache = False
        self.step_index = self.step_total = 0
        self.current: Step | None = None
        #: The lines of the last instruction of a kind, by keyword, for rules about those that come twice.
        self.last_seen: dict[str, Span] = {}
        #: The last answer of `arguments_text`, and for which environment: thousands of RUNs ask for the same.
        self._arguments: tuple[Mapping[str, str], str] | None = None
        self.usage = Usage({})

    def inherit(self) -> None:
        """Take over what the base stage has by now (STG-009); nothing without a base stage."""
        base = self.base
        if base is None:
            return
        self.state = base.state
        self.platform = base.platform
        self.image = base.image.clone()
        self.image.on_build = ()
        self.base_image = base.base_image
        self.paths = base.paths
        if "WORKDIR" in base.last_seen:  # what is relative to it is so in this stage as well
            self.last_seen["WORKDIR"] = base.last_seen["WORKDIR"]
        self.build_args = base.build_args.clone()
        self._arguments = None
        self.scan_args = dict(base.scan_args)

    @property
    def implicit(self) -> bool:
        """Whether this is an image or a context that only a COPY or a mount names, without steps."""
        return self.declared is None

    @property
    def is_ready(self) -> bool:
        """Whether other stages may use the files of this one."""
        return self.progress == Progress.READY

    @property
    def sources(self) -> Mapping[str, StageState]:
        """The stages that the current step takes files from, by the key of the input (`Input.key`)."""
        return self.current.sources if self.current else {}

    def inputs(self) -> Iterator[Input]:
        """Yield what the steps take files from; once the stage is lowered their variables are expanded."""
        for step in self.steps:
            yield from step.node.inputs()

    def settle_base(self) -> None:
        """Note that the base is known; without steps to come the files are ready too."""
        self.progress = Progress.READY if self.implicit else Progress.BASED

    def require(self, capability: str, feature: str) -> None:
        """Refuse ``feature`` where the daemon lacks the ``capability``, and would drop it without a word.

        Raises `DockerfileError` with the first releases that have it.
        """
        if not self.lowering.caps.supports(capability):
            from pyfrontend.llb.releases import not_supported

            raise DockerfileError(not_supported(feature, capability), code="OldEngine", feature=feature)

    @property
    def place(self) -> Span:
        """Return where ops of the stage come from: an image that only a mount names has no lines."""
        return self.span or self.lowering.request.dockerfile.file.nowhere

    @property
    def os(self) -> str:
        """Return the operating system of the stage's platform."""
        return self.platform.os if self.platform else ""

    def used_paths(self) -> list[str]:
        """Return the paths read from this stage, sorted; none where all of it is needed."""
        return filter_paths(self.paths)

    def commit(self, text: str, *, layer: bool = False, suffix: str = "") -> None:
        """Add ``text`` to the image's history (IMG-011 to IMG-013)."""
        epoch = self.lowering.epoch
        created = "" if epoch is None else epoch.text()
        self.lowering.meter.spend(len(text))
        self.image.add_history(History(created, text + suffix, "", COMMENT, not layer))

    def add_argument(self, key: str, value: str | None) -> None:
        """Remember a declared ARG; its value, if it has one, enters the environment (ARG-010, ARG-018)."""
        self._arguments = None
        self.build_args[key] = value
        if value is None:
            return
        if key in NOT_IN_ENVIRONMENT:
            self.scan_args[key] = value
        else:
            self.state = self.state.with_env(key, value)

    def arguments_text(self, env: Mapping[str, str]) -> str:
        """Return the ARGs with their values in ``env`` as the history has them: ``|2 a=x b=y`` (RUN-028)."""
        if self._arguments is None or self._arguments[0] is not env:
            # A plain dictionary is asked faster, but it takes a copy.
            values = dict(env.items()) if len(self.build_args) > RECENT else env
            found = [f"{key}={values.get(key, value or '')}" for key, value in self.build_args.items()]
            self._arguments = env, " ".join((f"|{len(found)}", *found)) if found else ""
        return self._arguments[1]

    def expand(self, word: str, node: Instruction) -> str:
        """Expand ``word`` in the stage's environment, reporting variables that nobody set (VAR-015)."""
        return self._expand(word, node, self.lowering.escape, skip_quotes=False)

    def expand_body(self, text: str, node: Instruction) -> str:
        """Expand the body of a heredoc: quotes stay, and a backslash is the escape (HDOC-013)."""
        return self._expand(text, node, "\\", skip_quotes=True)

    def _expand(self, text: str, node: Instruction, escape: str, *, skip_quotes: bool) -> str:
        try:
            expanded = expand(
                text, self.state.env, escape=escape, skip_quotes=skip_quotes, meter=self.lowering.meter
            )
        except ExpandError as error:
            self._report_unset(error.unset, node)
            raise
        if expanded.unset:
            self._report_unset(expanded.unset, node)
            if skip_quotes:
                self.report(facts.heredoc_variables_unset, node, expanded.unset, self.build_args)
        return expanded.text

    def _report_unset(self, names: Iterable[str], node: Instruction) -> None:
        """Report the ``names`` that are neither set nor declared (LINT-021)."""
        unknown = [name for name in names if name not in self.build_args and name not in NOT_IN_ENVIRONMENT]
        self.report_out_of_scope(unknown, node, "")
        if unknown:
            suggest = self.lowering.linter.speller.did_you_mean
            self.report(facts.variables_unset, node, unknown, self.state.env, suggest)

    def report_out_of_scope(self, names: Iterable[str], node: Instruction, text: str) -> None:
        """Report those of ``names`` without a value that a line out of sight of ``node`` declares."""
        outer = {}
        for name in names:
            if name in self.build_args or name in self.state.env:
                continue
            declared = self.lowering.out_of_sight(name, node.span, self.declared)
            # A command may set what another stage has as an ENV in ways that its text does not show.
            if declared is not None and not (text and declared.keyword == "ENV"):
                outer[name] = declared
        if outer:
            self.report(facts.argument_out_of_scope, node, outer, text)

    def report(self, fact: Fact[P], *values: P.args, **named: P.kwargs) -> None:
        """Let the rules of the linter look at a fact."""
        self.lowering.linter.report(fact, *values, **named)

    def shown(self, text: str) -> str:
        """Return ``text`` as the progress shows it: keyword in capitals, variables replaced (PROG-006)."""
        return shown_text(text, self.state.env, escape=self.lowering.escape, meter=self.lowering.meter)

    def step_name(self, text: str, platform: Platform | None, *, count: bool = True) -> str:
        """Return ``text`` after the prefix ``[stage i/n]`` (PROG-001 to PROG-005, PROG-015).

        Counts one step further, unless ``count`` is false, which names the same step again.
        """
        return self._prefixed(text, platform, self.state.env, count=count)

    def from_name(self, text: str, platform: Platform | None) -> str:
        """Return the name of the FROM step, whose environment is still empty."""
        return self._prefixed(text, platform, {}, count=True)

    def _prefixed(self, text: str, platform: Platform | None, env: Mapping[str, str], *, count: bool) -> str:
        if self.step_total == 0:
            return text
        self.step_index += count
        parts = []
        if self.lowering.options.multi_platform and platform is not None:
            parts.append(format_all(platform) + _cross_marker(platform, env))
        if self.name:
            parts.append(self.name)
        total = str(self.step_total)
        width = len(total) - (self.step_total == 1000)  # whose logarithm in Go is not quite 3
        parts.append(f"{self.step_index:>{width}}/{total}")
        self.lowering.meter.spend(len(text))
        marker = "ONBUILD " if self.current and self.current.triggered else ""
        return f"[{' '.join(parts)}] {marker}{text}"


def shown_text(  # noqa: PLR0913 - the switches of `expand`
    text: str,
    env: Mapping[str, str],
    *,
    escape: str,
    meter: Meter,
    raw_quotes: bool = False,
    skip_unset: bool = False,
) -> str:
    """Return ``text`` expanded for people, as it is where it cannot be (VAR-022)."""
    try:
        text = expand(
            text, env, escape=escape, raw_quotes=raw_quotes, skip_unset=skip_unset, meter=meter
        ).text
    except DockerfileError:
        pass
    keyword, space, rest = text.partition(" ")
    return keyword.upper() + space + rest


def filter_paths(paths: Iterable[str]) -> list[str]:
    """Return ``paths`` relative to their root and sorted; empty where the root itself is among them."""
    if "/" in paths:
        return []
    return sorted(path.lstrip("/") or "." for path in paths)


def _cross_marker(base: Platform, env: Mapping[str, str]) -> str:
    """Return ``->arch`` where the stage's TARGET* variables name another platform than its own."""
    target = _target_of(env)
    if target is None:
        return ""
    target = normalize(
        target._replace(os=target.os or base.os, architecture=target.architecture or base.architecture)
    )
    if target.os != base.os:
        return "->" + format_all(target)
    if target.architecture != base.architecture:
        return f"->{target.architecture}" + (f"/{target.variant}" if target.variant else "")
    return ""


def _target_of(env: Mapping[str, str]) -> Platform | None:
    """Return the platform that the TARGET* variables spell; the first usable TARGETPLATFORM decides."""
    if "TARGETPLATFORM" in env:
        try:
            return parse_platform(env["TARGETPLATFORM"])
        except ValueError:
            pass
    names: Sequence[str] = ("TARGETOS", "TARGETARCH", "TARGETVARIANT")
    if not any(name in env for name in names):
        return None
    system, architecture, variant = (env.get(name, "") for name in names)
    return Platform(system, architecture, variant)
