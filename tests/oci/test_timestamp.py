"""Points in time, and their text."""

from __future__ import annotations

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.oci.timestamp import Moment


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(0, "1970-01-01T00:00:00Z", id="the beginning"),
        pytest.param(-1, "1969-12-31T23:59:59Z", id="before it"),
        pytest.param(1 << 31, "2038-01-19T03:14:08Z", id="beyond 32 bits"),
        pytest.param(253402300799, "9999-12-31T23:59:59Z", id="the last second"),
        pytest.param(-62135596800, "0001-01-01T00:00:00Z", id="the year one"),
        pytest.param(-62167219200, "0000-01-01T00:00:00Z", id="the first second"),
        pytest.param(-62162035201, "0000-02-29T23:59:59Z", id="the year zero is a leap year"),
    ],
)
def test_seconds_become_text(seconds: int, text: str) -> None:
    assert Moment(seconds).text() == text


@pytest.mark.parametrize(
    "seconds", [253402300800, -62167219201, 99999999999999, (1 << 63) - 1, -(1 << 63), 10**400]
)
def test_a_year_without_four_digits_is_refused(seconds: int) -> None:
    with pytest.raises(DockerfileError) as caught:
        Moment(seconds).text()
    assert caught.value.message == f"the time {seconds} is not between the years 0 and 9999"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        pytest.param(Moment(77, offset=3600), "1970-01-01T01:01:17+01:00", id="east"),
        pytest.param(Moment(77, offset=-19800), "1969-12-31T18:31:17-05:30", id="west"),
        pytest.param(Moment(-77, offset=3600), "1970-01-01T00:58:43+01:00", id="before 1970"),
        pytest.param(Moment(0, offset=86340), "1970-01-01T23:59:00+23:59", id="as far away as can be"),
        pytest.param(Moment(1000, 700_000_000), "1970-01-01T00:16:40.7Z", id="a fraction"),
        pytest.param(Moment(-2, 500_000_000), "1969-12-31T23:59:58.5Z", id="a fraction before 1970"),
        pytest.param(Moment(0, 1, 60), "1970-01-01T00:01:00.000000001+00:01", id="both"),
    ],
)
def test_zone_and_fraction_are_written(moment: Moment, text: str) -> None:
    assert moment.text() == text


@pytest.mark.parametrize("offset", [86400, -86400, 362340])
def test_a_zone_a_day_away_is_refused(offset: int) -> None:
    with pytest.raises(DockerfileError) as caught:
        Moment(5, offset=offset).text()
    assert caught.value.message == f"the time zone of 5 is {abs(offset) // 3600} hours away"


@pytest.mark.parametrize(("offset", "year"), [(0, "9999"), (-3600, "9999")])
def test_the_year_is_that_of_the_zone(offset: int, year: str) -> None:
    assert Moment(253402300799, offset=offset).text().startswith(year)
    with pytest.raises(DockerfileError):
        Moment(253402300799, offset=3600).text()
