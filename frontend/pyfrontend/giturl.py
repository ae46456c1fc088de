"""URLs of git repositories as build contexts and ADD sources: recognized and parsed, with fragment and query.

Text in, `GitRef` (or None if it is not a repository) out; a repository with an invalid query is a
`ValueError` (CTX-010, CTX-011, CPY-032).
"""

from __future__ import annotations

from pyfrontend.golang.paths import join
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strconv import parse_bool
from pyfrontend.record import NamedTuple

SCHEMES = ("http", "https", "ssh", "git")
#: Characters that need no percent sign in each part of a URL, letters and digits aside.
SAFE_IN_PATH = "-_.~$&+,/:;=@"
SAFE_IN_HOST = "-_.~!$&'()*+,;=:[]<>\""
SAFE_IN_USER = "-_.~$&+,;="
#: Characters that a URL may hold in each part as it is written.
VALID_IN_PATH = SAFE_IN_PATH + "!'()*[]%"
VALID_IN_USER = "-._:~!$&'()*+,;=%@"
HEX = "0123456789abcdefABCDEF"
#: Parameters that mean yes when they have no value.
SWITCHES = ("submodules", "keep-git-dir", "fetch-by-commit")

Query = dict[str, list[str]]


class GitRef(NamedTuple):
    """What a git URL asks for.

    ``remote`` is the repository without fragment and query, ``ref`` a branch, tag or commit, ``checksum`` a
    commit to compare with.  ``indistinguishable_from_local`` marks ``github.com/owner/name``, which might be
    a directory as well.
    """

    remote: str
    ref: str = ""
    checksum: str = ""
    subdir: str = ""
    indistinguishable_from_local: bool = False
    keep_git_dir: bool | None = None
    submodules: bool | None = None
    mtime: str = ""
    fetch_by_commit: bool = False


class GitURL(NamedTuple):
    """A git URL in its parts; ``ref`` and ``subdir`` were its fragment, ``remote`` has no query either."""

    scheme: str
    host: str
    path: str
    query: Query
    ref: str
    subdir: str
    remote: str


def parse_git_ref(text: str) -> GitRef | None:
    """Take a git URL apart; None when ``text`` names something else, such as a file or a web page.

    Over http and https only a path that ends in ``.git`` is a repository. Raises `ValueError` when the
    query has unknown, empty, repeated or conflicting parameters.
    """
    if text.startswith(("./", "../")):
        return None
    local_form = text.startswith("github.com/")
    try:
        url = _from_web(text) if local_form else parse_url(text)
    except ValueError:
        return None
    if url.scheme in {"http", "https"} and not local_form and not url.path.endswith(".git"):
        return None
    remote = url.remote.partition("://")[2] if local_form else url.remote
    ref = GitRef(remote, url.ref, subdir=url.subdir, indistinguishable_from_local=local_form)
    return _with_query(ref, url.query) if url.query else ref


def parse_url(text: str) -> GitURL:
    """Take apart ``scheme://host/path?query#fragment`` or ``user@host:path?query#fragment``.

    Raises `ValueError`: ``unknown protocol`` when it is neither, another text when it is a bad URL.
    """
    scheme = _scheme(text)
    if scheme:
        if scheme not in SCHEMES:
            raise ValueError(f"{scheme}: invalid protocol")
        return _from_web(text)
    parts = _scp_parts(text)
    if parts is None:
        raise ValueError("unknown protocol")
    user, host, path, query, fragment = parts
    try:
        parameters = _parse_query(query, strict=True)
    except ValueError:
        raise ValueError("unknown protocol") from None
    return GitURL("ssh", host, path, parameters, *_split_fragment(fragment), f"{user}@{host}:{path}")


def locate(remote: str) -> GitURL:
    """Take the ``remote`` of a `GitRef` apart; ``github.com/owner/name`` is reached over https.

    Raises `ValueError` as `parse_url` does.
    """
    known = _scheme(remote) or _scp_parts(remote)
    return parse_url(remote if known else f"https://{remote}")


def web_path(text: str) -> str:
    """Return the path of a web URL, its percent signs undone; raises `ValueError` for a bad URL."""
    return _from_web(text).path


def _scheme(text: str) -> str:
    """Return the lower-case word before ``://``, or nothing."""
    word, mark, _ = text.partition("://")
    return word.lower() if mark and word.isascii() and word.isalnum() else ""


def _scp_parts(text: str) -> tuple[str, str, str, str, str] | None:
    """Split ``user@host:path[?query][#fragment]``; None when it is not of that form."""
    user, at, rest = text.partition("@")
    host, colon, path = rest.partition(":")
    if not (at and colon and user and host) or "\n" in path:
        return None
    if not (_only(user, "-_") and _only(host, "-.")):
        return None
    path, _, fragment = path.partition("#")
    path, _, query = path.partition("?")
    return user, host, path, query, fragment


def _split_fragment(fragment: str) -> tuple[str, str]:
    """Split ``ref:subdir``; the directory gets cleaned and relative to the root of the repository."""
    ref, _, subdir = fragment.partition(":")
    return ref, _clean_subdir(subdir) if subdir else ""


def _clean_subdir(path: str) -> str:
    return join("/", path).removeprefix("/")


def _from_web(text: str) -> GitURL:
    """Take a URL apart as Go's net/url does; without a scheme it is taken for https and has a path only."""
    address, _, fragment = text.partition("#")
    if any(character < " " or character == "\x7f" for character in address):
        raise ValueError("net/url: invalid control character in URL")
    scheme = _scheme(address)
    rest = address[len(scheme) + 1 :] if scheme else address
    force_query = rest.endswith("?") and rest.count("?") == 1
    rest, _, query = rest.partition("?")
    user, host, path = _split_authority(rest[2:], scheme) if scheme else ("", "", rest)
    raw_path = path
    path = _unescape(raw_path)
    if not _only(raw_path, VALID_IN_PATH):
        raw_path = _escape(path, SAFE_IN_PATH)
    authority = f"//{user}{_escape(host, SAFE_IN_HOST)}" if user or host or path else ""
    return GitURL(
        scheme or "https",
        host,
        path,
        _parse_query(query),
        *_split_fragment(_unescape(fragment)),
        f"{scheme or 'https'}:{authority}{raw_path}{'?' if force_query else ''}",
    )


def _split_authority(rest: str, scheme: str) -> tuple[str, str, str]:
    """Split ``[user[:password]@]host[:port]/path``; the user is written again, with its ``@``."""
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    host = _check_host(host, scheme)
    if at:
        if not _only(user, VALID_IN_USER):
            raise ValueError("net/url: invalid userinfo")
        user = ":".join(_escape(_unescape(part), SAFE_IN_USER) for part in user.split(":", 1))
    return user + at, host, slash + path


def _check_host(host: str, scheme: str) -> str:
    """Return ``host`` with its percent signs undone; raises `ValueError` for odd characters and ports."""
    if "[" in host:
        colon = _check_literal(host)
    else:
        # Only web addresses are read strictly: there a second colon belongs to the port, which it spoils.
        colon = host.find(":") if scheme in {"http", "https"} else host.rfind(":")
    port = host[colon:] if colon >= 0 else ""
    if port and (port[0] != ":" or port[1:].strip("0123456789")):
        raise ValueError(f"invalid port {go_quote(port)} after host")
    if not all(_only(character, SAFE_IN_HOST + "%") or character >= "\x80" for character in host):
        raise ValueError("invalid character in host name")
    # Of ASCII only the percent sign itself may be escaped here: it begins the zone of an address.
    if any(piece[:1] in "01234567" and piece[:2] != "25" for piece in host.split("%")[1:]):
        raise ValueError("invalid URL escape in host name")
    return _unescape(host)


def _check_literal(host: str) -> int:
    """Check the address of version 6 in brackets that begins ``host``; return where the brackets end."""
    import ipaddress

    end = host.rfind("]")
    if not host.startswith("[") or "[" in host[1:] or end < 0:
        raise ValueError("invalid IP-literal" if end >= 0 else "missing ']' in host")
    ipaddress.IPv6Address(_unescape(host[1:end]))
    return end + 1


def _only(text: str, others: str) -> bool:
    return all((character.isascii() and character.isalnum()) or character in others for character in text)


def _escape(text: str, safe: str) -> str:
    if _only(text, safe):
        return text
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if _only(chr(byte), safe) else f"%{byte:02X}" for byte in data)


def _unescape(text: str) -> str:
    """Undo percent signs; raises `ValueError` for one without two hexadecimal digits."""
    if "%" not in text:
        return text
    first, *rest = text.split("%")
    data = bytearray(first.encode("utf-8", "surrogateescape"))
    for piece in rest:
        digits = piece[:2]
        if len(digits) < 2 or digits.strip(HEX):
            raise ValueError(f"invalid URL escape {go_quote('%' + digits)}")
        data.append(int(digits, 16))
        data += piece[2:].encode("utf-8", "surrogateescape")
    return data.decode("utf-8", "surrogateescape")


def _parse_query(text: str, *, strict: bool = False) -> Query:
    """Read ``key=value&...``; bad parts are left out, or raise `ValueError` when ``strict``."""
    query: Query = {}
    for part in filter(None, text.split("&")):
        try:
            key, value = _parse_parameter(part)
        except ValueError:
            if strict:
                raise
        else:
            query.setdefault(key, []).append(value)
    return query


def _parse_parameter(part: str) -> tuple[str, str]:
    if ";" in part:
        raise ValueError("invalid semicolon separator in query")
    key, _, value = part.replace("+", " ").partition("=")
    return _unescape(key), _unescape(value)


def _with_query(ref: GitRef, query: Query) -> GitRef:
    """Apply the parameters of the query, and refuse those that contradict each other or the fragment."""
    for key, values in query.items():
        if len(values) > 1:
            raise ValueError(f"query {go_quote(key)} has multiple values")
        if not values[0] and key not in SWITCHES:
            raise ValueError(f"query {go_quote(key)} has no value")
        ref = _with_parameter(ref, key, values[0])
    # A tag or a branch is compared with what all other parameters say, wherever it stands.
    if "tag" in query:
        ref = _settled(ref, "ref", "refs/tags/" + query["tag"][0].removeprefix("refs/tags/"))
    if "branch" in query:
        if "tag" in query:
            raise ValueError("branch conflicts with tag")
        ref = _settled(ref, "ref", "refs/heads/" + query["branch"][0].removeprefix("refs/heads/"))
    return ref


def _with_parameter(ref: GitRef, key: str, value: str) -> GitRef:  # noqa: PLR0911 - one for each parameter
    match key:
        case "tag" | "branch":
            return ref
        case "ref" | "subdir":
            return _settled(ref, key, value)
        case "checksum" | "commit":
            return ref._replace(checksum=value)
        case "keep-git-dir":
            return ref._replace(keep_git_dir=_switch(key, value))
        case "submodules":
            return ref._replace(submodules=_switch(key, value))
        case "fetch-by-commit":
            return ref._replace(fetch_by_commit=_switch(key, value))
        case "mtime" if value in {"checkout", "commit"}:
            return ref._replace(mtime=value)
        case "mtime":
            raise ValueError(f'invalid mtime value: {go_quote(value)} (must be "checkout" or "commit")')
        case _:
            raise ValueError(f"unexpected query {go_quote(key)}")


def _switch(key: str, value: str) -> bool:
    try:
        return parse_bool(value) if value else True
    except ValueError:
        raise ValueError(f"invalid {key} value: {go_quote(value)}") from None


def _settled(ref: GitRef, field: str, value: str) -> GitRef:
    """Set ``ref`` or ``subdir`` unless it has another value already."""
    before = ref.subdir if field == "subdir" else ref.ref
    if before and before != value:
        raise ValueError(f"{field} conflicts: {go_quote(before)} vs {go_quote(value)}")
    return ref._replace(subdir=value) if field == "subdir" else ref._replace(ref=value)
