"""Flags in the text of an instruction: removed, or given another value; the rest is unchanged."""

from __future__ import annotations

from pyfrontend.golang.strings import SPACE
from pyfrontend.syntax.grammars import BYTE_SPACE, scan_flag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.syntax.declare import Line


def edit_flags(code: str, escape: str, edit: Callable[[str], str | None]) -> str:
    """Return ``code`` with each flag replaced by what ``edit`` makes of it; None cuts it out.

    ``edit`` gets a flag as the parser sees it, ``--name=value`` without quotes and escapes.  One that it
    returns unchanged keeps its spelling.
    """
    if code.isascii():
        return _edited(code, escape, edit)

    # The parser walks over bytes here; see `pyfrontend.syntax.grammars`.  What extensions read is text.
    def edit_bytes(flag: str) -> str | None:
        new = edit(_text_of(flag))
        return None if new is None else _bytes_of(new)

    return _text_of(_edited(_bytes_of(code), escape, edit_bytes))


def cut_flags(text: str, escape: str) -> tuple[str, str]:
    """Return the flags at the beginning of ``text``, which has no keyword, and the words behind them."""
    if not text.startswith("--"):
        return "", text
    data = text if text.isascii() else _bytes_of(text)
    at = 0
    while data.startswith("--", at):
        flag, end = scan_flag(data, at, escape)
        if flag == "--":
            break
        at = _skip(data, end)
    return (data[:at], data[at:]) if data is text else (_text_of(data[:at]), _text_of(data[at:]))


def _bytes_of(text: str) -> str:
    """Return ``text`` with a character for each of its bytes."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _text_of(data: str) -> str:
    return data.encode("latin-1").decode("utf-8", "surrogateescape")


def _edited(text: str, escape: str, edit: Callable[[str], str | None]) -> str:
    at = _after_keyword(text)
    out = [text[:at]]
    while text.startswith("--", at):
        flag, end = scan_flag(text, at, escape)
        if flag == "--":
            break
        following = _skip(text, end)
        new = edit(flag)
        if new is not None:
            out += [text[at:end] if new == flag else _spelled(new, escape), text[end:following]]
        at = following
    return "".join([*out, text[at:]])


def _after_keyword(text: str) -> int:
    at = _skip(text, 0)
    while at < len(text) and text[at] not in SPACE:
        at += 1
    return _skip(text, at)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in BYTE_SPACE:
        at += 1
    return at


def _spelled(flag: str, escape: str) -> str:
    """Return a flag so that the parser reads it back."""
    special = {*BYTE_SPACE, '"', "'", escape}
    return "".join([escape + character if character in special else character for character in flag])


def map_stages(line: Line, rename: Callable[[str], str], escape: str) -> str:
    """Return the text of ``line`` with each stage that ``--from`` or a mount names replaced by ``rename``."""
    keyword = line.cls.keyword if line.cls else ""

    def edit(flag: str) -> str:
        name, _, value = flag.partition("=")
        if name == "--from" and keyword == "COPY":
            return f"--from={rename(value)}"
        if name == "--mount" and keyword == "RUN":
            return f"--mount={map_mount(value, rename)}"
        return flag

    return edit_flags(line.code, escape, edit) if line.flags else line.code


def map_mount(mount: str, rename: Callable[[str], str]) -> str:
    """Return the text of a mount with the stage in it replaced by ``rename``."""
    fields = mount.split(",")
    for number, field in enumerate(fields):
        name, equals, stage = field.strip('"').partition("=")
        if equals and name.lower() == "from":
            fields[number] = field.replace(f"={stage}", f"={rename(stage)}", 1)
    return ",".join(fields)
