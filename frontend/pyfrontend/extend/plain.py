"""The plain Dockerfile that an extended one stands for: rewritten lines in, its text out.

Lines without extensions are printed as written, comments included; the others on one line each.
"""

from __future__ import annotations

from pyfrontend.golang.strings import SPACE
from pyfrontend.syntax.directives import MAX_LINE, DirectiveReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyfrontend.span import SourceFile
    from pyfrontend.syntax.declare import Line

#: Directives that a plain file keeps; the syntax line names a frontend that need not read it.
KEPT = ("escape", "check")
#: Characters of a rewritten line before it is continued on the next one.
FOLD = MAX_LINE // 8


def plain_text(main: SourceFile, lines: Iterable[Line], escape: str) -> bytes:
    """Return the text of ``lines``, which `pyfrontend.extend.rewrite.rewrite` made of the file ``main``."""
    printer = _Printer(escape)
    out = [*printer.directives(main), *(text for line in lines for text in printer.line(line))]
    return "".join(f"{text}\n" for text in out).encode("utf-8", "surrogateescape")


class _Printer:
    """Prints lines in order; remembers the physical lines of each file and how far they are used."""

    def __init__(self, escape: str) -> None:
        self.escape = escape
        self._physical: dict[SourceFile, list[str]] = {}
        #: How many lines at the top of each file are directives, and where its last printed line ends.
        self._used: dict[SourceFile, int] = {}

    def directives(self, main: SourceFile) -> Iterator[str]:
        """Yield the directives of the main file that the plain one keeps."""
        for text, key in self._top(main):
            if key in KEPT:
                yield text

    def line(self, line: Line) -> Iterator[str]:
        """Yield the text of a line with the comments above it; nothing for one that is not there."""
        physical = self._lines_of(line.span.file)
        above = self._above(line, physical)
        self._used[line.span.file] = line.span.end
        extras = line.extras
        if extras is None:
            yield from above
            yield from physical[line.span.start - 1 : line.span.end]
            return
        dropped = self._dropped(line)
        if extras.skipped or extras.gate:
            yield from (text for text in above if not text.strip(SPACE))
            yield from dropped if extras.gate else ()
            return
        yield from above
        yield from dropped
        yield from self._folded(line.code.strip(SPACE))
        for heredoc in line.heredocs:
            yield from heredoc.content.split("\n")[:-1]
            yield heredoc.name

    def _dropped(self, line: Line) -> Iterator[str]:
        """Yield a comment for each thing that no plain file can say."""
        extras = line.extras
        if extras is None:
            return
        names = [name for name, _ in extras.requires]
        flags = [f"--requires={','.join(names)}"] if names else []
        flags += [f"--report={path}" for path in extras.reports]
        flags += ["--no-cache"] if extras.no_cache else []
        for flag in flags:
            yield f"# not expressible: {line.keyword} {flag}"

    def _above(self, line: Line, physical: list[str]) -> list[str]:
        """Return the comments and empty lines right above a line."""
        start = at = line.span.start - 1
        used = self._used.get(line.span.file, 0)
        while at > used and (not (text := physical[at - 1].strip(SPACE)) or text.startswith("#")):
            at -= 1
        return physical[at:start]

    def _lines_of(self, file: SourceFile) -> list[str]:
        if file not in self._physical:
            self._physical[file] = [
                text.removesuffix("\r")
                for text in file.data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").split("\n")
            ]
            self._used.setdefault(file, sum(1 for _ in self._top(file)))
        return self._physical[file]

    def _top(self, file: SourceFile) -> Iterator[tuple[str, str]]:
        """Yield the directive lines of a file, each with its key."""
        reader = DirectiveReader()
        lines = file.data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").split("\n")
        for text in (line.strip(SPACE) for line in lines):
            found = reader.read(text)
            if found is None:
                return
            yield text, found.key

    def _folded(self, code: str) -> Iterator[str]:
        """Yield ``code`` in lines that are short enough to be read back."""
        while len(code) > FOLD:
            # Between two letters nothing can be taken for a comment, an escape or an empty line.
            cut = next((at for at in range(FOLD, FOLD // 2, -1) if code[at - 1 : at + 1].isalnum()), FOLD)
            yield code[:cut] + self.escape
            code = code[cut:]
        yield code
