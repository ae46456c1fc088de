"""Variables: the global scope with its built-in arguments, what a stage uses, proxy arguments."""

from __future__ import annotations

from pyfrontend.errors import located
from pyfrontend.golang.strconv import parse_bool
from pyfrontend.lint.facts import BELOW, OTHER_STAGE, Declared
from pyfrontend.oci.platforms import format_all, format_platform
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.expand import expand
from pyfrontend.syntax.instructions import Arg, Env

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyfrontend.limits import Meter
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.span import Span
    from pyfrontend.syntax.document import Stage
    from pyfrontend.syntax.instructions import ArgPair

    #: Lines that declare variables in stages, by the name of the variable.
    Declarations = Mapping[str, Iterable[tuple[Stage, Arg | Env]]]

EPOCH = "SOURCE_DATE_EPOCH"
#: Arguments that steer the SBOM scan and never reach a process (ARG-018).
SCAN_CONTEXT = "BUILDKIT_SBOM_SCAN_CONTEXT"
SCAN_STAGE = "BUILDKIT_SBOM_SCAN_STAGE"
NOT_IN_ENVIRONMENT = frozenset((SCAN_CONTEXT, SCAN_STAGE))

#: Build arguments that every RUN gets outside the cache key (RUN-009).
PROXY_ARGS = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")


class ArgInfo(NamedTuple):
    """A declared argument as the outline shows it; ``needs`` are the arguments in its default value."""

    pair: ArgPair
    value: str
    span: Span
    needs: frozenset[str] = frozenset()


class Need(NamedTuple):
    """A secret or an SSH agent that a stage asks for, and where."""

    required: bool
    span: Span


class Globals(NamedTuple):
    """The scope of FROM lines: values by name, and what is known of each declared argument."""

    values: dict[str, str]
    declared: dict[str, ArgInfo]

    def without(self, key: str) -> Globals:
        """Return this scope with ``key`` unset."""
        return Globals({k: v for k, v in self.values.items() if k != key}, self.declared)


def names_in(text: str) -> dict[str, None]:
    """Return the names that follow dollar signs in ``text``, in order."""
    names: dict[str, None] = {}
    for part in text.split("$")[1:]:
        part = part.removeprefix("{")  # noqa: PLW2901 - the rest of it
        size = next(
            (at for at, letter in enumerate(part) if not (letter.isalnum() or letter == "_")), len(part)
        )
        if size:
            names[part[:size]] = None
    return names


def declarations(stages: Iterable[Stage]) -> Declarations:
    """Return the lines of ``stages`` that declare variables, by the name of the variable."""
    found: dict[str, list[tuple[Stage, Arg | Env]]] = {}
    for stage in stages:
        for node in stage.instructions:
            if isinstance(node, (Arg, Env)):
                for pair in node.pairs:
                    found.setdefault(pair.key, []).append((stage, node))
    return found


def declared_elsewhere(
    found: Iterable[tuple[Stage, Arg | Env]], user: Span, stage: Stage | None
) -> Declared | None:
    """Return one of the lines ``found`` that the lines ``user`` of ``stage`` cannot see; None for none.

    An ENV further down may well set the variable anew, and one of a base stage be hidden on purpose, by a
    named context instead of that stage.
    """
    other = None
    for owner, node in found:
        if owner is not stage:
            if isinstance(node, Arg) or not (stage and stage.source.image.lower() == owner.name):
                other = other or Declared(node.keyword, node.span, OTHER_STAGE)
        elif isinstance(node, Arg) and node.span.file is user.file and node.span.start > user.start:
            return Declared(node.keyword, node.span, BELOW)
    return other


class Usage:
    """What one stage declares and uses, for the outline (SUB-003, SUB-004)."""

    __slots__ = ("args", "declared", "secrets", "ssh", "used")

    def __init__(self, declared: Mapping[str, ArgInfo], used: Iterable[str] = ()) -> None:
        """Start with the global arguments ``declared`` and the names ``used`` in FROM."""
        self.declared = declared
        self.args: dict[str, ArgInfo] = {}
        self.used = dict.fromkeys(used)
        self.secrets: dict[str, Need] = {}
        self.ssh: dict[str, Need] = {}

    def argument(self, name: str) -> ArgInfo | None:
        """Return what is known of the argument ``name`` here, None where nothing is."""
        return self.args.get(name) or self.declared.get(name)


def platform_args(
    build: Platform, target: Platform, overrides: Mapping[str, str], stage: str
) -> dict[str, str]:
    """Return the built-in arguments (ARG-012 to ARG-016), build arguments override them."""
    values = {
        "BUILDPLATFORM": format_platform(build),
        "BUILDOS": build.os,
        "BUILDOSVERSION": build.os_version,
        "BUILDARCH": build.architecture,
        "BUILDVARIANT": build.variant,
        "TARGETPLATFORM": format_all(target),
        "TARGETOS": target.os,
        "TARGETOSVERSION": target.os_version,
        "TARGETARCH": target.architecture,
        "TARGETVARIANT": target.variant,
        "TARGETSTAGE": stage or "default",
    }
    return {name: overrides.get(name, value) for name, value in values.items()}


def global_scope(
    builtin: Mapping[str, str],
    meta_args: Iterable[Arg],
    overrides: Mapping[str, str],
    *,
    escape: str,
    meter: Meter,
) -> Globals:
    """Return the scope that the ARGs before the first FROM make (ARG-001 to ARG-003).

    Raises `DockerfileError` at the ARG whose default cannot be expanded.
    """
    scope = Globals(dict(builtin), {})
    for node in meta_args:
        with located(node.span):
            for pair in node.pairs:
                if pair.key in overrides:
                    declared, needs = pair._replace(value=overrides[pair.key]), frozenset[str]()
                else:
                    declared, needs = _expanded(scope, pair, escape, meter)
                _declare(scope, node.span, declared, needs)
    return scope


def _expanded(scope: Globals, pair: ArgPair, escape: str, meter: Meter) -> tuple[ArgPair, frozenset[str]]:
    """Return ``pair`` with the variables in its default replaced, and the arguments that it needs."""
    if pair.value is None:
        return pair, frozenset()
    expanded = expand(pair.value, scope.values, escape=escape, meter=meter)
    needs = frozenset(expanded.used)
    if pair.key in needs:
        earlier = scope.declared.get(pair.key)
        needs = (needs - {pair.key}) | (earlier.needs if earlier else frozenset())
    return pair._replace(value=expanded.text), needs


def _declare(scope: Globals, place: Span, pair: ArgPair, needs: frozenset[str]) -> None:
    if pair.value is not None:
        scope.values.pop(pair.key, None)
        scope.values[pair.key] = pair.value
    scope.declared[pair.key] = ArgInfo(pair, pair.value or "", place, needs)


def proxy_environment(args: Mapping[str, str]) -> dict[str, str]:
    """Return the proxy settings among the build arguments by lower-case name; lower case wins."""
    found: dict[str, str] = {}
    for key in sorted(args):
        if key.lower() in PROXY_ARGS:
            found[key.lower()] = args[key]
    return found


def is_enabled_for(stage: str, value: str) -> bool:
    """Tell whether ``value``, a boolean or a list of stage names, is true for ``stage`` (ATT-011)."""
    try:
        return parse_bool(value)
    except ValueError:
        return f",{stage}," in f",{value},"
