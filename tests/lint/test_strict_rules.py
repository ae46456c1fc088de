"""Strict rules at their edges: what they find, and what only looks like it.  Their pages have the rest."""

# ruff: noqa: E501 - a row of the table is a line
from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pyfrontend.lint.checks import check_syntax
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import STRICT, CheckConfig
from pyfrontend.lint.rules import all_rules
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile

if TYPE_CHECKING:
    from pathlib import Path

    from pyfrontend.errors import Diagnostic


def lint(text: str, *rules: str) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", text.encode()))
    assert not dockerfile.errors, dockerfile.errors
    check_syntax(dockerfile, Linter(CheckConfig(experimental=frozenset(rules or (STRICT,))), found.append))
    return found


def lines(rule: str, text: str) -> list[int]:
    return [one.spans[0].start for one in lint(text, rule) if one.code == rule]


APT = "RUN apt-get update && apt-get install"
#: Rule, Dockerfile, the lines of its findings.
CASES = [
    ("ImageNotPinned", "FROM scratch", []),
    ("ImageNotPinned", "FROM a@sha256:" + "0" * 64, []),
    ("ImageNotPinned", "FROM a:1 AS b\nFROM b", []),
    ("ImageNotPinned", "FROM a:1 AS B\nFROM b\nCOPY --from=B / /\nCOPY --from=0 / /\nCOPY --from=7x / /", [5]),
    ("ImageNotPinned", "ARG V=1\nFROM a:$V", []),
    ("ImageNotPinned", "ARG V\nFROM a:$V", []),
    ("ImageNotPinned", "ARG P=x/\nFROM ${P}a", [2]),
    ("ImageNotPinned", 'ARG I=a\nFROM "$I"\nFROM ${I} AS b', []),
    ("ImageNotPinned", "ARG I=scratch\nFROM $I", []),
    ("ImageNotPinned", "FROM a:1\nRUN --mount=from=b,target=/x c", [2]),
    ("ImageNotPinned", "ARG A=${B:?no}\nFROM UPPER$A", []),
    ("ImageNotPinned", "FROM UPPER", []),
    ("LatestTag", "FROM a:latest@sha256:" + "0" * 64, []),
    ("LatestTag", "FROM a:latest AS b\nCOPY --from=c:latest / /", [1, 2]),
    ("AssumeYesMissing", f"FROM a\n{APT} -qq b\n{APT} -yq b\n{APT} --assume-yes b\nRUN yes | apt-get install b", []),
    ("AssumeYesMissing", f"FROM a\nRUN echo 'APT::Get::Assume-Yes 1;' >/etc/x\n{APT} b", []),
    ("AssumeYesMissing", "FROM a\nRUN dnf install b\nRUN zypper -n in b\nRUN apk add b\nRUN yum install", [2]),
    ("RecommendsInstalled", f"FROM a\n{APT} -o APT::Install-Recommends=0 b\n{APT}", []),
    ("RecommendsInstalled", "FROM a\nRUN sudo apt-get -o A=B install -y b", [2]),
    ("RecommendsInstalled", "FROM a\nRUN apt-get upgrade -y", []),
    ("PackageListsKept", f"FROM a\n{APT} b\nFROM c", []),
    ("PackageListsKept", f"FROM a AS b\n{APT} b\nFROM b", [2]),
    ("PackageListsKept", "FROM a\nRUN apt-get install b\nRUN apt-get update && x", []),
    ("PackageListsKept", f"FROM a\n{APT} b; rm -rf /var/lib/{{apt,dpkg}}/lists", []),
    ("PackageListsKept", f"FROM a\nRUN --mount=type=cache,target=/var/lib/apt {APT[4:]} b", []),
    ("PackageListsKept", f"FROM a\nRUN --mount=type=cache,target=/root {APT[4:]} b", [2]),
    ("PackageCacheKept", "FROM a\nRUN dnf install -y b && dnf clean all\nRUN yum install -y b", [3]),
    ("PackageCacheKept", "FROM a\nRUN dnf install -y b && rm -rf /var/cache/*\nRUN apk add --no-network b", []),
    ("PackageCacheKept", "FROM a\nENV PIP_NO_CACHE_DIR=1\nRUN pip install b", []),
    ("PackageCacheKept", "FROM a\nRUN python3 -m pip install b\nRUN pip3 install b && pip3 cache purge", [2]),
    ("PackageCacheKept", "FROM a\nRUN --mount=type=cache,target=/root/.cache pip install b", []),
    ("PackageCacheKept", "FROM a\nRUN pip download b\nRUN apk\nRUN pip", []),
    ("UpdateAlone", "FROM a\nRUN set -e; apt-get update -q\nRUN apt-get update && x", [2]),
    ("UpdateAlone", "FROM a\nRUN apt-get update && apt-get upgrade\nRUN apt-get clean", []),
    ("PackageNotPinned", "FROM a\nRUN pip install -r b\nRUN pip install -U pip\nRUN pip install b==1 ./c d@e", []),
    ("PackageNotPinned", "FROM a\nRUN pip install $B git+https://c http://d/e.whl f.whl\nRUN pip install .", []),
    ("PackageNotPinned", "FROM a\nRUN npm i -g b\nRUN npm i -g @b/c@1 d@2\nRUN npm i b\nRUN npm i -g @b/c", [2, 5]),
    ("PackageNotPinned", "FROM a\nRUN go install b/c@latest\nRUN go install b/c@v1\nRUN go install ./...", [2]),
    ("CacheMountMissing", "FROM a\nRUN npm run build\nRUN yarn build\nRUN npm install -g x\nRUN yarn", [5]),
    ("CacheMountMissing", "FROM a\nRUN --mount=type=cache,target=/x npm ci\nRUN ./mvnw package\nRUN mvn -v", [3, 4]),
    ("BuildToolsKept", "FROM a\nRUN apk add gcc && make && apk del gcc\nCMD x", []),
    ("BuildToolsKept", "FROM a\nRUN apk add gcc\n", []),
    ("BuildToolsKept", "FROM a AS b\nRUN apk add gcc=1\nFROM b\nCMD x", [2]),
    ("BuildToolsKept", "FROM a\nRUN apk add git\nCMD x", []),
    ("CdInRun", "FROM a\nRUN cd /b\nRUN (cd /b; c)\nRUN cd b && c\nRUN cd $B && c\nRUN cd /tmp && c\nRUN cd /b && c", [2, 7]),
    ("CdInRun", "FROM a\nRUN c || cd b\nRUN <<E\nE\nRUN c && cd b", [5]),
    ("SudoInRun", "FROM a\nRUN echo sudo\nRUN x && sudo -u me y", [3]),
    ("PipefailMissing", "FROM a\nRUN set -eo pipefail; curl b | c\nRUN curl b\nRUN echo b | c\nRUN b | wget c", []),
    ("PipefailMissing", 'FROM a\nSHELL ["bash", "-o", "pipefail", "-c"]\nRUN curl b | c\nFROM d\nRUN curl b | c', [5]),
    ("DownloadPipedToShell", "FROM a\nRUN curl b | tee c | sudo -E bash -s -- d", [2]),
    ("DownloadPipedToShell", "FROM a\nRUN curl b | bash c.sh\nRUN curl b; sh\nRUN curl b | sh -c 'cat'", []),
    ("DownloadPipedToShell", 'FROM a\nRUN sh -c "$(curl b)"\nRUN bash <(wget -O- b)\nRUN . <(curl b)', [2, 3, 4]),
    ("DownloadPipedToShell", 'FROM a\nRUN sh -c "$(cat b)"\nRUN wget -qO- b | python3 -', [3]),
    ("ServiceStarted", "FROM a\nRUN service b start && c\nRUN systemctl enable b\nRUN systemctl start b\nRUN true", [4]),
    ("AddInsteadOfCopy", "FROM a\nADD b.tar.gz /\nADD http://c/d /\nADD *.tar.* /\nADD $E /\nADD --unpack=false f /", []),
    ("AddInsteadOfCopy", "FROM a\nADD b /", [2]),
    ("AddWithoutChecksum", "FROM a\nADD http://b/c /", [2]),
    ("AptInsteadOfAptGet", "FROM a\nRUN x && apt list\nRUN apt-cache x", [2]),
    ("AddInsteadOfCopy", "FROM a\nADD <<E /\nE\nADD b http://c/d /\nADD https://github.com/a/b.git#v1 /c", []),
    ("AddWithoutChecksum", "FROM a\nADD https://github.com/a/b.git#v1 /c\nADD b /", []),
    ("CopyBeforeInstall", "FROM a\nCOPY --exclude=b . .\nRUN npm ci\nFROM c\nCOPY . .\nRUN pip install .", []),
    ("CopyBeforeInstall", "FROM a\nCOPY . .\nRUN --mount=type=cache,target=/c npm ci\nRUN npm ci", []),
    ("CopyBeforeInstall", "FROM a\nCOPY p.json .\nRUN npm ci\nCOPY . .\nRUN npm ci --omit=dev", []),
    ("CopyBeforeInstall", "FROM a\nADD ./ .\nRUN x\nRUN python -m pip install -r r.txt", [2]),
    ("CopyBeforeInstall", "FROM a\nCOPY . .\nRUN pip install -r r.txt .\nRUN make", []),
    ("CopyOverwritten", "FROM a\nWORKDIR /w\nCOPY b.c .\nCOPY d/b.c ./", [3]),
    ("CopyOverwritten", "FROM a\nCOPY b.c /x/\nRUN d\nCOPY b.c /x/", []),
    ("CopyOverwritten", "FROM a\nCOPY b.c /usr/src\nCOPY d.c /usr/src\nCOPY b.c .\nCOPY b.c .", []),
    ("CopyOverwritten", "FROM a\nWORKDIR /w\nCOPY p.json x.json ./\nCOPY . .", [3]),
    ("CopyOverwritten", "FROM a\nWORKDIR /w\nCOPY p.json q.json\nCOPY . .", []),
    ("CopyOverwritten", "FROM a\nCOPY *.c /x/\nCOPY *.c /x/\nCOPY --parents b.c /\nCOPY --parents b.c /", []),
    ("CopyOverwritten", "FROM a\nCOPY b.c $C/\nCOPY b.c $C/\nCOPY <<b.c /d/\nb.c\nCOPY b.c /d/", [4]),
    ("CopyOverwritten", "FROM a\nENV C=/c\nCOPY b.c $C/\nENV D=1\nCOPY --from=x b.c /c/", [3]),
    ("SecretCopied", "FROM a\nCOPY .env /\nFROM b\nCOPY x/id_rsa tls/server.key repo.key y.p12 /", [4]),
    ("SecretCopied", "FROM a\nCOPY repo.key a.pub /\nCOPY --from=b .env /", []),
    ("OwnerChangedAfterCopy", "FROM a\nWORKDIR /w\nCOPY b .\nRUN chmod 755 b\nCOPY c d/\nRUN chown x d/e", [4]),
    ("OwnerChangedAfterCopy", "FROM a\nCOPY b /b\nRUN chmod g=u /b\nCOPY b /b\nRUN chown $X /b && c\nRUN chown", []),
    ("OwnerChangedAfterCopy", "FROM a\nRUN chmod +x /b\nCOPY b $C\nRUN chmod +x /b", []),
    ("RemovedInLaterLayer", "FROM a\nRUN rm -rf /tmp/x\nRUN rm /srv/x\nRUN rm /tmp/x && b\nRUN apt-get clean", [5]),
    ("StageNotBuilt", "FROM a\nFROM b\nCOPY --from=0 / /\nFROM c AS d\nFROM e", [2]),
    ("RunRepeated", "FROM a AS b\nRUN {0}\nFROM b\nRUN {0}\nFROM a\nCOPY x /\nRUN {0}".format("x" * 90), []),
    ("RunRepeated", "FROM a\nRUN {0}\nRUN {0}\nFROM a\nRUN {0}\nFROM scratch\nRUN {0}".format("x" * 90), [5]),
    ("RunRepeated", "FROM a\nRUN short\nFROM a\nRUN short", []),
    ("RunRepeated", "FROM a\nRUN <<E {0}\na\nE\nFROM a\nRUN <<E {0}\nb\nE".format("x" * 90), []),
    ("RunsAsRoot", "FROM a\nUSER b\nUSER root\nCMD x", [3]),
    ("RunsAsRoot", "FROM a\nUSER 0:0\nENTRYPOINT x\nFROM b\n", []),
    ("RunsAsRoot", "FROM a AS b\nUSER $U\nCMD x\nFROM b", []),
    ("RunsAsRoot", "FROM scratch\nCMD x", [1]),
    ("RunsAsRoot", "ARG A\nFROM $A\nCMD x", []),
    ("RunsAsRoot", "FROM gcr.io/distroless/static:nonroot\nCMD x", []),
    ("DebianFrontendKept", "FROM a\nENV DEBIAN_FRONTEND=b\nENV DEBIAN_FRONTEND=\nFROM c AS d\nENV DEBIAN_FRONTEND b\nFROM d", [5]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "text", "expected"), CASES, ids=[f"{rule}-{n}" for n, (rule, _, _) in enumerate(CASES)]
)
def test_a_strict_rule_finds_what_it_is_about(rule: str, text: str, expected: list[int]) -> None:
    assert lines(rule, text) == expected


def test_every_strict_rule_has_rows_and_a_finding_of_one_short_line() -> None:
    texts = {one.code: one.message for rule, text, _ in CASES for one in lint(text, rule) if one.code == rule}
    assert texts.keys() == {rule.name for rule in all_rules().values() if rule.strict}
    assert {code: text for code, text in texts.items() if len(text) > 150 or not text.isprintable()} == {}


def test_scripts_for_windows_are_left_alone() -> None:
    text = "# escape=`\nFROM a:1\nRUN cd /b && sudo c\n"
    assert [one.code for one in lint(text)] == []


def test_a_file_with_errors_has_no_strict_findings() -> None:
    found: list[Diagnostic] = []
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", b"FROM a\nRUM x\n"))
    check_syntax(dockerfile, Linter(CheckConfig(experimental=frozenset((STRICT,))), found.append))
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "FROM a\n" + "".join(f"FROM {n}a AS s{n}\nRUN x{n}\n" for n in range(5000)), id="stages"
        ),
        pytest.param("FROM a AS s\n" + "FROM s AS s\nENV A=1 B=2\n" * 3000, id="a chain"),
        pytest.param(
            "FROM a AS s\n" + "FROM s AS s\nRUN apt-get install b\n" * 3000, id="a chain that installs"
        ),
        pytest.param("FROM a\n" + "COPY . .\n" * 5000 + "RUN npm ci\n", id="copies"),
        pytest.param("FROM a\n" + "COPY b.c /\n" * 5000, id="files"),
        pytest.param("FROM a\n" + "".join(f"ENV A{n}=$A{n - 1}x\n" for n in range(5000)), id="variables"),
        pytest.param("FROM a\nENV A=x\n" + "ENV A=$A$A\n" * 200 + "COPY b.c $A/\n", id="growing variables"),
        pytest.param("FROM a\nRUN " + "apt-get install a && \\\n" * 20_000 + "b\n", id="commands"),
        pytest.param("FROM a\n" + "RUN apt-get install b\n" * 3000, id="installations"),
        pytest.param("FROM a\nRUN " + "$(" * 30_000 + "\n", id="substitutions"),
    ],
)
def test_a_large_file_is_looked_at_to_its_end(text: str) -> None:
    lint(text)


#: Starts a check of the file that is named, then prints the modules of strict rules that it has loaded.
LOADED = """
import sys
from pyfrontend.cli.main import main
main(["check", "--no-shellcheck", "--format=lines", sys.argv[1]])
print(*sorted(name for name in sys.modules if ".strict" in name), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("first", "loads"),
    [
        ("# nothing", False),
        ("# check=skip=LatestTag,SC2086,JSONArgsRecommended", True),  # to know whether LatestTag is a rule
        ("# check=skip=JSONArgsRecommended,SC2086;error=true", False),
        ("# check=experimental=strict", True),
        ("# check=experimental=LatestTag", True),
    ],
)
def test_no_module_of_strict_rules_is_loaded_until_one_is_asked_for(
    root: Path, tmp_path: Path, first: str, *, loads: bool
) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(f"{first}\nFROM scratch\nCOPY a /\n")
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(file)],
        cwd=root / "frontend",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "UnknownRule" not in done.stdout
    assert bool(done.stderr.strip()) is loads
