"""Several targets in one build: ``--target a,b`` in, one result that holds the files of each under its name.

Stage names cannot contain a comma, so docker/dockerfile rejects every such list.
"""

from __future__ import annotations

from pyfrontend.driver.gates import GateMeter
from pyfrontend.driver.result import gathered
from pyfrontend.driver.solve import conversion, solve_all
from pyfrontend.errors import DockerfileError
from pyfrontend.golang.strings import to_lower

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.driver.result import Converted
    from pyfrontend.driver.session import Session
    from pyfrontend.errors import Diagnostic
    from pyfrontend.gateway.results import Result

#: Exporters of files have no use for annotations.  Those of images refuse one of this kind and show its name,
#: which is the only word that a frontend has with them.
NO_IMAGE = "annotation-several-targets-make-files-and-no-image-use-output-type-local.x"


def read_targets(text: str) -> list[str]:
    """Return the names in ``text``, the option ``target``: none for an empty one.

    Raises `DockerfileError` for an empty name between commas, and for a stage that is named twice.
    """
    names = [name.strip() for name in text.split(",")] if text else []
    seen: set[str] = set()
    for name in names:
        if not name:
            raise DockerfileError(f"--target={text} has an empty name in its list", code="InvalidTargets")
        if to_lower(name) in seen:
            raise DockerfileError(f"--target={text} names {name} twice", code="InvalidTargets")
        seen.add(to_lower(name))
    return names


def for_target(session: Session, name: str) -> Session:
    """Return ``session`` as one that is about the target ``name`` alone."""
    return session._replace(options=session.options._replace(target=name))


def each_once(show: Callable[[Diagnostic], object]) -> Callable[[Diagnostic], None]:
    """Return ``show`` for several conversions of one file, each of which finds what is wrong with it."""
    seen: set[tuple[object, ...]] = set()

    def show_new(found: Diagnostic) -> None:
        places = tuple((span.file.name, span.start) for span in found.spans)
        key = (found.code, found.message, places)
        if key not in seen:
            seen.add(key)
            show(found)

    return show_new


def build_targets(session: Session) -> Result:
    """Build all targets that the option lists, in parallel.

    Raises `DockerfileError` for errors of the user, also where several platforms or an SBOM are asked for,
    and `BridgeError` for what the daemon refused.
    """
    options = session.options
    names = read_targets(options.target)
    if len(options.platforms) > 1:
        raise DockerfileError(
            f"--target={options.target} is built for one platform: choose it with --platform",
            code="SeveralPlatforms",
        )
    if options.sbom is not None:
        raise DockerfileError(
            f"--sbom describes one target, but --target={options.target} names {len(names)}",
            code="InvalidTargets",
        )
    sink = each_once(session.warnings.show)
    platform = options.platforms[0] if options.platforms else None
    # One after the other: each reads the same files and images, and what the first has asked for is known.
    converted: list[Converted] = []
    meter = GateMeter()
    for name in names:
        converted.append(conversion(for_target(session, name), platform, sink))
        meter.spend(converted[-1].lowered.lowering.request.dockerfile)
    keys = list(map(_key, names, converted))
    solved = solve_all(session, converted)
    result = gathered(solved, {}, keys=keys, multi_platform=True)
    result.metadata[NO_IMAGE] = b""
    return result


def _key(name: str, converted: Converted) -> str:
    """Return the name of the folder for a target: that of a file has no slashes."""
    renamed = converted.lowered.lowering.target
    return renamed if "/" in name else name
