"""The machinery behind the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pyfrontend.span import NOWHERE, SourceFile, Span
from pyfrontend.syntax import grammars
from pyfrontend.syntax.declare import REGISTRY, Instruction, declaration, declare, expand_fields, replace
from pyfrontend.syntax.document import parse_dockerfile
from pyfrontend.syntax.fields import flag, word
from pyfrontend.syntax.instructions import Add, Copy, Env, KeyValue, Run, Workdir
from pyfrontend.syntax.mounts import read_mount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.fields import Fields


def test_all_instructions_are_declared() -> None:
    assert " ".join(sorted(REGISTRY)) == (
        "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL "
        "STOPSIGNAL USER VOLUME WORKDIR"
    )


@pytest.mark.parametrize("written", ["workdir", "WorkDir", "WOR\u212aDIR", "WORKD\u0130R"])
def test_keywords_are_found_in_any_case(written: str) -> None:
    assert declaration(written) is Workdir


@pytest.mark.parametrize("written", ["WORKD\u0131R", "", "WORKDIRS"])
def test_other_words_are_no_keywords(written: str) -> None:
    assert declaration(written) is None


def copy(**fields: object) -> Copy:
    return replace(Copy(sources=("a",), dest="b", heredocs=()), **fields)


def test_fields_that_are_not_given_have_their_defaults() -> None:
    node = copy()
    assert (node.stage, node.link, node.excludes, node.span, node.code) == ("", False, (), NOWHERE, "")


@pytest.mark.parametrize("given", [{"path": "/", "what": 1}, {}, {"pth": "/"}])
def test_fields_are_checked(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Workdir: missing or unknown: "):
        Workdir(**given)


def test_instructions_do_not_change() -> None:
    node = Workdir(path="/")
    with pytest.raises(AttributeError, match=r"Workdir\.path cannot be changed"):
        node.path = "/x"  # type: ignore[misc]  # that is the point
    assert node.path == "/"


def test_instructions_compare_by_content() -> None:
    assert copy() == copy()
    assert copy() != copy(dest="c")
    assert copy() != Add(sources=("a",), dest="b", heredocs=())
    assert len({copy(), copy()}) == 1


def test_repr_shows_what_was_given() -> None:
    assert repr(copy(link=True)) == "Copy(sources=('a',), dest='b', heredocs=(), link=True)"


def test_an_instruction_can_be_moved() -> None:
    node = Workdir(path="/", code="WORKDIR /")
    there = Span(SourceFile("Dockerfile", b""), 3, 4)
    assert node.at(there) == Workdir(path="/", code="WORKDIR /", span=there)


def test_flags_of_a_class_by_name() -> None:
    assert list(Add.plan.flags) == ["chown", "chmod", "link", "keep-git-dir", "checksum", "unpack", "exclude"]
    assert [field.name for field in Run.plan.words if field.many] == ["args", "heredocs"]
    assert [field.name for field in Run.plan.flags.values() if field.many] == ["devices", "mounts"]


def seen_by(node: Instruction) -> list[str]:
    texts: list[str] = []

    def note(text: str) -> str:
        texts.append(text)
        return text

    expand_fields(node, note)
    return texts


def test_flags_are_expanded_before_words() -> None:
    node = Add(sources=("1", "2"), dest="3", heredocs=(), chown="4", chmod="5", checksum="6", excludes=("7",))
    assert seen_by(node) == ["4", "5", "6", "1", "2", "3"]


def test_source_stage_and_patterns_are_not_expanded() -> None:
    assert seen_by(copy(stage="s", excludes=("x",))) == ["", "", "a", "b"]


def test_keys_and_values_are_expanded_in_turn() -> None:
    pairs = (KeyValue("1", "2"), KeyValue("3", "4"))
    node = Env(pairs=pairs, legacy=False)
    assert seen_by(node) == ["1", "2", "3", "4"]
    assert expand_fields(node, lambda text: text + text).pairs == (KeyValue("11", "22"), KeyValue("33", "44"))


def test_what_has_no_variables_comes_back_itself() -> None:
    node = Run(args=("$x",), shell=True, heredocs=(), mounts=(read_mount("mount", "type=$x"),))
    assert expand_fields(node, str.upper) is node


@pytest.fixture
def greet() -> Iterator[type[Instruction]]:
    class Greet(Instruction):
        whom: str = word()
        how: tuple[str, ...] = word(many=True)
        aloud: bool = flag(default=False)
        in_turn: tuple[str, ...] = flag(default=())

    REGISTRY["GREET"] = declare(Greet, "GREET", grammars.word_list)
    yield Greet
    del REGISTRY["GREET"]


def test_a_declared_class_is_all_that_a_new_instruction_needs(greet: type[Instruction]) -> None:
    data = (
        b"FROM a\ngreet --aloud --in-turn=x --in-turn=y you and me\nGREET you\nGREET --alowd you me\nGRET a\n"
    )
    parsed = parse_dockerfile(SourceFile("Dockerfile", data))
    node = parsed.stages[0].instructions[0]
    assert type(node) is greet
    assert {**node.__dict__, "code": "", "span": None} == {
        "whom": "you",
        "how": ("and", "me"),
        "aloud": True,
        "in_turn": ("x", "y"),
        "flags": ("aloud", "in-turn"),
        "written": "greet",
        "comments": (),
        "code": "",
        "extras": None,
        "span": None,
    }
    assert [error.message.partition(": ")[2] for error in parsed.errors] == [
        "GREET requires at least 2 arguments",
        "unknown flag: --alowd (did you mean aloud?)",
        "unknown instruction: GRET (did you mean GREET?)",
    ]


def test_a_subclass_reads_its_words_as_its_base_does(greet: type[Instruction]) -> None:
    class Loud(greet):  # type: ignore[misc, valid-type]  # the class is made by a fixture
        @classmethod
        def read(cls, line: Line) -> Fields:
            fields = super().read(line)
            return {**fields, "whom": str(fields["whom"]).upper()}

    try:
        REGISTRY["SHOUT"] = declare(Loud, "SHOUT", grammars.word_list)
        [stage] = parse_dockerfile(SourceFile("Dockerfile", b"FROM a\nSHOUT --aloud you a\n")).stages
        [node] = stage.instructions
        assert (type(node), node.__dict__["whom"], node.__dict__["aloud"]) == (Loud, "YOU", True)
    finally:
        del REGISTRY["SHOUT"]


@pytest.mark.parametrize("name", ["read", "inputs", "span", "keyword"])
def test_a_field_cannot_take_the_name_of_what_every_instruction_has(name: str) -> None:
    cls = type("Greedy", (Instruction,), {name: word()})
    with pytest.raises(TypeError, match=rf"^Greedy\.{name}: every instruction has something of this name$"):
        declare(cls, "GREEDY", grammars.word_list)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("RNU", "RUN"), ("rnu", "run"), ("Rnu", "run"), ("FR\udcffOM", "from"), ("COP\u00dfY", "COPY")],
)
def test_a_keyword_is_suggested_in_the_case_that_was_typed(written: str, meant: str) -> None:
    data = f"FROM a\n{written} x\n".encode("utf-8", "surrogateescape")
    [error] = parse_dockerfile(SourceFile("Dockerfile", data)).errors
    assert error.message.endswith(f"unknown instruction: {written} (did you mean {meant}?)")
