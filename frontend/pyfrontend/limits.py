"""Limits of one build: the most that hostile or broken input can cost (docs/limits.md has the table).

Each name says what is limited, and its comment what happens beyond the limit.  Limits of the language itself,
such as the length of a line, are defined where they are used.
"""

from __future__ import annotations

from pyfrontend.errors import TOO_MUCH_TEXT, DockerfileError
from pyfrontend.span import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.errors import Diagnostic

#: Characters of a name; nothing is suggested for longer ones.
SUGGESTED_NAME = 255
#: Names looked at and characters compared to find suggestions for variables; later ones get none.
SUGGESTION_WORK = 4_000_000
#: The same for build arguments and build contexts that nothing uses.
ADVICE_WORK = 400_000
#: Errors of a file that say which instruction was meant.
HINTED_ERRORS = 1_000
#: Bytes and keys of a file of values (``args=``, ``ENV --file``).
VALUE_FILE_BYTES = 256 << 10
VALUE_FILE_KEYS = 2_000
#: Such files in a build, and the pairs that its ``--file`` flags insert: an error at the
#: line that names one more.
VALUE_FILES = 200
VALUE_PAIRS = 20_000
#: Files that a Dockerfile can be made of, how deep they may name each other, and their bytes together.
DOCKERFILES = 200
DOCKERFILE_DEPTH = 16
DOCKERFILE_INCLUSIONS = 2_000
DOCKERFILE_BYTES = 4 << 20
#: Macros that a build expands, and the characters of the lines that they stand for.
MACROS = 10_000
MACRO_TEXT = 4 << 20
#: Seconds that a function of a plugin may take.
PLUGIN_SECONDS = 60
#: Bytes of such files that were named before: their lines are read once more each time.
DOCKERFILE_REPEATED_BYTES = 256 << 10
#: Bytes and entries of a Dockerfile.lock.
LOCK_BYTES = 1 << 20
LOCK_ENTRIES = 5_000
#: Stages and instructions looked at for all stages that are required, have reports or are in a list of
#: targets: each such stage is planned on its own, and that takes all of its file.  Beyond: an error.
GATE_WORK = 50_000
#: Bytes and files of the reports that `--call=test` returns; what exceeds the limits is named and left out.
REPORT_BYTES = 64 << 20
REPORT_FILES = 1_000
#: Bytes of them that failed steps have written, which are sent in one message, together with other parts.
REPORT_FAILED_BYTES = 15 << 20
#: Files and folders looked at for one path of a report, and bytes of an archive that a failed step's files
#: are searched in: beyond, the search ends, and the answer says so.
REPORT_ENTRIES = 50_000
REPORT_STREAM_BYTES = 256 << 20
#: Steps to find out which sources of COPY and ADD the ignore file hides; later sources count as not hidden.
IGNORE_WORK = 1_000_000
#: Characters of one expanded word: an error at its line.
EXPANDED_WORD = 4 << 20
#: Characters that expansions, step names and the history of all stages make together: an error at the line.
BUILD_TEXT = 64 << 20
#: ONBUILD triggers that the stages of a build take over, and how deep triggers may lead from image to image:
#: an error at the FROM.
TRIGGERS = 10_000
TRIGGER_DEPTH = 16
#: What a tar archive unpacks to, its files and the records about them, and bytes of a header of records.
#: The files of a larger one have no time.
ARCHIVE_BYTES = 4 << 30
ARCHIVE_ENTRIES = 200_000
ARCHIVE_HEADER = 1 << 20
#: Bytes of a message to BuildKit or from it: its own limit for frontend images.  A larger graph is an error
#: at the line of the step that goes beyond, any other message is an error without a line.
MESSAGE_BYTES = 16 << 20
#: Layers of a drawn graph that links pass together before the layers become broader; and how often boxes and
#: bends of links are moved into place, all of them together.
GRAPH_BENDS = 10_000
GRAPH_WORK = 200_000
#: Width of a column in a table of text; a longer cell is not aligned.
COLUMN = 1_000
#: Warnings that a build shows, and findings that a check lists; a last one says that there are more.
BUILD_WARNINGS = 1_000
CHECK_FINDINGS = 10_000
#: Lines that the findings of a check, or the warnings of a build, are about together: later ones name only
#: their first line.
FINDING_LINES = 100_000
#: Steps above or below an instruction that a strict rule looks at, and variables that a stage knows of the
#: one that it starts from: what is further away, or more, is not known to strict rules.
RULE_STEPS = 100
RULE_VARIABLES = 200
#: Characters of excerpts in the text of a check, and bytes of files that come with the warnings of a build:
#: later ones have no excerpt.
EXCERPTS = 4 << 20


class LineBudget:
    """The lines that diagnostics may still be about."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        """Begin with `FINDING_LINES`."""
        self.left = FINDING_LINES

    def within(self, found: Diagnostic) -> Diagnostic:
        """Return ``found``, about its first line only once no lines are left."""
        self.left -= sum(len(span.lines) for span in found.spans)
        if self.left >= 0 or not found.spans:
            return found
        first = found.spans[0]
        return found._replace(spans=(Span(first.file, first.start, first.start),))


class Meter:
    """The text that one conversion may still make."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        """Begin with `BUILD_TEXT`."""
        self.left = BUILD_TEXT

    def spend(self, amount: int) -> None:
        """Take ``amount`` characters off; raises `DockerfileError`, without a span, once none are left."""
        self.left -= amount
        if self.left < 0:
            size = f"{BUILD_TEXT >> 20} MiB"
            message = f"the variables, step names and history of this build come to more than {size} of text"
            raise DockerfileError(message, code=TOO_MUCH_TEXT)
