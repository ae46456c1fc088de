"""A Dockerfile as strict rules see it: stages that know their bases, scripts split into commands."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.limits import RULE_STEPS, RULE_VARIABLES, Meter
from pyfrontend.lint.strict.scripts import commands_of_run
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.expand import expand
from pyfrontend.syntax.inputs import CONTEXT, STAGE
from pyfrontend.syntax.instructions import Add, Arg, Cmd, Copy, Entrypoint, Env, Run, Shell, User, Workdir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyfrontend.lint.strict.shell import Command
    from pyfrontend.syntax.declare import Instruction
    from pyfrontend.syntax.document import Dockerfile, Stage

SCRATCH = "scratch"


class Step(NamedTuple):
    """An instruction in its stage: ``number`` counts from 0.

    ``commands`` are those of a RUN.  ``text`` is the destination of COPY or ADD, or the user of USER, with
    variables replaced; None where one has no value.  ``shell`` is None for the default, ``workdir`` is empty
    where it is that of the base image.
    """

    node: Instruction
    stage: StageView
    number: int
    shell: tuple[str, ...] | None
    workdir: str
    text: str | None = None
    commands: Sequence[Command] = ()

    @property
    def above(self) -> Step | None:
        """The step right above this one."""
        return self.stage.steps[self.number - 1] if self.number else None

    @property
    def earlier(self) -> Sequence[Step]:
        """The steps above this one, as many as are looked at."""
        return self.stage.steps[max(self.number - RULE_STEPS, 0) : self.number]

    @property
    def later(self) -> Sequence[Step]:
        """The steps below this one, as many as are looked at."""
        return self.stage.steps[self.number + 1 : self.number + 1 + RULE_STEPS]


class StageView:
    """A stage: ``base`` is the stage that it starts from, ``image`` the name of an image, expanded.

    Both are None for scratch, and ``image`` where a variable in it has no value.  ``is_used`` says that
    another stage starts from it, takes files from it or requires it, or that tests report from it;
    ``is_final`` that its layers are those of the last stage.  ``env`` are its variables.
    """

    def __init__(self, stage: Stage, image: str | None, base: StageView | None) -> None:
        """Begin a stage without steps."""
        self.stage = stage
        self.image = image
        self.base = base
        self.steps: list[Step] = []
        #: Images that flags of its instructions name, with the instructions.
        self.images: list[tuple[Instruction, str]] = []
        #: RUNs that need no files, with those of an earlier stage from the same base that are the same.
        self.repeats: list[tuple[Instruction, Instruction]] = []
        self.env: dict[str, str] = {}
        self.is_used = self.is_final = self.is_last = False
        #: CMD or ENTRYPOINT is set, here or in a stage that it is based on; for those that the last stage is
        #: based on it says so of that one.
        self.has_command: bool = base is not None and base.has_command

    def chain(self) -> Iterator[StageView]:
        """Yield this stage, and those that it is based on."""
        stage: StageView | None = self
        while stage is not None:
            yield stage
            stage = stage.base

    def of(self, *classes: type[Instruction]) -> Iterator[Step]:
        """Yield the steps of ``classes``."""
        return (step for step in self.steps if isinstance(step.node, classes))


def stages_of(dockerfile: Dockerfile) -> list[StageView]:
    """Return the stages of a file without errors."""
    return _Viewer(dockerfile).views


class _Viewer:
    """The walk over a file; the expansion of its variables is limited as in a build."""

    def __init__(self, dockerfile: Dockerfile) -> None:
        self.is_posix = dockerfile.escape == "\\"  # with another one, scripts are those of Windows
        self.meter = Meter()
        self.views: list[StageView] = []
        self.names: dict[str, StageView] = {}
        self.runs: dict[object, tuple[StageView, Run]] = {}
        self.arguments: dict[str, str] = {}
        for arg in dockerfile.meta_args:
            self._set_arguments(arg, self.arguments)
        for stage in dockerfile.stages:
            self._add(stage)
        for stage in dockerfile.stages:
            for gate in stage.gates:
                self._use_name(gate.name)
        for view in self.views[-1:]:
            view.is_last = True
            for one in view.chain():
                one.is_final, one.has_command = True, view.has_command

    def _add(self, stage: Stage) -> None:
        name = stage.source.image.lower()
        known = name == SCRATCH or name in self.names
        image = None if known else self._expanded(stage.source.image, self.arguments)
        image = None if image == SCRATCH else image
        view = StageView(stage, image, self.names.get(name))
        view.is_used = any(node.extras and node.extras.reports for node in stage.instructions)
        if view.base:
            view.base.is_used = True
        self._walk(view)
        for node in stage.instructions:
            for one in node.inputs():
                if one.kind == STAGE:
                    self._use(view, node, one.name)
        self.views.append(view)
        if stage.name:
            self.names[stage.name] = view

    def _use(self, view: StageView, node: Instruction, name: str) -> None:
        """Note that ``node`` takes files from ``name``: a stage by name or number, or an image."""
        if not self._use_name(name) and not name.isdecimal() and "$" not in name:
            view.images.append((node, name))

    def _use_name(self, name: str) -> bool:
        """Note that something uses the stage of this name or number; tell whether there is one."""
        source = self.names.get(name.lower())
        if source is None and name.isdecimal():
            source = self.views[int(name)] if len(name) < 6 and int(name) < len(self.views) else None
        if source:
            source.is_used = True
        return source is not None

    def _walk(self, view: StageView) -> None:
        """Add the steps of a stage, each with what is set at its position."""
        base = view.base.steps[-1] if view.base and view.base.steps else None
        shell, workdir = (base.shell, base.workdir) if base else (None, "")
        if view.base and len(view.base.env) <= RULE_VARIABLES:
            view.env |= view.base.env
        copies = False
        for number, node in enumerate(view.stage.instructions):
            if isinstance(node, Shell):
                shell = node.args
            elif isinstance(node, Workdir):
                workdir = _joined(workdir, self._expanded(node.path, view.env) or node.path)
            commands = commands_of_run(node, shell) if self.is_posix and isinstance(node, Run) else ()
            copies = copies or isinstance(node, Copy | Add)
            if isinstance(node, Run) and not copies and not node.mounts:
                self._find_twin(view, node)
            self._set(view, node)
            view.steps.append(Step(node, view, number, shell, workdir, self._text(node, view.env), commands))

    def _set(self, view: StageView, node: Instruction) -> None:
        """Change what is known of a stage as ``node`` does."""
        if isinstance(node, Arg):
            self._set_arguments(node, view.env)
        elif isinstance(node, Env):
            self._set_variables(node, view.env)
        elif isinstance(node, Cmd | Entrypoint):
            view.has_command = True

    def _text(self, node: Instruction, env: Mapping[str, str]) -> str | None:
        if isinstance(node, Copy | Add):
            return self._expanded(node.dest, env)
        return self._expanded(node.user, env) if isinstance(node, User) else None

    def _find_twin(self, view: StageView, node: Run) -> None:
        if not (view.image or view.base):
            return
        key = (view.image, view.base, node.code, node.heredocs)
        first, twin = self.runs.setdefault(key, (view, node))
        if first is not view:
            view.repeats.append((node, twin))

    def _set_arguments(self, arg: Arg, env: dict[str, str]) -> None:
        for pair in arg.pairs:
            default = pair.value
            value = self.arguments.get(pair.key) if default is None else self._expanded(default, env)
            if value is not None:
                env[pair.key] = value

    def _set_variables(self, node: Env, env: dict[str, str]) -> None:
        values = {pair.key: self._expanded(pair.value, env) for pair in node.pairs}
        env |= {key: value for key, value in values.items() if value is not None}

    def _expanded(self, text: str, env: Mapping[str, str]) -> str | None:
        """Return ``text`` with variables replaced and quotes removed; None where that is not known."""
        try:
            found = expand(text, env, meter=self.meter)
        except DockerfileError:
            return None
        return None if found.unset else found.text


def _joined(folder: str, path: str) -> str:
    return path if path.startswith("/") or not folder else f"{folder.rstrip('/')}/{path}"


def context_paths(node: Instruction) -> Sequence[str]:
    """Return the paths that COPY or ADD takes from the build context."""
    if not isinstance(node, Copy | Add):
        return ()
    return [path for one in node.inputs() if one.kind == CONTEXT for path in one.paths]


def user_of(view: StageView) -> Step | None:
    """Return the USER that counts at the end of a stage, of it or of one that it is based on."""
    for stage in view.chain():
        users = list(stage.of(User))
        if users:
            return users[-1]
    return None
