"""Sources as policies see them: references and addresses in, a `Source` out, and back."""

from __future__ import annotations

from pyfrontend.giturl import locate, parse_git_ref
from pyfrontend.oci.platforms import format_all, normalize
from pyfrontend.oci.reference import DEFAULT_DOMAIN, OFFICIAL, Reference, parse_normalized, tag_name_only
from pyfrontend.policies.values import GIT, HTTP, IMAGE, Source, Use, clean_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.giturl import GitRef
    from pyfrontend.oci.platforms import Platform

#: Other names of Docker Hub.
HUB = frozenset(("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"))
HEX = frozenset("0123456789abcdef")
#: Digits of a whole commit, by SHA-1 and SHA-256; less is the beginning of many.
COMMIT = (40, 64)
DEFAULT_PORTS = {"http": ":80", "https": ":443", "ssh": ":22", "git": ":9418"}


def registry_of(domain: str) -> str:
    """Return the one name of a registry: names of hosts have no case, and https has a port."""
    host = domain.lower().removesuffix(":443")
    return DEFAULT_DOMAIN if host in HUB else host


def image_source(reference: Reference, platform: Platform | None, use: Use, *, kind: str = IMAGE) -> Source:
    """Return an image as policies see it, and as it will be looked up: by the one name of its registry."""
    registry, repository = registry_of(reference.domain), reference.path
    if registry == DEFAULT_DOMAIN and "/" not in repository:
        repository = OFFICIAL + repository
    reference = tag_name_only(reference._replace(domain=registry, path=repository))
    made = Source(kind, str(reference), use.written, registry, repository, reference.tag, reference.digest)
    return _placed(made, platform, use)


def http_source(url: str, checksum: str, use: Use) -> Source:
    """Return a download as policies see it."""
    host, path = _host_and_path(url)
    return _placed(Source(HTTP, url, use.written, host, path, url=url, checksum=checksum), None, use)


def git_source(url: str, ref: GitRef, checksum: str, use: Use) -> Source:
    """Return a repository as policies see it; ``checksum`` is that of the instruction."""
    host, path = _host_and_path(ref.remote)
    pinned = next(
        (text for text in (ref.checksum, checksum, ref.ref) if len(text) in COMMIT and HEX.issuperset(text)),
        "",
    )
    return _placed(Source(GIT, url, use.written, host, path, url=url, checksum=pinned), None, use)


def other_source(kind: str, ref: str, use: Use) -> Source:
    """Return a directory of the client, or what bake has built, as policies see it."""
    return _placed(Source(kind, ref, use.written), None, use)


def rewritten(source: Source, ref: str, by: str) -> Source:
    """Return ``source`` with another ``ref`` of the same kind.

    Raises `ValueError` for one that is none, and for a source that nothing can take the place of.
    """
    use = Use(source.written, source.instruction, source.stage, None, source.context)
    if source.kind == IMAGE:
        made = image_source(_image(ref), None, use)
    elif source.kind == HTTP:
        if not ref.startswith(("http://", "https://")) or parse_git_ref(ref) is not None:
            raise ValueError("it is no address of a download")
        made = http_source(ref, source.checksum, use)
        if not made.host or not ref.isprintable():
            raise ValueError("it is no address of a download")
    elif source.kind == GIT:
        repository = parse_git_ref(ref)
        if repository is None or repository.indistinguishable_from_local:
            raise ValueError("it is no address of a git repository")
        made = git_source(ref, repository, "", use)
    else:
        raise ValueError(f"only images, downloads and repositories can be rewritten, not {source.kind}")
    return made._replace(
        platform=source.platform,
        file=source.file,
        line=source.line,
        rewritten=(*source.rewritten, source.ref),
        rewritten_by=by,
    )


def _image(ref: str) -> Reference:
    if ref == "scratch":
        raise ValueError("it is no image")
    return parse_normalized(ref)


def _placed(source: Source, platform: Platform | None, use: Use) -> Source:
    span = use.span
    return source._replace(
        # By its one name: linux/arm64/v8 must not get past a policy for linux/arm64.
        platform=format_all(normalize(platform)) if platform else "",
        instruction=use.instruction,
        context=use.context,
        stage=use.stage,
        file=span.file.name if span else "",
        line=span.start if span else 0,
    )


def _host_and_path(address: str) -> tuple[str, str]:
    """Return host and path of an address in their one form; no host where it cannot be read."""
    try:
        place = locate(address)
    except ValueError:
        return "", address
    host = place.host.lower().removesuffix(DEFAULT_PORTS[place.scheme])
    return host.removesuffix("."), clean_path(place.path)
