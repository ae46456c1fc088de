"""Lanes of a text drawing: a row that later rows take from has a vertical line down to the last of them.

Independent of Dockerfiles: row numbers in, the characters before each row out.
"""

from __future__ import annotations

from heapq import heappop, heappush

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: More lanes at one time would push the text out of sight; further rows go without.
MOST_LANES = 24
#: Where a lane meets the row: whether it continues below, and the row to its left and right.
JOINTS = {
    (True, False, True): "├",
    (True, True, False): "┤",
    (True, True, True): "┼",
    (False, False, True): "╰",
    (False, True, False): "╯",
    (False, True, True): "┴",
}


class Lanes:
    """Hands out lanes from the first row to the last."""

    __slots__ = ("_free", "_lane_of", "_last_use", "_live", "_needs")

    def __init__(self, needs: Sequence[Iterable[int]]) -> None:
        """Prepare for one row for each item of ``needs``: the numbers of the rows that it takes from."""
        self._needs = [[source for source in sources if source < row] for row, sources in enumerate(needs)]
        self._last_use = {source: row for row, sources in enumerate(self._needs) for source in sources}
        self._free = list(range(MOST_LANES))
        self._lane_of: dict[int, int] = {}
        self._live: set[int] = set()

    def row(self, number: int, bullet: str, heir_of: int = -1) -> str:
        """Return what stands before row ``number``: its ``bullet``, joined to the lanes that it takes from.

        Where the lane of ``heir_of`` ends here, the row takes it over, so that chains are straight.
        Rows must be asked for in order.
        """
        lanes = {source: self._lane_of[source] for source in self._needs[number] if source in self._lane_of}
        ending = {lane for source, lane in lanes.items() if self._last_use[source] == number}
        own = self._own_lane(lanes.get(heir_of, -1), ending)
        text = self._joined(own, set(lanes.values()) - {own}, ending, bullet)
        for source, lane in lanes.items():
            if lane in ending:
                del self._lane_of[source]
        self._settle(number, own, ending)
        return text

    def between(self) -> str:
        """Return what precedes a line between two rows."""
        columns = range(max(self._live, default=-1) + 1)
        return " ".join("│" if column in self._live else " " for column in columns)

    def _own_lane(self, inherited: int, ending: set[int]) -> int:
        if inherited in ending:
            return inherited
        return heappop(self._free) if self._free else MOST_LANES

    def _joined(self, own: int, joined: set[int], ending: set[int], bullet: str) -> str:
        first, last = min(joined | {own}), max(joined | {own})
        cells = []
        for column in range(max(self._live | {last}) + 1):
            if column == own:
                sign = bullet
            elif column in joined:
                sign = JOINTS[column not in ending, first < column, column < last]
            elif column in self._live:
                sign = "│"
            else:
                sign = "─" if first < column < last else " "
            cells.append(sign + ("─" if first <= column < last else " "))
        return "".join(cells).rstrip()

    def _settle(self, number: int, own: int, ending: set[int]) -> None:
        """Free the lanes that ended, and keep the row's own one while there are rows that need it."""
        self._live -= ending
        for lane in ending - {own}:
            heappush(self._free, lane)
        if own == MOST_LANES:
            return
        if number in self._last_use:
            self._lane_of[number] = own
            self._live.add(own)
        else:
            heappush(self._free, own)
