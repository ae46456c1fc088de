"""The linter: check options in, findings out to a sink, and the violation error at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strconv import parse_bool
from pyfrontend.golang.strings import trim_space
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import Speller

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyfrontend.errors import Diagnostic
    from pyfrontend.lint.rules import Rule
    from pyfrontend.span import Span

#: Options beyond this many stay, unread, in the last one (LINT-001).
MAX_OPTIONS = 3
#: What the check directive's own grammar takes for blanks.
_BLANKS = " \t\n\f\r"


class CheckConfig(NamedTuple):
    """Which rules run, and whether a finding fails the build."""

    skip: frozenset[str] = frozenset()
    skip_all: bool = False
    experimental: frozenset[str] = frozenset()
    experimental_all: bool = False
    error: bool = False

    def runs(self, rule: Rule) -> bool:
        """Tell whether ``rule`` is on; skipping has no say over experimental rules (LINT-002)."""
        if rule.experimental:
            return self.experimental_all or rule.name in self.experimental
        return not (self.skip_all or rule.name in self.skip)

    def merged(self, other: CheckConfig) -> CheckConfig:
        """Return this with the rules of ``other`` added; its ``error`` has no say (LINT-004)."""
        return CheckConfig(
            self.skip | other.skip,
            self.skip_all or other.skip_all,
            self.experimental | other.experimental,
            self.experimental_all or other.experimental_all,
            self.error,
        )


def parse_check_config(text: str, *, source: str = "check options") -> CheckConfig:
    """Read ``options = option *2(";" option)``, ``option = ("skip" | "experimental" | "error") "=" value``.

    ``source`` names in the error where the text came from. A key given twice counts with its last list.
    Raises DockerfileError for an unknown key or a bad boolean (LINT-001, SARG-005).
    """
    try:
        return _read_options(trim_space(text))
    except ValueError as error:
        message = f"failed to parse {source}: {error}"
        raise DockerfileError(message, code="InvalidCheckOption") from None


def _read_options(text: str) -> CheckConfig:
    config = CheckConfig()
    for option in text.split(";", MAX_OPTIONS - 1) if text else ():
        key, equals, value = option.partition("=")
        if not equals:
            message = f"invalid check option {go_quote(option)}"
            raise ValueError(message)
        config = _with_option(config, option, trim_space(key), trim_space(value))
    return config


def _with_option(config: CheckConfig, option: str, key: str, value: str) -> CheckConfig:
    names = frozenset(map(trim_space, value.split(",")))
    match key:
        case "skip":
            return config._replace(skip_all=True) if value == "all" else config._replace(skip=names)
        case "experimental":
            if value == "all":
                return config._replace(experimental_all=True)
            return config._replace(experimental=names)
        case "error":
            return config._replace(error=_read_error_option(option, value))
        case _:
            message = f"invalid check option {go_quote(key)}"
            raise ValueError(message)


def _read_error_option(option: str, value: str) -> bool:
    try:
        return parse_bool(value)
    except ValueError as error:
        message = f"failed to parse check option {go_quote(option)}: {error}"
        raise ValueError(message) from None


def config_of_comments(comments: Sequence[str]) -> CheckConfig | None:
    """Return what the first ``check=`` comment of an instruction asks for (LINT-004).

    ``comments`` are the lines above the instruction, without ``#``. None when no line is such a comment,
    or when its options cannot be read: there a mistake is no error.
    """
    for comment in comments:
        name, _, value = comment.partition("=")
        if name.strip(_BLANKS).lower() == "check" and name.isascii() and value:
            try:
                return _read_options(trim_space(value.strip(_BLANKS).partition(" ")[0]))
            except ValueError:
                return None
    return None


class Linter:
    """Filters the reports of rules by configuration and hands what remains to a sink.

    Without a sink no rule runs, and so the error mode finds nothing (LINT-007).
    """

    __slots__ = ("_comments", "_fired", "_local", "_sink", "config", "speller")

    def __init__(self, config: CheckConfig, sink: Callable[[Diagnostic], object] | None = None) -> None:
        """Report to ``sink`` what ``config`` lets through."""
        self.config = config
        #: Suggests names in findings; one for all, so that thousands of them stay cheap.
        self.speller = Speller()
        self._sink = sink
        self._fired: dict[str, None] = {}
        self._comments: Sequence[str] = ()
        self._local = config

    def enabled(self, rule: Rule, comments: Sequence[str] = ()) -> bool:
        """Tell whether a report of ``rule`` at an instruction with these ``comments`` would be heard."""
        if self._sink is None:
            return False
        if not comments:
            return self.config.runs(rule)
        if comments is not self._comments:
            # The reports of one instruction follow one another: remembering one set of comments is enough
            # to read each of them once.
            asked = config_of_comments(comments)
            self._local = self.config.merged(asked) if asked else self.config
            self._comments = comments
        return self._local.runs(rule)

    def warn(self, rule: Rule, text: str, *spans: Span, comments: Sequence[str] = ()) -> None:
        """Report ``text`` for ``rule`` at ``spans``, unless the configuration silences it.

        ``comments`` are those of the instruction; rules about the whole file pass none (LINT-005).
        """
        if self.enabled(rule, comments) and self._sink is not None:
            self._fired[rule.name] = None
            self._sink(rule.found(text, *spans))

    def error(self) -> DockerfileError | None:
        """Return the error of a build in error mode in which a rule has fired (LINT-003)."""
        if not (self.config.error and self._fired):
            return None
        return DockerfileError(
            f"lint violation found for rules: {', '.join(self._fired)}", code="LintViolation"
        )
