"""Flags of plugins on built-in instructions: what they make of the rest of a line."""

from __future__ import annotations

import pytest
from plugins.houses import FIRST, error, history, lowered, plugins

from pyfrontend import testing

RETRY = """
@extend("RUN").flag("retry")
def retry(rest, value):
    return f"retry {value} {rest}"
"""


def flag(statement: str, options: str = "", keyword: str = "RUN") -> str:
    return f'@extend("{keyword}").flag("own"{options})\ndef own(rest, value):\n    {statement}\n'


@pytest.mark.parametrize(
    ("line", "text", "steps"),
    [
        pytest.param("RUN --own=3 x", flag("return value + rest"), ["3x"], id="a value"),
        pytest.param("run --own=3 x", flag("return rest"), ["x"], id="in small letters"),
        pytest.param("RUN x", flag("1 / 0"), ["x"], id="no flag"),
        pytest.param(
            "RUN --own x", flag("return f'{value} {rest}'", ", default=False"), ["True x"], id="switch"
        ),
        pytest.param(
            "RUN --own=no x".replace("no", "false"), flag("1 / 0", ", default=False"), ["x"], id="off"
        ),
        pytest.param(
            "RUN --own=1 --own=2 x", flag("return value + rest", ", default=()"), ["21x"], id="given twice"
        ),
        pytest.param('RUN --own=1 ["a", "b"]', flag("return rest"), ["RUN a b"], id="exec form"),
        pytest.param("RUN --own=1 <<E\na\nE", flag("return 'sh ' + rest"), ["sh <<E\na\nE"], id="a heredoc"),
        pytest.param("RUN --no-cache --own=1 x", flag("return 'y ' + rest"), ["y x"], id="beside ours"),
        pytest.param("RUN --own=1 x", flag("return '--no-cache ' + rest"), ["x"], id="that returns ours"),
        pytest.param(
            "ENV --own=1 A=b", flag("return rest + ' C=d'", keyword="ENV"), ["ENV A=b C=d"], id="ENV"
        ),
        pytest.param("RUN --own=1 --if=TARGETOS=plan9 x", flag("return rest"), [], id="in a line left out"),
        pytest.param(
            "RUN --own=1 x",
            flag("return '--retry=2 ' + rest") + RETRY,
            ["retry 2 x"],
            id="that returns another",
        ),
        pytest.param(
            "RUN --own=1 \\\n  é \\\n  y", flag("return rest"), ["é   y"], id="letters of any script"
        ),
    ],
)
def test_a_flag_changes_the_rest_of_the_line(line: str, text: str, steps: list[str]) -> None:
    assert history(f"FROM a\n{line}\n", text) == steps


CACHE = """
@extend("RUN").flag("cache", default=())
def cache(rest, value):
    return f"--mount=type=cache,target={value} {rest}"
"""


@pytest.mark.parametrize(
    ("flags", "caches"),
    [
        ("--cache=/é --retry=2 --cache=/d", 2),
        ("--retry=2 --cache=/é --cache=/d", 2),
        ("--cache=/é \\\n --retry=2", 1),
    ],
)
def test_flags_before_others_see_the_words_alone(flags: str, caches: int) -> None:
    made = lowered(f"FROM b\nRUN {flags} x\n", CACHE + RETRY)
    run = next(op["exec"] for op in made.definition.ops if "exec" in op)
    assert run["meta"]["args"][-1] == "retry 2 x"
    assert [mount["mountType"] for mount in run["mounts"][1:]] == ["CACHE"] * caches


def test_words_after_two_dashes_stay_words() -> None:
    text = flag("return '-- ' + rest") + RETRY
    assert history("FROM a\nRUN --own=1 --retry=2 x\n", text) == ["retry 2 -- x"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("RUN --retyr=1 x", "unknown flag: --retyr (did you mean retry?): write --retry"),
        (
            "RUN --zzzzz x",
            "the flags of RUN are --device, --mount, --network, --security, --retry",
        ),
        ("COPY --zzzzz x y", "the flags of COPY are --"),
    ],
)
def test_an_unknown_flag_may_be_meant_for_one_of_a_plugin(line: str, told: str) -> None:
    testing.assert_error(line, told, line=1, plugins=plugins(RETRY))


def test_a_flag_may_add_others() -> None:
    text = flag("return '--mount=type=cache,target=/c --mount=from=one,target=/d ' + rest")
    made = lowered("FROM a AS one\nFROM b\nRUN --network=none --own=1 x\n", text)
    run = next(op["exec"] for op in made.definition.ops if "exec" in op)
    assert [mount["dest"] for mount in run["mounts"]] == ["/", "/c", "/d"]
    assert ("stage:0", "stage:1") in [(edge.source, edge.target) for edge in made.edges]


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        pytest.param(
            "RUN --own=1 --own=2 x", flag("return rest"), "duplicate flag specified: --own", id="twice"
        ),
        pytest.param("RUN --own x", flag("return rest"), "missing a value on flag: --own", id="no value"),
        pytest.param(
            "RUN --own=1 x",
            flag("return rest", ", default=True"),
            "expecting boolean value for flag --own, not: 1",
            id="a bad switch",
        ),
        pytest.param(
            "RUN --own=1 x",
            flag("pass"),
            "RUN --own of the plugin house failed: it returned None, and not the rest of one line"
            f" (/plugins/house.py, line {FIRST})",
            id="None",
        ),
        pytest.param(
            "RUN --own=1 x",
            flag("return 'a\\nRUN b'"),
            "RUN --own of the plugin house failed: it returned several lines, and not the rest of one line"
            f" (/plugins/house.py, line {FIRST})",
            id="lines",
        ),
        pytest.param(
            "RUN --own=1 x",
            flag("1 / 0"),
            "RUN --own of the plugin house failed: ZeroDivisionError: division by zero"
            f" (/plugins/house.py, line {FIRST + 2})",
            id="an exception",
        ),
        pytest.param(
            "RUN --own=1 x",
            '@extend("RUN").flag("own")\ndef own(rest): return rest',
            "RUN --own of the plugin house failed: TypeError: own() takes 1 positional argument but 2 were"
            f" given (/plugins/house.py, line {FIRST})",
            id="another signature",
        ),
        pytest.param(
            "RUN --own=1 <<E\nx\nE",
            flag("return 'true'"),
            "what --own makes of this line: a flag cannot contain a heredoc",
            id="a lost heredoc",
        ),
        pytest.param(
            "RUN --own=1 x", flag("return '--own=1 ' + rest"), "--own leads back to itself", id="without end"
        ),
        pytest.param(
            "COPY --own=1 x y", flag("return rest"), "unknown flag: --own", id="another instruction"
        ),
        pytest.param("ONBUILD RUN --own=1 x", flag("return rest"), "ONBUILD cannot hold", id="a trigger"),
    ],
)
def test_what_is_wrong_is_at_the_line(line: str, text: str, message: str) -> None:
    at, told = error(f"FROM a\n{line}\n", text)
    assert (at, told[: len(message)]) == (2, message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extend("FROM")', "FROM cannot be extended: these can be: ADD, ARG"),
        ('extend("run")', "run cannot be extended: these can be: ADD, ARG"),
        ('extend("RUN").flag("--own")', "'--own': a flag is written in small letters and without dashes"),
        ('extend("RUN").flag("own")(1)', "1 is no function"),
    ],
)
def test_what_is_no_flag_is_refused_where_it_is_declared(text: str, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        plugins(text)
    assert str(caught.value).startswith(message)
