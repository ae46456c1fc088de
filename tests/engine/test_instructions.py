"""What the instructions do to a real image, as the engine and a container see it."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

from engine.client import build_text, docker

if TYPE_CHECKING:
    from pathlib import Path

TAG = "pyfrontend-test-instructions"

CONFIGURATION = """ARG PORT=8080
FROM busybox AS base
ENV GREETING="hello there" NAME=world
FROM base
ARG PORT
ARG WHO=nobody
LABEL who=$WHO port=${PORT:-none}
WORKDIR /srv/app
USER nobody
EXPOSE $PORT/udp
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --retries=2 CMD true
SHELL ["/bin/sh", "-ec"]
ENTRYPOINT ["echo"]
CMD $GREETING
"""

COPIES = """FROM busybox AS made
RUN <<EOF
mkdir /made
echo heredoc >/made/file
EOF
FROM busybox
COPY --chown=1:2 --chmod=640 a/one.txt /owned
COPY --exclude=*.md a /plain/
COPY --parents b/*/*.txt /parents/
COPY --link --from=made /made/file /linked/
COPY --from=0 /made/file /by-index
COPY --from=busybox /etc/passwd /from-image
COPY <<'A' <<B /here/
literal $HOME
A
expanded ${nothing:-yes}
B
ADD . /all/
"""

MOUNTS = """FROM busybox AS other
RUN echo from-other >/file
FROM busybox
RUN --mount=type=bind,from=other,source=/file,target=/bound cat /bound >/seen
RUN --mount=type=cache,target=/cache echo kept >/cache/note
RUN --mount=type=cache,target=/cache cat /cache/note >>/seen
RUN --mount=type=tmpfs,target=/scratch,size=1m grep -q ' /scratch tmpfs' /proc/mounts && touch /scratch/gone
RUN --mount=type=secret,id=token test "$(cat /run/secrets/token)" = s3cret
RUN --mount=type=secret,id=token,env=TOKEN test "$TOKEN" = s3cret
RUN --mount=type=ssh test -S "$SSH_AUTH_SOCK"
"""


def built_config(folder: Path, dockerfile: str, *options: str) -> dict[str, Any]:
    """Build, and return the image's configuration as the engine reports it."""
    built = build_text(folder, dockerfile, "--tag", TAG, "--load", "--provenance=false", *options)
    assert built.code == 0, built.output
    (image,) = json.loads(docker("image", "inspect", TAG))
    config: dict[str, Any] = image["Config"]
    return config


def run(*command: str) -> str:
    """Run a command in the image that was built."""
    return docker("run", "--rm", TAG, *command)


def test_configuration_reaches_the_image(tmp_path: Path, syntax: str) -> None:
    options = ("--build-arg", "WHO=me", "--label", "more=yes")
    config = built_config(tmp_path, syntax + CONFIGURATION, *options)
    assert config["Labels"].items() >= {"who": "me", "port": "8080", "more": "yes"}.items()
    assert config["Env"][-2:] == ["GREETING=hello there", "NAME=world"]
    assert (config["WorkingDir"], config["User"], config["StopSignal"]) == ("/srv/app", "nobody", "SIGTERM")
    assert config["ExposedPorts"] == {"8080/udp": {}}
    assert config["Volumes"] == {"/data": {}}
    assert config["Healthcheck"] == {"Test": ["CMD-SHELL", "true"], "Interval": 30_000_000_000, "Retries": 2}
    assert config["Entrypoint"] == ["echo"]
    assert config["Cmd"] == ["/bin/sh", "-ec", "$GREETING"]


def test_copy_takes_what_its_flags_say(tmp_path: Path, syntax: str) -> None:
    for name in ("a/one.txt", "a/two.md", "b/c/three.txt", "ignored.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / ".dockerignore").write_text("ignored*\nDockerfile\n.dockerignore\n")
    built_config(tmp_path, syntax + COPIES)
    assert run("stat", "-c", "%u:%g %a", "/owned").split() == ["1:2", "640"]
    assert run("ls", "/plain").split() == ["one.txt"]
    assert run("find", "/parents", "-type", "f").split() == ["/parents/b/c/three.txt"]
    assert run("cat", "/linked/file", "/by-index").split() == ["heredoc", "heredoc"]
    assert "root:" in run("cat", "/from-image")
    assert run("cat", "/here/A", "/here/B") == "literal $HOME\nexpanded yes\n"
    assert set(run("ls", "-A", "/all").split()) == {"a", "b"}


def test_every_kind_of_mount_is_there_while_the_command_runs(tmp_path: Path, syntax: str) -> None:
    token, agent = tmp_path / "token", tmp_path / "agent"
    token.write_text("s3cret")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(agent))
        listener.listen()
        options = ("--no-cache", "--secret", f"id=token,src={token}", "--ssh", f"default={agent}")
        built_config(tmp_path, syntax + MOUNTS, *options)
    assert run("cat", "/seen").split() == ["from-other", "kept"]
    assert run("sh", "-c", "ls /cache /scratch /run/secrets/* 2>/dev/null | grep -v : ; true").split() == []


def test_onbuild_runs_in_the_next_build(tmp_path: Path, syntax: str) -> None:
    config = built_config(tmp_path, syntax + "FROM busybox\nONBUILD RUN echo triggered >/trigger\n")
    assert config["OnBuild"] == ["RUN echo triggered >/trigger"]
    docker("tag", TAG, f"{TAG}-base")
    config = built_config(tmp_path, syntax + f"FROM {TAG}-base\n")
    assert not config.get("OnBuild")
    assert run("cat", "/trigger") == "triggered\n"


def test_no_cache_runs_again_what_is_cached(tmp_path: Path, syntax: str) -> None:
    text = syntax + "FROM busybox\nRUN echo cached\n"
    assert build_text(tmp_path, text).code == 0
    again, anew = build_text(tmp_path, text), build_text(tmp_path, text, "--no-cache")
    assert [step.cached for step in again.ran("RUN echo cached")] == [True]
    assert [step.cached for step in anew.ran("RUN echo cached")] == [False]
