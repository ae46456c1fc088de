"""Paths of the image being built, on Linux and on Windows: cleaned, joined and made absolute as Go does.

Errors are `DockerfileError` without a position (WIN-003).
"""

from __future__ import annotations

import posixpath

from pyfrontend.errors import DockerfileError


def clean(path: str) -> str:
    """Return the shortest path equal to ``path``: what Go's ``path.Clean`` gives, ``.`` for an empty one."""
    cleaned = posixpath.normpath(path)
    # POSIX lets two leading slashes have a special meaning, Go does not.
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def join(*parts: str) -> str:
    """Join the non-empty ``parts`` with slashes and clean the result; empty when all are."""
    joined = "/".join(part for part in parts if part)
    return clean(joined) if joined else ""


def to_slash(path: str, os: str) -> str:
    """Return ``path`` with forward slashes, where ``os`` (of the image) has others."""
    return path.replace("\\", "/") if os == "windows" else path


def is_abs(path: str, os: str) -> bool:
    """Tell whether ``path`` is absolute on ``os``; a path on a wrong drive is not."""
    try:
        return to_slash(strip_drive(path, os), os).startswith("/")
    except DockerfileError:
        return False


def normalize(parent: str, path: str, os: str, *, keep_slash: bool) -> str:
    """Return ``path`` as an absolute one below ``parent`` (an absolute path is kept as it is).

    With ``keep_slash`` a closing ``/`` or ``/.`` stays, since COPY gives it a meaning (CPY-004).
    """
    path, parent = to_slash(path, os), to_slash(parent, os) or "/"
    original = path
    try:
        parent = strip_drive(parent, os, keep_slash=keep_slash)
        parent = parent if is_abs(parent, os) else join("/", parent)
        path = strip_drive(path or parent, os, keep_slash=keep_slash)
    except DockerfileError as error:
        raise error.wrapped("removing drive letter") from None
    if not is_abs(path, os):
        path = join(parent, path)
    return to_slash(keep_ending(original, path) if keep_slash else path, os)


def normalize_workdir(current: str, path: str, os: str) -> str:
    """Return the working directory ``path`` seen from ``current``, with the slashes of ``os``."""
    try:
        path = normalize(current, path, os, keep_slash=False)
    except DockerfileError as error:
        raise error.wrapped("normalizing workdir: normalizing working directory") from None
    return path.replace("/", "\\") if os == "windows" else path


def strip_drive(path: str, os: str, *, keep_slash: bool = False) -> str:
    """Return ``path`` without the drive ``C:``, cleaned; on Linux ``path`` as it is."""
    if os != "windows":
        return path
    if len(path) == 2 and path[1] == ":":
        raise DockerfileError(f'No relative path specified in "{path}"', code="InvalidWindowsPath")
    if to_slash(path[:2], os) == "//":
        raise DockerfileError("UNC paths are not supported", code="InvalidWindowsPath")
    drive, colon, rest = path.partition(":")
    if not colon:
        return _clean_windows(path, keep_slash=keep_slash)
    if drive.lower() != "c":
        raise DockerfileError("The specified path is not on the system drive (C:)", code="InvalidWindowsPath")
    return _clean_windows(rest, keep_slash=keep_slash)


def keep_ending(original: str, path: str) -> str:
    """Return the cleaned ``path`` with the slash or ``/.`` at its end that ``original`` has (CPY-004)."""
    if original.endswith("/") and not path.endswith("/"):
        return path + "/"
    if original.endswith("/."):
        return path + "." if path == "/" else path + "/."
    return path


def _clean_windows(path: str, *, keep_slash: bool) -> str:
    path = to_slash(path, "windows")
    cleaned = clean(path)
    return cleaned + "/" if keep_slash and len(cleaned) > 1 and path.endswith("/") else cleaned
