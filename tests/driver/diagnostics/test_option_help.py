"""Help for options of a build that cannot be read, and for what a build takes its time and contexts from."""

from __future__ import annotations

import pytest

from fakes import FakeBridge, help_of
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.llb.caps import FILE_BASE

PLATFORMS = "a platform is OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as linux/amd64 or linux/arm/v7"
LIMITS = "core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime,"
EPOCH = (
    "SOURCE_DATE_EPOCH is a number of seconds since 1970, as date +%s prints, or context, or the name of a"
    " context or stage to take the time from"
)
SOURCES = "docker-image://IMAGE, oci-layout://FOLDER@sha256:DIGEST, a URL, or a folder"
#: Options to the help in the error.
ROWS: list[tuple[dict[str, str], str]] = [
    ({"platform": "x64"}, "did you mean linux/amd64?"),
    ({"platform": "linux/amd64,linux/"}, PLATFORMS),
    ({"platform": "li nux"}, "did you mean linux?"),
    (
        {"platform": "linux/amd64,linux/arm64", "multi-platform": "false"},
        "remove BUILDKIT_MULTI_PLATFORM=false, or build one platform at a time",
    ),
    (
        {"build-arg:BUILDKIT_MULTI_PLATFORM": "yes"},
        "write BUILDKIT_MULTI_PLATFORM=true or BUILDKIT_MULTI_PLATFORM=false",
    ),
    ({"build-arg:BUILDKIT_DOCKERFILE_CHECK": "skp=all"}, "did you mean skip?"),
    ({"build-arg:BUILDKIT_DOCKERFILE_CHECK": "experimental"}, "write experimental=RuleName,OtherRule"),
    ({"build-arg:BUILDKIT_DOCKERFILE_CHECK": "error=maybe"}, "write error=true or error=false"),
    (
        {"build-arg:BUILDKIT_DISABLE_FILEOP": "1"},
        "remove the build argument BUILDKIT_DISABLE_FILEOP: files are copied by BuildKit itself",
    ),
    (
        {"override-copy-image": "a"},
        "remove the option override-copy-image: files are copied by BuildKit itself",
    ),
    (
        {"image-resolve-mode": "always"},
        "image-resolve-mode is default, pull or local: docker build --pull asks for pull",
    ),
    (
        {"force-network-mode": "bridge"},
        "write --network=default, --network=none or --network=host",
    ),
    ({"add-hosts": "db"}, "write a name and an IP address: --add-host db=10.0.0.2"),
    ({"add-hosts": "db=nine"}, "write a name and an IP address: --add-host db=10.0.0.2"),
    ({"shm-size": "64m"}, "write a size in bytes, or with a unit: --shm-size=67108864 or --shm-size=64m"),
    ({"ulimit": "nofile"}, "write --ulimit NAME=SOFT:HARD, as in --ulimit nofile=1024:2048"),
    ({"ulimit": "nofile=x"}, "write --ulimit NAME=SOFT:HARD, as in --ulimit nofile=1024:2048"),
    ({"ulimit": "nofiles=1:2"}, "did you mean --ulimit nofile=1:2?"),
    ({"ulimit": "cpu=1,xyzzy=1"}, f"the limits are {LIMITS} sigpending, stack"),
    ({"ulimit": "cpu=9:1"}, "the soft limit comes first: --ulimit cpu=1:9"),
    ({"memory": "1g"}, "memory takes a whole number above 0: a limit in bytes"),
    ({"memory": "0"}, "memory takes a whole number above 0: a limit in bytes"),
    ({"memory": "1", "cpusetcpus": "a"}, "cpusetcpus is a list of processors, such as 0-3,5"),
    ({"attest:sbmo": ""}, "the types are sbom and provenance (did you mean sbom?)"),
    ({"attest:xyzzy": ""}, "the types are sbom and provenance"),
    (
        {"attest:provenance": 'a"b'},
        "write provenance=KEY=VALUE,KEY=VALUE, with double quotes only around a whole KEY=VALUE",
    ),
    (
        {"attest:sbom": "generator=A B"},
        "generator is the name of an image: --sbom=generator=docker/buildkit-syft-scanner:stable-1",
    ),
    (
        {"cache-imports": "registry"},
        'cache-imports is a JSON list: [{"Type":"registry","Attrs":{"ref":"IMAGE"}}]',
    ),
    ({"build-arg:SOURCE_DATE_EPOCH": "today"}, EPOCH),
    ({"build-arg:SOURCE_DATE_EPOCH": "other"}, "begin the stage with FROM scratch (line 1)"),
    (
        {"build-arg:SOURCE_DATE_EPOCH": "empty"},
        "such a stage is FROM scratch and one ADD of a URL or Git repository, with ARGs at most (line 2)",
    ),
    ({"context:dep": "folder"}, f"write --build-context dep=SOURCE, where SOURCE is {SOURCES} (line 4)"),
    ({"context:dep": "docker-imag://a"}, "did you mean docker-image? (line 4)"),
    ({"context:dep": "xyzzy:a"}, f"a context is {SOURCES} (line 4)"),
    (
        {"context:dep": "docker-image://Alpine"},
        "image names are in lower case: --build-context dep=docker-image://alpine (line 4)",
    ),
    (
        {"context:dep": "docker-image://A b"},
        "write --build-context dep=docker-image://IMAGE:TAG (line 4)",
    ),
    (
        {"context:dep": "oci-layout://folder"},
        "add the digest of the image: --build-context dep=oci-layout://folder@sha256:... (line 4)",
    ),
    (
        {"context:dep": "oci-layout://a b"},
        "write --build-context dep=oci-layout://FOLDER@sha256:DIGEST (line 4)",
    ),
    (
        {"context:dep": "git:x"},
        "write --build-context dep=https://HOST/REPOSITORY.git#BRANCH (line 4)",
    ),
    (
        {"context:dep": "input:a"},
        "the client passes no input called a: bake passes those of the targets it builds (line 4)",
    ),
    (
        {"context:dep": "target:base"},
        "only docker buildx bake builds the target base and passes it on (line 4)",
    ),
]
FILE = "FROM a AS other\nFROM scratch AS empty\nFROM a\nCOPY --from=dep / /\n"


@pytest.mark.parametrize(("options", "text"), ROWS, ids=[str(options) for options, _ in ROWS])
def test_the_help_says_how_the_option_is_written(options: dict[str, str], text: str) -> None:
    assert help_of(FILE, **options) == ([text] if text else [])


def test_a_capability_that_nobody_has_comes_with_two_ways_to_go_on() -> None:
    bridge = FakeBridge()
    with pytest.raises(BridgeError) as caught:
        serve(bridge, bridge.request(**{"frontend.caps": "a.b"}))
    assert caught.value.help == "remove a.b from frontend.caps, or name another frontend with BUILDKIT_SYNTAX"


def test_what_cannot_be_explained_stays_as_it_is() -> None:
    bridge = FakeBridge(disable_caps=[FILE_BASE])
    with pytest.raises(DockerfileError) as caught:
        serve(bridge, bridge.request())
    assert caught.value.help == ""
