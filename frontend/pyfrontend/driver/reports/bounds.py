"""Limits on the reports that one call returns: files in, those within the limits and the reasons out."""

from __future__ import annotations

from _thread import allocate_lock

from pyfrontend.limits import REPORT_BYTES, REPORT_FAILED_BYTES, REPORT_FILES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.reports.find import File


class Bounds:
    """What is left for the reports of all stages; any thread may take of it."""

    def __init__(self) -> None:
        """Begin with what `pyfrontend.limits` says."""
        self._files = REPORT_FILES
        self._bytes = REPORT_BYTES
        self._failed = REPORT_FAILED_BYTES
        self._lock = allocate_lock()

    def refuse(self, file: File, *, failed: bool = False) -> str:
        """Take ``file``, which a ``failed`` step may have written, or return why not."""
        if not is_utf8(file.path):
            return "its name is not UTF-8"
        with self._lock:
            if not self._files:
                return f"a call brings {REPORT_FILES:,} files home at most"
            if file.size > self._bytes:
                return f"the reports are larger than {REPORT_BYTES >> 20} MiB"
            if failed and file.size > self._failed:
                return f"the reports of failed steps are larger than {REPORT_FAILED_BYTES >> 20} MiB"
            self._files -= 1
            self._bytes -= file.size
            self._failed -= file.size * failed
            return ""


def is_utf8(text: str) -> bool:
    """Tell whether a message can hold ``text``: a name in an archive may be any bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
