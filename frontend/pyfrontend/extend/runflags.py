"""The flags of the extended language, one function each: the value in, the changed line out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.extend import conditions, copyflags, values
from pyfrontend.golang.strings import to_lower

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.extend.draft import Draft, FlagReader


def _if(draft: Draft, value: str | None) -> None:
    """``--if=TERM[,TERM]...``: the line is there if all terms hold."""
    terms = conditions.parse_terms(_given("if", value))
    draft.skipped = not conditions.is_met(terms, draft.scope)


def _no_cache(draft: Draft, value: str | None) -> None:
    """``--no-cache[=true|false]``: the step runs every time."""
    if value is not None and to_lower(value) not in {"true", "false"}:
        raise DockerfileError(
            f"expecting boolean value for flag --no-cache, not: {value}",
            code="InvalidFlagValue",
            flag="no-cache",
            value=value,
        )
    draft.no_cache = value is None or to_lower(value) == "true"


def _report(draft: Draft, value: str | None) -> None:
    """``--report=PATH``: the test call brings the files at this path home."""
    draft.reports.append(draft.scope.expand(_given("report", value), "--report"))


def _requires(draft: Draft, value: str | None) -> None:
    """``--requires=STAGE[,STAGE]...``: the stage is handed out only if the stages named succeed."""
    names = _given("requires", value).split(",")
    if "" in names:
        raise DockerfileError(
            f"--requires={value} names an empty stage; write --requires=STAGE[,STAGE]...",
            code="EmptyStageName",
        )
    draft.requires += [(draft.stage_name(name, "--requires"), name) for name in names]


#: By keyword and flag; `pyfrontend.syntax.extended` knows the same names.
FLAG_READERS: dict[str, dict[str, FlagReader]] = {
    "RUN": {"if": _if, "no-cache": _no_cache, "report": _report, "requires": _requires},
    "COPY": {"if": _if, "if-exists": copyflags.if_exists},
    "ADD": {"if": _if, "if-exists": copyflags.if_exists},
    "ENV": {"if": _if, "file": values.from_file},
    "LABEL": {"if": _if, "file": values.from_file},
}


def _given(name: str, value: str | None) -> str:
    if not value:
        raise DockerfileError(f"missing a value on flag: --{name}", code="MissingFlagValue", flag=name)
    return value
