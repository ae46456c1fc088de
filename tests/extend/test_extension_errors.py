"""What is wrong with extended lines, and where."""

from __future__ import annotations

import pytest
from extend.sites import error, rewritten

from pyfrontend.errors import DockerfileError

#: name, text, files, file and line of the error, part of its message
ROWS = [
    (
        "misspelt argument",
        "FROM a\nRUN --if=TARGETARHC x\n",
        {},
        "Dockerfile:2",
        "(did you mean TARGETARCH?)",
    ),
    ("argument below", "FROM a\nRUN --if=D x\nARG D\n", {}, "Dockerfile:2", "no ARG D is declared above"),
    ("set by ENV", "FROM a\nENV D=1\nRUN --if=D x\n", {}, "Dockerfile:3", "D is set by ENV in line 2"),
    ("two equal signs", "FROM a\nRUN --if=A==1 x\n", {}, "Dockerfile:2", "write A=1"),
    ("a dollar sign", "FROM a\nRUN --if=$A x\n", {}, "Dockerfile:2", "write A"),
    ("a number as a name", "FROM a\nCOPY --from=${1} /a /b\n", {}, "Dockerfile:2", "1 has no value here"),
    ("a sign as a name", "FROM a\nCOPY --from=$@ /a /b\n", {}, "Dockerfile:2", "@ has no value here"),
    ("a variable as value", "FROM a\nRUN --if=TARGETOS=$A x\n", {}, "Dockerfile:2", "literal text"),
    ("an empty condition", "FROM a\nRUN --if=TARGETOS, x\n", {}, "Dockerfile:2", "empty condition"),
    ("no condition", "FROM a\nRUN --if x\n", {}, "Dockerfile:2", "missing a value on flag: --if"),
    (
        "twice",
        "FROM a\nRUN --if=TARGETOS --if=TARGETOS x\n",
        {},
        "Dockerfile:2",
        "duplicate flag specified: --if",
    ),
    ("the root", "FROM a\nCOPY --if-exists . /x\n", {}, "Dockerfile:2", "always exists"),
    ("a pattern", "FROM a\nCOPY --if-exists * /x\n", {}, "Dockerfile:2", "made of wildcards"),
    ("a download", "FROM a\nADD --if-exists https://a/b /x\n", {}, "Dockerfile:2", "download"),
    ("a repository", "FROM a\nADD --if-exists git@a.b:c/d.git /x\n", {}, "Dockerfile:2", "download"),
    ("a heredoc", "FROM a\nCOPY --if-exists <<E /x\nE\n", {}, "Dockerfile:2", "heredoc"),
    (
        "no file of values",
        "FROM a\nENV --file=v.en\n",
        {"v.env": ""},
        "Dockerfile:2",
        "(did you mean v.env?)",
    ),
    (
        "hidden values",
        "FROM a\nENV --file=hidden/v\n",
        {"hidden/v": "A=1"},
        "Dockerfile:2",
        "excluded by the ignore file",
    ),
    (
        "legacy form",
        "FROM a\nENV --file=v A 1\n",
        {"v": "A=1"},
        "Dockerfile:2",
        "not with the form ENV KEY VALUE",
    ),
    ("spaces around =", "FROM a\nENV --file=v\n", {"v": "A=1\nB = 1\n"}, "v:2", "remove the spaces around ="),
    ("no KEY=VALUE", "FROM a\nENV --file=v\n", {"v": "A=1\nhello\n"}, "v:2", "is not KEY=VALUE"),
    ("a key twice", "FROM a\nENV --file=v\n", {"v": "A=1\nA=2\n"}, "v:2", "set twice, first in line 1"),
    ("open quote", "FROM a\nENV --file=v\n", {"v": 'A="1\n'}, "v:1", 'the closing " is missing'),
    ("a key that is no name", "FROM a\nENV --file=v\n", {"v": "A-B=1\n"}, "v:1", '"A-B" is not a name'),
    ("YAML", "FROM a\nENV --file=v\n", {"v": "a: 1\n"}, "v:1", "is not KEY=VALUE"),
    ("a byte that is no text", "FROM a\nENV --file=v\n", {"v": "A=\0\n"}, "v:1", "which ENV cannot contain"),
    (
        "a file without pairs",
        "FROM a\nENV --file=v\n",
        {"v": "# A=1\n"},
        "Dockerfile:2",
        "contains no KEY=VALUE",
    ),
    (
        "two files of values",
        "FROM a\nENV --file=v --file=v\n",
        {"v": "A=1"},
        "Dockerfile:2",
        "duplicate flag",
    ),
    ("no name of a file", "FROM a\nENV --file\n", {}, "Dockerfile:2", "missing a value on flag: --file"),
    ("a switch", "FROM a\nRUN --no-cache=yes x\n", {}, "Dockerfile:2", "expecting boolean value"),
    ("another switch", "FROM a\nCOPY --if-exists=yes a b\n", {}, "Dockerfile:2", "expecting boolean value"),
    ("an equals sign alone", "FROM a\nRUN --if== x\n", {}, "Dockerfile:2", '"=" is not a condition'),
    ("a mark alone", "FROM a\nRUN --if=! x\n", {}, "Dockerfile:2", '"!" is not a condition'),
    ("two marks", "FROM a\nRUN --if=!TARGETOS=a x\n", {}, "Dockerfile:2", "and ! once"),
    ("an OR of names", "FROM a\nRUN --if=A|B x\n", {}, "Dockerfile:2", '"A|B" is not a condition'),
    ("letters of other scripts", "FROM a\nRUN --if=é x\n", {}, "Dockerfile:2", '"é" is not a condition'),
    ("a flag of INCLUDE", "FROM a\nINCLUDE --if=A x\n", {"x": "RUN y"}, "Dockerfile:2", "remove --if"),
    ("quotes around a path", 'FROM a\nINCLUDE "x"\n', {"x": "RUN y"}, "Dockerfile:2", "write INCLUDE x"),
    ("a comment behind a path", "FROM a\nINCLUDE x # y\n", {}, "Dockerfile:2", "on its own line"),
    ("out of the context", "FROM a\nINCLUDE ../x\n", {}, "Dockerfile:2", "is outside the build context"),
    ("absolute", "FROM a\nINCLUDE /x\n", {}, "Dockerfile:2", "is absolute"),
    ("an address", "FROM a\nINCLUDE https://a/b\n", {}, "Dockerfile:2", "--build-context NAME=URL"),
    ("no path", "FROM a\nINCLUDE\n", {}, "Dockerfile:2", "names no file"),
    ("no such file", "FROM a\nINCLUDE d/xy\n", {"d/xyz": ""}, "Dockerfile:2", "(did you mean d/xyz?)"),
    ("an empty file", "FROM a\nINCLUDE x\n", {"x": " \n"}, "Dockerfile:2", "x is empty"),
    (
        "FROM in a fragment",
        "FROM a\nINCLUDE x\n",
        {"x": "RUN a\nFROM b\n"},
        "x:2",
        "FROM in a file that is included",
    ),
    (
        "a circle",
        "FROM a\nINCLUDE x\n",
        {"x": "INCLUDE y\n", "y": "\nINCLUDE x\n"},
        "y:2",
        "Dockerfile:2 -> x:1 -> y:2",
    ),
    (
        "another escape",
        "FROM a\nINCLUDE x\n",
        {"x": "# escape=`\nRUN a\n"},
        "Dockerfile:2",
        "escape character of x",
    ),
    ("no such stage", "FROM ./x#bild\n", {"x": "FROM a AS build\n"}, "Dockerfile:1", "(did you mean build?)"),
    ("no stage", "FROM ./x\n", {"x": "ARG A\n"}, "Dockerfile:1", "x has no stage"),
    ("no value", "ARG S\nFROM a\nCOPY --from=$S /x /y\n", {}, "Dockerfile:3", "pass --build-arg S=VALUE"),
    ("never declared", "FROM a\nCOPY --from=$S /x /y\n", {}, "Dockerfile:2", "declare it with ARG S above"),
    (
        "--from set by ENV",
        "FROM a\nENV S=b\nCOPY --from=$S /x /y\n",
        {},
        "Dockerfile:3",
        "set by ENV in line 2",
    ),
    (
        "in a trigger",
        "FROM a\nONBUILD RUN --if=A x\n",
        {},
        "Dockerfile:2",
        "ONBUILD cannot hold an extension",
    ),
    (
        "a file in a trigger",
        "FROM a\nONBUILD COPY --from=./x /a /b\n",
        {},
        "Dockerfile:2",
        "ONBUILD cannot hold",
    ),
    ("an empty gate", "FROM a\nRUN --requires=a,, x\n", {}, "Dockerfile:2", "names an empty stage"),
]


@pytest.mark.parametrize(
    ("text", "files", "place", "message"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_an_error_says_what_and_where(text: str, files: dict[str, str], place: str, message: str) -> None:
    lines = rewritten(text, files).lines.lines
    wrong = [line for line in lines if error(line)]
    assert len(wrong) == 1
    assert message in error(wrong[0])
    extras = wrong[0].extras
    assert extras is not None
    assert extras.error is not None
    span = extras.error.spans[0] if extras.error.spans else wrong[0].span
    assert f"{span.file.name}:{span.start}" == place


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({f"f{n}": f"INCLUDE f{n + 1}\n" for n in range(50)}, "more than 16 levels deep"),
        (
            {
                "f0": "".join(f"INCLUDE g{n}\n" for n in range(500)),
                **{f"g{n}": "RUN x\n" for n in range(500)},
            },
            "more than 200 files",
        ),
        ({"f0": "INCLUDE g\n" * 10_000, "g": "RUN x\n"}, "more than 2000 times"),
        ({"f0": "INCLUDE g\n" * 10_000, "g": "#" * 60_000 + "\nRUN x\n"}, "larger than 4194304 bytes"),
    ],
    ids=["depth", "files", "inclusions", "bytes"],
)
def test_files_have_bounds(files: dict[str, str], message: str) -> None:
    lines = rewritten("FROM a\nINCLUDE f0\n", files).lines.lines
    assert any(message in error(line) for line in lines)


def test_a_missing_file_on_the_syntax_line_is_an_error() -> None:
    with pytest.raises(DockerfileError, match="no file"):
        rewritten("FROM a\n", {}, value_files=("v.env",))
