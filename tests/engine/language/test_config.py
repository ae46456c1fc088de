"""Instructions that tell what a container of the image is like, and what they leave in the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.built import Built, build_image
from engine.client import build_text

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 1_000_000_000

DOCKERFILE = """
FROM scratch AS parent
MAINTAINER Some One <some@example.test>
ENV FIRST=1 SECOND="two words" THIRD=a\\ b
ENV LEGACY  the rest   of the line
LABEL first=1 "second key"="two words" "broad"="a\\
b"
LABEL replaced=parent
CMD ["cmd", "of", "parent"]
ENTRYPOINT ["entry", "of parent"]
HEALTHCHECK CMD true
VOLUME /parent
EXPOSE 1000
WORKDIR /parent
STOPSIGNAL SIGINT
SHELL ["/bin/parent", "-c"]
USER parent

FROM parent
ARG PORT=8080 RANGE=20-22 WHERE=/data WHO=me:us SIGNAL=SIGQUIT
ENV SECOND=changed FOURTH=$FIRST$SECOND
ENV FIFTH=$FOURTH
LABEL replaced=child port=$PORT quoted='$PORT'
EXPOSE $PORT 53/udp 80/TCP $RANGE 90/sctp "7000"
VOLUME $WHERE /more
VOLUME ["/json", "/with space"]
WORKDIR below
WORKDIR $WHERE/$FIRST
USER $WHO
STOPSIGNAL $SIGNAL
HEALTHCHECK --interval=90s --timeout=2s --start-period=100ms --start-interval=9m --retries=0 \\
    CMD ["check"]
ENTRYPOINT start $FIRST
SHELL ["/bin/child", "-x"]
CMD run "$FIRST"
"""

PORTS = ("8080/tcp", "53/udp", "80/tcp", "20/tcp", "21/tcp", "22/tcp", "90/sctp", "7000/tcp")
CONFIG: dict[str, Any] = {
    "Env": [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "FIRST=1",
        "SECOND=changed",
        "THIRD=a b",
        "LEGACY=the rest   of the line",
        "FOURTH=1two words",
        "FIFTH=1two words",
    ],
    "Labels": {
        "first": "1",
        "second key": "two words",
        "broad": "ab",
        "replaced": "child",
        "port": "8080",
        "quoted": "$PORT",
        "from.client": "yes",
    },
    "ExposedPorts": {
        f"{port}": {}
        for port in (
            "1000/tcp",
            "8080/tcp",
            "53/udp",
            "80/tcp",
            "20/tcp",
            "21/tcp",
            "22/tcp",
            "90/sctp",
            "7000/tcp",
        )
    },
    "Volumes": {path: {} for path in ("/parent", "/data", "/more", "/json", "/with space")},
    "WorkingDir": "/data/1",
    "User": "me:us",
    "StopSignal": "SIGQUIT",
    "Healthcheck": {
        "Test": ["CMD", "check"],
        "Interval": 90 * SECOND,
        "Timeout": 2 * SECOND,
        "StartPeriod": SECOND // 10,
        "StartInterval": 540 * SECOND,
    },
    "Entrypoint": ["/bin/parent", "-c", "start $FIRST"],
    "Cmd": ["/bin/child", "-x", 'run "$FIRST"'],
    "Shell": ["/bin/child", "-x"],
    "ArgsEscaped": True,
}

HISTORY = [
    "MAINTAINER Some One <some@example.test>",
    "ENV FIRST=1 SECOND=two words THIRD=a b",
    "ENV LEGACY=the rest   of the line",
    "LABEL first=1 second key=two words broad=ab",
    "LABEL replaced=parent",
    'CMD ["cmd" "of" "parent"]',
    'ENTRYPOINT ["entry" "of parent"]',
    "HEALTHCHECK {Test:[CMD-SHELL true] Interval:0s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}",
    "VOLUME [/parent]",
    "EXPOSE [1000/tcp]",
    "WORKDIR /parent",
    "STOPSIGNAL SIGINT",
    "SHELL [/bin/parent -c]",
    "USER parent",
    "ARG PORT=8080 RANGE=20-22 WHERE=/data WHO=me:us SIGNAL=SIGQUIT",
    "ENV SECOND=changed FOURTH=1two words",
    "ENV FIFTH=1two words",
    "LABEL replaced=child port=8080 quoted=$PORT",
    "EXPOSE [7000/tcp 8080/tcp 20/tcp 21/tcp 22/tcp 53/udp 80/tcp 90/sctp]",
    "VOLUME [/data /more]",
    "VOLUME [/json /with space]",
    "WORKDIR /parent/below",
    "WORKDIR /data/1",
    "USER me:us",
    "STOPSIGNAL SIGQUIT",
    "HEALTHCHECK {Test:[CMD check] Interval:1m30s Timeout:2s StartPeriod:100ms StartInterval:9m0s Retries:0}",
    'ENTRYPOINT ["/bin/parent" "-c" "start $FIRST"]',
    "SHELL [/bin/child -x]",
    'CMD ["/bin/child" "-x" "run \\"$FIRST\\""]',
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, syntax: str) -> Built:
    text = syntax + DOCKERFILE
    return build_image(tmp_path_factory.mktemp("context"), text, "--label=from.client=yes")


def test_config_has_nothing_else(built: Built) -> None:
    assert set(built.config) == set(CONFIG)


@pytest.mark.parametrize("key", CONFIG)
def test_the_config_has_the_value_that_was_set(built: Built, key: str) -> None:
    assert built.config[key] == CONFIG[key]


def test_the_history_has_an_entry_for_every_instruction(built: Built) -> None:
    assert built.history == HISTORY


def test_the_history_marks_which_instructions_made_layers(built: Built) -> None:
    made = [entry["created_by"] for entry in built.image["history"] if not entry.get("empty_layer")]
    assert made == ["WORKDIR /parent", "WORKDIR /parent/below", "WORKDIR /data/1"]
    assert len(built.layers) == len(made)
    assert {entry["comment"] for entry in built.image["history"]} == {"buildkit.dockerfile.v0"}


def test_author_and_platform(built: Built) -> None:
    assert built.image["author"] == "Some One <some@example.test>"
    assert (built.image["os"], built.image["rootfs"]["type"]) == ("linux", "layers")


RESETS = """
FROM scratch AS parent
CMD ["cmd"]
ENTRYPOINT ["entry"]
HEALTHCHECK CMD true
USER someone

FROM parent AS entrypoint-clears-cmd
ENTRYPOINT ["other"]

FROM parent AS cmd-before-entrypoint-stays
CMD ["mine"]
ENTRYPOINT ["other"]

FROM parent AS empty
ENTRYPOINT []
CMD []
HEALTHCHECK NONE
ARG NOBODY
USER $NOBODY
"""


@pytest.mark.parametrize(
    ("stage", "config"),
    [
        ("parent", {"Cmd": ["cmd"], "Entrypoint": ["entry"], "User": "someone"}),
        ("entrypoint-clears-cmd", {"Cmd": None, "Entrypoint": ["other"]}),
        ("cmd-before-entrypoint-stays", {"Cmd": ["mine"], "Entrypoint": ["other"]}),
        ("empty", {"Cmd": None, "Entrypoint": None, "User": None, "Healthcheck": {"Test": ["NONE"]}}),
    ],
)
def test_an_empty_value_resets_what_the_base_set(
    tmp_path: Path, syntax: str, stage: str, config: dict[str, Any]
) -> None:
    found = build_image(tmp_path, syntax + RESETS, f"--target={stage}").config
    assert {key: found.get(key) for key in config} == config


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("EXPOSE 70000", "invalid containerPort: 70000", id="port"),
        pytest.param("STOPSIGNAL nothing", "invalid signal: nothing", id="signal"),
        pytest.param("HEALTHCHECK --interval=1us CMD x", "cannot be less than 1ms", id="interval"),
        pytest.param("HEALTHCHECK SHELL x", 'Unknown type "SHELL" in HEALTHCHECK (try CMD)', id="check"),
        pytest.param('VOLUME [""]', "VOLUME specified can not be an empty string", id="volume"),
        pytest.param("SHELL sh", "SHELL requires the arguments to be in JSON form", id="shell"),
        pytest.param("ENV =x", "ENV names can not be blank", id="variable"),
        pytest.param("LABEL =x", "LABEL names can not be blank", id="label"),
    ],
)
def test_a_bad_value_fails_the_build(tmp_path: Path, syntax: str, line: str, message: str) -> None:
    built = build_text(tmp_path, f"{syntax}FROM scratch\n{line}\n")
    assert message in built.message, built.message
    assert built.marked == [3]


def test_automatic_path_is_there_only_where_none_is_set(tmp_path: Path, syntax: str) -> None:
    text = f"{syntax}FROM scratch AS own\nENV PATH=/own\nFROM scratch AS none\n"
    assert build_image(tmp_path, text, "--target=own").config["Env"] == ["PATH=/own"]
    assert build_image(tmp_path, text, "--target=none").config["Env"] == CONFIG["Env"][:1]
