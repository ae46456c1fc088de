"""Policies by configuration: what each variable lets in, and what is wrong with one that cannot be read."""

from __future__ import annotations

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.giturl import GitRef
from pyfrontend.lookups import ALLOW, DENY
from pyfrontend.oci.platforms import Platform
from pyfrontend.oci.reference import parse_normalized
from pyfrontend.policies.configured import MIRRORS, REGISTRIES, REQUIRE, configured
from pyfrontend.policies.judge import Judge
from pyfrontend.policies.sources import git_source, http_source, image_source
from pyfrontend.policies.values import LAYOUT, LOCK, Source, Use

LINUX = Platform("linux", "amd64")
SHA = "sha256:" + "a" * 64
COMMIT = "b" * 40


def image(written: str, instruction: str = "FROM") -> Source:
    return image_source(parse_normalized(written), LINUX, Use(written, instruction))


def asked(source: Source, **variables: str) -> str:
    """What a build may take for ``source``, or what is wrong with it."""
    settings = configured({f"DOCKERFILE_FRONTEND_{name}": text for name, text in variables.items()})
    try:
        return Judge(settings.policies).ask(source).ref
    except DockerfileError as error:
        return error.message.rpartition(": ")[2] if error.code == "SourceDenied" else f"! {error.message}"


DENIED = "it allows registry.example.com, docker.io/library, localhost:5000/a"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("alpine", "docker.io/library/alpine:latest"),
        ("library/alpine:3", "docker.io/library/alpine:3"),
        ("docker.io/alpine", "docker.io/library/alpine:latest"),
        ("index.docker.io/library/alpine", "docker.io/library/alpine:latest"),
        ("INDEX.docker.io/alpine", "docker.io/library/alpine:latest"),
        ("registry-1.docker.io/library/alpine", "docker.io/library/alpine:latest"),
        ("Docker.io/library/alpine", "docker.io/library/alpine:latest"),
        ("registry.example.com/x/y", "registry.example.com/x/y:latest"),
        ("REGISTRY.example.com/x", "registry.example.com/x:latest"),
        ("registry.example.com:443/x", "registry.example.com/x:latest"),
        (f"registry.example.com/x@{SHA}", f"registry.example.com/x@{SHA}"),
        ("localhost:5000/a:1", "localhost:5000/a:1"),
        ("localhost:5000/a/b:1", "localhost:5000/a/b:1"),
        ("localhost:5000/ab:1", DENIED),
        ("localhost/a", DENIED),
        ("localhost:5001/a", DENIED),
        ("registry.example.com.evil.com/x", DENIED),
        ("registry.example.com:5000/x", DENIED),
        ("evilregistry.example.com/x", DENIED),
        ("a.registry.example.com/x", DENIED),
        ("registry.example.com", DENIED),  # an image of Docker Hub: library/registry.example.com is its name
        ("bitnami/redis", DENIED),
        ("docker.io/libraryx/y", DENIED),
        ("evil.com/docker.io/library/alpine", DENIED),
        ("evil.com/registry.example.com/x", DENIED),
    ],
)
def test_allowed_registries(written: str, found: str) -> None:
    if written == "registry.example.com":
        found = "docker.io/library/registry.example.com:latest"
    allowed = "registry.example.com, docker.io/library,localhost:5000/a/"
    assert asked(image(written), REGISTRIES=allowed) == found


def test_downloads_and_repositories_have_no_registry() -> None:
    for source in (
        http_source("https://evil.com/x", "", Use("", "ADD")),
        repository("https://evil.com/x.git"),
    ):
        assert asked(source, REGISTRIES="docker.io") == source.ref


def test_layouts_come_from_no_registry() -> None:
    layout = Source(LAYOUT, f"oci-layout://store@{SHA}", repository="docker.io/library/x", digest=SHA)
    told = "it allows docker.io; add oci-layout:// to it to allow images on the disk of whoever builds"
    assert asked(layout, REGISTRIES="docker.io") == told
    assert asked(layout, REGISTRIES="docker.io,oci-layout://") == layout.ref


def repository(url: str, checksum: str = "", instruction: str = "ADD") -> Source:
    remote, _, ref = url.partition("#")
    return git_source(url, GitRef(remote, ref), checksum, Use(url, instruction))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("alpine", "mirror.example.com/hub/library/alpine:latest"),
        ("bitnami/redis:7", "mirror.example.com/hub/bitnami/redis:7"),
        (f"x/y:1@{SHA}", f"mirror.example.com/hub/x/y:1@{SHA}"),
        (f"x/y@{SHA}", f"mirror.example.com/hub/x/y@{SHA}"),
        ("Docker.IO/library/alpine:3", "mirror.example.com/hub/library/alpine:3"),
        ("registry-1.docker.io/library/alpine:3", "mirror.example.com/hub/library/alpine:3"),
        ("docker.io/team/app", "localhost:5000/app:latest"),
        ("docker.io/team", "mirror.example.com/hub/library/team:latest"),
        ("ghcr.io/o/r", "ghcr.io/o/r:latest"),
        ("docker.io.evil.com/o/r", "docker.io.evil.com/o/r:latest"),
    ],
)
def test_mirrors(written: str, found: str) -> None:
    mirrors = "docker.io=mirror.example.com/hub,docker.io/team = localhost:5000"
    assert asked(image(written), MIRRORS=mirrors) == found


def test_a_mirror_stands_for_what_it_mirrors() -> None:
    both = {"REGISTRIES": "docker.io/library", "MIRRORS": "docker.io=mirror.example.com/hub"}
    assert asked(image("alpine"), **both) == "mirror.example.com/hub/library/alpine:latest"
    assert asked(image("bitnami/redis"), **both) == "it allows docker.io/library"
    assert asked(image("mirror.example.com/hub/evil"), **both) == "it allows docker.io/library"


@pytest.mark.parametrize(
    ("mirrors", "way"),
    [
        ("a.com=b.com,b.com=a.com", "a.com/x:latest -> b.com/x:latest -> a.com/x:latest"),
        ("a.com=b.com,b.com=c.com,c.com=a.com/deep", None),
    ],
)
def test_mirrors_of_mirrors_are_followed_but_not_for_ever(mirrors: str, way: str | None) -> None:
    found = asked(image("a.com/x"), MIRRORS=mirrors)
    if way:
        assert found == f"! the policy mirrors ({MIRRORS}) rewrites in a circle: {way}"
    else:
        assert found.startswith(
            f"! the policy mirrors ({MIRRORS}) does not stop rewriting a.com/x:latest: it is "
        )
    assert asked(image("a.com/x"), MIRRORS="a.com=b.com,b.com=c.com") == "c.com/x:latest"


@pytest.mark.parametrize(
    ("source", "denied"),
    [
        (image("alpine:3"), True),
        (image(f"alpine@{SHA}"), False),
        (image(f"alpine:3@{SHA}"), False),
        (image("alpine:3", "--sbom"), True),
        (image("alpine:3", LOCK), False),
        (repository("https://x.com/x.git"), False),
    ],
)
def test_required_digests(source: Source, *, denied: bool) -> None:
    found = asked(source, REQUIRE="digest")
    told = f"write {source.ref}@sha256:... with its digest, or lock the file with --call=lock"
    assert found == (told if denied else source.ref)


@pytest.mark.parametrize(
    ("source", "denied"),
    [
        (http_source("https://x.com/y", "", Use("", "ADD")), True),
        (http_source("https://x.com/y", SHA, Use("", "ADD")), False),
        (http_source("https://x.com/y", "", Use("", "--build-context")), False),
        (repository("https://x.com/y.git"), True),
        (repository("https://x.com/y.git#main"), True),
        (repository("https://x.com/y.git#" + COMMIT), False),
        (repository("https://x.com/y.git#" + COMMIT[:7]), True),
        (repository("https://x.com/y.git#main", COMMIT), False),
        (repository("https://x.com/y.git#main", "b"), True),
        (repository("https://x.com/y.git", instruction="build context"), False),
        (image("alpine"), False),
    ],
)
def test_required_checksums(source: Source, *, denied: bool) -> None:
    assert (asked(source, REQUIRE="checksum") != source.ref) == denied


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (image("alpine"), "without a tag it is latest: write the tag of a version"),
        (image("alpine:latest"), "write the tag of a version"),
        (image("alpine:3"), ""),
        (image(f"alpine:latest@{SHA}"), ""),
        (image("alpine", LOCK), ""),
    ],
)
def test_no_latest(source: Source, found: str) -> None:
    assert asked(source, REQUIRE="no-latest") == (found.rpartition(": ")[2] or source.ref)


def test_a_refusal_names_its_policy() -> None:
    with pytest.raises(DockerfileError) as caught:
        Judge(configured({REQUIRE: "no-latest"}).policies).ask(image("alpine"))
    assert caught.value.message == (
        f"the image docker.io/library/alpine:latest is denied by the policy no-latest ({REQUIRE}):"
        " without a tag it is latest: write the tag of a version"
    )


@pytest.mark.parametrize(
    ("variable", "text", "told"),
    [
        (f"{REQUIRE}D", "digest", f"which is no variable of it (did you mean {REQUIRE}?)"),
        (
            "DOCKERFILE_FRONTEND_X",
            "",
            f"which is no variable of it: there are {REGISTRIES}, {MIRRORS}, {REQUIRE}",
        ),
        (
            "DOCKERFILE_FRONTEND_PLUGIN",
            "apt",
            "which is no variable of it (did you mean DOCKERFILE_FRONTEND_PLUGINS?)",
        ),
        (REGISTRIES, "", "is empty: an empty variable switches no policy off"),
        (REGISTRIES, " , ", "is empty: an empty variable switches no policy off"),
        (REGISTRIES, "https://a.com", '"https://a.com" has a scheme: begin with the registry'),
        (REGISTRIES, "library", '"library" names no registry: is docker.io/library meant?'),
        (
            REGISTRIES,
            "*.a.com",
            '"*.a.com" has a wildcard: a registry or a path stands for all that is below it',
        ),
        (REGISTRIES, "a.com/x:1", '"a.com/x:1" has a tag or a digest: name a registry or a path'),
        (REGISTRIES, "a.com/X", '"a.com/X" is no registry with a path: repository name must be lowercase'),
        (REGISTRIES, "a.com//x", '"a.com//x" is no registry with a path: invalid reference format'),
        (MIRRORS, "docker.io", '"docker.io" has no mirror: write REGISTRY=MIRROR'),
        (MIRRORS, "docker.io=", '"docker.io=" names no registry: is docker.io/ meant?'),
        (MIRRORS, "docker.io=docker.io/x", '"docker.io=docker.io/x" is a mirror of itself'),
        (MIRRORS, "a.io=b.io,A.io=c.io", '"A.io=c.io" is the second mirror of a.io'),
        (REQUIRE, "digests", '"digests" is no requirement (did you mean digest?)'),
        (REQUIRE, "all", '"all" is no requirement: it takes digest, checksum, no-latest'),
    ],
)
def test_what_is_wrong_with_a_variable(variable: str, text: str, told: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        configured({variable: text})
    assert caught.value.message in (
        f"{variable} of the frontend's image {told}",
        f"{variable} of the frontend's image: {told}",
        f"the frontend's image sets {variable}, {told}",
    )


def test_the_daemon_is_told_of_registries_and_digests() -> None:
    settings = configured(
        {REGISTRIES: "a.com,b.com/c,oci-layout://", MIRRORS: "b.com=d.com", REQUIRE: "digest"}
    )
    registries = [
        (DENY, "docker-image://*"),
        *(
            (ALLOW, f"docker-image://{end}")
            for end in ("a.com/*", "b.com/c/*", "b.com/c:*", "b.com/c@*", "d.com/*")
        ),
    ]
    digests = [(DENY, "docker-image://*"), (ALLOW, "docker-image://*@*")]
    assert [[rule[:2] for rule in rules] for rules in settings.for_lookups] == [registries]
    assert [[rule[:2] for rule in rules] for rules in settings.for_graphs] == [registries, digests]
    assert configured({MIRRORS: "b.com=d.com"}).for_graphs == ()
