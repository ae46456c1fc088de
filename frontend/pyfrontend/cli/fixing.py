"""The command ``fix``: files in, a diff out, or the files fixed in place."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from pyfrontend.cli.checking import checked, settings_of
from pyfrontend.cli.opening import STDIN, UnusableError, read
from pyfrontend.cli.terminal import FINE, UNUSABLE, WRONG, complain, print_out
from pyfrontend.display import one_line, source_line
from pyfrontend.fix.fixers import FIXERS
from pyfrontend.fix.mend import Mended, mend
from pyfrontend.spelling import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from pyfrontend.errors import Diagnostic


def fix_files(options: argparse.Namespace, files: Sequence[str]) -> int:
    """Fix ``files``; return 1 if a diff shows fixes that are not written, 2 if a file cannot be used."""
    for name in options.select or ():
        if name not in FIXERS:
            known = f": there are {', '.join(sorted(FIXERS))}"
            return complain(f"no fix for {one_line(name)}{did_you_mean(name, FIXERS) or known}", UNUSABLE)
    return max([_fix(options, file) for file in files])


def _fix(options: argparse.Namespace, file: str) -> int:
    try:
        settings = settings_of(options, file)._replace(shellcheck=False)
        data = read(options, file)

        def check(text: bytes) -> Iterator[Diagnostic]:
            found = checked(options, file, settings, text).diagnostics
            return (one for one in found if not options.select or one.code in options.select)

        mended = mend(data, check)
        if options.write:
            _write(file, data, mended.data)
    except UnusableError as error:
        return complain(str(error), UNUSABLE)
    if not options.write:
        print_out("".join(_diff(file, data, mended.data)).encode(errors="replace"))
    _report(file, mended, options.write)
    return WRONG if mended.fixed and not options.write else FINE


def _write(file: str, before: bytes, after: bytes) -> None:
    """Write the mended text to where the file came from."""
    if file == STDIN:
        sys.stdout.buffer.write(after)
        sys.stdout.flush()
    elif before != after:
        try:
            Path(file).write_bytes(after)
        except OSError as error:
            raise UnusableError(f"cannot write {one_line(file)}: {error.strerror}") from None


def _diff(file: str, before: bytes, after: bytes) -> Iterator[str]:
    """Yield the lines of a unified diff, as a terminal may show them."""
    old, new = (_lines(data) for data in (before, after))
    name = one_line("Dockerfile" if file == STDIN else file)
    for line in difflib.unified_diff(old, new, name, name, lineterm=""):
        yield f"{source_line(line)}\n"


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")


def _report(file: str, mended: Mended, written: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Say on standard error how often each rule was satisfied."""
    if mended.fixed:
        names = ", ".join(f"{code} {count}" for code, count in sorted(mended.fixed.items()))
        verb = "fixed" if written else "would fix"
        name = "standard input" if file == STDIN else one_line(file)
        sys.stderr.write(f"{name}: {verb} {sum(mended.fixed.values())} ({names})\n")
