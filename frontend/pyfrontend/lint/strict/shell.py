"""Shell scripts: the text of a RUN in, its simple commands out.

This is not a shell: it recognizes quotes, substitutions, redirections, heredocs, comments and the operators
between commands, but not what a command does.  It reads each character once, whatever the text.
"""

from __future__ import annotations

from pyfrontend.record import NamedTuple

#: Words that precede a command without being one.
KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "fi", "do", "done", "while", "until", "esac", "{", "}", "!", "time")
)
#: Programs that run the rest of their words, with those of their options that take a value.
WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": frozenset(("-u", "-g", "-h", "-p", "--user", "--group")),
    "env": frozenset(("-u", "-C", "--unset", "--chdir")),
    "exec": frozenset(("-a",)),
    "command": frozenset(),
    "nice": frozenset(("-n",)),
    "nohup": frozenset(),
    "eatmydata": frozenset(),
    "doas": frozenset(("-u",)),
    "gosu": frozenset(),
}
OPERATORS = ("&&", "||", ";;", "|&", ";", "|", "(", ")", "&", "\n")
REDIRECTIONS = ("<<-", "<<<", "&>>", "<<", "&>", ">>", ">&", ">|", "<&", "<>", ">", "<")
CLOSING = {"(": ")", "{": "}"}


class Command(NamedTuple):
    """A simple command: its words without quotes, and the operators around it, empty at an end of the text.

    ``wrappers`` are the programs that run it, such as ``sudo``; ``depth`` counts the parentheses around it.
    ``places`` are where the words begin and end in the script.
    """

    words: tuple[str, ...]
    before: str = ""
    after: str = ""
    depth: int = 0
    wrappers: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()

    @property
    def program(self) -> str:
        """Return its name without a folder, empty for mere assignments."""
        return self.words[0].rpartition("/")[2] if self.words else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return what follows the name."""
        return self.words[1:]

    def has(self, *options: str) -> bool:
        """Tell whether one of ``options`` is given: a long one with any value, a short one among others."""
        return any(_gives(word, option) for word in self.arguments for option in options)

    def operands(self, *valued: str) -> list[str]:
        """Return the arguments that are not options; options in ``valued`` include the next word."""
        found, skip = [], False
        for word in self.arguments:
            if skip:
                skip = False
            elif word in valued:
                skip = True
            elif not word.startswith("-") or word == "-":
                found.append(word)
        return found


def _gives(word: str, option: str) -> bool:
    if option.startswith("--"):
        return word == option or word.startswith(f"{option}=")
    short = word[:1] == "-" and word[:2] != "--" and option[1:] in word[1:]
    return short and (word[1:].isalpha() or word.startswith(option))


def commands_of(script: str) -> list[Command]:
    """Return the simple commands of ``script``, without those inside ``$(...)``."""
    return _Reader(script).read()


class _Reader:
    """The walk over a script."""

    def __init__(self, script: str) -> None:
        self.text = script
        self.at = 0
        self.found: list[Command] = []
        self.words: list[str] = []
        self.places: list[tuple[int, int]] = []
        self.start = 0  # of the current word
        self.word: list[str] | None = None
        self.before = ""
        self.depth = 0
        self.is_target = False  # the next word is what a redirection names
        self.delimiters: list[tuple[str, bool]] = []  # of heredocs that begin at the next line
        self.heredoc: bool | None = None  # the next word is a delimiter; whether tabs are stripped

    def read(self) -> list[Command]:
        """Read all of it."""
        while self.at < len(self.text):
            self._step(self.text[self.at])
        self._end_word()
        self._end_command("")
        return self.found

    def _step(self, letter: str) -> None:
        """Take what begins with ``letter``."""
        if letter in _STEPS:
            _STEPS[letter](self)
        elif letter == "#" and self.word is None:
            self.at = self._find("\n", self.at)
        else:
            self._add(letter, 1)

    def _add(self, text: str, length: int) -> None:
        """Append ``text`` to the current word, for ``length`` characters of the script."""
        if self.word is None:
            self.word, self.start = [], self.at
        self.word.append(text)
        self.at += length

    def _blank(self) -> None:
        self._end_word()
        self.at += 1

    def _escape(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "\n":
            self.at += 2
        elif following == "\r" and self.text[self.at + 2 : self.at + 3] == "\n":
            self.at += 3
        else:
            self._add(following, 2)

    def _single_quoted(self) -> None:
        end = self._find("'", self.at + 1)
        self._add(self.text[self.at + 1 : end], end + 1 - self.at)

    def _double_quoted(self) -> None:
        self._add("", 1)
        while self.at < len(self.text) and self.text[self.at] != '"':
            letter = self.text[self.at]
            if letter == "\\":
                following = self.text[self.at + 1 : self.at + 2]
                kept = following if following in '"\\$`' else f"\\{following}"
                self._add("" if following == "\n" else kept, 2)
            elif letter in "$`":
                self._expansion()
            else:
                self._add(letter, 1)
        self.at += 1

    def _expansion(self) -> None:
        """Take a variable or a substitution as written."""
        end = expansion_end(self.text, self.at)
        self._add(self.text[self.at : end], end - self.at)

    def _operator(self) -> None:
        """Take an operator or a redirection."""
        redirection = self._begins(REDIRECTIONS)
        if redirection:
            self._redirection(redirection)
            return
        operator = self._begins(OPERATORS)
        self._end_word()
        self._end_command(operator)
        self.at += len(operator)
        if operator == "(":
            self.depth += 1
        elif operator == ")":
            self.depth = max(self.depth - 1, 0)
        elif operator == "\n" and self.delimiters:
            self._skip_heredocs()

    def _redirection(self, mark: str) -> None:
        if mark in {"<", ">"} and self.text[self.at + 1 : self.at + 2] == "(":  # a substitution, and a word
            end = expansion_end(self.text, self.at)
            self._add(self.text[self.at : end], end - self.at)
            return
        if self.word is not None and "".join(self.word).isdecimal():
            self.word = None  # the number of what is redirected
        self._end_word()
        self.is_target = True
        self.heredoc = mark == "<<-" if mark in {"<<", "<<-"} else None
        self.at += len(mark)

    def _begins(self, marks: tuple[str, ...]) -> str:
        return next((mark for mark in marks if self.text.startswith(mark, self.at)), "")

    def _find(self, mark: str, start: int) -> int:
        found = self.text.find(mark, start)
        return found if found >= 0 else len(self.text)

    def _end_word(self) -> None:
        if self.word is None:
            return
        word = "".join(self.word)
        if self.is_target:
            if self.heredoc is not None:
                self.delimiters.append((word, self.heredoc))
            self.is_target, self.heredoc = False, None
        else:
            self.words.append(word)
            self.places.append((self.start, self.at))
        self.word = None

    def _end_command(self, operator: str) -> None:
        """Keep the command that ``operator`` ends, if there is one; empty lines end none."""
        command = _command(self.words, self.places)
        self.words, self.places = [], []
        if command:
            self.found.append(command._replace(before=self.before, after=operator, depth=self.depth))
        if command or operator != "\n":
            self.before = operator

    def _skip_heredocs(self) -> None:
        for delimiter, strips in self.delimiters:
            while self.at < len(self.text):
                end = self._find("\n", self.at)
                line = self.text[self.at : end]
                self.at = end + 1
                if (line.lstrip("\t") if strips else line) == delimiter:
                    break
        self.delimiters = []


_STEPS = {
    **dict.fromkeys(" \t\r", _Reader._blank),  # noqa: SLF001 - a table of its methods
    **dict.fromkeys("\n;&|()<>", _Reader._operator),  # noqa: SLF001
    **dict.fromkeys("$`", _Reader._expansion),  # noqa: SLF001
    "\\": _Reader._escape,  # noqa: SLF001
    "'": _Reader._single_quoted,  # noqa: SLF001
    '"': _Reader._double_quoted,  # noqa: SLF001
}


def _command(words: list[str], places: list[tuple[int, int]]) -> Command | None:
    """Return the command that ``words`` are, without keywords and assignments before it."""
    start = 0
    wrappers: list[str] = []
    while start < len(words):
        word = words[start]
        valued = WRAPPERS.get(word)
        if word in KEYWORDS or _is_assignment(word):
            start += 1
        elif valued is not None and start + 1 < len(words):
            wrappers.append(word)
            start = _after_options(words, start + 1, valued)
        else:
            break
    if start >= len(words):
        return None
    return Command(tuple(words[start:]), wrappers=tuple(wrappers), places=tuple(places[start:]))


def _after_options(words: list[str], start: int, valued: frozenset[str]) -> int:
    while start < len(words) and words[start].startswith("-"):
        start += 2 if words[start] in valued else 1
    return start


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum() and not name[:1].isdigit()


def expansion_end(text: str, start: int) -> int:
    """Return where the expansion that begins at ``start`` ends: ``${..}``, ``$(..)``, backquotes.

    Of any other one it is the dollar sign.
    """
    if text[start] == "`":
        return _backquotes_end(text, start + 1)
    closing = CLOSING.get(text[start + 1 : start + 2])
    if closing is None:
        return start + 1
    at, stack = start + 2, [closing]
    while at < len(text) and stack:
        letter, top = text[at], stack[-1]
        if letter == "\\":
            at += 1
        elif letter == top:
            stack.pop()
        elif letter == "'" and top != '"':
            found = text.find("'", at + 1)
            at = found if found >= 0 else len(text)
        elif letter == '"':
            stack.append('"')
        elif letter == "$" and text[at + 1 : at + 2] in CLOSING:
            at += 1
            stack.append(CLOSING[text[at]])
        elif letter == "(" and top == ")":
            stack.append(")")
        at += 1
    return min(at, len(text))


def _backquotes_end(text: str, at: int) -> int:
    while at < len(text) and text[at] != "`":
        at += 2 if text[at] == "\\" else 1
    return min(at + 1, len(text))
