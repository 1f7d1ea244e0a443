"""The model's byte-pair tokenizer, laid out as CLIP's: trained once, then read from vocab.json and merges.txt.

usage: python training/tokenizer.py --words CLIP_VOCAB_JSON     writes models/demo/{vocab.json,merges.txt}

The corpus is captions of the grammar plus English words by rank (taken from the order of CLIP's own vocabulary, MIT),
so that words the captions never use still fall into a few pieces instead of letters.
"""

import argparse
import html
import json
import random
from collections import Counter
from functools import lru_cache
from pathlib import Path

import regex

START, END = "<|startoftext|>", "<|endoftext|>"
PATTERN = regex.compile(r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+""", regex.IGNORECASE)
VOCABULARY = 4096


def byte_letters() -> dict[int, str]:
    """CLIP's printable stand-in for every byte, in CLIP's order."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + i) for i, byte in enumerate(rest)}


LETTERS = byte_letters()


class Tokenizer:
    def __init__(self, folder: Path):
        self.ids: dict[str, int] = json.loads((folder / "vocab.json").read_text())
        lines = (folder / "merges.txt").read_text().split("\n")[1:]
        self.ranks = {tuple(line.split()): rank for rank, line in enumerate(line for line in lines if line)}
        self.start, self.end = self.ids[START], self.ids[END]
        self.pieces = lru_cache(maxsize=65536)(self._pieces)

    def encode(self, text: str, context: int) -> list[int]:
        """Token ids with both ends, cut to the context; not padded."""
        text = " ".join(html.unescape(html.unescape(text)).split()).lower()
        ids = [i for word in PATTERN.findall(text) for i in self.pieces(word)]
        return [self.start, *ids[: context - 2], self.end]

    def _pieces(self, word: str) -> tuple[int, ...]:
        letters = [LETTERS[byte] for byte in word.encode()]
        parts = [*letters[:-1], letters[-1] + "</w>"]
        while len(parts) > 1:
            rank, at = min((self.ranks.get(pair, 1 << 30), i) for i, pair in enumerate(zip(parts, parts[1:])))
            if rank == 1 << 30:
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return tuple(self.ids[part] for part in parts)


def train(words: Counter[str], merges: int) -> list[tuple[str, str]]:
    """Plain byte-pair merging: the most frequent pair first, ties by the pair's letters."""
    split = {word: [*(LETTERS[b] for b in word.encode()[:-1]), LETTERS[word.encode()[-1]] + "</w>"] for word in words}
    pairs: Counter[tuple[str, str]] = Counter()
    where: dict[tuple[str, str], set[str]] = {}
    for word, parts in split.items():
        for pair in zip(parts, parts[1:]):
            pairs[pair] += words[word]
            where.setdefault(pair, set()).add(word)
    found = []
    while len(found) < merges:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        found.append(best)
        for word in where.pop(best):
            parts = split[word]
            for pair in zip(parts, parts[1:]):
                pairs[pair] -= words[word]
                if pair != best:
                    where[pair].discard(word)
            merged, i = [], 0
            while i < len(parts):
                joined = i + 1 < len(parts) and (parts[i], parts[i + 1]) == best
                merged.append(parts[i] + parts[i + 1] if joined else parts[i])
                i += 2 if joined else 1
            split[word] = merged
            for pair in zip(merged, merged[1:]):
                pairs[pair] += words[word]
                where.setdefault(pair, set()).add(word)
        del pairs[best]
    return found


def english(clip_vocabulary: Path, most: int) -> Counter[str]:
    """Words by rank, weighted 1/rank as words in English are."""
    ranked = [token[:-4] for token in json.loads(clip_vocabulary.read_text()) if token.endswith("</w>")]
    ranked = [word for word in ranked if len(word) > 1 and word.isascii() and word.isalpha()][:most]
    return Counter({word: max(1, 60_000 // (rank + 10)) for rank, word in enumerate(ranked)})


def main() -> None:
    from captions import Author  # only training needs the grammar
    import words as grammar

    parser = argparse.ArgumentParser()
    parser.add_argument("--words", type=Path, required=True, help="vocab.json of openai/clip-vit-base-patch32")
    parser.add_argument("--out", type=Path, default=Path("models/demo"))
    args = parser.parse_args()
    random.seed(0)
    author = Author(0)
    counts = english(args.words, 20_000)
    for _ in range(40_000):
        counts.update(PATTERN.findall(author.anything().text.lower()))
    for phrase in grammar.ABSENT + grammar.UNKNOWABLE + grammar.TEMPLATES:
        counts.update({word: 500 for word in PATTERN.findall(phrase.lower())})
    letters = list(LETTERS.values())
    merges = train(counts, VOCABULARY - 2 * len(letters) - 2)
    tokens = letters + [letter + "</w>" for letter in letters] + [a + b for a, b in merges] + [START, END]
    assert len(set(tokens)) == VOCABULARY
    args.out.mkdir(parents=True, exist_ok=True)
    ids = {token: i for i, token in enumerate(tokens)}
    (args.out / "vocab.json").write_text(json.dumps(ids, ensure_ascii=False, separators=(",", ":")) + "\n")
    (args.out / "merges.txt").write_text("#version: 0.2\n" + "\n".join(f"{a} {b}" for a, b in merges) + "\n")
    known = sum(len(Tokenizer(args.out).pieces(word)) == 1 for word in counts)
    print(f"{len(tokens)} tokens, {len(merges)} merges; {known} of {len(counts)} words are one token")


if __name__ == "__main__":
    main()
