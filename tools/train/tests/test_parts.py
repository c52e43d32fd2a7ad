"""Metrics, temperature, weak labels and the readers of the data, each against a naive twin or a known answer."""
import gzip
import os
import tempfile
import unittest

import torch
from torch.nn import functional as F

from hnn_train import calibrate, corpus, metrics, ngrams
from hnn_train.loop import Average
from hnn_train.regularize import add_noise, dropout
from tests import scene


class MetricsTests(unittest.TestCase):
    def test_against_counting(self):
        torch.manual_seed(0)
        for _ in range(20):
            logits, labels = (torch.randn(50, 2) * 2).round(), torch.randint(0, 2, (50,))
            m = metrics.two_class_metrics(logits, labels)
            rows = [(float(l[1] - l[0]), int(l.argmax()), int(y)) for l, y in zip(logits, labels)]
            hits = sum(p == y == 1 for _, p, y in rows)
            self.assertAlmostEqual(m["accuracy"], sum(p == y for _, p, y in rows) / 50)
            self.assertAlmostEqual(m["precision"], hits / max(1, sum(p for _, p, _ in rows)))
            self.assertAlmostEqual(m["recall"], hits / max(1, sum(y for *_, y in rows)))
            self.assertAlmostEqual(m["f1"], 2 * hits / (sum(p for _, p, _ in rows) + sum(y for *_, y in rows)))
            pairs = [(a, b) for a, _, y in rows if y for b, _, z in rows if not z]
            self.assertAlmostEqual(m["auroc"], sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs), places=6)


class TemperatureTests(unittest.TestCase):
    def test_no_temperature_is_better(self):
        for classes in (2, 5):
            torch.manual_seed(classes)
            logits = torch.randn(400, classes) * 3
            labels = torch.multinomial((logits / 1.7).softmax(-1), 1)[:, 0]
            found = calibrate.learn_temperature(logits, labels)
            loss = lambda t: float(F.cross_entropy(logits.double() / t, labels))
            for t in torch.linspace(0.3, 6, 200).tolist():
                self.assertGreaterEqual(loss(t), loss(found) - 1e-12)

    def test_report_of_a_perfectly_calibrated_coin(self):
        logits, labels = torch.zeros(100, 2), torch.arange(100) % 2
        r = calibrate.report(logits, labels, 2.0)
        self.assertAlmostEqual(r["entropy_bits"], 1.0)
        self.assertAlmostEqual(r["calibration_error"], 0.0)
        self.assertAlmostEqual(r["loss"], float(torch.tensor(2.0).log()), places=6)


class NgramTests(unittest.TestCase):
    def test_features_are_the_distinct_grams(self):
        ids = [2, 7, 8, 7, 8, 3]
        self.assertEqual(len(ngrams.features(ids)), 2 + 2 + 2)  # 7 8 | 78 87 | 787 878
        self.assertEqual(len(ngrams.features([2, 3])), 1)

    def test_it_learns_and_sums_to_one(self):
        learn, check = scene.examples(2000, 1, longest=12), scene.examples(300, 2, soft=False, longest=12)
        model = ngrams.train([[(ngrams.features(i), t) for i, t in zip(learn.ids, learn.targets)]] * 4, 2, seed=0, rate=2e-2)
        found = ngrams.probabilities([model, model], check.ids)
        self.assertGreater(metrics.accuracy(found, check.targets), 0.85)
        self.assertLess(float((found.sum(-1) - 1).abs().max()), 1e-5)


class ReaderTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with (gzip.open(path, "wt", encoding="utf-8") if name.endswith(".gz") else open(path, "w", encoding="utf-8")) as file:
            file.write(text)
        return path

    def test_sst2(self):
        found = corpus.read_sst2(self.write("a.tsv", "sentence\tlabel\nword1 word2 \t1\nword3\t0\n"), scene.TOKENIZER)
        self.assertEqual((found.ids, found.targets.tolist()), ([[2, 6, 7, 3], [2, 8, 3]], [1, 0]))
        with self.assertRaisesRegex(ValueError, "line 3: expected"):
            corpus.read_sst2(self.write("b.tsv", "sentence\tlabel\nword1\t1\nword3\t2\n"), scene.TOKENIZER)

    def test_trees(self):
        path = self.write("trees.txt", "(3 (2 word1) (4 (2 word2) (0 word3)))\n\n(1 (2 word1) (2 -LRB-))\n")
        roots = corpus.read_trees(path, scene.TOKENIZER, roots_only=True)
        self.assertEqual((roots.ids, roots.targets.tolist()), ([[2, 6, 7, 8, 3], [2, 6, 1, 3]], [3, 1]))
        phrases = corpus.read_trees(path, scene.TOKENIZER, roots_only=False)
        self.assertEqual(phrases.targets.tolist(), [3, 2, 4, 2, 0, 1, 2])  # word1 once
        for bad in ("(3 (2 word1) (4 word2)", "3 word1", "(7 word1)", "(2 word1) extra"):
            with self.assertRaisesRegex(ValueError, "line 1: not a PTB tree"):
                corpus.read_trees(self.write("bad.txt", bad + "\n"), scene.TOKENIZER, roots_only=True)

    def test_imdb(self):
        self.write("train.tsv.gz", "id\trating\tlabel\ttext\n0\t9\t1\tword1 word2 word3.<br />word4 word5 word6!  word7 word8.\n"
                   "1\t2\t0\t" + " ".join(scene.WORDS[:12]) + "\n2\t0\t-1\tword1 word1 word1 word1.\n")
        forbidden = corpus.ten_grams(" ".join(scene.WORDS[1:11]))
        ids, owner, ratings = corpus.read_imdb(self.folder.name, scene.TOKENIZER, ["train.tsv.gz"], forbidden)
        self.assertEqual((len(ids), owner, ratings), (3, [0, 0, 1], [9, 0]))  # two words are no sentence; review 1 shares ten words
        self.assertEqual(len(corpus.read_imdb(self.folder.name, scene.TOKENIZER, ["train.tsv.gz"])[2]), 3)

    def test_ten_grams_do_not_depend_on_how_contractions_are_written(self):
        tree, review = "it 's a film that does n't know what it wants to be .", "It's a film that doesn't know: what it wants to be"
        self.assertEqual(corpus.ten_grams(tree), corpus.ten_grams(review))
        self.assertEqual(len(corpus.ten_grams(tree)), 2)

    def test_texts_are_the_lists(self):
        rows = scene.texts(50, seed=1)
        found = corpus.Texts.of(rows)
        self.assertEqual([list(row) for row in found], rows)
        self.assertEqual(found.lengths(), [len(row) for row in rows])
        with self.assertRaisesRegex(ValueError, "id 40000 .* 15 bits"):
            corpus.Texts.of([[1, 40000]])

    def test_batches_hold_every_text_once_and_go_on_where_they_stopped(self):
        examples = scene.examples(333, 1)
        found = list(corpus.batches(examples, 32, corpus.rng(5)))
        rows = sorted(tuple(i for i in row if i) for ids, _ in found for row in ids.tolist())
        self.assertEqual(rows, sorted(map(tuple, examples.ids)))
        for (a, b), (c, d) in zip(found[4:], corpus.batches(examples, 32, corpus.rng(5), skip=4)):
            self.assertTrue(torch.equal(a, c) and torch.equal(b, d))

    def test_word_dropout_spares_the_frame(self):
        torch.manual_seed(0)
        for ids, _ in corpus.batches(scene.examples(200, 1), 32, corpus.rng(5), scene.TOKENIZER, 0.5):
            self.assertTrue(bool((ids[:, 0] == scene.TOKENIZER.cls).all()))
            self.assertTrue(bool(((ids == scene.TOKENIZER.sep).sum(1) == 1).all()))
            self.assertTrue(bool((ids == scene.TOKENIZER.mask).any()))


class AverageTests(unittest.TestCase):
    def test_against_the_sum(self):
        torch.manual_seed(0)
        model = torch.nn.BatchNorm1d(3)  # has parameters, statistics, and a counter that is no float
        average, kept, mean = Average(model, 0.8), [], model.weight.detach().clone()
        for step in range(1, 30):
            with torch.no_grad():
                model.weight.normal_()
            model(torch.randn(4, 3))
            kept.append(model.weight.detach().clone())
            average.update(step)
            share = min(0.8, (1 + step) / (10 + step))
            mean = share * mean + (1 - share) * kept[-1]
        before = {n: t.clone() for n, t in model.state_dict().items()}
        with average.in_place():
            self.assertTrue(torch.allclose(model.weight, mean, atol=1e-6))
            self.assertEqual(int(model.num_batches_tracked), 29)
        for name, value in model.state_dict().items():
            self.assertTrue(torch.equal(value, before[name]), name)

    def test_none_and_nonsense(self):
        model = torch.nn.Linear(2, 2)
        with Average(model, 0.0).in_place():
            pass
        for decay in (1.0, -0.1):
            with self.assertRaisesRegex(ValueError, "averaging"):
                Average(model, decay)


class DropoutTests(unittest.TestCase):
    def test_mean_and_share(self):
        torch.manual_seed(0)
        x = torch.ones(400, 1000)
        y = dropout(x, 0.2, True)
        self.assertAlmostEqual(float(y.mean()), 1.0, delta=0.01)
        self.assertAlmostEqual(float((y == 0).float().mean()), 0.2, delta=0.01)
        self.assertIs(dropout(x, 0.2, False), x)

    def test_noise_has_its_size(self):
        torch.manual_seed(0)
        difference = add_noise(torch.ones(400, 1000), 0.3) - 1
        self.assertAlmostEqual(float(difference.mean()), 0.0, delta=0.005)
        self.assertAlmostEqual(float(difference.std()), 0.3, delta=0.005)


if __name__ == "__main__":
    unittest.main()
