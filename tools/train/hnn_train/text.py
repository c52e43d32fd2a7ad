"""Uncased BERT's tokenizer: normalise, split, WordPiece, frame. The twin of Hnn.Model/Text, checked against it by a test."""
import functools
import re
import unicodedata

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"

_ASCII_WORD = re.compile(r"[^\s!-/:-@\[-`{-~]+|[!-/:-@\[-`{-~]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAX_WORD_LENGTH = 100
_CJK = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF),
        (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


class Tokenizer:
    """Text to ids. `vocabulary`: the pieces in the order of their ids, as in BERT's vocab.txt."""

    def __init__(self, vocabulary):
        self.pieces = list(vocabulary)
        self._ids = {piece: i for i, piece in enumerate(self.pieces)}
        missing = [t for t in (PAD, UNK, CLS, SEP, MASK) if t not in self._ids]
        if missing:
            raise ValueError(f"the vocabulary has {len(self.pieces)} pieces but not {', '.join(missing)}; give BERT's vocab.txt")
        self.pad, self.unk, self.cls, self.sep, self.mask = (self._ids[t] for t in (PAD, UNK, CLS, SEP, MASK))
        self._pieces_of = functools.lru_cache(maxsize=1 << 20)(self._word_pieces)

    @staticmethod
    def load(path):
        with open(path, encoding="utf-8") as file:
            return Tokenizer([line.rstrip("\n") for line in file])

    def encode(self, text, max_length):
        """[CLS] pieces [SEP], at most `max_length` ids; what is longer is cut before [SEP]."""
        ids = [self.cls]
        for word in split_words(text):
            ids.extend(self._pieces_of(word))
            if len(ids) >= max_length:
                break
        del ids[max_length - 1:]
        ids.append(self.sep)
        return ids

    def _word_pieces(self, word):
        if len(word) > _MAX_WORD_LENGTH:
            return (self.unk,)
        ids, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(len(word), start, -1):
                found = self._ids.get(prefix + word[start:end])
                if found is not None:
                    break
            else:
                return (self.unk,)
            ids.append(found)
            start = end
        return tuple(ids)


def split_words(text):
    """Lower-case, accent-free words and single punctuation marks."""
    if text.isascii():
        return _ASCII_WORD.findall(_CONTROLS.sub("", text).lower())
    words, word = [], []

    def finish():
        if word:
            words.append("".join(word))
            word.clear()

    # Lower-cased by code point, as Hugging Face's fast tokenizer does: Python's own lower() looks at a final sigma's neighbours.
    cleaned = "".join(c.lower() for c in text if not _is_dropped(c))
    for c in unicodedata.normalize("NFD", cleaned):
        category = unicodedata.category(c)
        if category == "Mn":
            continue
        if c in "\t\n\r" or category.startswith("Z"):
            finish()
        elif _is_punctuation(c, category) or any(low <= ord(c) <= high for low, high in _CJK):
            finish()
            words.append(c)
        else:
            word.append(c)
    finish()
    return words


def _is_dropped(c):
    return c in "\0\ufffd" or (c not in "\t\n\r" and unicodedata.category(c) in ("Cc", "Cf", "Cs"))


def _is_punctuation(c, category):
    point = ord(c)
    return (33 <= point <= 47 or 58 <= point <= 64 or 91 <= point <= 96 or 123 <= point <= 126) or category.startswith("P")
