"""What policies make of the sources of a stage: images, downloads and repositories, as its lines name them.

Loaded for builds that have policies.
"""

from __future__ import annotations

from pyfrontend.errors import SOURCE_DENIED, DockerfileError
from pyfrontend.oci.reference import tag_name_only
from pyfrontend.policies.values import Use

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyfrontend.giturl import GitRef
    from pyfrontend.lower.ports import Policies
    from pyfrontend.lower.stage import StageState
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.oci.reference import Reference
    from pyfrontend.syntax.instructions import Add


def permitted_image(
    policies: Policies, stage: StageState, reference: Reference, written: str, platform: Platform
) -> Reference:
    """Return the image that ``stage`` may start from in place of ``reference``, and name its base so.

    Raises `DockerfileError` for one that is denied.
    """
    use = image_use(stage, written)
    try:
        permitted = policies.image(reference, platform, use)
    except DockerfileError as error:
        if stage.span is None and use.span is not None:  # an image that only a mount names
            error.spans.append(use.span)
        raise
    stage.base_name = str(tag_name_only(permitted))
    return permitted


def all_denied(errors: Iterable[BaseException | None]) -> DockerfileError | None:
    """Return the first denial of the file among ``errors``, the others after it; None without any."""
    found = [error for error in errors if isinstance(error, DockerfileError) and error.code == SOURCE_DENIED]
    found.sort(key=lambda error: error.spans[0].start if error.spans else 0)
    for error in found[:1]:
        error.further = found[1:]
        return error
    return None


def image_use(stage: StageState, written: str) -> Use:
    """Return where the base of ``stage`` is named: by its FROM, or by the flag of another stage's step."""
    if stage.user is None:
        return Use(written, "FROM", stage.name, stage.span)
    user, node = stage.user
    return Use(written, node.keyword, user.name, node.span if node.span.lines else user.span)


def permitted_download(
    policies: Policies, stage: StageState, node: Add, url: str, name: str
) -> tuple[str, str]:
    """Return the address to download from in place of ``url``, and what the progress calls that.

    Raises `DockerfileError` for one that is denied.
    """
    made = policies.http(url, node.checksum, _use(stage, node, url))
    return made, name if made == url else f"{name} (from {made})"


def permitted_repository(  # noqa: PLR0913, PLR0917 - the step, and where it is
    policies: Policies, stage: StageState, node: Add, source: str, ref: GitRef, name: str
) -> tuple[GitRef, str]:
    """Return the repository to take in place of ``ref``, and what the progress calls that.

    It is written ``source``.

    Raises `DockerfileError` for one that is denied.
    """
    made = policies.git(ref, node.checksum, _use(stage, node, source))
    return made, name if made == ref else f"{name} (from {made.remote})"


def _use(stage: StageState, node: Add, written: str) -> Use:
    return Use(written, node.keyword, stage.name, node.span)
