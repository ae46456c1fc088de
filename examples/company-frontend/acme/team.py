"""A rule: every image says in a label which team it belongs to."""

from collections.abc import Iterator

from pyfrontend.api import Dockerfile, Finding, instructions, rule


@rule("ACME001", "An image says which team it belongs to", url="https://wiki.acme.example/images#ACME001")
def names_its_team(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Find out whether the last stage has ``LABEL team=...``."""
    last = dockerfile.stages[-1]
    labels = [one for one in last.instructions if isinstance(one, instructions.Label)]
    if not any(pair.key == "team" for label in labels for pair in label.pairs):
        yield Finding("add LABEL team=... to the last stage", last.span)
