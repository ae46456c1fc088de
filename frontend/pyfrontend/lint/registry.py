"""Rules and facts: parsing and lowering report facts, and the rules that subscribe to a fact examine it.

A rule is one function with a name, a description and the facts that it subscribes to (`rule`).  Rules of
plugins are not registered; they are part of a request.  The facts are in `pyfrontend.lint.facts`, the
built-in rules in `pyfrontend.lint.rules`, whose modules are loaded only when one of their facts is reported.
"""

from __future__ import annotations

from pyfrontend.errors import WARNING, Diagnostic
from pyfrontend.record import Generic, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import ParamSpec

    from pyfrontend.span import Span

    P = ParamSpec("P")
else:
    P = object


#: Where the page of a rule is found; the name of the rule in kebab case goes in the place.
PAGE = "https://docs.docker.com/go/dockerfile/rule/{}/"
#: Where the modules of built-in rules are.
RULES_PACKAGE = "pyfrontend.lint.rules."

#: How the names of the modules with strict rules begin.
STRICT_PREFIX = "strict."

#: What check options call all strict rules together, as in ``experimental=strict``.
STRICT = "strict"

#: What is said to plugins that declare rules as the built-in ones are declared.
OLD_WAY = (
    "this declares built-in rules. In a plugin write `from pyfrontend.api import rule` (docs/plugins.md)"
)

#: Every built-in rule whose module is loaded, by name.
RULES: dict[str, Rule] = {}


class Finding(NamedTuple):
    """What a rule has to say: its text, and the lines that it is about if they are not those of the fact.

    ``help`` is what the text cannot say because it is that of the reference: checks show it, and no build.
    """

    text: str
    span: Span | None = None
    help: str = ""


class Rule:
    """One rule; ``check`` gets the values of a fact and yields its findings.

    - Without ``check`` it is about no fact, but about what a part of the driver finds out.
    - An ``experimental`` rule runs only where the configuration asks for it (LINT-002).
    - A ``strict`` rule is one of ours that runs only where the configuration asks for it, by its name or by
      `STRICT`; skipping it counts more.
    - An ``advisory`` rule is not one of the reference's, so it never fails a build (LINT-003).
    - ``page`` is the address of the documentation: None for the usual one, an empty text for none.
    """

    __slots__ = ("advisory", "check", "description", "experimental", "name", "page", "severity", "strict")

    def __init__(  # noqa: PLR0913 - what can be said of a rule
        self,
        name: str,
        description: str,
        check: Callable[..., Iterable[Finding]] | None = None,
        *,
        experimental: bool = False,
        strict: bool = False,
        advisory: bool = False,
        severity: str = WARNING,
        page: str | None = None,
    ) -> None:
        """Keep what is known of the rule."""
        self.name = name
        self.description = description
        self.check = check
        self.experimental = experimental
        self.strict = strict
        self.advisory = advisory
        self.severity = severity
        self.page = page

    def found(self, text: str, *spans: Span, help: str = "") -> Diagnostic:  # noqa: A002 - as in Diagnostic
        """Return the finding ``text`` at ``spans``."""
        return Diagnostic(
            self.severity, self.name, text, spans, help, description=self.description, url=self.url
        )

    @property
    def url(self) -> str:
        """Return the address of the rule's page (LINT-008)."""
        if self.strict:
            return ""
        return PAGE.format(kebab(self.name)) if self.page is None else self.page

    def __repr__(self) -> str:
        return f"Rule({self.name})"


def register(rule: Rule) -> Rule:
    """Enter ``rule`` into `RULES`; raises ValueError for a name that another rule has."""
    if RULES.setdefault(rule.name, rule) is not rule:
        raise ValueError(f"there is a rule {rule.name} already")
    return rule


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
        if rule.strict and rule.name not in self.experimental and STRICT not in self.experimental:
            return False
        return not (self.skip_all or rule.name in self.skip)

    def merged(self, other: CheckConfig, *, errors: bool = False) -> CheckConfig:
        """Return this with the rules of ``other`` added; its ``error`` counts with ``errors`` (LINT-004)."""
        return CheckConfig(
            self.skip | other.skip,
            self.skip_all or other.skip_all,
            self.experimental | other.experimental,
            self.experimental_all or other.experimental_all,
            self.error or (errors and other.error),
        )


class Fact(Generic[P]):
    """Something that parsing or lowering may see; its parameters are the values that describe it.

    A fact of a ``node`` has the instruction, or its line, as first value: findings are about its lines, and
    the comments above it can silence them.  Other facts are about the whole file, where comments have no say
    (LINT-005).  ``module`` has the built-in rules that subscribe to it.
    """

    __slots__ = ("is_loaded", "module", "of_node", "rules")

    def __init__(self, module: str = "", *, node: bool = False) -> None:
        """Make a fact that no rule subscribes to yet."""
        self.module = module
        self.rules: list[Rule] = []
        self.of_node = node
        #: Whether the built-in rules are among ``rules``.
        self.is_loaded = not module

    def subscribe(self, rule: Rule) -> None:
        """Let ``rule`` look at this fact from now on."""
        self.rules.append(rule)

    def load(self) -> list[Rule]:
        """Load the built-in rules, and return all that look at this fact."""
        __import__(RULES_PACKAGE + self.module)
        self.is_loaded = True
        return self.rules


def rule(  # noqa: PLR0913 - what can be said of a rule
    name: str,
    description: str,
    *facts: Fact[P],
    experimental: bool = False,
    strict: bool = False,
    advisory: bool = False,
    severity: str = WARNING,
    page: str | None = None,
) -> Callable[[Callable[P, Iterable[Finding]]], Rule]:
    """Make a built-in `Rule` of the function below, which looks at ``facts`` and yields findings.

    Raises ValueError for a name that another rule has.
    """

    def declare(check: Callable[P, Iterable[Finding]]) -> Rule:
        if not check.__module__.startswith("pyfrontend."):
            raise TypeError(f"{check.__name__}: {OLD_WAY}")
        made = register(
            Rule(
                name,
                description,
                check,
                experimental=experimental,
                strict=strict,
                advisory=advisory,
                severity=severity,
                page=page,
            )
        )
        for fact in facts:
            fact.subscribe(made)
        return made

    return declare


def kebab(name: str) -> str:
    """Return ``JSONArgsRecommended`` as ``json-args-recommended``."""
    out: list[str] = []
    for i, letter in enumerate(name):
        follows_small = i > 0 and not name[i - 1].isupper()
        starts_word = i > 0 and i + 1 < len(name) and not name[i + 1].isupper()
        if letter.isupper() and (follows_small or starts_word):
            out.append("-")
        out.append(letter.lower())
    return "".join(out)
