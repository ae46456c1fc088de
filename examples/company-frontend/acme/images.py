"""A policy: no image of a release that gets no more security updates."""

from pyfrontend.api import Deny, Source, policy

ENDED = {
    "docker.io/library/debian": ("buster", "bullseye"),
    "docker.io/library/node": ("16", "18", "20"),
}


@policy
def supported_releases(source: Source) -> Deny | None:
    """Deny images whose tag names such a release: ``node:18``, ``node:18.2-slim``."""
    release = source.tag.partition("-")[0].partition(".")[0]
    if release in ENDED.get(source.name, ()):
        return Deny(f"{release} gets no more security updates: use a newer release")
    return None
