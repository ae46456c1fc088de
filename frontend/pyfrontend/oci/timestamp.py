"""A point in time as given in SOURCE_DATE_EPOCH, and its text in an image config."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.record import NamedTuple

NANOSECONDS = 1_000_000_000
SECONDS_OF_400_YEARS = 146_097 * 86_400
HOURS_OF_A_DAY = 24


class Moment(NamedTuple):
    """``seconds`` and ``nanos`` (never below 0) since 1970, with a UTC ``offset`` in seconds.

    Commits have a zone, and archives a fraction: the history of an image has both, as Go writes them
    (SDE-004, SDE-010).
    """

    seconds: int
    nanos: int = 0
    offset: int = 0

    @property
    def nanoseconds(self) -> int:
        """The time as graphs have it; after the year 2262 it wraps around, as in the reference."""
        count = self.seconds * NANOSECONDS + self.nanos
        return (count + (1 << 63)) % (1 << 64) - (1 << 63)

    def text(self) -> str:
        """Return RFC 3339 text, the fraction without closing zeros.

        Raises `DockerfileError` for a time that has no such text, since its year has no four digits,
        or its zone is a day away.
        """
        from datetime import UTC, datetime, timedelta

        # The calendar repeats itself after 400 years: so is the year 0 written, which Python does not know.
        cycles, rest = divmod(self.seconds + self.offset, SECONDS_OF_400_YEARS)
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=rest)
        year = moment.year + 400 * cycles
        if not 0 <= year <= 9999:
            raise DockerfileError(
                f"the time {self.seconds} is not between the years 0 and 9999", code="InvalidTime"
            )
        fraction = f".{self.nanos:09d}".rstrip("0") if self.nanos else ""
        return f"{year:04d}{moment:-%m-%dT%H:%M:%S}{fraction}{self._zone()}"

    def _zone(self) -> str:
        if not self.offset:
            return "Z"
        hours, minutes = divmod(abs(self.offset) // 60, 60)
        if hours >= HOURS_OF_A_DAY:
            raise DockerfileError(
                f"the time zone of {self.seconds} is {hours} hours away", code="InvalidTime"
            )
        return f"{'-' if self.offset < 0 else '+'}{hours:02d}:{minutes:02d}"
