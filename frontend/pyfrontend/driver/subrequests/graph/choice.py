"""The options of a drawing: the words after ``graph`` in ``--call=graph+all+legend`` in, a `Choice` out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: How much is drawn, from little to much; each word says what it shows.
OVERVIEW, STAGES, STEPS, FULL = "overview", "stages", "steps", "full"
DETAILS = {
    OVERVIEW: "stages without steps, similar ones as one",
    STAGES: "every stage, without steps",
    STEPS: "steps, long ones cut",
    FULL: "all instructions, uncut",
}
ALL, LEGEND = "all", "legend"
WORDS = {
    **DETAILS,
    ALL: "with --target: also the stages that it does not need",
    LEGEND: "explain the signs and colors",
}
#: Stands before each word; buildx takes commas for itself.
PLUS = "+"


class Choice(NamedTuple):
    """``detail`` is one of `DETAILS`, or empty for what suits the number of stages."""

    detail: str = ""
    only_needed: bool = False
    has_legend: bool = False


def read_choice(words: Sequence[str], *, is_target_given: bool) -> Choice:
    """Return what ``words`` choose; raises `DockerfileError` for an unknown word or two details."""
    for word in words:
        if word not in WORDS:
            hint = did_you_mean(word, WORDS)
            raise DockerfileError(
                f"unknown graph option {go_quote(word)}{hint}; the options are {', '.join(WORDS)}",
                code="InvalidGraphOption",
            )
    details = dict.fromkeys(word for word in words if word in DETAILS)
    if len(details) > 1:
        raise DockerfileError(
            f"choose one of {' and '.join(details)}: a graph has one level of detail",
            code="InvalidGraphOption",
        )
    return Choice(next(iter(details), ""), is_target_given and ALL not in words, LEGEND in words)
