"""Whatever other people wrote comes out of no output in a way that a terminal or a CI runner would act on."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from process import MEASURED

from parity.cases import Case
from parity.world import World, options
from pyfrontend.cli.main import COMMANDS, main
from pyfrontend.display import one_line
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.serve import serve
from pyfrontend.driver.subrequests import PREFIX, SUBREQUESTS
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import UNKNOWN, BridgeError, to_status
from pyfrontend.span import SourceFile, Span

if TYPE_CHECKING:
    from pathlib import Path

    from pyfrontend.gateway.requests import WarnRequest

#: What fits into one line of a file; and what fits into values, names of files and messages too.
EVIL = "\x1b[2J\x9b1m\x7f\x07\u202e\u2066\u200f\ufeffevil"
WORSE = f"{EVIL}\n::error file=a,line=1::b\r::warning::c\n##[group]d"

#: Every place of a Dockerfile that takes foreign text and is shown by some output.
FILE = f"""\
# check=error=false;experimental=all
# OUT {EVIL}
ARG OUT={EVIL}
# app {EVIL}
FROM alpine AS app
# NAME {EVIL}
ARG NAME="{EVIL}"
ARG MANY
WORKDIR {EVIL}
RUN --mount=type=secret,id={EVIL} --mount=type=ssh,id=s{EVIL} echo {EVIL} $N{EVIL}
RUN --mount=type=cache,target=/{EVIL} echo {EVIL}
COPY {EVIL} /x/{EVIL}
ADD https://example.com/{EVIL} /
ENV KEY{EVIL} {EVIL}
LABEL {EVIL}={EVIL}
EXPOSE 80/TCP
RUN <<E{EVIL}
{EVIL}
E{EVIL}
FROM app AS other
COPY --from=app {EVIL} $MANY /
"""
#: Files that fail, each at another place, with foreign text in the error.
WRONG = {
    "unknown instruction": f"FROM a\nR{EVIL} x\n",
    "unknown flag": f"FROM a\nCOPY --{EVIL}=1 a b\n",
    "bad mount": f"FROM a\nRUN --mount=type={EVIL},{EVIL}=1 x\n",
    "bad image": f"FROM a{EVIL}\n",
    "bad stage name": f"FROM a AS {EVIL}\n",
    "bad platform": f"FROM --platform=linux/{EVIL}/x/y a\n",
    "bad variable": f"FROM a\nENV X=${{A{EVIL}@}}\n",
    "required variable": "ARG MANY\nFROM a\nARG MANY\nENV X=${Y?$MANY}\n",
    "bad port": f"FROM a\nEXPOSE {EVIL}\n",
    "bad signal": f"FROM a\nSTOPSIGNAL {EVIL}\n",
    "bad mode": f"FROM a\nCOPY --chmod={EVIL} a b\n",
    "bad duration": f"FROM a\nHEALTHCHECK --interval=1{EVIL} CMD x\n",
    "missing equals sign": f"FROM a\nENV A=b {EVIL}\n",
    "open heredoc": f"FROM a\nRUN <<{EVIL}\nx\n",
    "bad check option": f"# check={EVIL}\nFROM a\n",
    "unknown base": "ARG MANY\nFROM $MANY\n",
    "several": f"FROM a\nX{EVIL} y\nCOPY --{EVIL} a b\nY{EVIL}\n",
}


def assert_harmless(text: str) -> None:
    bad = {character for character in text if one_line(character) != character} - {"\n", "\t"}
    assert bad == set()
    lines = text.split("\n")
    assert [line for line in lines if line.lstrip().startswith(("::", "##["))] == []


class Daemon(World):
    """Remembers what warnings say to people."""

    def __init__(self, text: str, **given: Any) -> None:
        data = base64.b64encode(text.encode()).decode()
        super().__init__(Case("hostile", "hostile", "", {"dockerfile_b64": data, **given}, {}))
        self.shown: list[str] = []

    def warn(self, request: WarnRequest) -> None:
        self.shown += [request.diagnostic.short, request.diagnostic.description]

    def run(self, call: str = "") -> dict[str, bytes]:
        asked = {"cmdline": "x", **options(self.input), **({"requestid": PREFIX + call} if call else {})}
        return dict(serve(self, Request(asked, "session", self.workers, unique="u")).metadata)


ARGUMENTS = {"MANY": WORSE, f"MANX{EVIL}": "1", f"MAN{WORSE}": "1"}
CALLS = [request.name for request in SUBREQUESTS]


@pytest.mark.parametrize("call", ["", *CALLS])
@pytest.mark.parametrize(
    "text", [pytest.param(text, id=name) for name, text in {"right": FILE, **WRONG}.items()]
)
def test_no_answer_warning_or_error_shows_foreign_text_raw(text: str, call: str) -> None:
    daemon = Daemon(text, build_args=ARGUMENTS)
    try:
        result = daemon.run(call)
    except (DockerfileError, BridgeError) as error:
        daemon.shown.append(to_status(error).message)
        result = {}
    shown = [*daemon.shown, *(result.get(name, b"").decode() for name in ("result.txt", "result.json"))]
    if result and call in ("outline", "targets", "lint"):  # clients print these from the document
        document = json.loads(result["result.json"])
        shown += texts_of({key: value for key, value in document.items() if key != "sources"})
    assert "".join(shown)
    for one in shown:
        assert_harmless(without_commands(one) if call == "check-github" else one)


def without_commands(text: str) -> str:
    """Return annotations of GitHub without the commands, which only we may write."""
    return re.sub(r"^::(?:error|warning|notice) (?:\w+=[^:,\n]*,?)*::", "", text, flags=re.MULTILINE)


def texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for member in members for text in texts_of(member)]


@pytest.mark.parametrize("text", [FILE, *WRONG.values()])
@pytest.mark.parametrize(
    "command", [(command, form) for command, (_, forms) in COMMANDS.items() for form in forms]
)
def test_the_command_line_shows_no_foreign_text_raw(
    text: str, command: tuple[str, str], capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:

    file = tmp_path / f"Dockerfile{EVIL}"
    file.write_text(text)
    main([command[0], "--format", command[1], "--build-arg", f"MANY={WORSE}", str(file)])
    out, err = capfdbinary.readouterr()
    assert_harmless(without_commands(out.decode()) if command[1] == "github" else out.decode())
    assert_harmless(err.decode())


@pytest.mark.parametrize(
    "arguments", [["check", WORSE], ["check", f"--{WORSE}"], ["check", "--format", WORSE], [WORSE]]
)
def test_the_command_line_repeats_no_argument_raw(arguments: list[str], root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pyfrontend", *arguments],
        cwd=root / "frontend",
        capture_output=True,
        check=False,
        env=MEASURED,
        timeout=60,
    )
    assert done.returncode == 2
    assert_harmless((done.stdout + done.stderr).decode())


def test_an_error_of_the_daemon_is_shown_in_marked_lines() -> None:
    message = to_status(BridgeError(UNKNOWN, f"no:\n{WORSE}")).message
    assert_harmless(message)
    assert message.startswith("no:\n  | \\x1b[2J")


def test_a_defect_is_shown_without_raw_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert_harmless(to_status(ValueError(WORSE)).message)
    assert_harmless(capsys.readouterr().err)


def test_details_of_an_error_name_no_file_raw() -> None:
    file = SourceFile(WORSE, b"FROM a\n")
    [detail] = to_status(DockerfileError("x", Span(file, 1, 1))).details
    assert_harmless(json.loads(detail.value)["info"]["filename"])
