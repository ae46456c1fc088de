"""Help that stands after the words of the reference, in the same error."""

from __future__ import annotations

import pytest

from fakes import FakeBridge
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import to_status


def shown(dockerfile: str) -> list[str]:
    """Return the help in the error of a build of ``dockerfile`` with the first line that it shows."""
    bridge = FakeBridge(dockerfile)
    try:
        serve(bridge, bridge.request())
    except DockerfileError as raised:
        error = raised
    else:
        return []
    assert to_status(error).message == error.helped
    return [f"{error.help} (line {error.places[0].start})"] if error.help else []


ENDS = "the heredoc ends at a line that has EOF on it and nothing else"
GOES_ON = "is a line continuation missing at the end of the line above? (line 3)"
MODES = "--chmod takes an octal mode such as 755 or a symbolic one such as u=rwX,go=rX"
ROWS = {
    "an indented end": (
        "FROM a\nRUN <<EOF\n  echo\n  EOF\nUSER x\n",
        f"{ENDS}: remove the spaces around this one, or write <<-EOF to allow leading tabs (line 4)",
    ),
    "an end with blanks after it": (
        "FROM a\nRUN <<-EOF\n\techo\n\tEOF \n",
        f"{ENDS}: remove the spaces around this one (line 4)",
    ),
    "a misspelt end": (
        "FROM a\nRUN <<EOF\necho a\nEFO\nUSER x\n",
        f"{ENDS} (is EFO on this line a typo?) (line 4)",
    ),
    "no end at all": ("FROM a\nRUN <<EOF\necho a\n", f"{ENDS} (line 2)"),
    "the end of a quoted name": ("FROM a\nRUN <<'EOF'\necho a\n", f"{ENDS} (line 2)"),
    "the second of two heredocs": (
        "FROM a\nCOPY <<EOT <<EOF /x/\n1\nEOT\nEOF.\n",
        f"{ENDS} (is EOF. on this line a typo?) (line 5)",
    ),
    "a line that is too long": (
        f"FROM a\nENV A=\\\n{'x' * 65_536}\nUSER x\n",
        "this line has 65536 bytes, at most 65535 are allowed: copy long data from a file (line 3)",
    ),
    "after &&": ("FROM a\nRUN b &&\ncurl d\n", GOES_ON),
    "an indented line": ("FROM a\nRUN b\n  curl d\n", GOES_ON),
    "a word like an instruction after &&": ("FROM a\nRUN b &&\ncd e\n", GOES_ON),
    "an operator": ("FROM a\nRUN b\n&& c d\n", GOES_ON),
    "a comment of another language": ("FROM a\n// b\n", "comments begin with # (line 2)"),
    "a conflict": (
        "FROM a\n<<<<<<< HEAD\nUSER b\n",
        "this is an unresolved merge conflict of git (line 2)",
    ),
    "a file of another kind": (
        "# x\n\nall: build\n",
        "a Dockerfile begins with FROM or ARG; is this a Dockerfile? (line 3)",
    ),
    "a file of many lines of another kind": (
        "services:\n  web:\n    image: x\n",
        "3 lines do not start with an instruction; is this a Dockerfile? (line 1)",
    ),
    "a mount without a target": (
        "FROM a\nRUN --mount=type=cache b\n",
        "the mount has no target: add target=/path (line 2)",
    ),
    "a mode that is none": (
        "FROM a\nCOPY --chmod=rwx b c\n",
        f"{MODES}, not rwx (line 2)",
    ),
    "a comment after a pair": ("FROM a\nENV b=c # d\n", "a comment needs a line of its own (line 2)"),
    "a blank after =": ("FROM a\nENV b= c\n", "remove the spaces around = (line 2)"),
    "a blank before =": ("FROM a\nENV b=c d =e\n", "remove the spaces around = (line 2)"),
    "a value of two words": (
        "FROM a\nLABEL b=c d\n",
        'quote a value that contains spaces: name="two words" (line 2)',
    ),
    "quotes of a word processor": (
        "FROM a\nENV b=\u201cc d\u201d\n",
        "typographic quotes do not quote: use \" or ' (line 2)",
    ),
    "the address of an image": (
        "FROM https://quay.io/a/b\n",
        "the name of an image begins with its registry: remove https:// (line 1)",
    ),
    "a duration without a unit": (
        "FROM a\nHEALTHCHECK --interval=5 CMD b\n",
        "a duration needs a unit, as in 5s (line 2)",
    ),
}


@pytest.mark.parametrize(("dockerfile", "text"), ROWS.values(), ids=ROWS)
def test_the_help_says_how_to_fix_it(dockerfile: str, text: str) -> None:
    assert shown(dockerfile) == [text]


SILENT = {
    "a word that hints at itself": "FROM a\nCOPPY a b\n",
    "a word like no other": "FROM a\nINCLUDE b\nUSER x\n",
    "a misspelt FROM is the only mistake": "FORM a\nUSER x\n",
    "the same in small letters": "form a\nuser x\n",
    "a target that is not allowed": "FROM a\nRUN --mount=type=cache,target=/ b\n",
    "a mode with too many digits": "FROM a\nCOPY --chmod=99999 b c\n",
    "a name with capital letters": "FROM BusyBox\n",
    "a build that is right": "FROM scratch\nUSER a\n",
}


@pytest.mark.parametrize("dockerfile", SILENT.values(), ids=SILENT)
def test_nothing_is_added_to_an_error_that_says_it_all(dockerfile: str) -> None:
    assert shown(dockerfile) == []
