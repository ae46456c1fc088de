"""Macros: a line in, the lines that it stands for out, and errors at the line of the user."""

from __future__ import annotations

import pytest
from plugins.houses import FIRST, error, history, lowered, plugins

import pyfrontend
from pyfrontend import limits, testing
from pyfrontend.errors import DockerfileError

APT = """
@macro("APT")
def apt(*packages, tool="apt-get", quiet=False, key=()):
    "Installs packages."
    option = " -q" if quiet else ""
    return [f"RUN key {one}" for one in key] + [f"RUN {tool}{option} {' '.join(packages)}"]
"""
#: A macro whose function has this body.
BODY = """
@macro("APT")
def apt(*words):
    {}
"""


def body(text: str) -> str:
    return BODY.format(text)


@pytest.mark.parametrize(
    ("line", "steps"),
    [
        pytest.param("APT git curl", ["apt-get git curl"], id="words"),
        pytest.param("apt git", ["apt-get git"], id="in small letters"),
        pytest.param("APT", ["apt-get "], id="no words"),
        pytest.param("APT --tool=dnf git", ["dnf git"], id="a flag with a value"),
        pytest.param("APT --quiet git", ["apt-get -q git"], id="a switch"),
        pytest.param("APT --quiet=false git", ["apt-get git"], id="a switch that is off"),
        pytest.param("APT --key=a --key=b git", ["key a", "key b", "apt-get git"], id="a flag given twice"),
        pytest.param("APT $what \\\n  git", ["apt-get $what git"], id="a variable and a continuation"),
    ],
)
def test_a_line_stands_for_what_the_function_returns(line: str, steps: list[str]) -> None:
    assert [step.strip() for step in history(f"FROM a\n{line}\n", APT)] == [step.strip() for step in steps]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        pytest.param("RUN a\nRUN b", ["a", "b"], id="lines"),
        pytest.param("RUN a \\\n  b\n", ["a   b"], id="a continued line"),
        pytest.param("# why\nRUN a", ["a"], id="a comment"),
        pytest.param("# escape=`\nRUN a", ["a"], id="what would be a directive"),
        pytest.param("RUN <<E\na\nE", ["a\n"], id="a heredoc"),
        pytest.param("RUN " + "x" * 100_000, ["x" * 100_000], id="a line that is too long for a file"),
        pytest.param("RUN a\r\nRUN b\r\n", ["a", "b"], id="line ends of Windows"),
        pytest.param("RUN \udcff", ["\ufffd"], id="bytes that are no UTF-8"),
        pytest.param("", [], id="nothing"),
        pytest.param("  \n# nothing\n", [], id="a comment alone"),
        pytest.param("FROM b AS c\nRUN d\n", ["d"], id="a stage"),
        pytest.param("RUN --if=x==y a\nRUN --no-cache b", ["b"], id="flags of the extended language"),
    ],
)
def test_the_lines_may_be_any_of_a_dockerfile(text: str, steps: list[str]) -> None:
    text = text.replace("x==y", "TARGETOS=plan9")
    assert history("FROM a\nAPT\n", body(f"return {text!r}")) == steps


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        pytest.param("raise KeyError(1)", "failed: KeyError: 1", id="an exception"),
        pytest.param("raise ValueError('a\\nb')", "failed: ValueError: a b", id="an exception of two lines"),
        pytest.param("raise AssertionError", "failed: AssertionError", id="an exception without a text"),
        pytest.param("import sys; sys.exit(3)", "failed: SystemExit: 3", id="the end of the process"),
        pytest.param(
            "return apt()", "failed: RecursionError: maximum recursion depth exceeded", id="recursion"
        ),
    ],
)
def test_an_exception_names_the_plugin_and_both_lines(statement: str, message: str) -> None:
    assert error("FROM a\nAPT\n", body(statement)) == (
        2,
        f"APT of the plugin house {message} (/plugins/house.py, line {FIRST + 3})",
    )


def test_an_error_of_the_author_is_one_of_the_user() -> None:
    assert error("FROM a\nAPT\n", body("raise DockerfileError('no packages', code='NoPackages')")) == (
        2,
        "no packages",
    )


@pytest.mark.parametrize(
    ("value", "what"),
    [
        pytest.param("None", "None", id="None"),
        pytest.param("b'RUN x'", "a value of type bytes", id="bytes"),
        pytest.param("['RUN x', 1]", "a value of type list", id="a list of other things"),
        pytest.param("iter(['RUN x'])", "a value of type list_iterator", id="a generator"),
    ],
)
def test_a_function_that_returns_no_text_is_blamed(value: str, what: str) -> None:
    message = (
        f"APT of the plugin house failed: it returned {what}, and not the text of instructions"
        f" (/plugins/house.py, line {FIRST + 1})"
    )
    assert error("FROM a\nAPT\n", body(f"return {value}")) == (2, message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "RNU x",
            'APT stands for "RNU x": unknown instruction: RNU (did you mean RUN?)',
            id="an unknown instruction",
        ),
        pytest.param(
            "RUN x\nCOPY x",
            'APT stands for "COPY x": COPY requires at least two arguments, but only one was provided.',
            id="a wrong one",
        ),
        pytest.param(
            "RUN <<E\nx", "in the lines that APT stands for: unterminated heredoc", id="an open heredoc"
        ),
        pytest.param("ONBUILD APT", 'APT stands for "ONBUILD APT": ONBUILD cannot hold', id="a trigger"),
        pytest.param(
            "RUN --if=a=b x", 'APT stands for "RUN --if=a=b x": --if: no ARG a is', id="a wrong flag"
        ),
    ],
)
def test_errors_of_the_lines_are_at_that_of_the_user(text: str, message: str) -> None:
    line, told = error("FROM a\n\nAPT\n", body(f"return {text!r}"))
    assert (line, told[: len(message)]) == (3, message)


@pytest.mark.parametrize(
    ("signature", "line", "message"),
    [
        pytest.param("a", "APT", "APT requires exactly one argument", id="too few"),
        pytest.param("a, b", "APT 1 2 3", "APT requires exactly 2 arguments", id="too many"),
        pytest.param("a, b=1", "APT 1 2 3", "APT requires at most 2 arguments", id="more than may be"),
        pytest.param("a, *b", "APT", "APT requires at least one argument", id="fewer than must be"),
        pytest.param("", "APT 1", "APT takes no arguments", id="any"),
        pytest.param("*, a", "APT", "APT needs --a=VALUE", id="a flag that must be given"),
        pytest.param("*, a_b=1", "APT --a-c=1", "unknown flag: --a-c (did you mean a-b?)", id="another flag"),
        pytest.param("*, a=''", "APT --a", "missing a value on flag: --a", id="a flag without its value"),
        pytest.param("*, a=None", "APT --a=1 --a=2", "duplicate flag specified: --a", id="a flag twice"),
        pytest.param(
            "*, a=False", "APT --a=1", "expecting boolean value for flag --a, not: 1", id="a bad switch"
        ),
    ],
)
def test_words_and_flags_are_those_of_the_function(signature: str, line: str, message: str) -> None:
    text = f"@macro('APT')\ndef apt({signature}):\n    return 'RUN x'\n"
    assert error(f"FROM a\n{line}\n", text) == (2, message)


def test_text_that_no_file_can_hold_is_blamed() -> None:
    line, message = error("FROM a\nAPT\n", body("return 'RUN ' + chr(0xD800)"))
    assert line == 2
    assert message.startswith("APT of the plugin house failed: it returned a text that cannot be written as")


@pytest.mark.parametrize(
    ("flags", "signature", "line", "steps"),
    [
        ("{'a': False, 'b_c': ''}", "*words, a=1, b_c=2", "APT --a --b-c=1 x", ["('x',) True 1"]),
        ("{'a': '', 'b_c': ''}", "*words, **named", "APT --b-c=1 x", ["('x',) {'b_c': '1'}"]),
    ],
)
def test_flags_may_be_declared_apart_from_the_function(
    flags: str, signature: str, line: str, steps: list[str]
) -> None:
    values = "{named}" if "named" in signature else "{a} {b_c}"
    text = f'@macro("APT", flags={flags})\ndef apt({signature}):\n    return f"RUN {{words}} {values}"\n'
    assert history(f"FROM a\n{line}\n", text) == steps


def test_a_macro_may_use_others() -> None:
    other = '@macro("TOOLS")\ndef tools():\n    return "APT git\\nAPT curl"\n'
    assert history("FROM a\nTOOLS\nRUN x\n", APT + other) == ["apt-get git", "apt-get curl", "x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(body("return 'APT'"), "APT leads back to itself: APT -> APT", id="itself"),
        pytest.param(
            body("return 'B'") + "@macro('B')\ndef b():\n    return 'apt'\n",
            "APT leads back to itself: APT -> B -> APT",
            id="another that uses it",
        ),
        pytest.param(
            body("return 'M0'")
            + "".join(f"@macro('M{n}')\ndef m{n}():\n    return 'M{n + 1}'\n" for n in range(20)),
            "M15: macros use each other more than 16 levels deep",
            id="too deep",
        ),
        pytest.param(
            body("return 'B\\n' * 20_000") + "@macro('B')\ndef b():\n    return ''\n",
            "B: more than 10,000 macros in one build",
            id="too many",
        ),
        pytest.param(
            body("return 'RUN x\\n' * 1_000_000"),
            "APT: macros have made more than 4,194,304 characters",
            id="too much text",
        ),
    ],
)
def test_macros_without_end_are_an_error(text: str, message: str) -> None:
    line, told = error("FROM a\nAPT\n", text)
    assert (line, told[-len(message) :]) == (2, message)


def test_a_macro_that_does_not_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyfrontend.plugins.calls.run.__kwdefaults__", {"seconds": 0.2})
    text = "import time\n" + body("\n    while words:\n        time.sleep(0.01)")
    line, message = error("FROM a\nAPT x\n", text)
    assert (line, message[: message.rindex("line")]) == (
        2,
        "APT of the plugin house has not ended after 0.2 seconds (/plugins/house.py, ",
    )


def test_heredocs_are_for_a_macro_that_wants_them() -> None:
    text = """
@macro("WRITE", heredocs=True)
def write(*words, heredocs):
    return [f"RUN {words} {one.name} {one.content.strip()} {one.expand}" for one in heredocs]
"""
    assert history("FROM a\nWRITE <<A <<'B' x\n1\nA\n2\nB\nRUN z\n", text) == [
        "('<<A', \"<<'B'\", 'x') A 1 True",
        "('<<A', \"<<'B'\", 'x') B 2 False",
        "z",
    ]


def test_comments_above_a_macro_are_those_of_its_lines() -> None:
    dockerfile = "FROM a\n# check=skip=WorkdirRelativePath\nAPT\n"
    text = body("return 'WORKDIR a\\nWORKDIR b'")
    assert pyfrontend.lint(dockerfile, plugins=plugins(text)).render("lines") == ""
    assert "Dockerfile:2: warning: WorkdirRelativePath" in pyfrontend.lint(
        "FROM a\nAPT\n", plugins=plugins(text)
    ).render("lines")


def test_a_macro_leads_to_edges() -> None:
    made = lowered(
        "FROM a AS one\nFROM b\nTAKE\n", "@macro('TAKE')\ndef t():\n    return 'COPY --from=one / /'"
    )
    assert [(edge.source, edge.target, edge.kind, edge.line) for edge in made.edges][-1] == (
        "stage:0",
        "stage:1",
        "COPY --from",
        3,
    )


def test_the_limits_are_those_of_the_page() -> None:
    assert (limits.MACROS, limits.MACRO_TEXT, limits.PLUGIN_SECONDS) == (10_000, 4 << 20, 60)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('@macro("apt")\ndef a(): pass', "'apt': the keyword of a macro is written in capitals, as in APT"),
        ('@macro("A B")\ndef a(): pass', "'A B': the keyword of a macro is written in capitals, as in APT"),
        (
            '@macro("A")\ndef a(**k): pass',
            "a takes flags of any name: write each as an argument behind the *",
        ),
        ('@macro("A", flags={"x": ""})\ndef a(*, y=1): pass', "a has no argument x behind the *"),
        ('macro("A")(len)', "<built-in function len> is no function that is written with def"),
        ('@macro("A")\ndef a(*, heredocs): pass', "a has an argument heredocs, which goes together with"),
        ('@macro("A", heredocs=True)\ndef a(): pass', "a has no argument heredocs, which goes together with"),
        ('@macro("A", "words")\ndef a(): pass', "A: a grammar is a function, such as grammars.word_list"),
        ('macro("A", body="a")', "'a': a body is"),
    ],
)
def test_what_is_no_macro_is_refused_where_it_is_declared(text: str, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        plugins(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("grammar", "message"),
    [
        pytest.param("raise ValueError('x')", "failed: ValueError: x", id="an exception"),
        pytest.param("return []", "failed: TypeError: it returned a value of type list, and", id="a list"),
    ],
)
def test_a_grammar_of_a_plugin_is_blamed(grammar: str, message: str) -> None:
    text = f"def cut(*given):\n    {grammar}\n@macro('APT', cut)\ndef apt(): pass\n"
    with pytest.raises(DockerfileError) as caught:
        lowered("FROM a\nAPT\n", text)
    assert caught.value.message.startswith(f"the grammar of APT of the plugin house {message}")
    assert caught.value.spans[0].start == 2


def test_a_grammar_of_a_plugin_cuts_the_words() -> None:
    text = "def cut(k, rest, e):\n    return grammars.Arguments(tuple(rest.split(';')))\n"
    assert history(
        "FROM a\nAPT a b;c\n", f"{text}@macro('APT', cut)\ndef apt(*w):\n    return f'RUN {{w}}'"
    ) == ["('a b', 'c')"]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("COPY x", "add the destination: COPY x ."),
        ("RUN --netwrk=none x", "(did you mean network?): write --network"),
        ("ONBUILD APT", "a trigger runs in the stage that starts from this image: write APT without ONBUILD"),
        ("RUN <<E\\n E", "remove the spaces around this one, or write <<-E to allow leading tabs"),
        ("FOO x", "unknown instruction: FOO"),
    ],
)
def test_the_help_is_about_what_the_macro_stands_for(made: str, told: str) -> None:
    testing.assert_error("APT", told, line=1, plugins=plugins(body(f"return '{made}'")))


def test_the_help_does_not_point_at_lines_below_the_macro() -> None:
    (found,) = testing.check("APT <<E\nENV A=b\nE", plugins=plugins(body("return 'RUN <<E'")))[:1]
    assert (found.line, found.end_line, found.help) == (
        1,
        1,
        "the heredoc ends at a line that contains only E",
    )
