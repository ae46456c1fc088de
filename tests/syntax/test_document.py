"""Whole files into stages, and what is told of mistakes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import Lines, lines
from pyfrontend import limits
from pyfrontend.errors import DockerfileError
from pyfrontend.span import NOWHERE, SourceFile
from pyfrontend.syntax.declare import REGISTRY, Instruction
from pyfrontend.syntax.document import Dockerfile, parse_dockerfile, parse_instruction
from pyfrontend.syntax.heredocs import Heredoc
from pyfrontend.syntax.instructions import (
    Add,
    Arg,
    ArgPair,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    HeredocSource,
    KeyValue,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
)
from pyfrontend.syntax.mounts import Device, read_mount


def parse(data: str | bytes) -> Dockerfile:
    return parse_dockerfile(SourceFile("Dockerfile", data.encode() if isinstance(data, str) else data))


def only(code: str) -> Instruction:
    """The one instruction, without what all instructions have."""
    parsed = parse(f"FROM a\n{code}")
    assert parsed.errors == []
    node = parsed.stages[0].instructions[0]
    common = {"written": "", "code": "", "span": NOWHERE}
    return type(node)(**{**node.__dict__, **common})


SECOND = 1_000_000_000

INSTRUCTIONS = [
    ("ARG a b= c=1", Arg(pairs=(ArgPair("a", None, ""), ArgPair("b", "", ""), ArgPair("c", "1", "")))),
    ("ENV a=1 b='2'", Env(pairs=(KeyValue("a", "1"), KeyValue("b", "'2'")), legacy=False)),
    ("ENV a  b c", Env(pairs=(KeyValue("a", "b c"),), legacy=True)),
    ("LABEL a=", Label(pairs=(KeyValue("a", ""),), legacy=False)),
    ("RUN a  b", Run(args=("a  b",), shell=True, heredocs=())),
    ('RUN ["a"]', Run(args=("a",), shell=False, heredocs=())),
    ("RUN", Run(args=(), shell=True, heredocs=())),
    (
        "RUN --network=none --security=insecure --mount=target=/a --mount=target=/b --device=d c",
        Run(
            args=("c",),
            shell=True,
            heredocs=(),
            network="none",
            security="insecure",
            mounts=(read_mount("mount", "target=/a"), read_mount("mount", "target=/b")),
            devices=(Device("d"),),
            flags=("network", "security", "mount", "device"),
        ),
    ),
    (
        "RUN 3<<-E cat\n\tx\n\tE\n",
        Run(args=("3<<-E cat",), shell=True, heredocs=(Heredoc("E", "\tx\n", strip_tabs=True, fd=3),)),
    ),
    (
        "COPY --from=S --link=FALSE --exclude=a --exclude=b --parents x y /d",
        Copy(
            sources=("x", "y"),
            dest="/d",
            heredocs=(),
            stage="S",
            excludes=("a", "b"),
            parents=True,
            flags=("from", "link", "exclude", "parents"),
        ),
    ),
    (
        "COPY <<a f <<'a' /d\n1\na\n2\na\n",
        Copy(
            sources=("f",),
            dest="/d",
            heredocs=(HeredocSource("a", "2\n", expand=True), HeredocSource("a", "2\n", expand=False)),
        ),
    ),
    (
        "COPY <<-a /d\n\t1\n\ta\n",
        Copy(sources=(), dest="/d", heredocs=(HeredocSource("a", "1\n", expand=True),)),
    ),
    (
        'COPY ["<<a", "<<\'b", "/d"]',
        Copy(sources=("<<'b",), dest="/d", heredocs=(HeredocSource("a", "", expand=True),)),
    ),
    (
        "ADD --keep-git-dir --unpack=false --checksum=c a b",
        Add(
            sources=("a",),
            dest="b",
            heredocs=(),
            keep_git_dir=True,
            unpack=False,
            checksum="c",
            flags=("keep-git-dir", "unpack", "checksum"),
        ),
    ),
    ("ADD a b", Add(sources=("a",), dest="b", heredocs=(), keep_git_dir=None, unpack=None)),
    ("WORKDIR a  b", Workdir(path="a  b")),
    ("USER a:b", User(user="a:b")),
    ("CMD a b", Cmd(args=("a b",), shell=True)),
    ("ENTRYPOINT []", Entrypoint(args=(), shell=False)),
    ('SHELL ["a", "b"]', Shell(args=("a", "b"))),
    ("EXPOSE 9 10 1", Expose(ports=("1", "10", "9"))),
    ('VOLUME [" /a ", "b"]', Volume(paths=("/a", "b"))),
    ("STOPSIGNAL --x 9", Stopsignal(signal="9")),
    ("HEALTHCHECK --what None", Healthcheck(test=("NONE",))),
    ('HEALTHCHECK cmd ["a"]', Healthcheck(test=("CMD", "a"))),
    (
        "HEALTHCHECK --interval=1m --timeout=0 --start-interval= --retries=+03 CMD a b",
        Healthcheck(
            test=("CMD-SHELL", "a b"),
            interval=60 * SECOND,
            retries=3,
            flags=("interval", "timeout", "start-interval", "retries"),
        ),
    ),
    ("MAINTAINER a <b>", Maintainer(name="a <b>")),
    ("ONBUILD  RUN a ", Onbuild(expression="RUN a ")),
    ("ONBUILD\tCOPY <<a <<b /c\n1\na\nb\n", Onbuild(expression="COPY <<a <<b /c\n1\na\nb")),
    ("ONBUILD WHATEVER x", Onbuild(expression="WHATEVER x")),
]


@pytest.mark.parametrize(("code", "expected"), INSTRUCTIONS, ids=[row[0] for row in INSTRUCTIONS])
def test_instruction(code: str, expected: Instruction) -> None:
    assert only(code) == expected


def test_what_all_instructions_have() -> None:
    node = parse("FROM a\n# one\n# two\n  run x \\\n  y \n").stages[0].instructions[0]
    assert (node.keyword, node.written, node.code) == ("RUN", "run", "run x   y")
    assert (lines(node.span), node.comments) == ((4, 5), ("one", "two"))


def test_stages_are_split_at_from() -> None:
    first, second = parse("ARG v\n# app the product\nFROM a AS App\nRUN x\nFROM --platform=p b\n").stages
    assert (first.name, first.index, first.doc, lines(first.span)) == ("app", 0, "the product", (3, 3))
    assert (first.source.stage_name, first.source.as_keyword, first.code) == ("App", "AS", "FROM a AS App")
    assert (second.name, second.index, second.doc, second.instructions) == ("", 1, "", [])
    assert (second.source.image, second.source.platform) == ("b", "p")


@pytest.mark.parametrize(
    ("written", "name"), [("a", "a"), ("A9", "a9"), ("a-._", "a-._"), ("\u212a\u0130", "ki")]
)
def test_stage_name(written: str, name: str) -> None:
    assert parse(f"FROM x as {written}").stages[0].name == name


@pytest.mark.parametrize("name", ["1", "-a", "a/b", "é", "${a}", "_"])
def test_bad_stage_name(name: str) -> None:
    assert "invalid name for build stage" in parse(f"FROM x as {name}").errors[0].message


def test_meta_args_end_at_the_first_stage() -> None:
    parsed = parse("ARG a\n# b it is\nARG b=1\nFROM x\nARG c\n")
    assert [arg.pairs for arg in parsed.meta_args] == [
        (ArgPair("a", None, ""),),
        (ArgPair("b", "1", "it is"),),
    ]
    assert len(parsed.stages[0].instructions) == 1


def messages(parsed: Dockerfile) -> list[tuple[str, list[Lines]]]:
    return [(error.message, list(map(lines, error.spans))) for error in parsed.errors]


def test_an_empty_file_fails_without_a_place() -> None:
    parsed = parse("")
    assert messages(parsed) == [("the Dockerfile cannot be empty", [])]
    assert parsed.malformed


ONE_ARGUMENT = (
    "COPY requires at least two arguments, but only one was provided. Destination could not be determined"
)


def test_errors_in_the_text_come_before_those_in_instructions() -> None:
    parsed = parse("FROM a\nCOPY a\nENV b\n")
    assert messages(parsed) == [
        ("ENV must have two arguments", [(3, 3)]),
        (f"dockerfile parse error on line 2: {ONE_ARGUMENT}", [(2, 2)]),
    ]
    assert parsed.malformed


def test_the_parser_goes_on_after_an_error() -> None:
    parsed = parse("RUN x\nRUN y\nFROM a AS 1\nUSER\nRUN z\n")
    assert [message.removeprefix("dockerfile parse error on ") for message, _ in messages(parsed)] == [
        "no build stage in current context",
        'line 3: invalid name for build stage: "1", name can\'t start with a number or contain symbols',
        "line 4: USER requires exactly one argument",
    ]
    assert [node.code for node in parsed.stages[0].instructions] == ["RUN z"]
    assert not parsed.malformed


def test_lines_hold_what_could_not_become_an_instruction() -> None:
    parsed = parse("FROM a\nMAINTAINER\n")
    assert [line.keyword for line in parsed.lines] == ["FROM", "MAINTAINER"]


def test_trigger_with_a_heredoc() -> None:
    node = parse_instruction("COPY <<a /b\nbody\na")
    assert isinstance(node, Copy)
    assert node.heredocs == (HeredocSource("a", "body\n", expand=True),)


def test_trigger_with_bytes_that_are_no_utf8() -> None:
    assert parse_instruction("RUN \udcff").code == "RUN \udcff"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("RUN a\nRUN b", "onbuild trigger should be a single expression"),
        ("", "file with no instructions"),
        ("FROM a", "*instructions.Stage is not a command type"),
        ("FROBNICATE", "unknown instruction: FROBNICATE"),
        ("ENV a", "ENV must have two arguments"),
        ("USER", "USER requires exactly one argument"),
    ],
)
def test_bad_trigger(text: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse_instruction(text)
    assert (caught.value.message, caught.value.spans) == (message, [])


OTHER_PIECES = (
    *(" ", " ", " --", "=", "\n", "\n", "\\\n", "\\", '"', "'", "[", '["a"]', "<<E", "E\n", "$", "{", "}"),
    *("#", "# escape=`\n", "`", "\t", "\r\n", "a", "1", "é", "AS", "CMD", "NONE", "--mount=", "from=", ","),
)
PIECES = st.sampled_from([*REGISTRY, *OTHER_PIECES])


@given(st.one_of(st.binary(), st.lists(PIECES).map(lambda pieces: "".join(pieces).encode())))
def test_any_text_is_parsed_or_is_an_error_of_ours(data: bytes) -> None:
    parsed = parse(data)
    last = max(data.count(b"\n") + 1, 1)
    assert parsed.stages or parsed.errors
    assert all(place.end <= last for error in parsed.errors for place in error.spans)


def test_only_so_many_errors_of_a_file_say_what_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HINTED_ERRORS", 1)
    parsed = parse_dockerfile(SourceFile("Dockerfile", b"FROM a\nRUNN a\nRUNN a\n"))
    assert [error.message.partition(": unknown ")[2] for error in parsed.errors] == [
        "instruction: RUNN (did you mean RUN?)",
        "instruction: RUNN",
    ]
