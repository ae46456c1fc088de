"""``--if=TERM[,TERM]...``: the value of the flag and a static scope in, whether the line takes effect out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.extend.statics import Statics

FLAG = "--if"
#: Values that mean no, in lower case, where a term is a name alone.
FALSE = frozenset(("", "0", "false"))
SYNTAX = "write NAME, !NAME, NAME=a|b or NAME!=a|b, with a comma for AND"


class Term(NamedTuple):
    """One condition: ``name`` is true, or with ``values`` is one of them; ``negated`` turns it round."""

    name: str
    negated: bool = False
    values: tuple[str, ...] | None = None


def parse_terms(text: str) -> list[Term]:
    """Read the value of ``--if``; raises `DockerfileError` if it is not a list of terms.

    terms = term *("," term); term = ["!"] NAME / NAME ("=" / "!=") value *("|" value)
    """
    return [_term(part) for part in text.split(",")]


def is_met(terms: list[Term], scope: Statics) -> bool:
    """Tell whether all ``terms`` hold; raises `DockerfileError` for a name that the scope cannot know."""
    # All are looked up first, so that an error does not depend on the value of another name.
    values = [scope.known(term.name, FLAG).value or "" for term in terms]
    return all(map(_holds, terms, values))


def _term(part: str) -> Term:
    left, equals, right = part.partition("=")
    negated = left.endswith("!") if equals else left.startswith("!")
    name = left.removesuffix("!") if equals else left.removeprefix("!")
    if not (name.isascii() and name.isidentifier()):
        raise DockerfileError("".join(_complaint(part, name)), code="InvalidCondition")
    if not equals:
        return Term(name, negated)
    if right.startswith("="):
        sign = "!=" if negated else "="
        raise DockerfileError(
            f"{FLAG}: {go_quote(part)} has one = too many; write {name}{sign}{right[1:]}",
            code="InvalidCondition",
        )
    if "$" in right:
        raise DockerfileError(
            f"{FLAG}: {go_quote(part)}: a value is literal text, without variables; {SYNTAX}",
            code="InvalidCondition",
        )
    return Term(name, negated, tuple(right.split("|")))


def _complaint(part: str, name: str) -> Iterator[str]:
    """Yield the parts of an error about a term that is none."""
    bare = name.strip(" !")
    if not part.strip():
        yield f"{FLAG} has an empty condition; {SYNTAX}"
    elif name.startswith("$"):
        yield f"{FLAG}: names stand without $; write {name.strip('${}')}"
    elif part != part.strip() or bare != name:
        yield f"{FLAG}: {go_quote(part)} is not a condition: no spaces, and ! once; {SYNTAX}"
    else:
        yield f"{FLAG}: {go_quote(part)} is not a condition; {SYNTAX}"


def _holds(term: Term, value: str) -> bool:
    met = value.lower() not in FALSE if term.values is None else value in term.values
    return met is not term.negated
