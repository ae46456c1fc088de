"""Rules about variables: undefined ones, secrets in them, and the legacy syntax."""

from __future__ import annotations

from pyfrontend.golang.quote import go_quote
from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyfrontend.lint.facts import Suggest
    from pyfrontend.syntax.declare import Instruction
    from pyfrontend.syntax.instructions import Env, Label

#: Words that make a name look like it holds a secret, and words that speak against it (LINT-026).
SECRET_WORDS = frozenset(
    ("apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token")
)
HARMLESS_WORDS = frozenset(("public", "file", "version"))


@rule("UndefinedVar", "Variables should be defined before their use", facts.variables_unset)
def undefined_var(
    node: Instruction, names: Iterable[str], known: Iterable[str], suggest: Suggest
) -> Iterator[Finding]:
    """LINT-021; the suggestion carries the dollar sign too, which changes no distance."""
    for name in names:
        hint = suggest(f"${name}", (f"${other}" for other in known))
        yield Finding(f"Usage of undefined variable '${name}'{hint}", None, _guarded(node, name))


def _guarded(node: Instruction, name: str) -> str:
    """Return the help for a variable that has a default or the like where it is used."""
    if all(f"${{{name}{mark}" not in node.code for mark in (":-", "-", ":+", "+")):
        return ""
    return f"the default applies; ARG {name} above declares it, if a build may set it"


@rule(
    "ArgOutOfScope",
    "A variable should be declared in the stage that uses it, above its use",
    facts.argument_out_of_scope,
    advisory=True,
    page="",
)
def arg_out_of_scope(
    _node: Instruction, declared: Mapping[str, facts.Declared], text: str
) -> Iterator[Finding]:
    """Report variables that are declared where the instruction cannot see it.

    A command that names one in another way than with a dollar sign may set it itself.
    """
    named = _named_by_dollar_alone(text) if text else declared
    for name, where in declared.items():
        if name in named:
            hint = SCOPES[where.place].format(where.keyword, name, where.span.start)
            yield Finding(f"{name} is empty here: {hint}")


#: Places of a declaration, to what is said of it.
SCOPES = {
    facts.ABOVE_FROM: "{} {} is above the first FROM (line {}); repeat it in this stage",
    facts.BELOW: "{} {} comes later (line {}); move it above this line",
    facts.OTHER_STAGE: "{} {} is in another stage (line {}); repeat it in this one",
}


def _named_by_dollar_alone(text: str) -> set[str]:
    """Return the words of ``text`` that never stand there without a dollar sign that replaces them."""
    import re  # not at the top: a plain build needs neither
    from collections import Counter

    uses = Counter(found[1] or found[2] for found in re.finditer(r"(?<![\\$])\$(?:(\w+)|\{(\w+)\})", text))
    words = Counter(re.findall(r"\w+", text))
    return {name for name, count in uses.items() if count == words[name]}


@rule(
    "SecretsUsedInArgOrEnv",
    "Sensitive data should not be used in the ARG or ENV commands",
    facts.variable_set,
)
def secrets_used_in_arg_or_env(node: Instruction, name: str) -> Iterator[Finding]:
    """LINT-026."""
    if is_secret_name(name):
        yield Finding(
            f"Do not use ARG or ENV instructions for sensitive data ({node.keyword} {go_quote(name)})"
        )


def is_secret_name(name: str) -> bool:
    """Tell whether the words of ``name``, joined by underscores, speak of a secret."""
    # The reference compares as a case-insensitive pattern does, which folds the long s as well.
    words = name.lower().replace("\u017f", "s").split("_")
    return not SECRET_WORDS.isdisjoint(words) and HARMLESS_WORDS.isdisjoint(words)


@rule(
    "LegacyKeyValueFormat",
    "Legacy key/value format with whitespace separator should not be used",
    facts.old_form_used,
)
def legacy_key_value_format(node: Instruction) -> Iterator[Finding]:
    """LINT-023."""
    keyword = node.written
    yield Finding(f'"{keyword} key=value" should be used instead of legacy "{keyword} key value" format')


@rule(
    "SpacesAroundEquals",
    "There should be no spaces around the equals sign of ENV and LABEL",
    facts.old_form_used,
    advisory=True,
    page="",
)
def spaces_around_equals(node: Env | Label) -> Iterator[Finding]:
    """Report a value in the old form that begins with an equals sign: it was meant as the new form."""
    key, value = node.pairs[0]
    if value[:1] == "=":
        right = f"{node.keyword} {key}={value[1:].strip()}"
        yield Finding(f"the value of {key} is {go_quote(value)}: remove the spaces around =, as in {right}")
