"""What plugins bring together: names that two of them have, and names that are built in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from plugins.houses import FIRST, plugin, refusal

from pyfrontend.driver.contexts.named import SCHEMES
from pyfrontend.driver.subrequests import CLIENT_NAMES, SUBREQUESTS
from pyfrontend.lint.rules import all_rules
from pyfrontend.plugins.declared import declared
from pyfrontend.plugins.gather import gather
from pyfrontend.plugins.reserved import NAMES

if TYPE_CHECKING:
    from types import ModuleType

DECLARATIONS = {
    "the instruction APT": '@macro("APT")\ndef a(): return ""\n',
    "RUN --own": '@extend("RUN").flag("own")\ndef b(rest, value): return rest\n',
    "the rule ACME001": '@rule("ACME001", "x")\ndef c(dockerfile): pass\n',
    "the call own": '@call("own", "x")\ndef d(question): return ""\n',
    "the context own": '@context("own")\ndef e(rest): return rest\n',
    "the policy f": "@policy\ndef f(source): pass\n",
}


@pytest.mark.parametrize("title", DECLARATIONS)
def test_two_plugins_with_one_name_are_refused_and_both_named(title: str) -> None:
    text = DECLARATIONS[title]
    assert refusal(text, "\n" + text) == (
        f"{title} is declared by the plugins house and house1 (/plugins/house.py, line {FIRST};"
        f" /plugins/house1.py, line {FIRST + 1}): rename one of them, or leave it out"
    )


def test_an_instruction_and_a_macro_share_their_names() -> None:
    instruction = '@instruction("APT")\nclass Apt(Instruction):\n    def lower(self, stage): pass\n'
    told = refusal(DECLARATIONS["the instruction APT"], instruction)
    assert told.startswith("the instruction APT is declared by the plugins house and house1 (")


def test_a_plugin_with_one_name_for_two_things_is_refused() -> None:
    text = DECLARATIONS["the rule ACME001"]
    assert refusal(text + text.replace("def c", "def d")).startswith(
        "the rule ACME001 is declared twice in the plugin house ("
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('@macro("RUN")\ndef a(): pass', "the instruction RUN"),
        ('@macro("INCLUDE")\ndef a(): pass', "the instruction INCLUDE"),
        ('@instruction("FROM")\nclass A(Instruction):\n    def lower(self, s): pass', "the instruction FROM"),
        ('@extend("RUN").flag("mount")\ndef a(r, v): pass', "RUN --mount"),
        ('@extend("RUN").flag("if")\ndef a(r, v): pass', "RUN --if"),
        ('@rule("StageNameCasing", "x")\ndef a(d): pass', "the rule StageNameCasing"),
        ('@rule("all", "x")\ndef a(d): pass', "the rule all"),
        ('@call("graph", "x")\ndef a(q): pass', "the call graph"),
        ('@call("plugins", "x")\ndef a(q): pass', "the call plugins"),
        ('@context("git")\ndef a(r): pass', "the context git"),
    ],
)
def test_what_is_built_in_cannot_be_replaced(text: str, title: str) -> None:
    assert refusal(text).startswith(f"the plugin house cannot declare {title}: it is built in")


def test_the_names_that_are_built_in_are_all_there() -> None:
    commands = {"completion", "fix", "help", "llb", "plugins"}
    calls = {one.name for one in SUBREQUESTS} | set(CLIENT_NAMES.values())
    assert {
        "rule": {*all_rules(), "all", "strict"},
        "call": calls | commands,
        "context": set(SCHEMES),
    } == NAMES


def names(*modules: ModuleType) -> list[str]:
    found = gather((module.__name__, declared(module)) for module in modules)
    return [f"{record.part.plugin}: {record.part.name}" for record in found.records]


def test_a_plugin_may_offer_what_another_one_declares() -> None:
    one, other = plugin(DECLARATIONS["the instruction APT"], "one"), plugin("x = 1", "other")
    vars(other)["apt"] = vars(one)["a"]
    assert names(one, other) == ["one: APT"]
    assert names(other) == ["other: APT"]


def test_one_function_may_be_several_things() -> None:
    text = '@extend("COPY").flag("own")\n@extend("RUN").flag("own")\ndef own(rest, value): return rest\n'
    assert names(plugin(text)) == ["house: RUN --own", "house: COPY --own"]


def test_a_name_for_the_same_thing_is_none_of_its_own() -> None:
    assert names(plugin(DECLARATIONS["the policy f"] + "g = f\n")) == ["house: the policy f"]


def test_a_class_that_is_based_on_an_instruction_is_none_itself() -> None:
    text = '@instruction("A")\nclass A(Instruction):\n    def lower(self, s): pass\nclass B(A): pass\n'
    assert names(plugin(text)) == ["house: A"]


def test_values_of_a_module_that_are_no_declarations_are_left_alone() -> None:
    text = """
class Odd:
    __slots__ = ()
    def __call__(self): pass
    def __getattr__(self, name): raise RuntimeError(name)
odd, number, function = Odd(), 1, len
"""
    assert names(plugin(text + DECLARATIONS["the call own"])) == ["house: the call own"]
