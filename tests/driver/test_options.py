"""Options of a build: what is read, and what the user hears about a bad one."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, Any

import pytest

from parity import daemon
from parity.cases import FOREIGN, OWN, Case, read_cases, shared_folder
from parity.registry import read_platform
from parity.world import options as case_options
from pyfrontend.driver.options.attestations import SBOM
from pyfrontend.driver.options.build_options import BuildOptions, parse_options
from pyfrontend.driver.options.client_options import ClientOptions
from pyfrontend.driver.options.context_options import ContextOptions
from pyfrontend.driver.options.request import Request, read_request
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.caps import DaemonCapabilities
from pyfrontend.gateway.errors import FRONTEND_CAP_URL, BridgeError, Detail
from pyfrontend.gateway.requests import CacheImport
from pyfrontend.golang.quote import go_quote
from pyfrontend.llb.caps import Capabilities
from pyfrontend.llb.ops import LinuxResources, Ulimit
from pyfrontend.lower.ports import Limits
from pyfrontend.oci.platforms import Platform, default

if TYPE_CHECKING:
    from pathlib import Path

CAPS = Capabilities(daemon.LLB)
KNOWN = "moby.buildkit.frontend."


def parse(options: dict[str, str]) -> BuildOptions:
    return parse_options(Request(options), CAPS)


def complaint(options: dict[str, str], caps: Capabilities = CAPS) -> str:
    with pytest.raises(DockerfileError) as caught:
        parse_options(Request(options), caps)
    assert caught.value.spans == [], "an option has no place in the Dockerfile"
    return caught.value.message


#: Where files come from when nothing says so.
NO_CONTEXTS = ContextOptions(
    address="",
    subdirectory=None,
    filename="Dockerfile",
    dockerfile_local="dockerfile",
    dockerfile_is_local=False,
    keep_git_dir=False,
    by_commit_time=False,
    named={},
    input_metadata={},
    shared_keys={},
    session_id="",
    sessions={},
    unique="",
)
EMPTY: dict[str, Any] = {
    "args": {},
    "build_platforms": (default(),),
    "cache_imports": [],
    "cache_mount_ns": "",
    "caps_error": None,
    "cgroup_parent": "",
    "check": None,
    "cmdline": None,
    "contexts": NO_CONTEXTS,
    "evaluate": True,
    "extensions": True,
    "hostname": "",
    "labels": {},
    "limits": Limits(),
    "multi_platform": False,
    "network": "",
    "no_cache": None,
    "platforms": [],
    "request_id": None,
    "resolve_mode": "default",
    "sbom": None,
    "syntax": None,
    "target": "",
}

READ: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("no options", {}, {}),
    ("unknown ones are ignored", {"nonsense": "x"}, {}),
    ("target", {"target": "Build"}, {"target": "Build"}),
    (
        "platforms are normalised and in order",
        {"platform": "linux/aarch64,windows"},
        {"platforms": [Platform("linux", "arm64"), Platform("windows", default().architecture)]}
        | {"multi_platform": True},
    ),
    ("one platform is no map", {"platform": "linux/amd64"}, {"platforms": [Platform("linux", "amd64")]}),
    ("a map may be asked for", {"multi-platform": "1"}, {"multi_platform": True}),
    ("the argument overrides the option", {"multi-platform": "no", "build-arg:BUILDKIT_MULTI_PLATFORM": "t"},
     {"multi_platform": True, "args": {"BUILDKIT_MULTI_PLATFORM": "t"}, "given": {"multi-platform": "t"}}),
    ("resolve mode", {"image-resolve-mode": "local"}, {"resolve_mode": "local"}),
    (
        "hosts are lower-cased, addresses shortened",
        {"add-hosts": '"Db\u0130\u03a3=1.2.3.4",C=2001:DB8:0:0::1,d=::ffff:10.0.0.1,e=::1.2.3.4'},
        {"limits": Limits([("dbi\u03c3", "1.2.3.4"), ("c", "2001:db8::1"), ("d", "10.0.0.1"),
                           ("e", "::102:304")], 0, [], None)},
    ),
    ("shared memory", {"shm-size": "67108864"}, {"limits": Limits([], 64 << 20, [], None)}),
    (
        "ulimits; a single number is both",
        {"ulimit": "nofile=1024:2048,core=5,cpu=-1,nproc=7:-1"},
        {"limits": Limits([], 0, [Ulimit("nofile", 1024, 2048), Ulimit("core", 5, 5), Ulimit("cpu", -1, -1),
                                  Ulimit("nproc", 7, -1)], None)},
    ),
    (
        "resources",
        {"memory": "5", "memswap": "-1", "cpushares": "2", "cpuperiod": "3", "cpuquota": "4",
         "cpusetcpus": "0-3, 5", "cpusetmems": "1"},
        {"limits": Limits([], 0, [], LinuxResources(5, -1, 2, 3, 4, "0-3, 5", "1"))},
    ),
    ("empty resources are none", {"memory": "", "cpusetcpus": ""}, {}),
    ("network", {"force-network-mode": "host"}, {"network": "host"}),
    ("the sandbox is the usual network", {"force-network-mode": "sandbox"}, {}),
    ("hostname", {"hostname": "h"}, {"hostname": "h"}),
    ("the argument sets the hostname", {"hostname": "h", "build-arg:BUILDKIT_SANDBOX_HOSTNAME": "s"},
     {"hostname": "s", "args": {"BUILDKIT_SANDBOX_HOSTNAME": "s"}, "given": {"hostname": "s"}}),
    ("cgroup", {"cgroup-parent": "/g"}, {"cgroup_parent": "/g"}),
    ("no cache for all", {"no-cache": ""}, {"no_cache": frozenset()}),
    ("no cache for some", {"no-cache": "a,B"}, {"no_cache": frozenset("ab")}),
    (
        "cache imports: the list, then the references",
        {"cache-imports": '[{"Type":"local","Attrs":{"src":"x"}},{"type":"gha"},null]', "cache-from": "a,b"},
        {"cache_imports": [CacheImport("local", {"src": "x"}), CacheImport("gha", {}), CacheImport("", {}),
                           CacheImport("registry", {"ref": "a"}), CacheImport("registry", {"ref": "b"})]},
    ),
    ("cache imports may be null", {"cache-imports": "null"}, {}),
    ("build arguments", {"build-arg:A": "1=2"}, {"args": {"A": "1=2"}}),
    ("labels", {"label:l": ""}, {"labels": {"l": ""}}),
    ("cache namespace", {"build-arg:BUILDKIT_CACHE_MOUNT_NS": "n"},
     {"cache_mount_ns": "n", "args": {"BUILDKIT_CACHE_MOUNT_NS": "n"}}),
    ("source date epoch", {"build-arg:SOURCE_DATE_EPOCH": "context"},
     {"args": {"SOURCE_DATE_EPOCH": "context"}, "contexts": NO_CONTEXTS._replace(by_commit_time=True)}),
    ("the line that named this frontend", {"cmdline": "x y"}, {"cmdline": "x y"}),
    ("the argument that names another", {"build-arg:BUILDKIT_SYNTAX": "x"},
     {"syntax": "x", "args": {"BUILDKIT_SYNTAX": "x"}}),
    ("a graph without files", {"evaluate": "false"}, {"evaluate": False}),
    ("which only that word asks for", {"evaluate": "0"}, {}),
    ("subrequest", {"requestid": "frontend.x"}, {"request_id": "frontend.x"}),
    ("sbom has a scanner", {"attest:sbom": ""},
     {"sbom": SBOM("docker.io/docker/buildkit-syft-scanner:stable-1", {})}),
    ("sbom with parameters, keys as written", {"attest:SBOM": "generator=x,Aa=1=2,b"},
     {"sbom": SBOM("docker.io/library/x:latest", {"Aa": "1=2", "b": ""})}),
    ("sbom by argument", {"build-arg:BUILDKIT_ATTEST_SBOM": "generator=x@sha256:" + "a" * 64},
     {"sbom": SBOM("docker.io/library/x@sha256:" + "a" * 64, {}),
      "args": {"BUILDKIT_ATTEST_SBOM": "generator=x@sha256:" + "a" * 64}}),
    ("sbom looked up as the user says", {"attest:sbom": "generator=x", "image-resolve-mode": "pull"},
     {"sbom": SBOM("docker.io/library/x:latest", {}, "pull"), "resolve_mode": "pull"}),
    ("provenance is not for us", {"attest:provenance": "mode=max"}, {}),
    ("known frontend capabilities", {"frontend.caps": f"{KNOWN}inputs,{KNOWN}contexts+forward"}, {}),
    ("file ops may be wanted", {"build-arg:BUILDKIT_DISABLE_FILEOP": "0"},
     {"args": {"BUILDKIT_DISABLE_FILEOP": "0"}}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), [pytest.param(*row[1:], id=row[0]) for row in READ])
def test_options_are_read(given: dict[str, str], expected: dict[str, Any]) -> None:
    options = parse(given)
    assert options._asdict() == {**EMPTY, **expected, "given": {**given, **expected.get("given", {})}}


PLACES: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("a remote main context", {"context": "y"}, {"address": "y"}),
    ("by another name", {"contextkey": "k", "k": "y", "context": "z"}, {"address": "y"}),
    ("a part of it", {"contextsubdir": ""}, {"subdirectory": ""}),
    ("the Dockerfile", {"filename": "x/D"}, {"filename": "x/D"}),
    ("the directory that it is in", {"dockerfilekey": "k"},
     {"dockerfile_local": "k", "dockerfile_is_local": True}),
    ("with .git", {"build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR": "T"}, {"keep_git_dir": True}),
    ("which takes a boolean", {"build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR": "yes"}, {}),
    ("times of the commit", {"build-arg:SOURCE_DATE_EPOCH": "0"}, {"by_commit_time": True}),
    ("unless the epoch is empty", {"build-arg:SOURCE_DATE_EPOCH": ""}, {}),
    ("named contexts", {"context:a::linux/arm64": "x"}, {"named": {"a::linux/arm64": "x"}}),
    ("what is known of an input", {"input-metadata:i": "{}"}, {"input_metadata": {"i": "{}"}}),
    ("hints for directories", {"sharedkey:localdir:d": "k"}, {"shared_keys": {"d": "k"}}),
    ("sessions for directories", {"local-sessionid:d": "s"}, {"sessions": {"d": "s"}}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), [pytest.param(*row[1:], id=row[0]) for row in PLACES])
def test_options_say_where_files_come_from(given: dict[str, str], expected: dict[str, Any]) -> None:
    assert parse(given).contexts == NO_CONTEXTS._replace(**expected)


def test_a_directory_is_served_by_its_own_session_or_that_of_the_build() -> None:
    contexts = parse_options(Request({"local-sessionid:d": "s"}, "all"), CAPS).contexts
    assert (contexts.session_of("d"), contexts.session_of("context")) == ("s", "all")


def test_another_frontend_gets_all_options_and_is_told_its_name() -> None:
    options = parse({"target": "t", "nonsense": "x", "build-arg:BUILDKIT_SANDBOX_HOSTNAME": "h"})
    assert options.for_frontend("image", "image --flag") == {
        "target": "t",
        "nonsense": "x",
        "build-arg:BUILDKIT_SANDBOX_HOSTNAME": "h",
        "hostname": "h",
        "cmdline": "image --flag",
        "source": "image",
    }


def test_options_that_go_along_with_every_solve_are_those_of_the_cache() -> None:
    request = Request({"cache-from": "x", "cache-imports": "[]", "target": "t"})
    assert request.passed_on == {"cache-from": "x", "cache-imports": "[]"}


def test_what_a_command_line_asks_for_is_read_as_it_was_meant() -> None:
    asked = ClientOptions("frontend.lint", "D", "t", "linux/arm64", {"A": "1"}, {"c": "local:c"})
    options = parse(asked.written())
    assert (options.request_id, options.target, options.args) == ("frontend.lint", "t", {"A": "1"})
    assert options.platforms == [Platform("linux", "arm64")]
    assert options.contexts == NO_CONTEXTS._replace(filename="D", named={"c": "local:c"})
    assert parse(ClientOptions("", "", "", "", {}, {}).written()).given == {}


#: Names of options that are nothing else; ``context:`` also begins hints for the daemon and ids in drawings.
RAW = (
    *("build-arg:", "label:", "attest:", "input-metadata:", "local-sessionid:", "sharedkey:"),
    *("contextkey", "contextsubdir", "dockerfilekey", "cmdline", "requestid", "image-resolve-mode"),
    *("force-network-mode", "cache-imports", "cache-from", "multi-platform", "add-hosts"),
    *("shm-size", "cgroup-parent", "frontend.caps"),
)


def test_names_of_options_stand_in_their_folder_only(root: Path) -> None:
    package = root / "frontend" / "pyfrontend"
    found = []
    for path in package.rglob("*.py"):
        if package / "driver" / "options" not in path.parents:
            nodes = ast.walk(ast.parse(path.read_bytes()))
            texts = [str(node.value) for node in nodes if isinstance(node, ast.Constant)]
            found += [f"{path.name}: {text}" for text in texts for name in RAW if text.startswith(name)]
    assert found == []


# What the complaints about one option begin with; V stands for the value, Q for the value quoted.
PREFIXES = {
    "platform": "failed to parse target platform ",
    "multi-platform": "invalid boolean value for multi-platform: ",
    "add-hosts": "failed to parse additional hosts: ",
    "shm-size": "failed to parse shm size: strconv.ParseInt: parsing ",
    "ulimit": "failed to parse ulimit: ",
    "cache-imports": "failed to unmarshal cache-imports (Q): ",
    **{
        option: f"failed to parse resource limits: invalid {option} value: V: "
        for option in ["memory", "memswap", "cpushares", "cpuperiod", "cpuquota", "cpusetcpus", "cpusetmems"]
    },
}
MORE_SOFT = "ulimit soft limit must be less than or equal to hard limit: "
TOO_MANY = "too many limit value arguments - 1:2:3, can only have up to two, `soft[:hard]`"
NO_LIST = "json: cannot unmarshal object into Go value of type []*moby_buildkit_v1.CacheOptionsEntry"
NO_TEXT = "json: cannot unmarshal number into Go struct field CacheOptionsEntry.Type of type string"
BAD_PLATFORM = 'platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument'
UPPER_CASE = "invalid reference format: repository name (library/A) must be lowercase"
NO_SCANNER = "failed to parse sbom scanner "
BARE_QUOTE = 'parse error on line 1, column 2: bare " in non-quoted-field'
REMOVED = "was removed in BuildKit 0.11"

COMPLAINTS = [
    ("platform", "bsd/", f'bsd/: "" is an invalid component of "bsd/": {BAD_PLATFORM}'),
    ("multi-platform", "yes", "yes"),
    ("image-resolve-mode", "x", "invalid image-resolve-mode: x"),
    ("add-hosts", "A", "invalid key-value pair A"),
    ("add-hosts", "a=1.2.3.04", "failed to parse IP 1.2.3.04"),
    ("add-hosts", "a=FE80::1%ETH0", "failed to parse IP fe80::1%eth0"),
    ("add-hosts", 'a"=1', BARE_QUOTE),
    ("shm-size", "1k", '"1k": invalid syntax'),
    ("shm-size", "9" * 19, f'"{"9" * 19}": value out of range'),
    ("ulimit", "x=1", "invalid ulimit type: x"),
    ("ulimit", "core=1:2:3", TOO_MANY),
    ("ulimit", "core=3:2", f"{MORE_SOFT}3 > 2"),
    ("ulimit", "core=-1:2", f"{MORE_SOFT}soft: -1 (unlimited), hard: 2"),
    ("ulimit", "core=a:b", 'strconv.ParseInt: parsing "b": invalid syntax'),
    ("memory", "0", "must be > 0"),
    ("memory", "1g", 'strconv.ParseInt: parsing "1g": invalid syntax'),
    ("memswap", "-2", "must be -1 (unlimited) or > 0"),
    ("cpushares", "-1", 'strconv.ParseUint: parsing "-1": invalid syntax'),
    ("cpuperiod", "0", "must be > 0"),
    ("cpuquota", "-1", "must be > 0"),
    ("cpusetcpus", "a", 'invalid cpuset element "a"'),
    ("cpusetcpus", "-1", 'invalid cpuset range "-1"'),
    ("cpusetmems", "1,8193", 'cpuset element "8193" exceeds maximum 8192'),
    ("cpusetmems", "0-9000", 'cpuset range "0-9000" exceeds maximum 8192'),
    ("force-network-mode", "x", "invalid netmode x"),
    ("cache-imports", "{}", NO_LIST),
    ("cache-imports", "[{'Type':1}]", "invalid character '\\'' looking for beginning of object key string"),
    ("cache-imports", '[{"Type":1}]', NO_TEXT),
    ("attest:x", "", 'unknown attestation type "x"'),
    ("attest:sbom", 'a"', f"failed to parse sbom: {BARE_QUOTE}"),
    ("attest:sbom", "generator=A", f"{NO_SCANNER}A: {UPPER_CASE}"),
    ("build-arg:BUILDKIT_DOCKERFILE_CHECK", "x",
     'failed to parse build-arg:BUILDKIT_DOCKERFILE_CHECK: invalid check option "x"'),
    ("override-copy-image", "x", f'support for "override-copy-image" {REMOVED}'),
    ("build-arg:BUILDKIT_DISABLE_FILEOP", "1", f'support for "BUILDKIT_DISABLE_FILEOP" build-arg {REMOVED}'),
]  # fmt: skip


@pytest.mark.parametrize(("option", "value", "text"), COMPLAINTS)
def test_bad_options_are_named(option: str, value: str, text: str) -> None:
    prefix = PREFIXES.get(option, "").replace("V", value).replace("Q", go_quote(value))
    assert complaint({option: value}) == prefix + text


def test_several_platforms_need_a_map() -> None:
    given = {"multi-platform": "0", "platform": "linux/amd64,linux/arm64"}
    assert complaint(given) == "conflicting config: returning multiple target platforms is not allowed"


def test_the_first_fault_in_the_order_of_the_reference_counts() -> None:
    assert complaint({"add-hosts": "x", "platform": "//", "shm-size": "x"}).startswith(
        "failed to parse target"
    )
    assert complaint({"add-hosts": "x", "shm-size": "x", "ulimit": "x"}).startswith(
        "failed to parse additional"
    )


@pytest.mark.parametrize(
    ("product", "since"),
    [
        ("docker", " (added in Docker v19.03), please update docker"),
        ("buildkit", " (added in BuildKit v0.5.0), please update buildkit"),
        ("", ", please update "),
    ],
)
def test_a_daemon_that_is_too_old_is_an_error(product: str, since: str) -> None:
    caps = DaemonCapabilities(daemon.LLB - {"file.base"}, {}, product)
    text = "requested prerelease feature file.base  is not supported by build server"
    assert complaint({}, caps) == f"needs BuildKit 0.5 or later: {text}{since}"


@pytest.mark.parametrize(
    ("no_cache", "stage", "expected"),
    [
        (None, "a", False),
        ("", "a", True),
        ("", "", True),
        ("A,b", "a", True),
        ("a,b", "c", False),
        ("a", "", False),
        ("a,", "", True),
    ],
)
def test_stages_without_cache(no_cache: str | None, stage: str, expected: bool) -> None:  # noqa: FBT001 - a column
    options = parse({} if no_cache is None else {"no-cache": no_cache})
    assert options.is_no_cache(stage) is expected


def test_an_unknown_frontend_capability_is_refused_with_its_name() -> None:
    with pytest.raises(BridgeError) as caught:
        parse({"frontend.caps": "moby.buildkit.frontend.inputs,x.y"})
    assert (caught.value.code, caught.value.message) == (12, "unsupported frontend capability x.y")
    assert caught.value.details == (Detail(FRONTEND_CAP_URL, b'{"name":"x.y"}'),)


def test_an_unknown_frontend_capability_may_be_another_frontends() -> None:
    error = parse({"frontend.caps": "x.y+forward"}).caps_error
    assert error is not None
    assert error.message == "unsupported frontend capability x.y"


def test_the_given_options_are_left_alone() -> None:
    given = {"build-arg:BUILDKIT_MULTI_PLATFORM": "1"}
    parse(given)
    assert given == {"build-arg:BUILDKIT_MULTI_PLATFORM": "1"}


def test_the_environment_is_read() -> None:
    environ = {
        "BUILDKIT_FRONTEND_OPT_0": "build-arg:A=b=c\nd",
        "BUILDKIT_FRONTEND_OPT_17": "empty",
        "BUILDKIT_SESSION_ID": "s",
        "BUILDKIT_EXPORTEDPRODUCT": "docker",
        "BUILDKIT_WORKERS": """[{"platforms": [
            {"architecture": "arm64", "os": "windows", "os.version": "1", "variant": "v9",
             "os.features": ["f"]},
            {"os": "linux", "architecture": "386"}]}, {}]""",
        "PATH": "x",
    }
    request = read_request(environ)
    workers = [Platform("windows", "arm64", "v9", "1", ("f",)), Platform("linux", "386")]
    assert request == Request({"build-arg:A": "b=c\nd", "empty": ""}, "s", workers, "docker")
    assert request.build_platforms == (workers[0],)


def test_local_sources_of_clients_without_session_are_kept_apart() -> None:
    one, other = read_request({}), read_request({"BUILDKIT_SESSION_ID": ""})
    assert one.unique
    assert other.unique not in ("", one.unique)


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", "[{}]", "[1]", '[{"platforms":null}]', "[" * 100_000])
def test_workers_that_cannot_be_read_are_none(text: str) -> None:
    assert read_request({"BUILDKIT_WORKERS": text}).build_platforms == (default(),)


def parity_cases() -> list[Any]:
    """Return the recorded errors; where the foreign ones are missing, a skip says so."""
    files = sorted(OWN.glob("*.jsonl"))
    cases = [pytest.param(case, id=case.id) for case in read_cases(files) if is_client_error(case)]
    if not (shared_folder() / FOREIGN[1]).exists():
        reason = f"no {FOREIGN[1]} in {shared_folder()}"
        return [*cases, pytest.param(None, id="realworld", marks=pytest.mark.skip(reason=reason))]
    foreign = read_cases([shared_folder() / name for name in FOREIGN])
    return cases + [pytest.param(case, id=case.id) for case in foreign if is_client_error(case)]


def is_client_error(case: Case) -> bool:
    return bool(case.expect.get("error", {}).get("phase") == "client")


def parse_case(case: Case) -> BuildOptions:
    workers = [read_platform(text) for text in case.input.get("worker_platforms", ["linux/amd64"])]
    caps = Capabilities(daemon.LLB - set(case.input.get("disable_caps", ())))
    return parse_options(Request(case_options(case.input), "s", workers), caps)


@pytest.mark.parametrize("case", parity_cases())
def test_errors_are_those_of_the_reference(case: Case) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse_case(case)
    assert caught.value.message == case.expect["error"]["message"]
    assert caught.value.spans == case.expect["error"]["ranges"]


def test_the_recorded_errors_are_all_there() -> None:
    assert sum(map(is_client_error, read_cases(sorted(OWN.glob("*.jsonl"))))) == 15


def test_no_recorded_build_fails_that_the_reference_reads() -> None:
    shared = [shared_folder() / name for name in FOREIGN]
    files = sorted(OWN.glob("*.jsonl")) + [file for file in shared if file.exists()]
    read = 0
    for case in read_cases(files):
        if not is_client_error(case):
            options = parse_case(case)
            read += 1
            platforms = case.expect.get("platforms")
            assert platforms is None or len(platforms) == max(1, len(options.platforms)), case.id
    assert read > 500, os.fspath(OWN)
