"""RUN --mount=type=secret and ssh: there while the command runs, and gone without a trace."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.built import Built, Fact, build_image
from engine.client import build_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Each command leaves a trace of the secret in another form than the secret itself: reversed, or its length.
SECRETS = f"""
FROM busybox
# What a secret holds does not count for the cache.
RUN echo {uuid4().hex}
WORKDIR /w
ENV WHERE=/expanded
RUN --mount=type=secret,id=token rev /run/secrets/token >/default
RUN --mount=type=secret,id=token stat -c '%u:%g %a' /run/secrets/token >/default-owner
RUN --mount=type=secret,id=token,target=/etc/token rev /etc/token >/target
RUN --mount=type=secret,id=token,dst=$WHERE/token rev /expanded/token >/expanded-target
RUN --mount=type=secret,source=token rev /run/secrets/token >/source
RUN --mount=type=secret,target=/elsewhere/token rev /elsewhere/token >/id-from-target
RUN --mount=type=secret,id=token,mode=0444,uid=7,gid=8 stat -c '%u:%g %a' /run/secrets/token >/owner
RUN --mount=type=secret,id=token,env=TOKEN echo $TOKEN | rev >/env; ls /run/secrets/* >>/env 2>/dev/null; true
RUN --mount=type=secret,id=token,env=TOKEN,target=/t echo $TOKEN | cat - /t | rev >/env-and-file
RUN --mount=type=secret,id=token --mount=type=secret,id=other,required cat /run/secrets/* | rev >/several
RUN --mount=type=secret,id=absent ls /run/secrets >/absent 2>&1; true
RUN --mount=type=secret,id=absent,env=ABSENT,required=false echo "[$ABSENT]" >/absent-env
RUN --mount=type=secret,id=from-environment rev /run/secrets/from-environment >/client-env
RUN echo "[$TOKEN]" >/after; cat /run/secrets/* /etc/token >>/after 2>/dev/null; true
"""

TOKEN, OTHER = f"token{uuid4().hex}", f"other{uuid4().hex}"
NEKOT, REHTO = TOKEN[::-1], OTHER[::-1]

FACTS = [
    Fact("a file below /run/secrets", "/default", f"{NEKOT}\n"),
    Fact("owner and mode by default", "/default-owner", "0:0 400\n"),
    Fact("target", "/target", f"{NEKOT}\n"),
    Fact("target is expanded", "/expanded-target", f"{NEKOT}\n"),
    Fact("source is another word for id", "/source", f"{NEKOT}\n"),
    Fact("id is the name of the target by default", "/id-from-target", f"{NEKOT}\n"),
    Fact("mode, uid and gid", "/owner", "7:8 444\n"),
    Fact(
        "env sets a variable, and makes no file",
        "/env",
        f"{NEKOT}\n",
    ),
    Fact("env and target", "/env-and-file", f"{NEKOT}\n{NEKOT}\n"),
    Fact("several", "/several", f"{REHTO}\n{NEKOT}\n"),
    Fact("absent without required", "/absent", "ls: /run/secrets: No such file or directory\n"),
    Fact("absent variable without required", "/absent-env", "[]\n"),
    Fact("from the environment of the client", "/client-env", f"{REHTO}\n"),
    Fact("the next step knows nothing", "/after", "[]\n"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, syntax: str) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("context")
    hidden = tmp_path_factory.mktemp("hidden")
    for name, secret in (("token", TOKEN), ("other", OTHER)):
        (hidden / name).write_text(f"{secret}\n")
    files = [f"--secret=id={name},src={hidden / name}" for name in ("token", "other")]
    os.environ["PYFRONTEND_TEST_SECRET"] = f"{OTHER}\n"
    try:
        yield build_image(
            folder, syntax + SECRETS, *files, "--secret=id=from-environment,env=PYFRONTEND_TEST_SECRET"
        )
    finally:
        del os.environ["PYFRONTEND_TEST_SECRET"]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.promise)
def test_a_secret_reaches_its_step(built: Built, fact: Fact) -> None:
    fact.holds_in(built)


@pytest.mark.parametrize("secret", [TOKEN, OTHER], ids=["token", "other"])
def test_secret_is_left_behind_nowhere(built: Built, secret: str) -> None:
    assert not [path for layer in built.layers for path in layer if secret.encode() in layer[path].data]
    assert secret not in str(built.image)
    assert secret not in built.build.output


def test_secret_that_is_required_and_absent_is_reported(tmp_path: Path, syntax: str) -> None:
    text = "FROM busybox\nRUN true\nRUN --mount=type=secret,id=absent,required true\n"
    built = build_text(tmp_path, syntax + text)
    assert "secret absent: not found" in built.message, built.message
    assert built.marked == [4]


def test_secret_does_not_count_for_the_cache(tmp_path: Path, syntax: str) -> None:
    text = f"{syntax}FROM busybox\nRUN --mount=type=secret,id=s,env=S echo {uuid4().hex}\n"
    for number, cached in ((1, False), (2, True)):
        (tmp_path / "s").write_text(f"secret {number}")
        built = build_text(tmp_path, text, f"--secret=id=s,src={tmp_path / 's'}")
        assert [step.cached for step in built.ran("] RUN")] == [cached]


#: Asks the agent for its keys (protocol of ssh-agent: request 11), with what every Debian image has.
ASK = r"""
use IO::Socket::UNIX;
my $agent = IO::Socket::UNIX->new($ARGV[0] || $ENV{SSH_AUTH_SOCK}) or die "no agent: $!";
syswrite($agent, pack("N C", 1, 11));
my $answer = "";
do { sysread($agent, $answer, 65536, length $answer) or die "no answer" }
    until length $answer >= 4 && length $answer >= 4 + unpack("N", $answer);
print $answer =~ /(key-[a-z]+-[0-9a-f]+)/g, "\n";
"""

SSH = """
FROM debian:trixie-slim
COPY ask.pl /
RUN echo {id}
RUN --mount=type=ssh perl /ask.pl >/default
RUN --mount=type=ssh echo $SSH_AUTH_SOCK >/socket && stat -c '%u:%g %a' $SSH_AUTH_SOCK >/owner
RUN --mount=type=ssh,id=default perl /ask.pl >/by-id
RUN --mount=type=ssh,id=second perl /ask.pl >/second
RUN --mount=type=ssh,target=/agent.sock,mode=0666,uid=7,gid=8,required \\
    perl /ask.pl /agent.sock >/target && stat -c '%u:%g %a' /agent.sock >/own
RUN --mount=type=ssh --mount=type=ssh,id=second,target=/second.sock perl /ask.pl /second.sock >/both
RUN --mount=type=ssh,id=absent test -e $SSH_AUTH_SOCK || echo none >/absent
RUN --mount=type=ssh SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0 perl /ask.pl >/known-place
RUN echo "[$SSH_AUTH_SOCK]" >/after; find /run/buildkit -type s >>/after; true
"""


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Path, str]]]:
    """Two real agents with a key each: socket and the key's name."""
    if not (shutil.which("ssh-agent") and shutil.which("ssh-add") and shutil.which("ssh-keygen")):
        pytest.skip("no OpenSSH client here: ssh-agent, ssh-add and ssh-keygen are needed")
    folder = tmp_path_factory.mktemp("ssh")
    known, running = {}, []
    for name in ("default", "second"):
        socket, key, comment = folder / f"{name}.sock", folder / name, f"key-{name}-{uuid4().hex}"
        running.append(subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL))
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", key], check=True)
        subprocess.run(["ssh-add", "-q", key], env={**os.environ, "SSH_AUTH_SOCK": str(socket)}, check=True)
        known[name] = (socket, comment)
    yield known
    for agent in running:
        agent.terminate()
        agent.wait(10)


@pytest.fixture(scope="module")
def agent_built(
    tmp_path_factory: pytest.TempPathFactory, syntax: str, agents: dict[str, tuple[Path, str]]
) -> Built:
    context = tmp_path_factory.mktemp("context")
    (context / "ask.pl").write_text(ASK)
    options = [f"--ssh={name}={socket}" for name, (socket, _) in agents.items()]
    return build_image(context, syntax + SSH.format(id=uuid4().hex), *options)


@pytest.mark.parametrize(
    ("path", "agent"),
    [
        pytest.param("/default", "default", id="the default agent"),
        pytest.param("/by-id", "default", id="the default agent by its name"),
        pytest.param("/second", "second", id="another agent"),
        pytest.param("/target", "default", id="at a place of its own"),
        pytest.param("/both", "second", id="one beside the other"),
        pytest.param("/known-place", "default", id="at the place that is known"),
    ],
)
def test_ssh_reaches_the_agent(
    agent_built: Built, agents: dict[str, tuple[Path, str]], path: str, agent: str
) -> None:
    assert agent_built.text(path) == f"{agents[agent][1]}\n"


def test_ssh_socket_has_its_place_and_owner_and_is_gone_afterwards(agent_built: Built) -> None:
    assert agent_built.text("/socket") == "/run/buildkit/ssh_agent.0\n"
    assert agent_built.text("/owner") == "0:0 600\n"
    assert agent_built.text("/own") == "7:8 666\n"
    assert agent_built.text("/absent") == "none\n"
    assert agent_built.text("/after") == "[]\n"
    assert not [path for path in agent_built.tree if path.endswith((".sock", "ssh_agent.0"))]


def test_ssh_that_is_required_and_absent_is_reported(tmp_path: Path, syntax: str) -> None:
    built = build_text(tmp_path, f"{syntax}FROM busybox\nRUN --mount=type=ssh,id=absent,required true\n")
    assert "unset ssh forward key absent" in built.message, built.message
    assert built.marked == [3]
