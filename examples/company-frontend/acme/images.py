"""A policy: images come out of our registry, or are official ones of Docker Hub."""

from pyfrontend.api import Deny, Source, policy

ALLOWED = ("registry.acme.example", "docker.io/library")


@policy
def our_images(source: Source) -> Deny | None:
    """Deny images from elsewhere."""
    if source.kind == "image" and not source.is_within(*ALLOWED):
        return Deny(f"take an image from one of {', '.join(ALLOWED)}")
    return None
