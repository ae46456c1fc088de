"""``frontend.plain``: the plain Dockerfile that an extended one stands for."""

from __future__ import annotations

from pyfrontend.driver.convert import parse
from pyfrontend.driver.subrequests.document import texts
from pyfrontend.errors import DockerfileError
from pyfrontend.extend.plain import plain_text
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import CheckConfig
from pyfrontend.oci.platforms import format_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.syntax.document import Dockerfile


def respond(session: Session) -> Result:
    """Return the plain text; raises `DockerfileError` where it differs between the platforms asked for."""
    file = session.loaded.file
    platforms: list[Platform | None] = [*session.options.platforms] or [session.platform]
    documents = [parse(session, Linter(CheckConfig()), platform) for platform in platforms]
    found = [plain_text(file, document.lines, document.escape) for document in documents]
    for platform, document, text in zip(platforms, documents, found, strict=True):
        if text != found[0]:
            raise _differs(documents[0], document, platforms[0], platform)
    plain = found[0].decode("utf-8", "surrogateescape")
    return texts({"filename": file.name, "dockerfile": plain}, plain)


def _differs(
    first: Dockerfile, other: Dockerfile, first_platform: Platform | None, platform: Platform | None
) -> DockerfileError:
    pairs = zip(first.lines, other.lines, strict=False)
    place = next((one.span for one, two in pairs if (one.code, one.extras) != (two.code, two.extras)), None)
    names = " and ".join(format_all(one) for one in (first_platform, platform) if one)
    return DockerfileError(
        f"the plain Dockerfile differs between {names}: choose one with --platform",
        *([place] if place else []),
        code="PlatformsDiffer",
    )
