"""Networks with random weights and a trained one's ranges."""
import argparse
import json
import os
import tempfile
import unittest

import torch

from hnn_train import export, reference, seeded
from hnn_train.network import Network
from tests import scene


def write_trained(folder):
    """A network of the toy language, with its reference."""
    torch.manual_seed(0)
    model = Network(scene.shape()).eval()
    scene.spread_parameters(model, 1)
    vocabulary = os.path.join(folder, "words.txt")
    with open(vocabulary, "w", encoding="utf-8") as file:
        file.write("\n".join(scene.TOKENIZER.pieces) + "\n")
    settings = export.config(model.shape, ("bad", "good"), 2.0, (-8.0, 8.0))
    export.write_model(folder, export.fold(model), settings, vocabulary)
    export.write_reference(folder, scene.examples(20, 3, soft=False))


def options(folder, name, seed=0, **changed):
    values = {"like": folder, "layers": 3, "hidden": 24, "heads": 2, "buckets": None, "seed": seed, "out": os.path.join(folder, name)}
    return argparse.Namespace(**{**values, **changed})


class SeededTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        write_trained(self.folder)
        with open(os.path.join(self.folder, "reference.json"), encoding="utf-8") as file:
            self.trained = json.load(file)["largest_absolute_value"]

    def test_ranges_are_those_of_the_trained_network(self):
        largest = seeded.write(options(self.folder, "a"))
        model = reference.ReferenceNetwork.load(os.path.join(self.folder, "a"))
        self.assertEqual(tuple(model.tensors["layers.2.ff.1.weight"].shape), (96, 24))
        self.assertNotIn("layers.3.ff.1.weight", model.tensors)
        for layer, of_trained in ((0, 0), (2, 1)):
            for name in ("score", "context", "after_attention", "preactivation", "output"):
                # What a layer adds to the residual is never scaled to less than a tenth: a residual can end a little above.
                delta = 0.1 if name in ("after_attention", "output") else 0.02
                wanted = self.trained[f"layers.{of_trained}.{name}"]
                self.assertAlmostEqual(largest[f"layers.{layer}.{name}"] / wanted, 1, delta=delta, msg=f"{layer} {name}")
        for name in ("input", "head.preactivation", "logit_difference"):
            self.assertAlmostEqual(largest[name] / self.trained[name], 1, delta=0.02, msg=name)

    def test_the_seed_decides(self):
        for name, seed in (("a", 0), ("b", 0), ("c", 1)):
            seeded.write(options(self.folder, name, seed))
        read = lambda name: reference.ReferenceNetwork.load(os.path.join(self.folder, name)).tensors
        a, b, c = (read(name) for name in "abc")
        for name, tensor in a.items():
            self.assertTrue(torch.equal(tensor, b[name]), name)
        self.assertFalse(torch.equal(a["head.pre.weight"], c["head.pre.weight"]))

    def test_buckets_bound_the_sentences(self):
        seeded.write(options(self.folder, "a", buckets=[32, 16]))
        with open(os.path.join(self.folder, "a", "config.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["buckets"], [16, 32])
        with open(os.path.join(self.folder, "a", "reference.json"), encoding="utf-8") as file:
            lengths = [len(s["ids"]) for s in json.load(file)["sentences"]]
        self.assertTrue(lengths and max(lengths) <= 32)
        with self.assertRaisesRegex(ValueError, "larger bucket"):
            seeded.write(options(self.folder, "b", buckets=[2]))

    def test_what_is_missing_is_named(self):
        os.remove(os.path.join(self.folder, "reference.json"))
        with self.assertRaises(SystemExit):
            seeded.main(["--like", self.folder, "--layers", "1", "--hidden", "8", "--heads", "2", "--out", os.path.join(self.folder, "x")])
        self.assertFalse(os.path.exists(os.path.join(self.folder, "x")))


if __name__ == "__main__":
    unittest.main()
