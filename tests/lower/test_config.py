"""Instructions that change the image config, and what they leave in the history."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import Conversion, DictResolver, complaint, config, history, lower
from parity import daemon
from pyfrontend.llb.caps import Capabilities
from pyfrontend.oci.platforms import Platform

LINE_2 = [(2, 2)]
WINDOWS = Platform("windows", "amd64")
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.mark.parametrize(
    ("line", "member", "value", "entry"),
    [
        pytest.param("CMD a b", "Cmd", ["/bin/sh", "-c", "a b"], 'CMD ["/bin/sh" "-c" "a b"]', id="CMD"),
        pytest.param('CMD ["a", "é"]', "Cmd", ["a", "é"], 'CMD ["a" "é"]', id="CMD as a list"),
        pytest.param("CMD []", "Cmd", None, "CMD []", id="an empty CMD"),
        pytest.param("CMD a", "ArgsEscaped", True, 'CMD ["/bin/sh" "-c" "a"]', id="CMD escapes arguments"),
        pytest.param('ENTRYPOINT ["e"]', "Entrypoint", ["e"], 'ENTRYPOINT ["e"]', id="ENTRYPOINT"),
        pytest.param("USER ü:g", "User", "ü:g", "USER ü:g", id="USER"),
        pytest.param("LABEL a=1 a=2", "Labels", {"a": "2"}, "LABEL a=1 a=2", id="LABEL, the later counts"),
        pytest.param("ENV A=1 A=2", "Env", [PATH, "A=2"], "ENV A=1 A=2", id="ENV, the later counts"),
        pytest.param("ENV A=", "Env", [PATH, "A="], "ENV A=", id="an empty variable"),
        pytest.param("VOLUME /b /a", "Volumes", {"/a": {}, "/b": {}}, "VOLUME [/b /a]", id="VOLUME"),
        pytest.param("STOPSIGNAL 9", "StopSignal", "9", "STOPSIGNAL 9", id="STOPSIGNAL"),
        pytest.param('SHELL ["a"]', "Shell", ["a"], "SHELL [a]", id="SHELL"),
        pytest.param("WORKDIR a", "WorkingDir", "/a", "WORKDIR /a", id="WORKDIR"),
        pytest.param("WORKDIR /", "WorkingDir", "/", "WORKDIR /", id="WORKDIR at the root"),
        pytest.param("EXPOSE 80", "ExposedPorts", {"80/tcp": {}}, "EXPOSE [80/tcp]", id="EXPOSE"),
        pytest.param(
            "HEALTHCHECK NONE",
            "Healthcheck",
            {"Test": ["NONE"]},
            "HEALTHCHECK {Test:[NONE] Interval:0s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}",
            id="HEALTHCHECK",
        ),
    ],
)
def test_an_instruction_sets_its_member_and_says_so(line: str, member: str, value: Any, entry: str) -> None:
    found = lower(f"FROM scratch\n{line}")
    assert config(found).get(member) == value
    assert history(found) == [entry]


@pytest.mark.parametrize(
    ("lines", "given", "expected"),
    [
        pytest.param("ENTRYPOINT e", {"Cmd": ["c"]}, None, id="ENTRYPOINT drops the CMD of the base"),
        pytest.param("CMD []\nENTRYPOINT e", {"Cmd": ["c"]}, None, id="also where CMD was emptied"),
        pytest.param('CMD ["d"]\nENTRYPOINT e', {"Cmd": ["c"]}, ["d"], id="but not a CMD of this stage"),
        pytest.param("CMD c", {"Shell": ["s"]}, ["s", "c"], id="the shell of the base runs CMD"),
    ],
)
def test_the_command_depends_on_what_came_before(lines: str, given: dict[str, Any], expected: Any) -> None:
    image = {"config": {"os": "linux", "architecture": "amd64", "config": given}}
    assert config(lower(f"FROM x\n{lines}", resolver=DictResolver({"x": image}))).get("Cmd") == expected


def test_commands_of_a_windows_image_run_in_cmd() -> None:
    image = {"config": {"os": "windows", "architecture": "amd64", "config": {}}}
    found = lower("FROM x\nCMD dir", resolver=DictResolver({"x": image}), platform=WINDOWS)
    assert config(found) == {"Cmd": ["cmd", "/S", "/C", "dir"], "ArgsEscaped": True}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("VOLUME $NONE", "VOLUME specified can not be an empty string", id="an empty volume"),
        pytest.param("STOPSIGNAL SIGNOTHING", "invalid signal: SIGNOTHING", id="no signal"),
        pytest.param(
            "ENV A=${B?missing}",
            'failed to process "${B?missing}": B: missing',
            id="a variable that must be set",
        ),
        pytest.param("EXPOSE 80/x", 'invalid port: "80/x": invalid proto: x', id="no protocol"),
        pytest.param("EXPOSE /tcp", 'invalid port: "/tcp": no port specified', id="no port"),
        pytest.param("EXPOSE 1:", 'invalid port: "1:": no port specified', id="a host port only"),
        pytest.param("EXPOSE 65536", "invalid containerPort: 65536", id="a port too large"),
        pytest.param("EXPOSE -1", "invalid containerPort: -1", id="a port below zero"),
        pytest.param("EXPOSE 80-", "invalid containerPort: 80-", id="an open range"),
        pytest.param("EXPOSE 3-2", "invalid containerPort: 3-2", id="a range the wrong way round"),
        pytest.param("EXPOSE ٨٠", "invalid containerPort: ٨٠", id="digits of another script"),
        pytest.param("EXPOSE 1_0", "invalid containerPort: 1_0", id="an underscore"),
        pytest.param(
            "EXPOSE 99999999999999999999", "invalid containerPort: 99999999999999999999", id="a huge port"
        ),
        pytest.param("EXPOSE x:80", "invalid hostPort: x", id="no host port"),
        pytest.param(
            "EXPOSE 1-3:8-9",
            "invalid ranges specified for container and host Ports: 8-9 and 1-3",
            id="ranges of different size",
        ),
        pytest.param("EXPOSE 1.2.3:1:80", "invalid IP address: 1.2.3", id="no address"),
        pytest.param(
            "EXPOSE [::1:1:80",
            "invalid IP address [::1: address [::1:: missing ']' in address",
            id="an open bracket",
        ),
        pytest.param(
            "EXPOSE [::1]x:1:80",
            "invalid IP address [::1]x: address [::1]x:: missing port in address",
            id="letters behind a bracket",
        ),
        pytest.param(
            "EXPOSE [[::1]:1:80",
            "invalid IP address [[::1]: address [[::1]:: unexpected '[' in address",
            id="two brackets",
        ),
        pytest.param(
            "EXPOSE [fe80::1%eth0]:1:80", "invalid IP address: fe80::1%eth0", id="an address with a zone"
        ),
    ],
)
def test_a_bad_value_is_reported_at_its_line(line: str, message: str) -> None:
    assert complaint(f"FROM scratch\n{line}") == (message, LINE_2, None)


@pytest.mark.parametrize(
    ("ports", "exposed"),
    [
        pytest.param("80", ["80/tcp"], id="tcp unless said otherwise"),
        pytest.param("+080/UDP", ["80/udp"], id="a sign, zeros and capitals"),
        pytest.param("0", ["0/tcp"], id="zero"),
        pytest.param("80-82/sctp", ["80/sctp", "81/sctp", "82/sctp"], id="a range"),
        pytest.param("80-80", ["80/tcp"], id="a range of one"),
        pytest.param("8080:80", ["80/tcp"], id="a host port does not count"),
        pytest.param("1-2:80", ["80/tcp"], id="nor a range of them for one port"),
        pytest.param("1.2.3.4::80", ["80/tcp"], id="nor an address"),
        pytest.param("[::1]:1:80", ["80/tcp"], id="nor one in brackets"),
        pytest.param("::1:1:80", ["80/tcp"], id="nor one with colons"),
        pytest.param("$PORTS", ["1/tcp", "2/udp"], id="a variable may hold several"),
        pytest.param("$NONE", [], id="or none"),
    ],
)
def test_ports_are_written_one_by_one(ports: str, exposed: list[str]) -> None:
    found = lower(f'FROM scratch\nENV PORTS="1 2/udp"\nEXPOSE {ports}')
    assert list(config(found).get("ExposedPorts", {})) == exposed


@pytest.mark.parametrize(
    ("lines", "rules"),
    [
        pytest.param("WORKDIR a", ["WorkdirRelativePath"], id="a relative directory"),
        pytest.param("WORKDIR /a\nWORKDIR b", [], id="relative to one of this stage"),
        pytest.param("CMD a", ["JSONArgsRecommended"], id="a command in a shell"),
        pytest.param('SHELL ["s"]\nCMD a', [], id="in a shell of one's own"),
        pytest.param('CMD ["a"]\nCMD ["b"]', ["MultipleInstructionsDisallowed"], id="two commands"),
        pytest.param("EXPOSE 80/TCP", ["ExposeProtoCasing"], id="capitals of a protocol"),
        pytest.param("EXPOSE 1:80", ["ExposeInvalidFormat"], id="a host port"),
        pytest.param("ENV A 1", ["LegacyKeyValueFormat"], id="ENV without equals sign"),
        pytest.param("LABEL A 1", ["LegacyKeyValueFormat"], id="LABEL without equals sign"),
        pytest.param("ENV TOKEN=1", ["SecretsUsedInArgOrEnv"], id="a secret in ENV"),
        pytest.param("ARG TOKEN", ["SecretsUsedInArgOrEnv"], id="a secret in ARG"),
        pytest.param("USER $NONE", ["UndefinedVar"], id="a variable that nobody set"),
        pytest.param("ARG A\nUSER $A", [], id="a declared one is fine"),
    ],
)
def test_what_looks_wrong_is_reported(lines: str, rules: list[str]) -> None:
    conversion = Conversion(f"FROM scratch\n{lines}")
    conversion.lower()
    assert [finding.code for finding in conversion.findings] == rules


def test_labels_of_the_build_come_last() -> None:
    found = lower("FROM scratch\nLABEL a=1 b=1", labels={"b": "2", "c": ""})
    assert config(found)["Labels"] == {"a": "1", "b": "2", "c": ""}


def test_a_start_interval_is_refused_where_the_engine_drops_it() -> None:
    text = "FROM x\nHEALTHCHECK --start-interval=5s CMD true"
    old = Capabilities(daemon.LLB)
    old.drops = frozenset({"StartInterval"})
    message = (
        "this engine does not support HEALTHCHECK --start-interval, which needs Docker Engine 25.0 or newer"
    )
    assert complaint(text, caps=old) == (message, [(2, 2)], None)
    assert lower(text).image.healthcheck
    assert lower("FROM x\nHEALTHCHECK --interval=5s CMD true", caps=old).image.healthcheck
