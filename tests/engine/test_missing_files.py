"""A COPY that finds nothing says why: the nearest path, or the ignore pattern and its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.client import build_text

if TYPE_CHECKING:
    from pathlib import Path

IGNORED = "# secrets\n*.pem\n!public.pem\nlogs\n"


class Row(NamedTuple):
    """A source that is not there, and how the error ends."""

    promise: str
    source: str
    reason: str


ROWS = [
    Row("a slip of the hand names the file beside it", "src/main.pi", " (did you mean src/main.py?)"),
    Row("the right name in the wrong place names the place", "main.py", " (did you mean src/main.py?)"),
    Row("a directory with a slip names the directory", "scr", " (did you mean src?)"),
    Row("other letters in a directory's name", "SRC/main.py", " (did you mean src/main.py?)"),
    Row("nothing like it anywhere", "nothing-like-it", ": the build context has no nothing-like-it"),
    Row(
        "an ignored file names pattern and line",
        "server.pem",
        ": excluded by .dockerignore line 2: *.pem",
    ),
    Row(
        "a file in an ignored directory names the directory's pattern",
        "logs/today",
        ": excluded by .dockerignore line 4: logs",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.promise)
def test_the_error_says_what_to_do(tmp_path: Path, syntax: str, row: Row) -> None:
    _write_context(tmp_path)
    result = build_text(tmp_path, f"{syntax}FROM busybox\nWORKDIR /w\nCOPY {row.source} /x\n")
    assert result.code != 0
    assert result.marked == [4]
    assert f'"/{row.source}": not found' in result.message
    assert result.message.endswith(row.reason)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("scr/*.py", " (did you mean src/*.py?)", id="a directory with a slip"),
        pytest.param("logs/*", ": excluded by .dockerignore line 4: logs", id="hidden"),
    ],
)
def test_a_wildcard_that_finds_nothing_is_explained_too(
    tmp_path: Path, syntax: str, source: str, reason: str
) -> None:
    _write_context(tmp_path)
    result = build_text(tmp_path, f"{syntax}FROM busybox\nWORKDIR /w\nCOPY {source} /x/\n")
    assert result.code != 0
    assert result.marked == [4]
    assert result.message.endswith(reason)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        pytest.param(
            "src --chown=1 /x",
            "--chown=1 was parsed as a path: flags must come before the paths",
            id="a late flag",
        ),
        pytest.param(
            "-from=a src /x",
            "-from=a was parsed as a path: flags begin with two dashes, --from=a",
            id="a dash",
        ),
        pytest.param("src /x && true", "&& was parsed as a path: only RUN has a shell", id="a shell's"),
        pytest.param(
            "src # all of it /x", "# was parsed as a path: comments must be on their own line", id="#"
        ),
        pytest.param(
            '["src" "/x"]',
            'to pass a JSON array, use double quotes and commas: ["a", "b"]',
            id="no comma",
        ),
    ],
)
def test_a_word_that_looks_like_no_path_is_explained(
    tmp_path: Path, syntax: str, words: str, reason: str
) -> None:
    _write_context(tmp_path)
    result = build_text(tmp_path, f"{syntax}FROM busybox\nCOPY {words}\n")
    assert result.code != 0
    assert result.marked == [3]
    assert result.message.endswith(f": {reason}")


NOT_FOLLOWED = "which the build context does not have (links out of it are not followed)"
LINKS = {
    "out": f"out is a link to /etc/hosts, {NOT_FOLLOWED}",
    "gone": "gone is a link to nowhere, which the build context does not have",
    "up/x": f"up is a link to ../other, {NOT_FOLLOWED}",
    "--parents src/./nothing": "the build context has no src/nothing",
}


@pytest.mark.parametrize(("source", "reason"), LINKS.items(), ids=LINKS)
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, syntax: str, source: str, reason: str) -> None:
    _write_context(tmp_path)
    for name, target in (("out", "/etc/hosts"), ("gone", "nowhere"), ("up", "../other")):
        (tmp_path / name).symlink_to(target)
    result = build_text(tmp_path, f"{syntax}FROM busybox\nCOPY {source} /x/\n")
    assert result.code != 0
    assert result.marked == [3]
    assert result.message.endswith(f": {reason}")


def test_a_file_mounted_onto_the_working_directory_is_explained(tmp_path: Path, syntax: str) -> None:
    _write_context(tmp_path)
    text = "FROM busybox\nWORKDIR /app\nRUN --mount=source=src/main.py cat main.py\n"
    result = build_text(tmp_path, syntax + text)
    assert result.code != 0
    assert result.message.endswith(
        "the source src/main.py is a file, and the mount covers the working directory /app:"
        " add target=/app/main.py"
    )


def test_an_exception_to_a_pattern_is_copied(tmp_path: Path, syntax: str) -> None:
    _write_context(tmp_path)
    assert build_text(tmp_path, f"{syntax}FROM scratch\nCOPY public.pem /x\n").code == 0


class Elsewhere(NamedTuple):
    """A Dockerfile, the last line of which finds nothing, and how the error ends."""

    promise: str
    text: str
    reason: str
    options: tuple[str, ...] = ()


MAKES = "FROM busybox AS a\nRUN mkdir -p /app/dist && touch /app/dist/x.js\nFROM busybox\n"
ELSEWHERE = [
    Elsewhere(
        "outside of the context",
        "FROM busybox\nCOPY ../shared /x",
        ": ../shared is outside the build context",
    ),
    Elsewhere(
        "a stage",
        f"{MAKES}COPY --from=a /app/dits /x",
        ": the stage a has no /app/dits (did you mean /app/dist?)",
    ),
    Elsewhere(
        "wildcards in a stage",
        f"{MAKES}COPY --from=a /ap/dist/*.js /x/",
        ": the stage a has no /ap/dist/*.js (did you mean /app/dist/*.js?)",
    ),
    Elsewhere(
        "the right name in another directory of a stage",
        f"{MAKES}COPY --from=a /x.js /x",
        ": the stage a has no /x.js (did you mean /app/dist/x.js?)",
    ),
    Elsewhere(
        "a mount of a stage",
        f"{MAKES}RUN --mount=from=a,source=/app/dits,target=/m ls /m",
        ": the stage a has no /app/dits (did you mean /app/dist?)",
    ),
    Elsewhere(
        "an image",
        "FROM busybox\nCOPY --from=busybox /etc/paswd /x",
        ": busybox has no /etc/paswd (did you mean /etc/passwd?)",
    ),
    Elsewhere(
        "a named context",
        "FROM busybox\nCOPY --from=more src/main.pi /x",
        ": the named context more has no src/main.pi (did you mean src/main.py?)",
        ("--build-context", "more={folder}"),
    ),
    Elsewhere(
        "an ignore file of a named context",
        "FROM busybox\nCOPY --from=more server.pem /x",
        ": excluded by .dockerignore of more line 2: *.pem",
        ("--build-context", "more={folder}"),
    ),
]


@pytest.mark.parametrize("row", ELSEWHERE, ids=lambda row: row.promise)
def test_the_error_says_what_is_elsewhere(tmp_path: Path, syntax: str, row: Elsewhere) -> None:
    _write_context(tmp_path)
    result = build_text(
        tmp_path, f"{syntax}{row.text}\n", *(option.format(folder=tmp_path) for option in row.options)
    )
    assert result.code != 0
    assert result.marked == [row.text.count("\n") + 2]
    assert result.message.endswith(row.reason)


def _write_context(folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "logs").mkdir()
    for name in ("src/main.py", "logs/today", "server.pem", "public.pem"):
        (folder / name).write_text(name)
    (folder / ".dockerignore").write_text(IGNORED)
