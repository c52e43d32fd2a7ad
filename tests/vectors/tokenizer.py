"""Reference vectors for Hnn.Model.Text, from an implementation of its own written from BERT's description.

Run from the repository root, with the data folder (see the project's notes; GLUE's SST-2 as sst2/*.tsv):
    HNN_DATA=<data folder> python3.13 tests/vectors/tokenizer.py
Writes tests/vectors/tokenizer.json (hand-made cases) and tests/vectors/tokenizer.digests.json (SHA-256 only: no corpus text).

Digest of a list of rows: SHA-256 over, row after row, the ids in decimal joined by blanks and ended by a line feed.
Every row's text is all before the row's last tab; the header line is skipped; no truncation.
Unicode digests: for every scalar value assigned in this Python's Unicode, a line; see the functions below.
"""
import hashlib
import json
import os
import re
import unicodedata as ud

VOCAB = {}
PUNCT = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
CJK = "\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\U0002a700-\U0002b73f\U0002b740-\U0002b81f\U0002b820-\U0002ceaf\uf900-\ufaff\U0002f800-\U0002fa1f"
ALONE = re.compile("([%s])" % CJK)
CHUNK = 1000
# U+1171E, Ahom medial ra: Mn up to Unicode 15.1, Mc from 16.0 on (.NET 10's). The one scalar whose words depend on that version.
CHANGED = {0x1171E}


def words(text):
    # One pass of whole-string rewriting per rule, the way the paper's code comments list them.
    text = "".join(c for c in text if c in "\t\n\r" or (c not in "\0\ufffd" and ud.category(c) not in ("Cc", "Cf", "Cs")))
    text = ALONE.sub(r" \1 ", text)
    text = "".join(c.lower() for c in text)  # per code point: no final sigma
    text = "".join(c for c in ud.normalize("NFD", text) if ud.category(c) != "Mn")
    text = "".join(" %s " % c if c in PUNCT or ud.category(c)[0] == "P" else c for c in text)
    return text.split()


def pieces(word):
    if len(word) > 100:
        return ["[UNK]"]
    out, rest = [], word
    while rest:
        mark = "##" if out else ""
        best = next((n for n in range(len(rest), 0, -1) if mark + rest[:n] in VOCAB), 0)
        if not best:
            return ["[UNK]"]
        out.append(mark + rest[:best])
        rest = rest[best:]
    return out


def ids(text):
    return [VOCAB[p] for p in ["[CLS]"] + [p for w in words(text) for p in pieces(w)] + ["[SEP]"]]


CASES = {
    "empty": "",
    "blanks only": " \t\r\n \u00a0\u2003\u2028",
    "controls only": "\0\x01\x7f\x85\ufffd\u200b\ufeff",
    "plain": "A charming and often affecting journey.",
    "accents, composed": "Café déjà-vu, naïve façade, Ångström, Übermut, señor, Dvořák",
    "accents, combining": "Cafe\u0301 de\u0301ja\u0300 a\u0327\u0301 e\u0302\u0323",
    "vietnamese": "Tiếng Việt rất đẹp",
    "lone combining marks": "\u0301 \u0327\u0301 a \u0300",
    "marks that are not Mn": "\u302e\u302f\u1b44 क\u093e",
    "turkish": "İstanbul ISTANBUL ıslak İİ i\u0307",
    "sharp s": "Straße STRAẞE",
    "greek": "ΟΔΟΣ Ὀδυσσεύς; ἀλλ\u1fbf \u037e \u0387",
    "cyrillic": "Война и мир, ёлка, йод",
    "fullwidth": "ＡＢＣ　１２３！？",
    "ligatures": "ﬁne ﬀect ĳ ǆ Ǆ ǅ",
    "kelvin, angstrom, ohm": "\u212a \u212b \u2126",
    "cjk": "你好world世界",
    "cjk, compatibility and extensions": "\uf900x\U0002f800y\U00020000z\U0002b820\U0002ceb0",
    "japanese": "ガギグゲゴ パピプ が、ひらがな。",
    "hangul": "한국어 각 가 각\u11a8 \u1100\u1161\u11a8",
    "arabic, hebrew": "مُحَمَّد שָׁלוֹם",
    "thai, devanagari": "สวัสดี नमस्ते",
    "emoji": "I 😀 it 👩\u200d👩\u200d👧 ❤\ufe0f 🇫🇷 👍🏽",
    "zero-width joiner inside": "good\u200dmovie bad\u200bmovie no\u2060break",
    "soft hyphen": "extra\u00adordinary",
    "no-break space": "good\u00a0movie\u202fnow\u2007x",
    "tabs, newlines, feeds": "good\tmovie\r\nbad\nmovie\x0bone\x0cword\x1cx\x85y",
    "line and paragraph separators": "one\u2028two\u2029three",
    "punctuation": "don't!!! (well-made)... \"it's\" 50% $5 a+b=c <br /> x^2 ~ `q` _z_ | {k}",
    "unicode punctuation": "“curly” ‘it’s’ — – … ¿qué? «non» ¡ 、。 ٪",
    "symbols that are not punctuation": "€ £ ± × ÷ © ™ ¬ ¨ ´ \u1fef \u1ffd",
    "special tokens as text": "[CLS] good [SEP] bad [MASK] [UNK] [PAD] [unused1]",
    "hash marks": "##ing # ## c# #good",
    "unknown inside": "good\u0f03movie \ue000 \u0378 ☃",
    "word of 100": "a" * 100,
    "word of 101": "a" * 101,
    "word of 200": "x" * 200 + " good",
    "word of 100 astral": "\U00010400" * 100,
    "word of 100 with marks": "e\u0301" * 100,
    "deseret": "\U00010400\U00010428",
    "musical, multi-step": "\U0001d15e \U0001d1c0 \u1e9b\u0323 \u0344",
    "mixed": "Très bon!你的Film №1 — 10/10… ¡Olé! 👌",
    "long words": "Antidisestablishmentarianism supercalifragilisticexpialidocious",
    "capitals": "THIS IS A MASTERPIECE",
    "numbers": "3.14159 1,000,000 ½ ² Ⅳ ④",
}


def sha(lines):
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def row(numbers):
    return " ".join(map(str, numbers))


def corpus(path):
    with open(path, encoding="utf8", newline="\n") as f:
        lines = f.read().split("\n")[1:]
    rows = [row(ids(line.rpartition("\t")[0])) for line in lines if line]
    return {"rows": len(rows), "tokens": sum(r.count(" ") + 1 for r in rows), "sha256": sha(rows),
            "chunks": [sha(rows[i:i + CHUNK]) for i in range(0, len(rows), CHUNK)]}


def scalars():
    return [cp for cp in range(0x110000) if not 0xD800 <= cp <= 0xDFFF and ud.category(chr(cp)) != "Cn"]


def hexes(text):
    return " ".join("%04X" % ord(c) for c in text)


def assigned():
    """First and last of every range of assigned scalar values, CHANGED left out: what the other digests run over."""
    out = []
    for cp in scalars():
        if cp in CHANGED:
            continue
        if out and out[-1][1] == cp - 1:
            out[-1][1] = cp
        else:
            out.append([cp, cp])
    return ["%X-%X" % tuple(r) for r in out]


def main():
    data = os.environ["HNN_DATA"]
    with open(os.path.join(data, "vocab", "bert-base-uncased-vocab.txt"), encoding="utf8", newline="\n") as f:
        VOCAB.update((line, i) for i, line in enumerate(f.read().split("\n")[:-1]))
    about = {"source": "an implementation written from BERT's description, by hand", "unicode": ud.unidata_version,
             "command": "HNN_DATA=<data folder> python3.13 tests/vectors/tokenizer.py"}
    cases = [{"name": n, "text": t, "ids": ids(t)} for n, t in CASES.items()]
    with open("tests/vectors/tokenizer.json", "w", encoding="ascii", newline="\n") as f:
        body = ",\n".join("  " + json.dumps(c) for c in cases)
        f.write('{\n "about": %s,\n "cases": [\n%s\n ]\n}\n' % (json.dumps(about), body))
    all_scalars = [c for c in scalars() if c not in CHANGED]
    # Marks before and after the code point show its combining class, a following Hangul vowel and tail its composition.
    nfd = [hexes(ud.normalize("NFD", "a\u0301" + chr(c) + "\u0327\u302e\u0345")) for c in all_scalars]
    split = ["%04X %s" % (c, "|".join(hexes(w) for w in words("Xa" + chr(c) + "B"))) for c in all_scalars]
    digests = {"about": about, "assigned": assigned(),
               "unicode": {"count": len(all_scalars), "nfd": sha(nfd), "words": sha(split),
                           "nfd_chunks": [sha(nfd[i:i + CHUNK * 10]) for i in range(0, len(nfd), CHUNK * 10)],
                           "words_chunks": [sha(split[i:i + CHUNK * 10]) for i in range(0, len(split), CHUNK * 10)]},
               "files": {name: corpus(os.path.join(data, "sst2", name)) for name in sorted(os.listdir(os.path.join(data, "sst2")))}}
    with open("tests/vectors/tokenizer.digests.json", "w", encoding="ascii", newline="\n") as f:
        json.dump(digests, f, indent=1)
        f.write("\n")


main()
