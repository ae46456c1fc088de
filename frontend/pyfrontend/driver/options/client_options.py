"""Options as a client sends them, for the command line, which is its own client: values in, texts out."""

from __future__ import annotations

from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class ClientOptions(NamedTuple):
    """What a person may ask for on the command line; ``contexts`` are specifications by name."""

    request_id: str
    filename: str
    target: str
    platform: str
    args: Mapping[str, str]
    contexts: Mapping[str, str]

    def written(self) -> dict[str, str]:
        """Return them by the names that a frontend reads; those that are empty are not there."""
        plain = {
            "requestid": self.request_id,
            "filename": self.filename,
            "target": self.target,
            "platform": self.platform,
        }
        options = {name: text for name, text in plain.items() if text}
        options |= {f"build-arg:{name}": text for name, text in self.args.items()}
        return options | {f"context:{name}": text for name, text in self.contexts.items()}
