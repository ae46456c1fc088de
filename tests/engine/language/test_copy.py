"""COPY: where files land, and what owner, mode, time and shape they get."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from engine.built import Built, Fact, build_image

if TYPE_CHECKING:
    from pathlib import Path

#: 3 February 2001, 04:05:06 UTC.
OLD = 981173106

FILES = (
    "a/one.txt",
    "a/two.md",
    "a/deep/three.txt",
    "a/deep/four.md",
    "with space.txt",
    "b/x/y/five.txt",
    "b/z/six.txt",
)

DOCKERFILE = """
FROM busybox AS Made
RUN mkdir -p /made/inner && echo made >/made/file && ln -s file /made/link && ln -s /made /alias \\
    && ln -s /nowhere /made/dangling && chmod 711 /made/inner && chown 5:6 /made/file \\
    && chmod 4751 /made/file && touch -d '2001-02-03 04:05:06' /made/file

FROM busybox AS people
RUN echo 'app:x:1001:1002::/:/bin/sh' >>/etc/passwd && echo 'team:x:1003:' >>/etc/group
RUN mkdir /real && ln -s /real /dest-link
WORKDIR /w

FROM people
# Owner
COPY --chown=app a/one.txt /owner/user-name
COPY --chown=app:team a/one.txt /owner/both-names
COPY --chown=7 a/one.txt /owner/user-number
COPY --chown=7:8 a/one.txt /owner/both-numbers
COPY --chown=app:9 a/one.txt /owner/mixed
COPY --chown=root:team a/one.txt /owner/root
ARG WHO=11:12
COPY --chown=${WHO} a/one.txt /owner/variable
COPY --chown=7:8 a/one.txt /new/parent/file
USER app
COPY a/one.txt /owner/in-spite-of-user
USER root
# Mode
COPY --chmod=640 a/one.txt /mode/octal
COPY --chmod=4755 a/one.txt /mode/setuid
COPY --chmod=u=rwx,go=r a/one.txt /mode/symbolic
COPY --chmod=a-w a/one.txt /mode/taken
COPY --chmod=go-rwX,u+X a /mode/folder/
ARG MODE=u+x
COPY --chmod=$MODE a/one.txt /mode/variable
COPY --chmod=600 --chown=3:4 a /mode/all/
COPY a/one.txt /mode/own
# Places
COPY a/one.txt relative
COPY a/one.txt folder/
COPY a/one.txt a/two.md /several/
COPY a/*.txt /wild/
COPY a/nothing-like-* a/one.txt /wild-nothing/
COPY a/deep/f?ur.* /wild-one/
COPY ["with space.txt", "/json file"]
COPY ../../a/one.txt /cannot-escape
COPY a /contents
COPY a/one.txt /dest-link/
# Links
COPY --from=made /alias/file /links/through-folder
COPY --from=made /made/link /links/at-the-end
COPY --from=made /made /links/tree/
# Sources
COPY --from=MADE /made/file /from/other-case
COPY --from=0 /made/file /from/index
COPY --from=busybox /etc/passwd /from/image
COPY --from=extra file.txt /from/context
COPY --from=people --chown=app /etc/group /from/stage-with-owner
# Choice
COPY --exclude=*.md a /exclude/one/
COPY --exclude=*.md --exclude=deep a /exclude/two/
COPY --exclude=**/*.md --exclude=!deep/four.md a /exclude/again/
COPY --parents a/one.txt b/x/y/five.txt /parents/plain/
COPY --parents b/**/*.txt /parents/wild/
COPY --parents b/./x/y/five.txt /parents/pivot/
COPY --parents ./b/x/./*/five.txt /parents/wild-pivot/
COPY --parents --from=made /made/./inner /made/file /parents/stage/
COPY --parents --exclude=**/six.txt b /parents/excluded/
# Link
COPY --link a/one.txt /linked/absolute
COPY --link a/one.txt linked-relative
COPY --link a/one.txt /dest-link/linked
COPY --link --chown=7:8 --from=made /made /linked/tree/
COPY --link --chmod=600 a/one.txt /linked/with-mode
"""

FACTS = [
    Fact("--chown user name takes the user's group", "/owner/user-name", owner="1001:1002"),
    Fact("--chown user and group name", "/owner/both-names", owner="1001:1003"),
    Fact("--chown user number takes the same group number", "/owner/user-number", owner="7:7"),
    Fact("--chown user and group number", "/owner/both-numbers", owner="7:8"),
    Fact("--chown name and number", "/owner/mixed", owner="1001:9"),
    Fact("--chown root", "/owner/root", owner="0:1003"),
    Fact("--chown is expanded", "/owner/variable", owner="11:12"),
    Fact("--chown goes for parents that are made", "/new/parent", owner="7:8", mode=0o755, kind="folder"),
    Fact("USER is no owner", "/owner/in-spite-of-user", owner="0:0"),
    Fact("--chmod octal", "/mode/octal", mode=0o640),
    Fact("--chmod setuid", "/mode/setuid", mode=0o4755),
    Fact("--chmod symbolic", "/mode/symbolic", mode=0o744),
    Fact("--chmod takes away", "/mode/taken", mode=0o444),
    Fact("--chmod X goes for folders", "/mode/folder/deep", mode=0o700),
    Fact("--chmod X does not go for files", "/mode/folder/deep/three.txt", mode=0o600),
    Fact("--chmod is expanded", "/mode/variable", mode=0o744),
    Fact("--chmod and --chown go for all below", "/mode/all/deep/four.md", mode=0o600, owner="3:4"),
    Fact("mode, owner and time of a file stay", "/mode/own", mode=0o644, owner="0:0", mtime=OLD),
    Fact("relative destination is below WORKDIR", "/w/relative", "a/one.txt", kind="file"),
    Fact("destination with a slash is a folder", "/w/folder/one.txt", "a/one.txt"),
    Fact("several sources, first", "/several/one.txt", "a/one.txt"),
    Fact("several sources, second", "/several/two.md", "a/two.md"),
    Fact("JSON form takes blanks", "/json file", "with space.txt"),
    Fact("source cannot leave the context", "/cannot-escape", "a/one.txt"),
    Fact("link in the destination is followed", "/real/one.txt", "a/one.txt"),
    Fact("links in a source path are followed", "/links/through-folder", "made\n", kind="file"),
    Fact("link as source is followed", "/links/at-the-end", "made\n", kind="file"),
    Fact("links below a source are kept", "/links/tree/link", kind="link", link="file"),
    Fact("dangling links are kept", "/links/tree/dangling", kind="link", link="/nowhere"),
    Fact("modes of folders are kept", "/links/tree/inner", kind="folder", mode=0o711),
    Fact("all of a file is kept", "/links/tree/file", "made\n", owner="5:6", mode=0o4751, mtime=OLD),
    Fact("stage name in another case", "/from/other-case", "made\n"),
    Fact("stage by index", "/from/index", "made\n"),
    Fact("named context", "/from/context", "extra"),
    Fact("owner by name of the new stage", "/from/stage-with-owner", owner="1001:1002"),
    Fact("--link, absolute destination", "/linked/absolute", "a/one.txt"),
    Fact("--link, relative destination", "/w/linked-relative", "a/one.txt"),
    Fact("--link replaces a link in the destination", "/dest-link", kind="folder"),
    Fact("--link puts the file where it says", "/dest-link/linked", "a/one.txt"),
    Fact("--link --chown", "/linked/tree/file", "made\n", owner="7:8"),
    Fact("--link --chmod", "/linked/with-mode", "a/one.txt", mode=0o600),
]

FOLDERS = {
    "wildcard": ("/wild", ["one.txt"]),
    "wildcard may match nothing": ("/wild-nothing", ["one.txt"]),
    "wildcard for one character": ("/wild-one", ["four.md"]),
    "a folder gives its contents": ("/contents", ["deep/four.md", "deep/three.txt", "one.txt", "two.md"]),
    "--exclude at the top": ("/exclude/one", ["deep/four.md", "deep/three.txt", "one.txt"]),
    "--exclude twice": ("/exclude/two", ["one.txt"]),
    "--exclude with an exception": ("/exclude/again", ["deep/four.md", "deep/three.txt", "one.txt"]),
    "--parents": ("/parents/plain", ["a/one.txt", "b/x/y/five.txt"]),
    "--parents with wildcards": ("/parents/wild", ["b/x/y/five.txt", "b/z/six.txt"]),
    "--parents from a pivot": ("/parents/pivot", ["x/y/five.txt"]),
    "--parents from a pivot with wildcards": ("/parents/wild-pivot", ["y/five.txt"]),
    "--parents from a stage": ("/parents/stage", ["made/file"]),
    "--parents --exclude": ("/parents/excluded", ["b/x/y/five.txt"]),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, syntax: str) -> Built:
    context, extra = tmp_path_factory.mktemp("context"), tmp_path_factory.mktemp("extra")
    write(context, *FILES)
    (extra / "file.txt").write_text("extra")
    return build_image(context, syntax + DOCKERFILE, f"--build-context=extra={extra}")


def write(folder: Path, *names: str) -> None:
    """Make files that hold their own names, and are old."""
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
        file.chmod(0o644)
        os.utime(file, (OLD, OLD))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.promise)
def test_a_copy_has_the_files_and_metadata_that_were_asked_for(built: Built, fact: Fact) -> None:
    fact.holds_in(built)


@pytest.mark.parametrize(("folder", "files"), FOLDERS.values(), ids=FOLDERS.keys())
def test_a_copy_takes_the_files_that_match(built: Built, folder: str, files: list[str]) -> None:
    assert built.below(folder) == files


def test_copy_from_an_image_takes_its_file(built: Built) -> None:
    assert built.text("/from/image").startswith("root:x:0:0:")
    assert "app:" not in built.text("/from/image")


def test_parents_from_a_stage_makes_the_folder_with_its_mode(built: Built) -> None:
    assert built.tree["/parents/stage/inner"].mode == 0o711


LINKED = """
FROM busybox
RUN echo {base} >/base
COPY --link one.txt /linked/
COPY one.txt /plain/
"""


def test_link_keeps_its_layer_on_a_changed_base(tmp_path: Path, syntax: str) -> None:
    write(tmp_path, "one.txt")
    (tmp_path / "one.txt").write_text(tmp_path.as_posix())
    first, second = (build_image(tmp_path, syntax + LINKED.format(base=f"{tmp_path}-{n}")) for n in (1, 2))
    assert [step.cached for step in first.build.ran("] COPY --link")] == [False]
    assert [step.cached for step in second.build.ran("] COPY --link")] == [True]
    assert [step.cached for step in second.build.ran("] COPY one.txt")] == [False]
    assert first.text("/base") != second.text("/base")
    assert first.digests[-3] != second.digests[-3]
    assert first.digests[-2] == second.digests[-2]
    assert second.text("/linked/one.txt") == tmp_path.as_posix()
