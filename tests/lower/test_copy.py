"""COPY and ADD: where files come from, what they look like, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import CAPS, Conversion, DictResolver, complaint, history, lines, lower
from parity import daemon
from pyfrontend.llb.caps import Capabilities
from pyfrontend.llb.marshal import marshal
from pyfrontend.lower.instructions.copy import UNNAMED, has_wildcards, url_filename
from pyfrontend.oci.platforms import Platform
from pyfrontend.pb import ops_pb2 as pb

LINE_2 = [(2, 2)]
WINDOWS = Platform("windows", "amd64")
GIT = "https://github.com/a/b.git"
SHA = "sha256:" + "a" * 64


def actions(line: str, **given: Any) -> list[Any]:
    """The copy actions of the last op."""
    found = lower(f"FROM scratch\n{line}", **given)
    encoded = getattr(marshal(found.state.output, caps=given.get("caps", CAPS)), "def")
    return [action.copy for action in pb.Op.FromString(encoded[-2]).file.actions]


def sources(line: str) -> list[dict[str, str]]:
    """Identifier and attributes of the sources, the context left out."""
    found = lower(f"FROM scratch\n{line}")
    ops = [pb.Op.FromString(data) for data in getattr(marshal(found.state.output, caps=CAPS), "def")]
    return [
        {"identifier": op.source.identifier, **op.source.attrs}
        for op in ops
        if op.WhichOneof("op") == "source" and not op.source.identifier.startswith("local://")
    ]


@pytest.mark.parametrize(
    ("words", "src", "dest"),
    [
        pytest.param("a b", "/a", "/w/b", id="below the working directory"),
        pytest.param("a .", "/a", "/w/", id="a dot is the working directory"),
        pytest.param('["a", ""]', "/a", "/w/", id="an empty destination is the working directory"),
        pytest.param("a /b/", "/a", "/b/", id="a closing slash stays"),
        pytest.param("../../a/ /b/.", "/a", "/b/.", id="nothing leads out of the source"),
        pytest.param('["", "/b"]', "/", "/b", id="nothing is all of it"),
        pytest.param("ä* /ü", "/ä*", "/ü", id="any letters"),
    ],
)
def test_paths_are_rooted(words: str, src: str, dest: str) -> None:
    [action] = actions(f"WORKDIR /w\nCOPY {words}")
    assert (action.src, action.dest) == (src, dest)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(f"COPY {GIT} /", "source can't be a git ref for COPY", id="COPY of a repository"),
        pytest.param("COPY https://a/b /", "source can't be a URL for COPY", id="COPY of a URL"),
        pytest.param(
            "ADD --checksum=x a b /",
            "checksum can't be specified for multiple sources",
            id="one checksum of two files",
        ),
        pytest.param(
            "ADD --checksum=x a /",
            "checksum requires HTTP(S) or Git sources",
            id="a checksum of a local file",
        ),
        pytest.param("ADD --checksum=x https://a/b /", "invalid checksum digest format", id="no checksum"),
        pytest.param(
            f"ADD --checksum=a {GIT}?checksum=b /", 'checksum mismatch "a" != "b"', id="two checksums"
        ),
        pytest.param(
            f"ADD --keep-git-dir {GIT}?keep-git-dir=false /",
            "inconsistent keep-git-dir configuration",
            id="two wishes for .git",
        ),
        pytest.param(f"ADD {GIT}?nonsense=1 /", 'unexpected query "nonsense"', id="a bad query"),
        pytest.param(
            "COPY --chmod=9 a /",
            "invalid chmod parameter: '9'. it should be octal string and between 0 and 07777",
            id="no mode",
        ),
    ],
)
def test_what_cannot_be_copied_is_reported_at_its_line(line: str, message: str) -> None:
    assert complaint(f"FROM scratch\n{line}") == (message, LINE_2, None)


@pytest.mark.parametrize(
    ("flags", "look"),
    [
        pytest.param("", (-1, ""), id="as in the source"),
        pytest.param("--chmod=755", (0o755, ""), id="octal"),
        pytest.param("--chmod=0", (0, ""), id="zero"),
        pytest.param("--chmod=u+x,go=", (0, "u+x,go="), id="symbolic"),
        pytest.param("--chmod=$MODE", (0o644, ""), id="a variable"),
        pytest.param("--chmod=$NONE", (-1, ""), id="an empty variable"),
    ],
)
def test_a_mode_is_a_number_or_a_text(flags: str, look: tuple[int, str]) -> None:
    [action] = actions(f"ENV MODE=644\nCOPY {flags} a /")
    assert (action.mode, action.modeStr) == look


@pytest.mark.parametrize(
    ("source", "path", "included", "required"),
    [
        pytest.param("a/b", "/", ["a/b"], ["/a/b"], id="the whole path"),
        pytest.param("a/./b", "/a", ["b"], ["/a/b"], id="from the pivot on"),
        pytest.param("a/./b/./c", "/a", ["b/c"], ["/a/b/c"], id="the first pivot counts"),
        pytest.param("a/*.x", "/", ["a/*.x"], [], id="a pattern may match nothing"),
        pytest.param("a*/./b", "/a*", ["b"], [], id="also before the pivot"),
    ],
)
def test_parents_are_kept(source: str, path: str, included: list[str], required: list[str]) -> None:
    [action] = actions(f"COPY --parents {source} /")
    assert (action.src, list(action.include_patterns), list(action.required_paths)) == (
        path,
        included,
        required,
    )


@pytest.mark.parametrize(
    ("line", "unpacked"),
    [
        pytest.param("COPY a /", False, id="never by COPY"),
        pytest.param("ADD a /", True, id="by ADD"),
        pytest.param("ADD --unpack=false a /", False, id="unless it is switched off"),
        pytest.param("ADD https://a/b /", False, id="not a download"),
        pytest.param("ADD --unpack https://a/b /", True, id="unless it is asked for"),
    ],
)
def test_archives_are_unpacked(line: str, *, unpacked: bool) -> None:
    assert [action.attemptUnpackDockerCompatibility for action in actions(line)] == [unpacked]


@pytest.mark.parametrize(
    ("line", "attrs"),
    [
        pytest.param("ADD https://a/b%20c?d=e#f /", {"http.filename": "b c"}, id="the last part of the path"),
        pytest.param(
            f"ADD --checksum={SHA} http://a/ /",
            {"http.checksum": SHA, "http.filename": UNNAMED},
            id="no path",
        ),
        pytest.param(f"ADD --keep-git-dir {GIT} /", {"git.keepgitdir": "true"}, id="a flag"),
        pytest.param(f"ADD {GIT}?keep-git-dir=true /", {"git.keepgitdir": "true"}, id="the same in the URL"),
        pytest.param(f"ADD --keep-git-dir=false {GIT}?keep-git-dir=0 /", {}, id="the flag agrees"),
        pytest.param(f"ADD {GIT}?checksum=abc /", {"git.checksum": "abc"}, id="a commit in the URL"),
        pytest.param(f"ADD --checksum=abc {GIT} /", {"git.checksum": "abc"}, id="a commit by flag"),
    ],
)
def test_remote_files_have_their_settings(line: str, attrs: dict[str, str]) -> None:
    [source] = sources(line)
    assert attrs.items() <= source.items()
    assert ("git.keepgitdir" in source) == ("git.keepgitdir" in attrs)


@pytest.mark.parametrize(
    ("urls", "attrs"),
    [
        pytest.param("{a}?keep-git-dir=true {b}", [("true", None), ("true", None)], id="keep the directory"),
        pytest.param("{b} {a}?keep-git-dir=true", [(None, None), ("true", None)], id="but not before it"),
        pytest.param("{a}?checksum=abc {b}", [(None, "abc"), (None, "abc")], id="a commit"),
    ],
)
def test_what_one_repository_asks_for_holds_for_the_next(
    urls: str, attrs: list[tuple[str | None, str | None]]
) -> None:
    found = sources(f"ADD {urls.format(a='https://h/a.git', b='https://h/b.git')} /")
    given = [(source.get("git.keepgitdir"), source.get("git.checksum")) for source in found]
    assert sorted(given, key=repr) == sorted(attrs, key=repr)


def test_a_commit_of_a_repository_is_no_checksum_of_a_download() -> None:
    message = complaint(f"FROM scratch\nADD {GIT}?checksum=abc https://a/b /")[0]
    assert message == "invalid checksum digest format"


def test_a_repository_that_may_be_a_directory_is_copied_whatever_its_checksum() -> None:
    [action] = actions("ADD --checksum=abc github.com/a/b /")
    assert action.src == "/github.com/a/b"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a/b/c.tar?x=/y", "c.tar"),
        ("https://a/b/", "b"),
        ("https://a", UNNAMED),
        ("https://a/", UNNAMED),
        ("https://a/.", UNNAMED),
        ("https://a/%41%2Fb", "b"),
        ("https://[::1/x", UNNAMED),
        ("https://a/%zz", UNNAMED),
        ("https://a/b#%4", UNNAMED),
        ("https://a/b?%4", "b"),
        ("https://a/b\x7f", UNNAMED),
        ("https://a/b\tc", UNNAMED),
        ("https://a/b?\t", UNNAMED),
        ("https://a/%E4", "\udce4"),
        ("https://a:80/b", "b"),
        ("https://a:/b", "b"),
        ("https://a:port/b", UNNAMED),
        ("https://a:80:81/b", UNNAMED),
        ("https://a b/c", UNNAMED),
        ("https://a%20b/c", UNNAMED),
        ("https://[fe80::1%25en0]/c", "c"),
        ("https://u:p%@a/b", UNNAMED),
        ("https://a/%C3%BC", "ü"),
        ("https://a/a b", "a b"),
    ],
)
def test_a_download_is_called_as_in_its_url(url: str, name: str) -> None:
    assert url_filename(url) == name


@pytest.mark.parametrize(
    ("path", "wild"),
    [
        ("a", False),
        ("a*", True),
        ("?", True),
        ("[a]", True),
        ("\\*", False),
        ("\\\\*", True),
        ("\\\\\\*", False),
        ("a]", False),
        ("\\", False),
        ("", False),
    ],
)
def test_a_wildcard_counts_unless_it_is_escaped(path: str, *, wild: bool) -> None:
    assert has_wildcards(path) == wild


@pytest.mark.parametrize(
    ("line", "os", "src", "dest"),
    [
        pytest.param("COPY a\\b C:\\c\\", "windows", "/a/b", "/c/", id="backslashes and drive"),
        pytest.param("COPY a/b c", "windows", "/a/b", "/c", id="slashes"),
        pytest.param("COPY a\\b C:\\c", "linux", "/a\\b", "/C:\\c", id="are letters on linux"),
    ],
)
def test_windows_paths_are_turned_into_slashes(line: str, os: str, src: str, dest: str) -> None:
    found = lower(f"# escape=`\nFROM scratch\n{line}", platform=Platform(os, "amd64"))
    encoded = getattr(marshal(found.state.output, caps=CAPS), "def")
    [action] = pb.Op.FromString(encoded[-2]).file.actions
    assert (action.copy.src, action.copy.dest) == (src, dest)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(
            "COPY a D:\\",
            "removing drive letter: The specified path is not on the system drive (C:)",
            id="to another drive",
        ),
        pytest.param(
            "COPY D:\\a C:\\",
            "removing drive letter: removing drive letter: The specified path is not on the system drive"
            " (C:)",
            id="from another drive",
        ),
    ],
)
def test_another_drive_is_refused(line: str, message: str) -> None:
    text = f"# escape=`\nFROM scratch\n{line}"
    assert complaint(text, platform=WINDOWS) == (message, [(3, 3)], None)


def test_a_heredoc_on_another_drive_is_refused() -> None:
    text = "# escape=`\nFROM scratch\nCOPY <<D:x C:\\\nx\nD:x"
    message = "removing drive letter: The specified path is not on the system drive (C:)"
    assert complaint(text, platform=WINDOWS) == (message, [(3, 5)], None)


def test_a_body_keeps_its_quotes_and_loses_its_variables() -> None:
    text = 'FROM scratch\nARG A=1\nCOPY <<x <<"y" /\n"$A" \\$A\nx\n$A\ny'
    found = lower(text)
    ops = [pb.Op.FromString(data) for data in getattr(marshal(found.state.output, caps=CAPS), "def")]
    files = {op.file.actions[0].mkfile.path: op.file.actions[0].mkfile.data for op in ops[:2]}
    assert files == {"/x": b'"1" $A\n', "/y": b"$A\n"}


@pytest.mark.parametrize(
    ("flags", "caps", "kinds"),
    [
        pytest.param("--link", CAPS, ["file", "merge"], id="a layer of its own"),
        pytest.param("--link --chmod=1", CAPS, ["file"], id="not with a mode"),
        pytest.param("--link", Capabilities(daemon.LLB - {"mergeop"}), ["file"], id="not with an old daemon"),
        pytest.param("--link=false", CAPS, ["file"], id="not without the flag"),
    ],
)
def test_link_makes_a_layer(flags: str, caps: Capabilities, kinds: list[str]) -> None:
    found = lower(f"FROM x\nCOPY {flags} a /", caps=caps)
    ops = [pb.Op.FromString(data) for data in getattr(marshal(found.state.output, caps=caps), "def")[:-1]]
    assert [op.WhichOneof("op") for op in ops if op.WhichOneof("op") != "source"] == kinds


def test_a_linked_layer_on_scratch_leaves_variables_user_and_directory_alone() -> None:
    found = lower("FROM scratch\nENV A=b\nUSER u\nCOPY --link a /\nCOPY --link $A $A\nRUN x")
    encoded = getattr(marshal(found.state.output, caps=CAPS), "def")
    meta = pb.Op.FromString(encoded[-2]).exec.meta
    assert (meta.env[-1], meta.user, meta.cwd) == ("A=b", "u", "/")
    assert history(found)[-2] == "COPY b b # buildkit"


def test_history_names_owner_and_mode_but_not_the_rest() -> None:
    text = "FROM x\nCOPY --link --exclude=x --parents --chown=a:b --chmod=1 c d /\nADD --unpack e /"
    assert history(lower(text))[-2:] == [
        "COPY --parents --chown=a:b --chmod=1 c d / # buildkit",
        "ADD e / # buildkit",
    ]


def test_the_context_learns_the_paths_that_are_copied() -> None:
    conversion = Conversion(
        "FROM scratch\nCOPY a/ ../b /\nADD c https://a/d /\nRUN --mount=source=e,target=/e e"
    )
    assert conversion.lower().stage.context_paths == {"/a", "/b", "/c", "/e"}


def test_a_path_that_the_ignore_file_hides_is_reported() -> None:
    conversion = Conversion("FROM scratch\nCOPY a.log b /", resolver=DictResolver(ignore=["*.log"]))
    conversion.lower()
    assert [(finding.code, *map(lines, finding.spans)) for finding in conversion.findings] == [
        ("CopyIgnoredFile", (2, 2))
    ]


def test_an_ignore_file_that_cannot_be_read_is_an_error() -> None:
    message, *_ = complaint("FROM scratch\nCOPY a /", resolver=DictResolver(ignore=["["]))
    assert message == "syntax error in pattern"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "FROM x\nCOPY --link --chown=app a /",
            '--chown=app: with --link there is no /etc/passwd to look up the user "app" in:'
            " use a number, such as --chown=5000, or remove --link",
            id="a user",
        ),
        pytest.param(
            "FROM x\nADD --link --chown=1000:staff a /",
            '--chown=1000:staff: with --link there is no /etc/group to look up the group "staff" in:'
            " use a number, such as --chown=1000:5000, or remove --link",
            id="a group",
        ),
        pytest.param(
            "FROM scratch\nADD --chown=app:staff https://a/b /",
            '--chown=app:staff: in an empty stage there is no /etc/passwd to look up the user "app" in:'
            " use a number, such as --chown=5000:5000",
            id="an empty stage",
        ),
        pytest.param(
            "FROM scratch\nCOPY --chown=$who <<EOF /\nEOF",
            '--chown=app: in an empty stage there is no /etc/passwd to look up the user "app" in:'
            " use a number, such as --chown=5000",
            id="from a variable",
        ),
    ],
)
def test_an_owner_by_name_is_refused_where_no_file_has_names(text: str, message: str) -> None:
    text = text.replace("\nCOPY --chown=$who", "\nARG who=app\nCOPY --chown=$who")
    last = text.partition("\nEOF")[0].count("\n") + 1
    assert complaint(text) == (message, [(last, last + ("EOF" in text))], None)


@pytest.mark.parametrize(
    ("text", "caps"),
    [
        pytest.param("FROM x\nCOPY --link --chown=5000:root a /", CAPS, id="numbers and root"),
        pytest.param("FROM x\nCOPY --link --chown=: a /", CAPS, id="nothing"),
        pytest.param("FROM x\nCOPY --link --chown=app --chmod=1 a /", CAPS, id="a mode unlinks"),
        pytest.param(
            "FROM x\nCOPY --link --chown=app a /", Capabilities(daemon.LLB - {"mergeop"}), id="an old daemon"
        ),
        pytest.param("FROM x\nCOPY --chown=app a /", CAPS, id="without the flag"),
        pytest.param("FROM scratch\nCOPY passwd /etc/\nCOPY --chown=app a /", CAPS, id="a file with names"),
    ],
)
def test_an_owner_that_can_be_looked_up_or_needs_not_is_taken(text: str, caps: Capabilities) -> None:
    assert lower(text, caps=caps)


@pytest.mark.parametrize(
    ("line", "capability", "message"),
    [
        (
            "COPY --exclude=x a /",
            "file.copy.includeexcludepatterns",
            "COPY --exclude, which needs BuildKit 0.9 (Docker Engine 23.0) or newer",
        ),
        (
            "ADD --exclude=x a /",
            "file.copy.includeexcludepatterns",
            "ADD --exclude, which needs BuildKit 0.9 (Docker Engine 23.0) or newer",
        ),
        (
            "COPY --parents a /",
            "file.copy.includeexcludepatterns",
            "COPY --parents, which needs BuildKit 0.9 (Docker Engine 23.0) or newer",
        ),
        (
            "COPY --chmod=u=rwX,go+r a /",
            "exec.validexitcode",
            "COPY --chmod=u=rwX,go+r, which needs BuildKit 0.17 (Docker Engine 27.4) or newer",
        ),
    ],
    ids=["COPY exclude", "ADD exclude", "parents", "a mode in letters"],
)
def test_what_an_old_engine_would_drop_is_refused(line: str, capability: str, message: str) -> None:
    old = Capabilities(daemon.LLB - {capability})
    text = f"FROM x\n{line}"
    assert complaint(text, caps=old) == (f"this engine does not support {message}", LINE_2, None)
    assert lower(text)
    assert lower("FROM x\nCOPY --chmod=755 a /", caps=old)
