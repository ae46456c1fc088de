"""Why a file was not found: the reason that a build gives after the daemon's own words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from properties.test_cost import assert_linear

from fakes import FakeBridge
from pyfrontend.driver.diagnostics.file_tree import ClientTree
from pyfrontend.driver.diagnostics.missing_files import has_broken_array, missing_path
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import conversions, solve
from pyfrontend.errors import DockerfileError
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
        solve(session, converted)
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
            {
                "dockerignore": "# no\n*\n!src\nsrc/*.go\n",
                "directories": {"/": files("src/"), "src": files("man.go")},
            },
            ": excluded by .dockerignore line 4: src/*.go",
            id="the pattern that hides it",
        ),
        pytest.param(
            {
                "dockerignore": "*\n!src\n",
                "copy": "pakage.json",
                "directories": {"/": files("package.json")},
                "error": BridgeError(UNKNOWN, '"/pakage.json": not found'),
            },
            ": the build context has no pakage.json (did you mean package.json?)",
            id="a pattern that would hide it, if it were there",
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
                "directories": {"/": files("build/"), "build": files("a.jar")},
            },
            ": excluded by .dockerignore line 1: **/*.jar",
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
            ": ../app/dits is outside the build context",
            id="outside of the context",
        ),
        pytest.param(
            "FROM x\nENV up=..\nCOPY $up/app/dits /\n",
            {"directories": {"/": files("app/"), "app": files("dist/")}},
            ": ../app/dits is outside the build context",
            id="outside by a variable",
        ),
        pytest.param(
            "FROM x\nRUN --mount=source=../app/dits,target=/d y\n",
            {"directories": {"/": files("app/"), "app": files("dist/")}},
            ": ../app/dits is outside the build context",
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


MOUNT = "/var/lib/docker/tmp/buildkit-mount421086041"
MERGED = "/var/lib/docker/overlay2/410b4fc1ee9f/merged"


@pytest.mark.parametrize(
    ("copy", "message"),
    [
        ("src/man.go", 'failed to compute cache key: "/src/man.go" not found: not found'),
        ("src/man.go", f"failed to walk {MOUNT}/src: lstat {MOUNT}/src: no such file or directory"),
        ("src/man.go", f"failed to walk {MERGED}/src: lstat {MERGED}/src: no such file or directory"),
        ("other src/man.go", f"lstat {MOUNT}/src/man.go: no such file or directory"),
    ],
    ids=["0.8", "0.13", "an image in 0.8", "the path itself"],
)
def test_the_words_of_old_daemons_are_understood(copy: str, message: str) -> None:
    text = f"FROM scratch\nCOPY {copy} /\n"
    assert explained(text, BridgeError(UNKNOWN, message)) == ": the build context has no src/man.go"


NO_FOLDER = BridgeError(UNKNOWN, "open /x: no such file or directory")


def parents(line: str, **given: Any) -> None:
    """Build ``COPY --parents`` with a daemon that does not see to it that its paths are there."""
    bridge = FakeBridge(
        f"FROM scratch AS s\nCOPY x /\nFROM scratch\n{line}\n",
        **{"disable_caps": ["file.copy.requiredpaths"], **given},
    )
    session = open_session(bridge, bridge.request())
    [convert] = conversions(session)
    solve(session, convert())


@pytest.mark.parametrize(
    ("line", "given", "message"),
    [
        (
            "COPY --parents src/man.go src/main.go /",
            {"directories": {"/": files("src/"), "src": files("main.go")}},
            '"/src/man.go": not found: the build context has no src/man.go (did you mean src/main.go?)',
        ),
        (
            "COPY --parents --from=s /a/./b/c /",
            {"directories": {"/": files("a/")}},
            '"/a/b/c": not found: the stage s has no /a/b/c',
        ),
        (
            "COPY --parents skipped /",
            {"dockerignore": "skip*\n", "fail": {"read_dir:/": NO_FOLDER}},
            '"/skipped": not found: excluded by .dockerignore line 1: skip*',
        ),
    ],
    ids=["context", "stage", "hidden"],
)
def test_parents_without_its_files_is_an_error_also_with_a_daemon_that_lets_it_pass(
    line: str, given: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The stand-in has one answer for what was built and for what the client has.
    monkeypatch.setattr(ClientTree, "_is_there", lambda *_: True)
    with pytest.raises(DockerfileError) as caught:
        parents(line, **given)
    assert caught.value.message.startswith(message)
    assert [(span.start, span.end) for span in caught.value.spans] == [(4, 4)]


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("COPY --parents src/*.no /", {}),
        ("COPY --parents src /", {"directories": {"/": files("src/")}}),
        ("COPY --parents no /", {"fail": {"read_dir": REFUSED}}),
        ("COPY --parents . /", {}),
        ("COPY --parents no /", {"disable_caps": []}),
        ("COPY --parents no /", {"opts": {"evaluate": "false"}}),
        ("COPY no /", {}),
    ],
    ids=[
        "wildcards",
        "there",
        "unseen",
        "all of it",
        "a daemon that looks",
        "a graph and no files",
        "without parents",
    ],
)
def test_parents_is_left_alone_where_nothing_can_be_missing(line: str, given: dict[str, Any]) -> None:
    parents(line, **given)


EVIL = "\x1b[2J\n::error file=a::b\u202e"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param(
            {"directories": {"/": files("src/"), "src": files("ma\x1b\nn.go")}},
            r": the build context has no src/man.go (did you mean src/ma\x1b\nn.go?)",
            id="a name like it",
        ),
        pytest.param(
            {"directories": {"/": files(f"{EVIL}/"), EVIL: files("man.go")}},
            r": the build context has no src/man.go (did you mean \x1b[2J\n::error file=a::b\u202e/man.go?)",
            id="a directory",
        ),
        pytest.param(
            {
                "dockerignore": "src/*\x1b*\n**/\u202e*\nsr?/*",
                "directories": {"/": files("src/"), "src": files("man.go")},
            },
            ": excluded by .dockerignore line 3: sr?/*",
            id="patterns",
        ),
        pytest.param(
            {
                "dockerignore": "src/*\n!\x1b\n**/m[a-\x9b]n.go",
                "directories": {"/": files("src/"), "src": files("man.go")},
            },
            r": excluded by .dockerignore line 3: **/m[a-\x9b]n.go",
            id="the pattern that hides it",
        ),
    ],
)
def test_names_that_others_chose_are_escaped(given: dict[str, Any], reason: str) -> None:
    assert explained("FROM scratch\nCOPY src/man.go /x\n", MISSING, **given) == reason


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ('failed to compute cache key: "/a b/c": not found', "a b/c"),
        ('"/a" not found: not found', "a"),
        ("lstat /a/b: no such file or directory", "a/b"),
        ("failed: lstat /var/lib/x/a: no such file or directory", "var/lib/x/a"),
        ('process "/bin/sh -c cat "/x": not found" failed: "/y": not found', "y"),
        ('"a": not found', ""),
        ('"/a": found', ""),
        ("a lstat /a: no such file or directory", ""),
        (": no such file or directory", ""),
        ("", ""),
    ],
)
def test_the_end_of_an_error_names_the_path(message: str, path: str) -> None:
    assert missing_path(message) == path


@pytest.mark.parametrize(
    ("message", "broken"),
    [
        ('invalid includepatterns: [["a]: syntax error in pattern', True),
        ('failed: invalid includepatterns: [b ["a]: syntax error in pattern', True),
        ("invalid includepatterns: [a[b]: syntax error in pattern", False),
        ('invalid includepatterns: [["a]', False),
        ("[[ syntax error in pattern", False),
    ],
)
def test_a_pattern_that_begins_as_an_array_does_is_known(message: str, *, broken: bool) -> None:
    assert has_broken_array(message) == broken


@pytest.mark.parametrize("unit", ['"/a', "lstat /: ", "invalid includepatterns: [ [", '": not found'])
@pytest.mark.parametrize(
    "end", ["", ': "/a": not found', ": no such file or directory", "syntax error in pattern"]
)
def test_an_error_of_any_length_is_read_in_step_with_it(unit: str, end: str) -> None:
    def read(size: int) -> None:
        missing_path(unit * size + end)
        has_broken_array(unit * size + end)

    assert_linear(read, 1000)
