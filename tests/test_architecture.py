"""The examples of docs/architecture.md do what the page says."""

from __future__ import annotations

import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import fakes
from pyfrontend.driver import subrequests
from pyfrontend.driver.contexts import named
from pyfrontend.driver.convert import parse
from pyfrontend.driver.diagnostics import help as help_module
from pyfrontend.driver.serve import serve
from pyfrontend.driver.subrequests.document import texts
from pyfrontend.errors import Diagnostic, DockerfileError
from pyfrontend.extend import runflags
from pyfrontend.fix.fixers import FIXERS
from pyfrontend.fix.mend import mend
from pyfrontend.lint import facts, formats, registry
from pyfrontend.lint.checks import check_syntax
from pyfrontend.lint.formats.entries import entries_of
from pyfrontend.lint.formats.report import Report
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.rules import all_rules
from pyfrontend.llb.state import State
from pyfrontend.lower import dispatch
from pyfrontend.lower.ports import LoadedContext
from pyfrontend.lower.stage import StageState
from pyfrontend.span import SourceFile, Span
from pyfrontend.syntax import declare, extended, grammars
from pyfrontend.syntax.document import parse_dockerfile
from pyfrontend.syntax.fields import flag, word

if TYPE_CHECKING:
    from pathlib import Path

FILE = SourceFile("Dockerfile", b"FROM a\nRUN --foo \\\n b\n")


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "architecture.md").read_text()


def example(page: str, mark: str) -> str:
    """Return the example that has ``mark`` in it."""
    [block] = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if mark in block]
    return str(block)


def error() -> DockerfileError:
    found = parse_dockerfile(FILE).error()
    assert found
    return found


def test_an_error_has_the_code_and_the_facts_of_the_example(page: str) -> None:
    values: dict[str, Any] = {"name": "foo", "DockerfileError": DockerfileError}
    with pytest.raises(DockerfileError) as caught:
        exec(example(page, "raise DockerfileError"), values)
    real = error()
    assert (caught.value.code, caught.value.facts.keys()) == (real.code, real.facts.keys())
    assert caught.value.facts["flag"] == real.facts["flag"]


def test_help_is_one_function_and_one_row(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = dict(vars(help_module))
    exec(example(page, "-> Help:"), values)
    monkeypatch.setitem(help_module.HELP, "UnknownFlag", values["_unknown_flag"])
    found = error()
    help_module.explain(found, lambda: SourceFile(".dockerignore", b""))
    assert found.help == "flags of RUN stand before its command, --foo too"
    assert [tuple(span)[1:] for span in found.related] == [(2, 2, 5, 10)]


def test_an_output_format_is_one_module_and_one_row(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("pyfrontend.lint.formats.table")
    vars(module).update(entries_of=entries_of)
    exec("from __future__ import annotations\n" + example(page, "def render("), vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(formats.FORMATS, "table", "table")
    report = Report(FILE, [error().diagnostic()])
    assert formats.render([report], "table") == "Dockerfile\t2\tUnknownFlag\tunknown flag: --foo\n"


def test_an_instruction_is_one_class_and_one_function(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(declare.REGISTRY, "TITLE", declare.Instruction)
    names = {
        **vars(declare),
        "__name__": "pyfrontend.lower.instructions.title",
        "word": word,
        "grammars": grammars,
        "lower": dispatch.lower,
        "StageState": StageState,
    }
    exec(example(page, "class Title"), names)
    lowered = fakes.lower("FROM busybox\nARG of=tea\nTITLE cup of $of\n")
    assert fakes.config(lowered)["Labels"] == {"org.opencontainers.image.title": "cup of tea"}
    assert fakes.history(lowered)[-1] == "TITLE cup of tea"


def test_a_rule_is_one_function(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "RULES", dict(registry.RULES))
    monkeypatch.setattr(facts.stage_read, "rules", list(facts.stage_read.load()))
    exec(
        "from __future__ import annotations\n" + example(page, "LongStageName"),
        {**vars(registry), "facts": facts},
    )
    found: list[Diagnostic] = []
    name = "a-stage-with-a-very-long-name"
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", f"FROM a AS short\nFROM b AS {name}\n".encode()))
    check_syntax(dockerfile, Linter(registry.CheckConfig(), found.append))
    assert [one.short for one in found] == [f"LongStageName: Stage name {name} is long (line 2)"]


def test_a_strict_rule_is_one_function(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    all_rules()  # those that are loaded below would be forgotten with the copy
    monkeypatch.setattr(registry, "RULES", dict(registry.RULES))
    monkeypatch.setattr(facts.run_viewed, "rules", list(facts.run_viewed.load()))
    exec(
        "from __future__ import annotations\n" + example(page, "strict=True"),
        {**vars(registry), "facts": facts},
    )
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", b"FROM a\nRUN true && telnet b\n"))
    for asked, expected in (((), []), (("strict",), ["TelnetUsed"]), (("TelnetUsed",), ["TelnetUsed"])):
        found: list[Diagnostic] = []
        config = registry.CheckConfig(experimental=frozenset(asked))
        check_syntax(dockerfile, Linter(config, found.append))
        assert [one.code for one in found if one.code == "TelnetUsed"] == expected


def test_a_fix_is_one_function_and_one_row(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, Any] = {}
    exec("from __future__ import annotations\n" + example(page, "-> Iterator[Edit]:"), names)
    monkeypatch.setitem(FIXERS, "JSONArgsRecommended", names["_no_shouting"])
    data = b"FROM a\r\n  CMD \\\r\n # keep\r\n RUN FAST\r\n"

    def check(data: bytes) -> list[Diagnostic]:
        span = Span(SourceFile("Dockerfile", data), 2, 4)
        return [Diagnostic("warning", "JSONArgsRecommended", "", [span])]

    assert mend(data, check).data == b"FROM a\r\n  CMD \\\r\n # keep\r\n run fast\r\n"


def test_a_flag_is_one_field(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(declare.REGISTRY, "GREET", declare.Instruction)
    names = {**vars(declare), "word": word, "flag": flag, "grammars": grammars}
    exec('@instruction("GREET", grammars.rest_of_line)\n' + example(page, "class Greet"), names)
    text = b"FROM a\nGREET --loud --to=you --to=me hello there\nGREET hello\nGREET --lod hello\n"
    parsed = parse_dockerfile(SourceFile("Dockerfile", text))
    nodes = parsed.stages[0].instructions
    found = [tuple(getattr(node, name) for name in ("text", "loud", "to")) for node in nodes]
    assert found == [("hello there", True, ("you", "me")), ("hello", False, ())]
    assert [one.message for one in parsed.errors] == [
        "dockerfile parse error on line 4: unknown flag: --lod (did you mean loud?)"
    ]


def test_a_subrequest_is_one_module_and_one_row(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("count")
    vars(module).update(parse=parse, Linter=Linter, CheckConfig=registry.CheckConfig, texts=texts)
    exec("from __future__ import annotations\n" + example(page, "frontend.count"), vars(module))
    monkeypatch.setitem(sys.modules, "pyfrontend.driver.subrequests.count", module)
    row = subrequests.Subrequest("count", "1.0.0", "count", "Count the stages")
    monkeypatch.setattr(subrequests, "SUBREQUESTS", (*subrequests.SUBREQUESTS, row))
    bridge = fakes.FakeBridge("FROM a\nFROM b\n")
    result = serve(bridge, bridge.request(requestid="frontend.count"))
    assert result.metadata["result.txt"] == b"2 stages\n"


def test_a_kind_of_context_is_one_function_and_one_row(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, Any] = {"LoadedContext": LoadedContext, "State": State}
    exec("from __future__ import annotations\n" + example(page, "def _empty"), names)
    monkeypatch.setitem(named.SCHEMES, "empty", names["_empty"])
    bridge = fakes.FakeBridge("FROM base\nCOPY x /y\n")
    assert serve(bridge, bridge.request(**{"context:base": "empty:"})).ref is not None
    assert bridge.lookups == []


def test_a_flag_of_the_extended_language_is_one_name_and_one_function(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: dict[str, Any] = {}
    exec("from __future__ import annotations\n" + example(page, "def _quiet"), names)
    monkeypatch.setitem(extended.FLAGS, "RUN", extended.FLAGS["RUN"] | {"quiet"})
    monkeypatch.setitem(runflags.FLAG_READERS["RUN"], "quiet", names["_quiet"])
    bridge = fakes.FakeBridge("FROM a\nRUN --quiet --network=none make all\n")
    plain = serve(bridge, bridge.request(requestid="frontend.plain"))
    assert plain.metadata["result.txt"] == b"FROM a\nRUN --network=none make all >/dev/null\n"
