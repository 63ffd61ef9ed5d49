# SPDX-License-Identifier: EUPL-1.2
"""Finding names as people type them: without capitals, accents or prefixes, in any order, half typed, mistyped.

A name is a row of words in a *place* (the names of its gemeente). A question matches a row when each of its words is a
word of the name or of the place, the start of one, a part of one, or one with a typing error. At least one word has to
be of the name itself. How well a row matches is one whole number, its *rank*: lower is better, and every typing error
weighs more than any difference in shape.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ranks = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int32]

#: Letters that stay one letter when accents are taken off, as they are written without them.
LIGATURES = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
#: Words that a name can do without: people leave them out or write them otherwise (`a/d`, `'s-`).
SMALL = frozenset(
    ("s", "t", "n", "d", "a", "v", "de", "den", "der", "het", "een", "en", "aan", "ad", "op", "by", "van")
) | {"te", "ten", "ter", "in"}
#: One way to write what is written in two.
SAME = {"st": "sint", "ste": "sint", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8"}
#: A name may have a number in front (`Wijk 03 Overdie`) or an addition in brackets (`Bergen (NH.)`).
NUMBERED = re.compile(r"^\s*(?:wijk|buurt)\s+\d[0-9a-z]{0,2}\b(?=\s*\S)", re.IGNORECASE)
BRACKETS = re.compile(r"\([^)]*\)")
_WORDS = re.compile(r"[a-z0-9]+")

#: How a word matches, worse in this order: the whole word, its start, a part of it.
WHOLE, START, PART = 0, 1, 2
#: A typing error weighs more than any of these.
ERROR = 4
NO_MATCH = 255
#: Ranks of matches without typing errors: the whole name; it begins so with whole words; it holds these words; it
#: begins with the letters; a word of it does; a word of it holds them. Each typing error adds `SHAPES`.
SHAPES = 6
#: Letters of a word that are looked at.
LONGEST = 24
#: Typed words of which the comparison is kept: 15 kB each.
KEPT = 64


def folded(text: str) -> str:
    """A text as people type it: no capitals and accents, `ij` as `y`, signs as spaces."""
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.translate(LIGATURES))
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(_WORDS.findall(plain.replace("ij", "y")))


def words(text: str) -> list[str]:
    """The words of a text, folded, with one way of writing where there are two."""
    return [SAME.get(word, word) for word in folded(text).split()]


def core(name: str) -> list[str]:
    """The words that make a name: without number in front, addition in brackets and small words."""
    return _core(name, words(name))


def _core(name: str, all_words: list[str]) -> list[str]:
    plain = all_words
    if "(" in name or NUMBERED.match(name):
        plain = words(BRACKETS.sub(" ", NUMBERED.sub(" ", name))) or all_words
    return [w for w in plain if w not in SMALL] or plain


def errors_allowed(word: str) -> int:
    """How many typing errors a word of this length may hold and still be known; none in a number."""
    if len(word) < 4 or any(c.isdigit() for c in word):
        return 0
    return 1 if len(word) < 7 else 2


@dataclass(frozen=True, slots=True)
class Matches:
    """Rows that match, in no order: their place in the index and their rank."""

    rows: Places
    ranks: npt.NDArray[np.int32]


def _lists(found: Iterable[Sequence[int]]) -> tuple[Places, Places]:
    """Lists of numbers, none of them empty, behind each other, and where each begins."""
    kept = list(found)
    starts = np.zeros(len(kept), np.int32)
    np.cumsum([len(k) for k in kept[:-1]], out=starts[1:]) if kept else None
    return np.fromiter((n for k in kept for n in k), np.int32), starts


class NameIndex:
    """Names that can be searched; ``places[i]`` are the other names that say where ``names[i]`` lies.

    Memory is about 100 bytes per name.
    """

    def __init__(self, names: Sequence[str], places: Sequence[tuple[str, ...]]) -> None:
        numbers: dict[str, int] = {}

        def number(found: Iterable[str]) -> list[int]:
            return [numbers.setdefault(word, len(numbers)) for word in found]

        plain = [words(name) for name in names]
        all_words = [number(found) for found in plain]
        cores = [number(_core(name, found)) for name, found in zip(names, plain, strict=True)]
        distinct = {place: at for at, place in enumerate(dict.fromkeys(places))}
        # a place without a name has one word that nobody can type
        of_places = [number(w for text in place for w in words(text)) or number(("",)) for place in distinct]
        sorted_words = sorted(numbers)
        order = np.empty(len(numbers), np.int32)
        order[[numbers[w] for w in sorted_words]] = np.arange(len(numbers), dtype=np.int32)

        self.size = len(names)
        self._kept: dict[tuple[str, bool], Ranks] = {}
        self._words = sorted_words
        self._joined = "\n" + "\n".join(sorted_words) + "\n"
        ends = np.cumsum([len(w) + 1 for w in sorted_words], dtype=np.int64)
        self._ends = ends
        flat, self._name_starts = _lists(w or number(("",)) for w in all_words)
        self._name_words = order[flat]
        flat, self._place_starts = _lists(of_places)
        self._place_words = order[flat]
        self._place = np.fromiter((distinct[p] for p in places), np.int32, len(places))
        self._first = order[np.fromiter((c[0] if c else 0 for c in cores), np.int32, len(cores))]
        core_flat, self._core_starts = _lists(c or [0] for c in cores)
        self._core_words = order[core_flat]
        self._letters = np.zeros((LONGEST + 2, len(sorted_words)), np.uint8)
        for at, word in enumerate(sorted_words):
            coded = word[:LONGEST].encode()
            self._letters[: len(coded), at] = np.frombuffer(coded, np.uint8)
        self._lengths = np.fromiter((len(w) for w in sorted_words), np.int16, len(sorted_words))
        self._bags = np.fromiter((_bag(w) for w in sorted_words), np.uint64, len(sorted_words))

    def exactly(self, word: str) -> bool:
        """Whether this is a whole word of some name or place."""
        at = bisect_left(self._words, word)
        return at < len(self._words) and self._words[at] == word

    def match(self, question: str, *, errors: bool = False) -> Matches:
        """Rows that every word of a question matches; with ``errors`` typing errors are forgiven."""
        asked = words(question)
        telling = [w for w in asked if w not in SMALL] or asked
        return self.match_words(list(dict.fromkeys(telling)), errors=errors)

    def match_words(self, asked: Sequence[str], *, errors: bool = False) -> Matches:
        """As `match`, for words that were folded before."""
        if not asked or not self.size:
            return Matches(np.empty(0, np.int32), np.empty(0, np.int32))
        alive = np.ones(self.size, bool)
        errors_made = np.zeros(self.size, np.int32)
        worst = np.zeros(self.size, np.uint8)
        in_name = np.zeros(self.size, bool)
        begins = np.zeros(self.size, bool)
        covered = np.zeros(len(self._core_words), bool)
        for word in asked:
            cost = self._costs(word, errors)
            of_name = np.minimum.reduceat(cost[self._name_words], self._name_starts)
            of_place = np.minimum.reduceat(cost[self._place_words], self._place_starts)[self._place]
            best = np.minimum(of_name, of_place)
            alive &= best != NO_MATCH
            errors_made += best // ERROR
            np.maximum(worst, best % ERROR, out=worst)
            in_name |= of_name <= of_place
            in_name &= alive
            begins |= cost[self._first] == best
            covered |= cost[self._core_words] % ERROR == WHOLE
        alive &= in_name
        rows = np.flatnonzero(alive).astype(np.int32)
        whole = np.logical_and.reduceat(covered, self._core_starts)[rows]
        worst, begins = worst[rows], begins[rows]
        shape = np.select(
            [
                (worst == WHOLE) & whole & begins,
                (worst == WHOLE) & begins,
                worst == WHOLE,
                (worst == START) & begins,
                worst == START,
            ],
            [0, 1, 2, 3, 4],
            5,
        )
        return Matches(rows, errors_made[rows] * SHAPES + shape.astype(np.int32))

    def joined_or_split(self, question: str) -> list[list[str]]:
        """Other ways to write a question: two words as one (`kanalen eiland`), or one as two (`denhaag`)."""
        asked = words(question)
        other = [[*asked[:at], asked[at] + asked[at + 1], *asked[at + 2 :]] for at in range(len(asked) - 1)]
        for at, word in enumerate(asked):
            for cut in range(2, len(word) - 1):
                if self.exactly(word[:cut]) and self.exactly(word[cut:]):
                    parts = [p for p in (word[:cut], word[cut:]) if p not in SMALL]
                    other.append([*asked[:at], *parts, *asked[at + 1 :]])
        return [[w for w in found if w not in SMALL] for found in other]

    def _costs(self, word: str, errors: bool) -> Ranks:
        """How well each word of the index matches one typed word; kept, as the next keystroke asks it again."""
        known = self._kept.get((word, errors))
        if known is None:
            known = self._compared(word, errors)
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept), (word, errors)), None)
            self._kept[word, errors] = known
        return known

    def _compared(self, word: str, errors: bool) -> Ranks:
        cost = np.full(len(self._words), NO_MATCH, np.uint8)
        if errors and (allowed := errors_allowed(word)):
            self._mistyped(word, allowed, cost)
        if len(word) >= 4:
            at = self._joined.find(word)
            while at >= 0:
                cost[np.searchsorted(self._ends, at - 1, side="right")] = PART
                at = self._joined.find(word, at + 1)
        # someone who typed the i of `ij` has not typed another letter
        for start in {word, word[:-1] + "y"} if word.endswith("i") else {word}:
            begin = bisect_left(self._words, start)
            cost[begin : bisect_left(self._words, start + "{")] = START
        at = bisect_left(self._words, word)
        if at < len(self._words) and self._words[at] == word:
            cost[at] = WHOLE
        return cost

    def _mistyped(self, word: str, allowed: int, cost: Ranks) -> None:
        """Words, and starts of words, that differ by a letter too many, too few, other or swapped."""
        word = word[:LONGEST]
        size = len(word)
        missing = np.bitwise_count(np.uint64(_bag(word)) & ~self._bags)
        near = np.flatnonzero((missing <= allowed) & (self._lengths >= size - allowed))
        if not near.size:
            return
        width = min(size + allowed, LONGEST)
        letters = self._letters[:width, near]
        # rows of the usual table of edits, one per typed letter, all candidates side by side
        before = np.zeros((width + 1, near.size), np.int8)
        last = np.repeat(np.arange(width + 1, dtype=np.int8)[:, None], near.size, axis=1)
        typed = word.encode()
        for i, letter in enumerate(typed, 1):
            now = np.empty_like(last)
            now[0] = i
            same = letters == letter
            for j in range(1, width + 1):
                step = np.minimum(last[j], now[j - 1]) + 1
                np.minimum(step, last[j - 1] + ~same[j - 1], out=step)
                if i > 1 and j > 1:
                    swapped = same[j - 2] & (letters[j - 1] == typed[i - 2])
                    np.minimum(step, np.where(swapped, before[j - 2] + 1, step), out=step)
                now[j] = step
            before, last = last, now
        lengths = np.minimum(self._lengths[near], width)
        whole = last[lengths, np.arange(near.size)]
        whole = np.where(self._lengths[near] > width, np.int8(NO_MATCH // 2), whole)
        beyond = np.arange(width + 1)[:, None] > lengths
        start = np.where(beyond, np.int8(NO_MATCH // 2), last)[max(size - allowed, 1) :].min(axis=0)
        # in the start of a longer word fewer errors are forgiven: nearly everything begins like something
        is_start = (start < whole) & (start <= max(allowed - 1, 1)) & (size >= 5)
        is_whole = (whole <= allowed) & ~is_start
        cost[near[is_whole]] = whole[is_whole].astype(np.uint8) * ERROR + WHOLE
        cost[near[is_start]] = start[is_start].astype(np.uint8) * ERROR + START


def _bag(word: str) -> int:
    """The letters and digits of a word as bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) - 97 if letter >= "a" else ord(letter) - 22)
    return bits
