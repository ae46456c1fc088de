"""The calls of a build: none that it does not need, and none that waits for another without need."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from process import build, resolve

from parity.cases import Case
from parity.world import World
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.serve import serve
from pyfrontend.gateway.errors import UNKNOWN, BridgeError
from pyfrontend.oci.platforms import Platform
from pyfrontend.parallel import LIMIT
from pyfrontend.pb import gateway_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.lookups import ImageMeta, ImageQuery

#: Seconds after which what waits for a call at the same time has waited in vain.
IN_VAIN = 20.0

PLAIN = b"""\
FROM alpine AS one
RUN echo one > /one
FROM alpine AS two
COPY file /two
FROM alpine
COPY --from=one /one /
COPY --from=two /two /
"""

#: All calls of a plain build, as docs/performance.md lists them: an image is looked up once for all stages.
CALLS = {
    "Ping": 1,
    "Inputs": 1,
    "Solve": 3,  # what holds the Dockerfile, what holds the ignore file, the build
    "ReadFile": 3,  # the Dockerfile, its own ignore file, the one of the context
    "ResolveSourceMeta": 1,
    "Return": 1,
}


class Meeting:
    """Holds calls until ``wanted`` of them are there at the same time; ``most`` is how many ever were."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.most = 0
        self._present = 0
        self._met = threading.Event()
        self._lock = threading.Lock()

    def attend(self) -> None:
        with self._lock:
            self._present += 1
            self.most = max(self.most, self._present)
            if self._present == self.wanted:
                self._met.set()
        self._met.wait(IN_VAIN)
        with self._lock:
            self._present -= 1


def names(calls: list[tuple[str, Any]]) -> dict[str, int]:
    return {name: sum(called == name for called, _ in calls) for name in dict.fromkeys(n for n, _ in calls)}


def test_a_plain_build_makes_ten_calls() -> None:
    daemon, ended = build(PLAIN)
    assert (ended.code, ended.stderr) == (0, "")
    assert names(daemon.calls) == CALLS
    assert [daemon.calls[0][0], daemon.calls[-1][0]] == ["Ping", "Return"]


def test_a_dockerfile_with_its_own_ignore_file_needs_no_other() -> None:
    def read(request: gateway_pb2.ReadFileRequest) -> gateway_pb2.ReadFileResponse:
        data = PLAIN if request.FilePath == "Dockerfile" else b"secret\n"
        return gateway_pb2.ReadFileResponse(Data=data)

    daemon, _ = build(PLAIN, answers={"ReadFile": read})
    assert names(daemon.calls) == {**CALLS, "Solve": 2, "ReadFile": 2}


def test_a_build_from_nothing_looks_up_nothing() -> None:
    daemon, _ = build(b"FROM scratch\nCOPY file /\n")
    assert daemon.requests("ResolveSourceMeta") == []


def attending(meeting: Meeting, answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def attend(request: Any) -> Any:
        meeting.attend()
        return answer(request)

    return attend


def test_the_dockerfile_and_its_ignore_file_are_read_at_the_same_time() -> None:
    meeting = Meeting(2)

    def read(request: gateway_pb2.ReadFileRequest) -> Any:
        if request.FilePath == ".dockerignore":
            return gateway_pb2.ReadFileResponse()
        meeting.attend()
        if request.FilePath == "Dockerfile":
            return gateway_pb2.ReadFileResponse(Data=PLAIN)
        return BridgeError(UNKNOWN, "no such file or directory")

    build(PLAIN, answers={"ReadFile": read})
    assert meeting.most == 2


def test_the_ignore_file_is_read_while_images_are_looked_up() -> None:
    meeting = Meeting(2)

    def read(request: gateway_pb2.ReadFileRequest) -> Any:
        if request.FilePath == "Dockerfile":
            return gateway_pb2.ReadFileResponse(Data=PLAIN)
        if request.FilePath == ".dockerignore":
            meeting.attend()
        return BridgeError(UNKNOWN, "no such file or directory")

    build(PLAIN, answers={"ReadFile": read, "ResolveSourceMeta": attending(meeting, resolve)})
    assert meeting.most == 2


class Registry(World):
    """A daemon whose look-ups all attend the ``meeting``."""

    def __init__(self, dockerfile: str, meeting: Meeting) -> None:
        super().__init__(Case("", "", "", {"dockerfile": dockerfile}, {}))
        self.meeting = meeting

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        self.meeting.attend()
        return super().resolve_image(query)


def test_as_many_images_as_the_limit_says_are_looked_up_at_the_same_time() -> None:
    stages = "".join(f"FROM image{n} AS s{n}\nRUN echo {n}\n" for n in range(200))
    copies = "".join(f"COPY --from=s{n} /f{n} /\n" for n in range(200))
    registry = Registry(f"{stages}FROM scratch\n{copies}", Meeting(LIMIT))
    serve(registry, Request({}, "", [Platform("linux", "amd64")]))
    assert registry.meeting.most == LIMIT
    assert len(registry.lookups) == 200


def test_all_of_twenty_platforms_are_looked_up_at_the_same_time() -> None:
    platforms = ",".join(f"linux/cpu{n}" for n in range(20))
    registry = Registry("FROM alpine\nRUN echo\n", Meeting(20))
    result = serve(registry, Request({"platform": platforms}, "", [Platform("linux", "amd64")]))
    assert registry.meeting.most == 20
    assert len(result.refs) == 20
