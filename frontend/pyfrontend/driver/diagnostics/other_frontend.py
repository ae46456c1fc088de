"""Help for a file that names another frontend, whose plugins may know what is unknown here.

A build is handed over to that frontend; the command line and the library read the file themselves.
"""

from __future__ import annotations

from pyfrontend.errors import UNKNOWN_INSTRUCTION
from pyfrontend.syntax.directives import detect_syntax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.session import Session
    from pyfrontend.errors import Diagnostic

#: Last parts of the names of frontends that know no more than this one, wherever they are copied to.
ALIKE = ("dockerfile", "dockerfile-upstream", "pyfrontend")
CODES = (UNKNOWN_INSTRUCTION, "UnknownFlag")


def may_know(found: Diagnostic, session: Session) -> Diagnostic:
    """Return ``found`` with the help that the frontend which the file names may know more."""
    if found.code not in CODES or session.options.cmdline is not None or session.plugins is not None:
        return found
    syntax = detect_syntax(session.loaded.file)
    if syntax is None or _name(syntax.ref) in ALIKE:
        return found
    asked = f"docker run --rm -i {syntax.ref} check < FILE"
    help_ = f"{syntax.ref}, which the syntax line names, may know it: {asked}"
    return found._replace(help=help_)


def _name(ref: str) -> str:
    """Return the last part of the name of an image."""
    return ref.partition("@")[0].rpartition("/")[2].partition(":")[0]
