"""The linter: facts go in, the findings of the rules that are on come out, and a violation at the end."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.spelling import Speller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, ParamSpec

    from pyfrontend.errors import Diagnostic
    from pyfrontend.lint.registry import CheckConfig, Fact, Rule

    P = ParamSpec("P")


class Linter:
    """Lets rules look at facts, and hands their findings to a sink; the configuration says which rules.

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
            self._local = self._with_comments(comments)
            self._comments = comments
        return self._local.runs(rule)

    def _with_comments(self, comments: Sequence[str]) -> CheckConfig:
        if not any("=" in comment for comment in comments):
            return self.config
        from pyfrontend.lint.config import config_of_comments

        asked = config_of_comments(comments)
        return self.config.merged(asked) if asked else self.config

    def report(self, fact: Fact[P], *values: P.args, **named: P.kwargs) -> None:
        """Let the rules that subscribe to ``fact`` look at its values, and show what they find."""
        if self._sink is None:
            return
        node: Any = values[0] if fact.of_node else None
        comments = node.comments if fact.of_node else ()
        for rule in fact.rules if fact.is_loaded else fact.load():
            if self.enabled(rule, comments):
                for text, span in rule.check(*values, **named) if rule.check else ():
                    place = node.span if span is None and fact.of_node else span
                    if not rule.advisory:
                        self._fired[rule.name] = None
                    self._sink(rule.found(text, *((place,) if place else ())))

    def error(self) -> DockerfileError | None:
        """Return the error of a build in error mode in which a rule has fired (LINT-003)."""
        if not (self.config.error and self._fired):
            return None
        return DockerfileError(
            f"lint violation found for rules: {', '.join(self._fired)}", code="LintViolation"
        )
