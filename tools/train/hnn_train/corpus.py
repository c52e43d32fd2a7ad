"""The data sets, as token ids: SST-2 (GLUE), SST-5 (PTB trees) and IMDb, read where the user says they lie."""
import array
import dataclasses
import gzip
import os
import random
import re

import torch

MAX_LENGTH = 64


class Texts:
    """Many texts' ids in one tensor of 16-bit numbers: a sequence of lists."""

    def __init__(self, flat, ends):
        self.flat, self.ends = flat, ends

    @staticmethod
    def of(rows):
        ends = torch.tensor([len(row) for row in rows], dtype=torch.int64).cumsum(0)
        flat = array.array("H", (i for row in rows for i in row))
        if flat and max(flat) >= 1 << 15:
            raise ValueError(f"id {max(flat)} of the vocabulary does not fit 15 bits; give a vocabulary of at most {1 << 15} pieces")
        return Texts(torch.frombuffer(flat, dtype=torch.int16).clone() if flat else torch.zeros(0, dtype=torch.int16), ends)

    def __len__(self):
        return len(self.ends)

    def __getitem__(self, i):
        start = int(self.ends[i - 1]) if i else 0
        return self.flat[start:int(self.ends[i])].tolist()

    def lengths(self):
        return torch.diff(self.ends, prepend=self.ends.new_zeros(1)).tolist()


@dataclasses.dataclass
class Examples:
    """Token ids of texts, with a target each: a class number, or a row of probabilities."""
    ids: list  # of lists, or Texts
    targets: torch.Tensor  # (texts,) int64, or (texts, classes) float32

    def __len__(self):
        return len(self.ids)


def read_sst2(path, tokenizer):
    """A header line, then `sentence<TAB>0|1`: GLUE's train.tsv or dev.tsv."""
    ids, labels = [], []
    with open(path, encoding="utf-8") as file:
        next(file)
        for number, line in enumerate(file, start=2):
            parts = line.rstrip("\n").split("\t")
            if len(parts) != 2 or parts[1] not in ("0", "1"):
                raise ValueError(f"{path}, line {number}: expected a sentence, a tab and 0 or 1; got {line.strip()[:60]!r}")
            ids.append(tokenizer.encode(parts[0], MAX_LENGTH))
            labels.append(int(parts[1]))
    return Examples(ids, torch.tensor(labels))


def read_trees(path, tokenizer, roots_only):
    """PTB trees with a label 0 to 4 on every node: the sentences (`roots_only`), or every distinct phrase of them."""
    seen = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                nodes = _parse_tree(line)
            except (IndexError, ValueError) as error:
                raise ValueError(f"{path}, line {number}: not a PTB tree such as '(3 (2 It) (4 works))': {line.strip()[:60]!r}") from error
            for words, label in nodes[:1] if roots_only else nodes:
                seen.setdefault((number, words) if roots_only else words, label)
    texts = [key[1] for key in seen] if roots_only else list(seen)
    return Examples([tokenizer.encode(text, MAX_LENGTH) for text in texts], torch.tensor(list(seen.values())))


def _parse_tree(line):
    """Every node's (words, label), the root first."""
    tokens = re.findall(r"\(|\)|[^\s()]+", line)
    nodes, position = [], 0

    def node():
        nonlocal position
        if tokens[position] != "(":
            raise ValueError(tokens[position])
        label, slot = int(tokens[position + 1]), len(nodes)
        if not 0 <= label <= 4:
            raise ValueError(label)
        nodes.append(None)
        position += 2
        words = []
        while tokens[position] != ")":
            if tokens[position] == "(":
                words += node()
            else:
                words.append(_unescape(tokens[position]))
                position += 1
        position += 1
        nodes[slot] = (" ".join(words), label)
        return words

    node()
    if position != len(tokens):
        raise ValueError("text after the tree")
    return nodes


def _unescape(word):
    return {"-LRB-": "(", "-RRB-": ")"}.get(word, word.replace("\\/", "/").replace("\\*", "*"))


_BREAK = re.compile(r"<br\s*/?>")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def read_imdb(folder, tokenizer, files, forbidden=frozenset()):
    """Reviews as lists of sentences. Returns (sentences' ids, review number of each sentence, rating of each review or 0).

    Reviews that share ten words in a row with a text of `forbidden` (sets of 10-grams of words) are left out.
    """
    ids, owner, ratings = [], [], []
    for name in files:
        with gzip.open(os.path.join(folder, name), "rt", encoding="utf-8", newline="\n") as file:
            next(file)
            for line in file:
                _, rating, label, text = line.rstrip("\n").split("\t", 3)
                text = _BREAK.sub(" ", text)
                if forbidden and any(gram in forbidden for gram in ten_grams(text)):
                    continue
                review = len(ratings)
                ratings.append(int(rating) if label != "-1" else 0)
                for sentence in _SENTENCE_END.split(text):
                    if 3 <= sentence.count(" ") + 1 <= 50:
                        ids.append(tokenizer.encode(sentence, MAX_LENGTH))
                        owner.append(review)
    return ids, owner, ratings


def ten_grams_of_validation(sst2_path, trees_path):
    """What no training text may share with the validation sets."""
    grams = set()
    with open(sst2_path, encoding="utf-8") as file:
        for line in file:
            grams |= ten_grams(line.split("\t")[0])
    with open(trees_path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                grams |= ten_grams(_parse_tree(line)[0][0])
    return grams


def ten_grams(text):
    """Ten words in a row; the treebank's "it 's" and "does n't" are a review's "it's" and "doesn't"."""
    joined = re.sub(r"\s+(?='|n't\b)", "", text.lower()).replace("'", "")
    words = re.findall(r"[a-z0-9]+", joined)
    return {tuple(words[i:i + 10]) for i in range(len(words) - 9)}


def batches(examples, size, generator, tokenizer=None, word_dropout=0.0, skip=0):
    """Shuffled batches of similar length: (ids (B, T) int64, 0 where there is no token; targets).

    `word_dropout`: the share of tokens, [CLS] and [SEP] apart, that become [MASK]. `skip`: batches done already.
    """
    order = list(range(len(examples)))
    lengths = examples.ids.lengths() if isinstance(examples.ids, Texts) else [len(row) for row in examples.ids]
    if generator is not None:
        generator.shuffle(order)
    pool = size * 50
    chunks = [sorted(order[i:i + pool], key=lengths.__getitem__) for i in range(0, len(order), pool)]
    groups = [chunk[i:i + size] for chunk in chunks for i in range(0, len(chunk), size)]
    if generator is not None:
        generator.shuffle(groups)
    for group in groups[skip:]:
        ids = pad([examples.ids[j] for j in group])
        if word_dropout > 0:
            drop = torch.rand(ids.shape) < word_dropout
            drop &= (ids != 0) & (ids != tokenizer.cls) & (ids != tokenizer.sep)
            ids[drop] = tokenizer.mask
        yield ids, examples.targets[group]


def pad(rows):
    width = max(map(len, rows))
    return torch.tensor([list(row) + [0] * (width - len(row)) for row in rows])


def rng(seed):
    return random.Random(seed)
