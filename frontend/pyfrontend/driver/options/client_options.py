"""Options as a client sends them, for those of us that are their own clients: values in, texts out."""

from __future__ import annotations

from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


#: No options of a kind.
NONE: Mapping[str, str] = {}


class ClientOptions(NamedTuple):
    """What a person may ask for; ``contexts`` are specifications by name.

    ``cmdline`` is what the ``# syntax=`` line says, as BuildKit passes it to the frontend named there.
    """

    request_id: str
    filename: str
    target: str
    platform: str
    args: Mapping[str, str]
    contexts: Mapping[str, str]
    labels: Mapping[str, str] = NONE
    cmdline: str = ""

    def written(self) -> dict[str, str]:
        """Return them by the names that a frontend reads; those that are empty are not there."""
        plain = {
            "requestid": self.request_id,
            "filename": self.filename,
            "target": self.target,
            "platform": self.platform,
            "cmdline": self.cmdline,
        }
        options = {name: text for name, text in plain.items() if text}
        options |= {f"build-arg:{name}": text for name, text in self.args.items()}
        options |= {f"label:{name}": text for name, text in self.labels.items()}
        return options | {f"context:{name}": text for name, text in self.contexts.items()}
