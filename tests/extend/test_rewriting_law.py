"""Law L2: what an extended file builds is, byte for byte, what the plain file that it stands for builds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extend import texts
from hypothesis import given

from pyfrontend.errors import DockerfileError

if TYPE_CHECKING:
    from extend.builds import Case, Outcome


def built(case: Case) -> Outcome | str:
    """What a build of ``case`` comes to: all that the daemon gets, or the error without its place."""
    try:
        return case.build()
    except DockerfileError as error:
        return re.sub(r"line \d+", "line", error.message)


@given(texts.cases())
def test_l2_an_extended_file_builds_what_its_plain_file_builds(case: Case) -> None:
    try:
        plain = case.plain()
    except DockerfileError:
        assert isinstance(built(case), str)
        return
    assert built(case) == built(plain)


@given(texts.cases(gated=True))
def test_l2_what_a_build_requires_changes_nothing_in_what_it_makes(case: Case) -> None:
    try:
        plain = case.plain()
    except DockerfileError:
        assert isinstance(built(case), str)
        return
    extended, expected = built(case), built(plain)
    if not isinstance(extended, str) and not isinstance(expected, str):
        # The images of the gates are looked up, and those are all that is new.
        assert set(extended.lookups) >= set(expected.lookups)
        extended = extended._replace(lookups=expected.lookups)
    assert extended == expected
