from __future__ import annotations

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.paths import clean, is_abs, join, normalize, normalize_workdir, strip_drive


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [
        pytest.param("", ".", id="nothing is the current directory"),
        pytest.param("//a//b/", "/a/b", id="slashes are counted once, also two at the start"),
        pytest.param("/a/./b/../c", "/a/c", id="dots go"),
        pytest.param("/../..", "/", id="nothing is above the root"),
        pytest.param("../a", "../a", id="a relative path may lead out"),
        pytest.param("ä/ü/../日本", "ä/日本", id="any letters"),
        pytest.param("a\\b", "a\\b", id="a backslash is a letter"),
    ],
)
def test_a_path_is_cleaned_as_go_does(path: str, cleaned: str) -> None:
    assert clean(path) == cleaned


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        pytest.param(("", ""), "", id="empty parts"),
        pytest.param(("", "a"), "a", id="empty parts do not count"),
        pytest.param(("/a", "/b"), "/a/b", id="an absolute part goes below the one before"),
        pytest.param(("/", "../x"), "/x", id="nothing leads out of the root"),
    ],
)
def test_paths_are_joined_as_go_does(parts: tuple[str, ...], joined: str) -> None:
    assert join(*parts) == joined


@pytest.mark.parametrize(
    ("path", "os", "absolute"),
    [
        pytest.param("/a", "linux", True, id="a slash"),
        pytest.param("C:\\a", "linux", False, id="a drive means nothing on linux"),
        pytest.param("C:\\a", "windows", True, id="a drive and a backslash"),
        pytest.param("C:a", "windows", False, id="a drive alone is relative"),
        pytest.param("D:\\a", "windows", False, id="another drive is none"),
        pytest.param("\\a", "windows", True, id="a backslash"),
        pytest.param("", "windows", False, id="nothing"),
    ],
)
def test_absolute_is_what_the_system_says(path: str, os: str, *, absolute: bool) -> None:
    assert is_abs(path, os) == absolute


@pytest.mark.parametrize(
    ("path", "os", "result"),
    [
        pytest.param("x", "linux", "/w/x", id="relative to the parent"),
        pytest.param("x/", "linux", "/w/x/", id="a closing slash stays"),
        pytest.param("x/.", "linux", "/w/x/.", id="a closing dot stays"),
        pytest.param(
            "/.", "linux", "/./.", id="a closing dot of an absolute path doubles, as in the reference"
        ),
        pytest.param("./..", "linux", "/", id="up to the root"),
        pytest.param("./../.", "linux", "/.", id="a closing dot stays at the root"),
        pytest.param("", "linux", "/w", id="nothing is the parent"),
        pytest.param("C:\\x\\", "windows", "/x/", id="drive and backslashes go"),
        pytest.param("x\\y", "windows", "/w/x/y", id="relative with backslashes"),
    ],
)
def test_a_destination_is_seen_from_the_working_directory(path: str, os: str, result: str) -> None:
    assert normalize("/w", path, os, keep_slash=True) == result


@pytest.mark.parametrize(
    ("current", "path", "os", "result"),
    [
        pytest.param("", "x", "linux", "/x", id="from nothing"),
        pytest.param("rel", "x", "linux", "/rel/x", id="from a relative directory of the image"),
        pytest.param("/a", "..", "linux", "/", id="up"),
        pytest.param("/a", "/b//c", "linux", "/b//c", id="absolute as written"),
        pytest.param("C:\\app", "sub/dir", "windows", "\\app\\sub\\dir", id="windows writes backslashes"),
        pytest.param("", "c:\\App", "windows", "\\App", id="the drive in any case"),
    ],
)
def test_a_working_directory_starts_from_the_one_before(
    current: str, path: str, os: str, result: str
) -> None:
    assert normalize_workdir(current, path, os) == result


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param("D:\\x", "The specified path is not on the system drive (C:)", id="another drive"),
        pytest.param("C:", 'No relative path specified in "C:"', id="a drive and nothing else"),
        pytest.param("\\\\host\\share", "UNC paths are not supported", id="a share"),
    ],
)
def test_windows_paths_without_a_place_on_the_drive_are_refused(path: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        strip_drive(path, "windows")
    assert caught.value.message == message
    with pytest.raises(DockerfileError) as caught:
        normalize_workdir("/", path, "windows")
    assert caught.value.message == (
        f"normalizing workdir: normalizing working directory: removing drive letter: {message}"
    )
