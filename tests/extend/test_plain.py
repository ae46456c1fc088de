"""Extended files and the plain ones that they stand for."""

from __future__ import annotations

import pytest
from extend.sites import plain

#: name, extended file, files of the context, plain file
ROWS = [
    ("a true condition leaves the line", "FROM a\nRUN --if=TARGETARCH x\n", {}, "FROM a\nRUN x\n"),
    ("a false condition leaves nothing", "FROM a\nRUN --if=!TARGETARCH x\nRUN y\n", {}, "FROM a\nRUN y\n"),
    ("one of several values", "FROM a\nRUN --if=TARGETARCH=arm64|amd64 x\n", {}, "FROM a\nRUN x\n"),
    ("none of several values", "FROM a\nRUN --if=TARGETARCH!=arm64|amd64 x\n", {}, "FROM a\n"),
    ("a comma is AND", "FROM a\nENV --if=TARGETARCH,!TARGETOS A=1\n", {}, "FROM a\n"),
    (
        "zero is false",
        "ARG D=0\nFROM a\nLABEL --if=D A=1\nLABEL --if=!D B=1\n",
        {},
        "ARG D=0\nFROM a\nLABEL B=1\n",
    ),
    (
        "false is false in any case",
        "FROM a\nARG D=False\nCOPY --if=D a b\nADD --if=!D a b\n",
        {},
        "FROM a\nARG D=False\nADD a b\n",
    ),
    (
        "an argument of a base stage counts",
        "FROM a AS x\nARG D=1\nFROM x\nRUN --if=D y\n",
        {},
        "FROM a AS x\nARG D=1\nFROM x\nRUN y\n",
    ),
    (
        "comments above a line that is gone go with it",
        "FROM a\n# gone\nRUN --if=!TARGETOS x\n",
        {},
        "FROM a\n",
    ),
    (
        "flags that are not ours stay as they are written",
        "FROM a\nRUN --network='none' --if=TARGETOS --mount=type=cache,target=/x y\n",
        {},
        "FROM a\nRUN --network='none' --mount=type=cache,target=/x y\n",
    ),
    (
        "a source that may be missing is a pattern",
        "FROM a\nCOPY --if-exists a.txt dir/b ./c .env* /d/e /x/\n",
        {},
        "FROM a\nCOPY a.tx[t] di[r]/b ./[c] .en[v]* /[d]/e /x/\n",
    ),
    (
        "sources in quotes that may be missing",
        'FROM a\nCOPY --if-exists "a.txt" \'b\' "d/e" /x/\n',
        {},
        'FROM a\nCOPY "a.tx[t]" \'[b]\' "[d]/e" /x/\n',
    ),
    (
        "names and values in other scripts",
        "ARG S=漢\nFROM a\nENV --if=S=漢 é=1\nENV --file=é.env\nCOPY --from=./é#y é /x\n",
        {"é.env": "K=é", "é": "FROM b AS y\n"},
        'ARG S=漢\nFROM b AS f---y\nFROM a\nENV é=1\nENV K="é"\nCOPY --from=f---y é /x\n',
    ),
    (
        "a value in another script names a stage",
        "ARG S=漢\nFROM a\nCOPY --from=$S é /x\n",
        {},
        "ARG S=漢\nFROM a\nCOPY --from=漢 é /x\n",
    ),
    (
        "a file of values of a line that is not there may be missing",
        "FROM a\nENV --file=no --if=!TARGETOS\nLABEL --if=!TARGETOS --file=no A=1\n",
        {},
        "FROM a\n",
    ),
    (
        "sources in JSON that may be missing",
        'FROM a\nCOPY --if-exists ["a b", "/x/"]\n',
        {},
        'FROM a\nCOPY ["a [b]", "/x/"]\n',
    ),
    (
        "a step without cache",
        "FROM a\nRUN --no-cache x\n",
        {},
        "FROM a\n# not expressible: RUN --no-cache\nRUN x\n",
    ),
    ("a step with its cache", "FROM a\nRUN --no-cache=false x\n", {}, "FROM a\nRUN x\n"),
    (
        "variables in --from",
        (
            "ARG S=b\nFROM a AS b\nFROM a\nCOPY --from=$S /x /y\nCOPY --from=${N:-b} /x /y\n"
            "RUN --mount=from=$S,target=/m x\n"
        ),
        {},
        (
            "ARG S=b\nFROM a AS b\nFROM a\nCOPY --from=b /x /y\nCOPY --from=b /x /y\n"
            "RUN --mount=from=b,target=/m x\n"
        ),
    ),
    (
        "a gate has no step",
        "FROM a AS t\nFROM a\nRUN --requires=t\nRUN --requires=t,0 x\n",
        {},
        (
            "FROM a AS t\nFROM a\n# not expressible: RUN --requires=t\n"
            "# not expressible: RUN --requires=t,0\nRUN x\n"
        ),
    ),
    (
        "a report is a comment",
        "FROM a\nWORKDIR /w\nRUN --report=r.xml --network=none --report=$TARGETOS x\n",
        {},
        (
            "FROM a\nWORKDIR /w\n# not expressible: RUN --report=r.xml\n"
            "# not expressible: RUN --report=linux\nRUN --network=none x\n"
        ),
    ),
    (
        "stages of another file require each other by their new names, whatever their order",
        "FROM ./f#app\nRUN --requires=./f#1,0\nUSER u\n",
        {"f": "FROM a AS app\nRUN --requires=last,1 x\nFROM b AS last\n"},
        (
            "FROM a AS f-f-app\n# not expressible: RUN --requires=f-f-last,f-f-last\nRUN x\n"
            "FROM b AS f-f-last\nFROM f-f-app\n# not expressible: RUN --requires=f-f-last,2\nUSER u\n"
        ),
    ),
    (
        "values of a file before those of the line",
        "FROM a\nENV --file=v.env C=3\nLABEL --file=./v.env\n",
        {"v.env": '# c\nA=1\nexport B=\'x $y\'\nD="q\\"\\\\\\t" # end\n'},
        'FROM a\nENV A="1" B="x \\$y" D="q\\"\\\\\t" C=3\nLABEL A="1" B="x \\$y" D="q\\"\\\\\t"\n',
    ),
    (
        "an included file stands in the place of the line",
        "FROM a\nRUN x\nINCLUDE f.inc\nRUN z\n",
        {"f.inc": "# escape=\\\n# why\nRUN y \\\n  && y\n\nRUN <<E\nh\nE\n"},
        "FROM a\nRUN x\n# why\nRUN y \\\n  && y\n\nRUN <<E\nh\nE\nRUN z\n",
    ),
    (
        "stages may be included above the first FROM",
        "INCLUDE args.inc\nINCLUDE st.inc\nFROM b\nCOPY --from=0 /x /y\n",
        {"args.inc": "ARG V=1\n", "st.inc": "FROM a:$V AS b\n"},
        "ARG V=1\nFROM a:$V AS b\nFROM b\nCOPY --from=0 /x /y\n",
    ),
    (
        "the path of an included file may use arguments",
        "ARG V=1\nFROM a\nINCLUDE f$V.inc\n",
        {"f1.inc": "RUN x\n"},
        "ARG V=1\nFROM a\nRUN x\n",
    ),
    (
        "the stages of another file stand above ours, and indexes move along",
        (
            "ARG V=1\nFROM a AS b\nCOPY --from=./d/x.dockerfile#T /x /y\nFROM ./d/x.dockerfile\n"
            "COPY --from=0 /x /y\n"
        ),
        {
            "d/x.dockerfile": "ARG V=7\nARG Q=2\nFROM c:$V-$Q AS T\nARG V\nARG Q\nRUN echo\n"
            "FROM T\nCOPY --from=t /x /y\n"
        },
        (
            'ARG V=1\nFROM c:1-2 AS f-d-x-dockerfile-t\nARG V\nARG Q="2"\nRUN echo\n'
            "FROM f-d-x-dockerfile-t AS f-d-x-dockerfile-1\nCOPY --from=f-d-x-dockerfile-t /x /y\n"
            "FROM a AS b\nCOPY --from=f-d-x-dockerfile-t /x /y\nFROM f-d-x-dockerfile-1\n"
            "COPY --from=2 /x /y\n"
        ),
    ),
    (
        "a file may name stages of other files",
        "FROM ./x#a\n",
        {"x": "FROM ./y AS a\nRUN x\n", "y": "FROM b\nRUN y\n"},
        "FROM b AS f-y-0\nRUN y\nFROM f-y-0 AS f-x-a\nRUN x\nFROM f-x-a\n",
    ),
    (
        "a name that is taken gets a number",
        "FROM a AS f-x-0\nCOPY --from=./x /x /y\n",
        {"x": "FROM b\n"},
        "FROM b AS f-x-0-2\nFROM a AS f-x-0\nCOPY --from=f-x-0-2 /x /y\n",
    ),
    (
        "the syntax line goes, and other directives stay",
        "# syntax=x/y lock\n# escape=`\n# check=skip=all\n\nFROM a\nRUN --no-cache=false x `\n  y\n",
        {},
        "# escape=`\n# check=skip=all\n\nFROM a\nRUN x   y\n",
    ),
]


@pytest.mark.parametrize(
    ("text", "files", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_an_extended_file_stands_for_a_plain_one(text: str, files: dict[str, str], expected: str) -> None:
    assert plain(text, files) == expected


@pytest.mark.parametrize("expected", [row[3] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_plain_file_stands_for_itself(expected: str) -> None:
    assert plain(expected) == expected


def test_files_of_values_give_defaults_to_arguments_in_every_scope() -> None:
    text = "ARG NODE=1\nFROM node:$NODE\nARG NODE\nARG OTHER=1\nRUN x\n"
    files = {"a.env": "NODE=22\nUNUSED=1\n", "b.env": "NODE=2'3\nTARGETARCH=x\n"}
    expected = 'ARG NODE="2\'3"\nFROM node:$NODE\nARG NODE="2\'3"\nARG OTHER=1\nRUN x\n'
    assert plain(text, files, value_files=("a.env", "b.env")) == expected
