"""The tokenizer against the vectors that Hnn.Model's is tested with."""
import json
import os
import unittest

from hnn_train.text import Tokenizer, split_words

ROOT = os.path.join(os.path.dirname(__file__), "..", "..", "..")


class TokenizerTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tokenizer = Tokenizer.load(os.path.join(ROOT, "models", "hnn-tiny", "vocab.txt"))

    def test_vectors(self):
        with open(os.path.join(ROOT, "tests", "vectors", "tokenizer.json"), encoding="utf-8") as file:
            cases = json.load(file)["cases"]
        self.assertGreater(len(cases), 10)
        for case in cases:
            with self.subTest(case["name"]):
                length = case.get("max", len(case["ids"]) if case.get("truncated") else 1 << 20)
                self.assertEqual(self.tokenizer.encode(case["text"], length), case["ids"])

    def test_ascii_way_equals_the_general_one(self):
        for text in ("It's -- a *test*, isn't\tit?", "a\x00b\x7fc", "", "  x  ", "don`t [SEP] {~}"):
            # A letter with an accent sends the whole text down the general way.
            self.assertEqual(split_words(text) + ["e"], split_words(text + " \u00e9"), text)

    def test_truncation_keeps_the_frame(self):
        ids = self.tokenizer.encode("very " * 100, 16)
        self.assertEqual((len(ids), ids[0], ids[-1]), (16, self.tokenizer.cls, self.tokenizer.sep))

    def test_a_vocabulary_without_special_pieces_is_refused(self):
        with self.assertRaisesRegex(ValueError, r"\[MASK\]"):
            Tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "word"])


if __name__ == "__main__":
    unittest.main()
