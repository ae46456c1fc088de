"""Plain lines from extended ones: a changed text in, the line as the parser would read it out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.syntax.declare import Extras, declaration
from pyfrontend.syntax.grammars import NOTHING, split_instruction
from pyfrontend.syntax.heredocs import heredocs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.syntax.declare import Line


def with_code(line: Line, code: str, escape: str, extras: Extras | None = None) -> Line:
    """Return ``line`` with the text ``code``, cut into words anew; its place and comments stay.

    Raises `DockerfileError` where the text cannot be read, or would attach other heredocs.
    """
    written, flags, rest = split_instruction(code, escape)
    cls = line.cls if written == line.keyword else declaration(written)
    arguments = cls.grammar(cls.keyword, rest, escape) if cls and cls.grammar else NOTHING
    names = [heredoc.name for heredoc in line.heredocs]
    if "<<" in line.code and [heredoc.name for heredoc in heredocs_of(code)][: len(names)] != names:
        raise DockerfileError("a flag cannot contain a heredoc", code="HeredocInFlag")
    return line._replace(
        keyword=written,
        flags=flags,
        rest=rest,
        code=code,
        arguments=arguments,
        cls=cls,
        extras=extras or line.extras or Extras(line.code),
    )


def split_rest(line: Line) -> tuple[str, str]:
    """Return the text of ``line`` up to its words, and the text of the words."""
    text = line.code.rstrip()
    return (text[: len(text) - len(line.rest)], line.rest) if line.rest else (f"{text} ", "")


def wrong(line: Line, error: DockerfileError) -> Line:
    """Return ``line`` as one whose extension has an ``error``."""
    return line._replace(extras=(line.extras or Extras(line.code))._replace(error=error))
