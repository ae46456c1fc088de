"""Lookups go through the ports of a session, so that what wraps a port sees and may change each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge, lines
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import build
from pyfrontend.errors import DockerfileError
from pyfrontend.record import NamedTuple

if TYPE_CHECKING:
    from pyfrontend.driver.session import Session
    from pyfrontend.lookups import ImageMeta, ImageQuery, SourceMeta, SourceQuery
    from pyfrontend.lower.ports import Images, Sources

SHA = "sha256:" + "a" * 64
DOCKERFILE = """\
FROM two
COPY --from=copied /a /
RUN --mount=from=mounted,target=/m true
COPY --from=named / /
COPY --from=layout / /
"""
OPTIONS = {
    "context:named": "docker-image://behind",
    "context:layout": f"oci-layout://store@{SHA}",
    "attest:sbom": "generator=scanner",
}
SCANNER = {"scanner": {"config": {"os": "linux", "architecture": "amd64", "config": {"Cmd": ["scan"]}}}}


class Watched(NamedTuple):
    """Remembers what is asked, and passes it on."""

    inner: Images
    seen: list[str]

    def resolve(self, query: ImageQuery) -> ImageMeta:
        self.seen.append(query.name.removeprefix("docker.io/library/"))
        return self.inner.resolve(query)


class Pinned(NamedTuple):
    """Asks for a fixed digest of images, as a lock does."""

    inner: Images
    pins: dict[str, str]

    def resolve(self, query: ImageQuery) -> ImageMeta:
        digest = self.pins.get(query.name)
        return self.inner.resolve(query._replace(name=f"{query.name}@{digest}") if digest else query)


class Denied(NamedTuple):
    """Refuses all images but those whose names are given, as a policy does."""

    inner: Images
    allowed: tuple[str, ...]

    def resolve(self, query: ImageQuery) -> ImageMeta:
        if query.name not in self.allowed:
            raise DockerfileError(f"{query.name} is not allowed", code="Denied")
        return self.inner.resolve(query)


class WatchedSources(NamedTuple):
    """Remembers what is asked, and passes it on."""

    inner: Sources
    seen: list[str]

    def resolve(self, query: SourceQuery) -> SourceMeta:
        self.seen.append(query.source.identifier)
        return self.inner.resolve(query)


def opened(text: str, **given: Any) -> tuple[FakeBridge, Session]:
    bridge = FakeBridge(text, **given)
    return bridge, open_session(bridge, bridge.request())


def test_every_image_is_looked_up_through_the_port() -> None:
    bridge, session = opened(DOCKERFILE, opts=OPTIONS, images=SCANNER)
    seen: list[str] = []
    build(session._replace(images=Watched(session.images, seen)))
    assert sorted(seen) == [
        *("behind:latest", "copied:latest", f"layout@{SHA}", "mounted:latest", "scanner:latest", "two:latest")
    ]
    asked = [
        call.removeprefix("resolve_image:docker.io/library/") for call in bridge.calls if "image:" in call
    ]
    assert sorted(asked) == sorted(seen), "nothing is asked past it"


def test_wrappers_compose() -> None:
    bridge, session = opened("FROM base\nRUN y\n", images={f"base@{SHA}": {"digest": SHA}})
    seen: list[str] = []
    pins = {"docker.io/library/base:latest": SHA}
    outer = Watched(Pinned(Watched(session.images, seen), pins), seen)
    build(session._replace(images=outer))
    assert seen == ["base:latest", f"base:latest@{SHA}"]
    assert [lookup["ref"] for lookup in bridge.lookups] == [f"docker.io/library/base:latest@{SHA}"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("FROM good\nFROM bad\nCOPY --from=0 / /\n", 2, id="FROM"),
        pytest.param("FROM good\nRUN x\nCOPY --from=bad / /\n", 3, id="COPY"),
        pytest.param("FROM good\nRUN --mount=from=bad,target=/m x\n", 2, id="a mount"),
    ],
)
def test_an_image_that_a_wrapper_refuses_is_an_error_at_its_line(text: str, line: int) -> None:
    bridge, session = opened(text)
    with pytest.raises(DockerfileError) as caught:
        build(session._replace(images=Denied(session.images, ("docker.io/library/good:latest",))))
    assert caught.value.message == "bad: docker.io/library/bad:latest is not allowed"
    assert [lines(span) for span in caught.value.diagnostic().shown] == [(line, line)]
    assert not any("bad" in call for call in bridge.calls)


def test_other_sources_are_looked_up_through_their_port() -> None:
    repository = "https://github.com/a/b.git"
    bridge, session = opened(
        "FROM x\n", opts={"context": repository, "build-arg:SOURCE_DATE_EPOCH": "context"}
    )
    seen: list[str] = []
    build(session._replace(sources=WatchedSources(session.sources, seen)))
    assert seen == ["git://github.com/a/b.git"]
    assert [call for call in bridge.calls if "resolve_source" in call] == [f"resolve_source:{seen[0]}"]
