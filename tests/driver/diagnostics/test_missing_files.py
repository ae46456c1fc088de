"""Why a file was not found: the reason that a build gives after the daemon's own words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes import FakeBridge
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import _solve, conversions
from pyfrontend.gateway.errors import UNKNOWN, VERTEX_URL, BridgeError, Detail, to_status
from pyfrontend.gateway.results import DirEntry
from pyfrontend.llb.marshal import head

REFUSED = BridgeError(UNKNOWN, "refused")
MISSING = BridgeError(UNKNOWN, 'failed to compute cache key: "/src/man.go": not found')


def explained(text: str, error: BridgeError, **given: Any) -> str:
    """What a build says that cannot find a file: its last step fails."""
    bridge = FakeBridge(text, **given)
    session = open_session(bridge, bridge.request())
    [convert] = conversions(session)
    converted = convert()
    failed = head(converted.definition).digest
    detail = Detail(VERTEX_URL, json.dumps({"digest": failed}).encode())
    bridge.fail = {**bridge.fail, "solve:evaluated": BridgeError(error.code, error.message, [detail])}
    with pytest.raises(BridgeError) as caught:
        _solve(session, converted)
    return to_status(caught.value).message.removeprefix(error.message)


def files(*names: str) -> list[DirEntry]:
    return [DirEntry(name.rstrip("/"), name.endswith("/")) for name in names]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param({}, ": the build context has no src/man.go", id="nothing like it"),
        pytest.param(
            {"directories": {"/": files("src/"), "src": files("main.go", "x")}},
            ": the build context has no src/man.go (did you mean src/main.go?)",
            id="a name like it",
        ),
        pytest.param(
            {"directories": {"/": files("a/", "man.go/"), "a": files("man.go", "b/")}},
            ": the build context has no src/man.go (did you mean man.go?)",
            id="the same name elsewhere, the nearest first",
        ),
        pytest.param(
            {"dockerignore": "# no\n*\n!src\nsrc/*.go\n"},
            ': it is hidden by the pattern "src/*.go" in line 4 of .dockerignore',
            id="the pattern that hides it",
        ),
        pytest.param(
            {"dockerignore": "src\n!src/man.go\n"},
            ": the build context has no src/man.go",
            id="a pattern that was taken back",
        ),
        pytest.param(
            {
                "copy": "tagret/*.jar",
                "error": BridgeError(UNKNOWN, "lstat /tagret: no such file or directory"),
                "directories": {"/": files("target/")},
            },
            ": the build context has no tagret/*.jar (did you mean target/*.jar?)",
            id="a directory before wildcards",
        ),
        pytest.param(
            {
                "copy": "target/*.jr",
                "error": BridgeError(UNKNOWN, "lstat /target: no such file or directory"),
                "directories": {"/": files("target/"), "target": files("app.jar", "notes")},
            },
            ": the build context has no target/*.jr (did you mean target/*.jar?)",
            id="an ending behind wildcards",
        ),
        pytest.param(
            {
                "copy": "build/*.jar",
                "error": BridgeError(UNKNOWN, "lstat /build: no such file or directory"),
                "dockerignore": "**/*.jar\n",
            },
            ': it is hidden by the pattern "**/*.jar" in line 1 of .dockerignore',
            id="the pattern that hides what wildcards mean",
        ),
        pytest.param(
            {
                "copy": "SRC/main.go",
                "error": BridgeError(UNKNOWN, '"/SRC/main.go": not found'),
                "directories": {"/": files("src/"), "src": files("main.go")},
            },
            ": the build context has no SRC/main.go (did you mean src/main.go?)",
            id="a directory in other letters",
        ),
        pytest.param({"copy": "other"}, "", id="a path of something else"),
        pytest.param({"error": REFUSED}, "", id="another error"),
        pytest.param(
            {"copy": "other src/man.go"}, ": the build context has no src/man.go", id="one of several"
        ),
        pytest.param(
            {"fail": {"read_dir": REFUSED}},
            ": the build context has no src/man.go",
            id="a context that cannot be seen",
        ),
    ],
)
def test_a_missing_file_is_explained(given: dict[str, Any], reason: str) -> None:
    given = {"error": MISSING, **given}
    text = f"FROM scratch\nCOPY {given.pop('copy', 'src/man.go')} /\n"
    assert explained(text, **given) == reason


LOST = BridgeError(UNKNOWN, '"/app/dits": not found')
STAGE = "FROM x AS build\nRUN y\nFROM x\n"


@pytest.mark.parametrize(
    ("text", "given", "reason"),
    [
        pytest.param(
            f"{STAGE}COPY --from=build /app/dits /\n",
            {"directories": {"/": files("app/"), "app": files("dist/")}},
            ": the stage build has no /app/dits (did you mean /app/dist?)",
            id="a stage",
        ),
        pytest.param(
            f"{STAGE}COPY --from=0 a app/dits /\n",
            {"directories": {"/": files("app/"), "app": files("dist/")}},
            ": the stage build has no /app/dits (did you mean /app/dist?)",
            id="a stage by its number, one of several paths",
        ),
        pytest.param(
            "FROM x\nRUN y\nFROM x\nCOPY --from=0 /app/dits /\n",
            {},
            ": the stage stage-0 has no /app/dits",
            id="a stage without a name",
        ),
        pytest.param(
            f"{STAGE}COPY --from=build /app/dits /\n",
            {"directories": {"/": files("src/", "usr/"), "src": files("dits"), "usr": files("dits")}},
            ": the stage build has no /app/dits (did you mean /src/dits?)",
            id="elsewhere, but not among the files of the system",
        ),
        pytest.param(
            f"{STAGE}COPY --from=build /app/dits /\n",
            {
                "directories": {
                    "/": files("a/", "b/", "c/"),
                    "a": files("x"),
                    "b": files("x"),
                    "c": files("d/"),
                    "c/d": files("e/"),
                    "c/d/e": files("dits"),
                }
            },
            ": the stage build has no /app/dits (did you mean /c/d/e/dits?)",
            id="elsewhere, however deep",
        ),
        pytest.param(
            f"{STAGE}RUN --mount=from=build,source=/app/dits,target=/m z\n",
            {"directories": {"/": files("app/"), "app": files("dist/")}},
            ": the stage build has no /app/dits (did you mean /app/dist?)",
            id="a mount",
        ),
        pytest.param(
            "FROM x\nCOPY --from=tools /app/dits /\n", {}, ": tools has no /app/dits", id="an image"
        ),
        pytest.param(
            "FROM x\nCOPY --from=tools /app/dits /\n",
            {
                "opts": {"context:tools": "local:tools"},
                "directories": {"/": files("app/"), "app": files("dist/")},
            },
            ": the named context tools has no app/dits (did you mean app/dist?)",
            id="a directory that is a named context",
        ),
        pytest.param(
            "FROM x\nCOPY --from=tools /app/dits /\n",
            {"opts": {"context:tools": "docker-image://t"}},
            ": tools has no /app/dits",
            id="an image that is a named context",
        ),
        pytest.param(
            "FROM x\nCOPY app/dits /\n",
            {
                "opts": {"context": "https://github.com/a/b.git"},
                "directories": {"/": files("app/"), "app": files("dist/")},
            },
            ": the build context has no app/dits (did you mean app/dist?)",
            id="a remote context",
        ),
        pytest.param(
            "FROM x\nCOPY ../app/dits /\n",
            {"directories": {"/": files("app/"), "app": files("dist/")}},
            ": ../app/dits is outside of the build context",
            id="outside of the context",
        ),
        pytest.param(
            "FROM x\nENV up=..\nCOPY $up/app/dits /\n",
            {"directories": {"/": files("app/"), "app": files("dist/")}},
            ": ../app/dits is outside of the build context",
            id="outside by a variable",
        ),
        pytest.param(
            "FROM x\nRUN --mount=source=../app/dits,target=/d y\n",
            {"directories": {"/": files("app/"), "app": files("dist/")}},
            ": ../app/dits is outside of the build context",
            id="a mount from outside",
        ),
        pytest.param(
            f"{STAGE}COPY --from=build ../app/dits /\n",
            {"directories": {"/": files("app/"), "app": files("dist/")}},
            ": the stage build has no /app/dits (did you mean /app/dist?)",
            id="a stage has no outside",
        ),
        pytest.param(
            f"{STAGE}COPY --from=build /app/dits /\n",
            {"directories": {"/": files("app/"), "app": files("dits")}},
            "",
            id="what is there after all",
        ),
        pytest.param(
            f"{STAGE}COPY --from=build /app/dits /\n",
            {"fail": {"read_dir": REFUSED}},
            ": the stage build has no /app/dits",
            id="a stage that cannot be seen",
        ),
    ],
)
def test_a_file_that_is_missing_anywhere_is_explained(text: str, given: dict[str, Any], reason: str) -> None:
    assert explained(text, LOST, **given) == reason
