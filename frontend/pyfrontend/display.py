"""Foreign text for a terminal: any text in, text that cannot control a terminal or fake an output line out.

Names, values, comments and paths come from Dockerfiles, images and contexts; messages come from the daemon.
Unescaped, an escape sequence moves the cursor, a line break starts a line that a CI runner may execute as a
command (``::error file=...``), and a bidirectional mark reorders the text around it.  Code that shows such
text must escape it with this module.  Ordinary text is returned unchanged; escaping twice changes nothing.
"""

from __future__ import annotations

from pyfrontend.memo import cache

#: What is escaped: control characters (C0, DEL, C1), line and paragraph separators, bidirectional marks,
#: zero-width characters that hide text in text, and tag characters.  The two joiners are not: emoji and
#: several scripts need them.
_RANGES = (
    (0x00, 0x1F), (0x7F, 0x9F), (0x61C, 0x61C), (0x200B, 0x200B), (0x200E, 0x200F), (0x2028, 0x202E),
    (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
)  # fmt: skip
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
#: Lone surrogates stand for bytes that are not UTF-8, which Go writes as U+FFFD in JSON.
_SURROGATES, _NOT_UTF8 = range(0xD800, 0xE000), 0xFFFD
#: Stands before each further line, so that no line begins with foreign text.
CONTINUED = "  | "


def one_line(text: str) -> str:
    r"""Return ``text`` with escapes such as ``\n``, ``\x1b``, ``\u202e`` for what a terminal would act on."""
    return text if text.isprintable() else text.translate(_escapes())


def source_line(text: str) -> str:
    """Return one line of a file as `one_line` does, but keep tabs and drop a CR at the end."""
    return text if text.isprintable() else "\t".join(map(one_line, text.removesuffix("\r").split("\t")))


def many_lines(text: str) -> str:
    """Return ``text`` as `one_line` does, but keep line breaks and tabs; further lines begin with a mark."""
    if text.isprintable():
        return text
    first, *others = map(source_line, text.split("\n"))
    return "\n".join([first, *(CONTINUED + line.removeprefix(CONTINUED) for line in others)])


def print_exception(error: BaseException) -> None:
    """Write the traceback of ``error`` to stderr: the daemon's log, or the terminal of the command line."""
    import sys
    import traceback

    sys.stderr.write(many_lines("".join(traceback.format_exception(error)).rstrip("\n")) + "\n")


def safe_json(document: str) -> str:
    r"""Return a JSON text with escapes such as ``\u009b``: the same document, safe to print.

    Line breaks and tabs stay; in JSON they can only stand between values.
    """
    if document.isascii() and "\x7f" not in document:
        return document
    return document.translate(_json_escapes())


@cache
def _escapes() -> dict[int, str]:
    codes = [code for first, last in _RANGES for code in range(first, last + 1)]
    return {code: _SHORT.get(chr(code)) or _escape(code) for code in codes}


@cache
def _json_escapes() -> dict[int, str]:
    written = {code: _json_escape(code) for code in _escapes() if code >= 0x20}
    return written | dict.fromkeys(_SURROGATES, _json_escape(_NOT_UTF8))


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _json_escape(code: int) -> str:
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
