"""Rules about the base images of stages, and the platforms requested for them."""

from __future__ import annotations

from pyfrontend.golang.quote import go_quote
from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.oci.platforms import format_all, normalize, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pyfrontend.lint.facts import Suggest
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.span import Span
    from pyfrontend.syntax.expand import Expanded
    from pyfrontend.syntax.instructions import From


@rule("UndefinedArgInFrom", "FROM command must use declared ARGs", facts.from_variables_unset)
def undefined_arg_in_from(
    _source: From, names: Iterable[str], declared: Collection[str], suggest: Suggest
) -> Iterator[Finding]:
    """LINT-019."""
    for name in names:
        if name not in declared:
            yield Finding(f"FROM argument '{name}' is not declared{suggest(name, declared)}")


@rule(
    "RedundantTargetPlatform",
    "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    facts.platform_expanded,
)
def redundant_target_platform(
    source: From, _stage_name: str, expanded: Expanded, target: str
) -> Iterator[Finding]:
    """LINT-025."""
    only_target = set(expanded.used) == {"TARGETPLATFORM"} and not expanded.unset
    if only_target and expanded.text == target:
        yield Finding(
            f"Setting platform to predefined {source.platform} in FROM is redundant as this is the default"
            " behavior"
        )


@rule(
    "FromPlatformFlagConstDisallowed",
    "FROM --platform flag should not use a constant value",
    facts.platform_expanded,
)
def from_platform_flag_const_disallowed(
    _source: From, stage_name: str, expanded: Expanded, _target: str
) -> Iterator[Finding]:
    """LINT-028; the name of a stage may say that it is for one platform only."""
    if expanded.used or expanded.unset:
        return
    try:
        platform = parse(expanded.text)
    except ValueError:
        return
    if platform.os not in stage_name and platform.architecture not in stage_name:
        yield Finding(f"FROM --platform flag should not use constant value {go_quote(expanded.text)}")


@rule(
    "InvalidBaseImagePlatform",
    "Base image platform does not match expected target platform",
    facts.base_for_other_platform,
    page="",
)
def invalid_base_image_platform(
    span: Span | None, image: str, expected: Platform, actual: Platform
) -> Iterator[Finding]:
    """LINT-024."""
    pulled, wanted = (go_quote(format_all(normalize(platform))) for platform in (actual, expected))
    yield Finding(
        f"Base image {image} was pulled with platform {pulled}, expected {wanted} for current build", span
    )
