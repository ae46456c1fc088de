"""The argument grammars: the text of one instruction in, its flags and words out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.json import scan_json
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strings import SPACE, scrub
from pyfrontend.syntax.declare import Arguments, declaration

#: What separates the words of a list (LEX-012, TOK-015).
GAP = "\t\v\f\r "
#: White space as flags see it, byte by byte (LEX-019).
BYTE_SPACE = "\t\n\v\f\r \x85\xa0"

#: A flag up to this long is tried as a whole before it is read character by character.
SHORT = 256

#: Triggers nested deeper than this are not read to the end: any nesting is refused later anyway.
MAX_TRIGGER_DEPTH = 100


NOTHING = Arguments()


def split_instruction(code: str, escape: str) -> tuple[str, tuple[str, ...], str]:
    """``instruction = KEYWORD [GAP {"--" FLAG} REST]`` (LEX-012, TOK-001, TOK-002)."""
    text = code.strip(SPACE)
    written, _, rest = text.partition(" ")
    if not written.isalnum():  # cut too late if it holds another kind of gap, so look closer
        written, rest = _split_gap(text)
    else:
        rest = rest.lstrip(GAP)
    # A byte that is white space only by itself can stand here when the text is no UTF-8.
    if not rest.startswith(("--", "\udc85", "\udca0")):
        return written, (), rest.lstrip(SPACE)
    flags, rest = _split_flags(rest, escape)
    return written, flags, rest.strip(SPACE)


def _split_gap(text: str) -> tuple[str, str]:
    """Cut a text at its first run of gap characters."""
    ends = [end for end in map(text.find, GAP) if end >= 0]
    end = min(ends, default=len(text))
    return text[:end], text[end:].lstrip(GAP)


def _split_flags(text: str, escape: str) -> tuple[tuple[str, ...], str]:
    """Cut the leading ``--words`` off; they end at ``--`` or at the first other word.

    The reference walks bytes here, so letters outside ASCII come out of flags as their single bytes
    (LEX-019); reading the bytes as Latin-1 gives just that.
    """
    if text.isascii():
        return _scan_flags(text, escape)
    flags, rest = _scan_flags(text.encode("utf-8", "surrogateescape").decode("latin-1"), escape)
    return flags, rest.encode("latin-1").decode("utf-8", "surrogateescape")


def _scan_flags(text: str, escape: str) -> tuple[tuple[str, ...], str]:
    """Walk over the flags of a text of single bytes; return them without their quotes, and the rest."""
    flags: list[str] = []
    at, end = 0, len(text)
    while True:
        while at < end and text[at] in BYTE_SPACE:
            at += 1
        if not text.startswith("--", at):
            return tuple(flags), text[at:]
        found, at = scan_flag(text, at, escape)
        if found == "--":
            return tuple(flags), text[at:]
        flags.append(found)


def scan_flag(text: str, at: int, escape: str) -> tuple[str, int]:
    """Read one flag from ``at`` on: quotes and escapes are undone; return it and where it ends."""
    limit = at + SHORT
    space = text.find(" ", at, limit)
    if space < 0 and limit >= len(text):
        space = len(text)
    if space > 0:  # most flags are short and plain, which is quickly seen
        flag = text[at:space]
        if flag.isprintable() and not ("'" in flag or '"' in flag or escape in flag):
            return flag, space
    out: list[str] = []
    quote = ""
    end = len(text)
    while at < end:
        char = text[at]
        if not quote and char in BYTE_SPACE:
            break
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char != escape:
            out.append(char)
        elif at + 1 < end:
            at += 1
            out.append(text[at])
        at += 1
    return "".join(out), at


def rest_of_line(_keyword: str, rest: str, _escape: str) -> Arguments:
    """``rest-of-line = REST`` (TOK-016)."""
    return Arguments((rest,)) if rest else NOTHING


def word_list(_keyword: str, rest: str, _escape: str) -> Arguments:
    """``word-list = WORD {GAP WORD}``, quotes mean nothing (TOK-015)."""
    for gap in "\t\v\f\r":
        if gap in rest:
            rest = rest.replace(gap, " ")
    return Arguments(tuple([part for part in rest.split(" ") if part]))


def json_or_text(_keyword: str, rest: str, _escape: str) -> Arguments:
    """``json-or-text = JSON-ARRAY | REST`` (TOK-011 to TOK-014)."""
    text = rest.lstrip(SPACE)
    if text.startswith("["):
        words = _json_array(text)
        if words is not None:
            return Arguments(words, json=True)
    return Arguments((rest,)) if rest else NOTHING


def json_or_word_list(keyword: str, rest: str, escape: str) -> Arguments:
    """``json-or-word-list = JSON-ARRAY | WORD {GAP WORD}`` (TOK-011, TOK-015)."""
    if rest.startswith("["):
        words = _json_array(rest)
        if words is not None:
            return Arguments(words, json=True)
    return word_list(keyword, rest, escape)


def _json_array(text: str) -> tuple[str, ...] | None:
    """Return the members of a JSON array of strings, None if the text is no JSON.

    Raises DockerfileError for JSON with anything but strings in it.
    """
    try:
        members = load_json(text)
    except ValueError:
        return None
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        raise DockerfileError(
            "when using JSON array syntax, arrays must be comprised of strings only", code="InvalidJsonArray"
        )
    return tuple(map(scrub, members))


def load_json(text: str) -> object:
    """Read a JSON text as strictly as the reference does; raises ValueError.

    Numbers are not kept, only checked: no instruction takes one.
    """

    def number(digits: str) -> float:
        value = float(digits)
        if value in {float("inf"), float("-inf")}:
            raise ValueError(digits)
        return value

    try:
        return scan_json(text, number, number)
    except RecursionError:  # nested deeper than Python reads, hence no array of strings, if JSON at all
        from pyfrontend.golang.json_reader import complaint  # only for texts that nobody writes

        wrong = complaint(text)
    if wrong:
        raise ValueError(wrong)
    return None


def pairs(keyword: str, rest: str, escape: str) -> Arguments:
    """``pairs = NAME "=" VALUE {SPACE NAME "=" VALUE} | NAME GAP REST`` (TOK-017, TOK-018).

    The words are keys and values in turn; quotes stay on them until they are expanded.
    """
    words = split_quoted(rest, escape)
    if not words:
        return NOTHING
    if "=" not in words[0]:
        name, value = _split_gap(rest)
        if len(name) == len(rest):
            raise DockerfileError(f"{keyword} must have two arguments", code="MissingValue", name=name)
        return Arguments((name, value), legacy=True)
    found: list[str] = []
    for pair in words:
        name, equals, value = pair.partition("=")
        if not equals:
            raise DockerfileError(
                f"Syntax error - can't find = in {go_quote(pair)}. Must be of the form: name=value",
                code="MissingEquals",
                word=pair,
            )
        found += (name, value)
    return Arguments(tuple(found))


def quoted_words(_keyword: str, rest: str, escape: str) -> Arguments:
    """``quoted-words = WORD {SPACE WORD}``, quotes hold words together (TOK-019)."""
    return Arguments(tuple(split_quoted(rest, escape)))


def split_quoted(text: str, escape: str) -> list[str]:
    """Split at white space outside quotes; quotes and escapes stay in the words (TOK-020)."""
    text = scrub(text)
    if not ('"' in text or "'" in text or escape in text):
        plain = text.replace("\t", " ")
        if plain.isprintable():
            return plain.split()  # printable text has no white space that only Python knows
    words: list[str] = []
    at = 0
    while at < len(text):
        if text[at] in SPACE:
            at += 1
            continue
        word, at = _quoted_word(text, at, escape)
        if word:
            words.append(word)
    return words


def _quoted_word(text: str, at: int, escape: str) -> tuple[str, int]:
    """Read one word from ``at`` on; return it and where it ends.  A lone escape at the end is dropped."""
    start, end, quote = at, len(text), ""
    while at < end:
        char = text[at]
        if char == escape and quote != "'":
            if at + 1 == end:
                return text[start:at], end
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in SPACE:
            break
        at += 1
    return text[start:at], at


def healthcheck(keyword: str, rest: str, escape: str) -> Arguments:
    """``healthcheck = TYPE [SPACE json-or-text]``; the first word is the type (INS-026 to INS-028)."""
    octets = rest if rest.isascii() else rest.encode("utf-8", "surrogateescape").decode("latin-1")
    end = next((at for at, char in enumerate(octets) if char in BYTE_SPACE), len(octets))
    if end == 0:
        return NOTHING
    kind, command = octets[:end], octets[end:].lstrip(BYTE_SPACE)
    if octets is not rest:
        kind, command = (
            part.encode("latin-1").decode("utf-8", "surrogateescape") for part in (kind, command)
        )
    inner = json_or_text(keyword, command, escape)
    return Arguments((kind, *inner.words), json=inner.json)


def onbuild(_keyword: str, rest: str, escape: str) -> Arguments:
    """``onbuild = instruction``; its words are the keyword and arguments (OBD-001, OBD-003)."""
    words: list[str] = []
    json = False
    for depth in range(MAX_TRIGGER_DEPTH):
        if not rest:
            break
        written, _, rest = split_instruction(rest, escape)
        words.append(written)
        declared = declaration(written)
        grammar = declared.grammar if declared else None
        if declared is None or grammar is None:
            break
        if grammar is not onbuild:
            inner = grammar(declared.keyword, rest, escape)
            words += inner.words
            json = inner.json and depth == 0
            break
    return Arguments(tuple(words), json=json)
