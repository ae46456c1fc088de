"""The linter: facts in, the findings of enabled rules out, and a violation at the end."""

from __future__ import annotations

from pyfrontend.errors import ERROR, DockerfileError
from pyfrontend.lint.registry import STRICT_PREFIX
from pyfrontend.spelling import Speller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, ParamSpec

    from pyfrontend.errors import Diagnostic
    from pyfrontend.lint.registry import CheckConfig, Fact, Finding, Rule
    from pyfrontend.span import SourceFile, Span

    P = ParamSpec("P")


class Linter:
    """Lets rules look at facts, and hands their findings to a sink; the configuration says which rules.

    Without a sink no rule runs, and so the error mode finds nothing (LINT-007).
    """

    __slots__ = (
        "_advised", "_comments", "_fired", "_local", "_sink", "config", "files", "is_strict", "plugged",
        "speller",
    )  # fmt: skip

    def __init__(
        self,
        config: CheckConfig,
        sink: Callable[[Diagnostic], object] | None = None,
        plugged: Mapping[Fact[...], Sequence[Rule]] | None = None,
    ) -> None:
        """Report to ``sink`` what ``config`` lets through; ``plugged`` are rules of plugins by fact."""
        self.config = config
        self.plugged = plugged
        #: Whether a rule looks at what strict rules are about.
        self.is_strict = bool(config.experimental) or any(
            fact.module.startswith(STRICT_PREFIX) for fact in plugged or ()
        )
        #: What applies instead to lines of files other than the main one.
        self.files: dict[SourceFile, CheckConfig] = {}
        #: Suggests names in findings; one for all, so that thousands of them stay cheap.
        self.speller = Speller()
        self._sink = sink
        self._fired: dict[str, None] = {}
        self._advised: set[tuple[str, str, Span | None]] = set()
        self._comments: Sequence[str] = ()
        self._local = config

    def enabled(self, rule: Rule, comments: Sequence[str] = (), place: Span | None = None) -> bool:
        """Tell whether a report of ``rule`` at an instruction with these ``comments`` would be heard.

        ``place`` are the lines of the instruction, None for those of the main file.
        """
        if self._sink is None:
            return False
        config = self._config_at(place)
        if not comments:
            return config.runs(rule)
        if comments is not self._comments:
            # The reports of one instruction follow one another: remembering one set of comments is enough
            # to read each of them once.
            self._local = _with_comments(config, comments)
            self._comments = comments
        return self._local.runs(rule)

    def _config_at(self, place: Span | None) -> CheckConfig:
        return self.files.get(place.file, self.config) if self.files and place else self.config

    def report(self, fact: Fact[P], *values: P.args, **named: P.kwargs) -> None:
        """Let the rules that subscribe to ``fact`` look at its values, and show what they find."""
        if self._sink is None:
            return
        node: Any = values[0] if fact.of_node else None
        comments, lines = (node.comments, node.span) if fact.of_node else ((), None)
        rules: Sequence[Rule] = fact.rules if fact.is_loaded else fact.load()
        if self.plugged is not None:
            rules = (*rules, *self.plugged.get(fact, ()))
        for rule in rules:
            if self.enabled(rule, comments, lines):
                for found in rule.check(*values, **named) if rule.check else ():
                    self._found(rule, found, found.span or lines, comments)

    def _found(self, rule: Rule, found: Finding, place: Span | None, comments: Sequence[str]) -> None:
        """Show a finding, unless it is about a line of another file that does not want it."""
        text = found.text
        if self._sink is None or (self.files and not self.enabled(rule, comments, place)):
            return
        if rule.advisory and self._is_repeated((rule.name, text, place)):
            return
        if not rule.advisory and (self._config_at(place).error or rule.severity == ERROR):
            self._fired[rule.name] = None
        self._sink(rule.found(text, *((place,) if place else ()), help=found.help))

    def _is_repeated(self, finding: tuple[str, str, Span | None]) -> bool:
        """Tell whether an advisory rule has said the same of the same lines; the reference repeats itself."""
        if finding in self._advised:
            return True
        self._advised.add(finding)
        return False

    def error(self) -> DockerfileError | None:
        """Return the error of a build in error mode in which a rule has fired (LINT-003)."""
        if not self._fired:
            return None
        return DockerfileError(
            f"lint violation found for rules: {', '.join(self._fired)}", code="LintViolation"
        )


def _with_comments(config: CheckConfig, comments: Sequence[str]) -> CheckConfig:
    if not any("=" in comment for comment in comments):
        return config
    from pyfrontend.lint.config import config_of_comments

    asked = config_of_comments(comments)
    return config.merged(asked) if asked else config
