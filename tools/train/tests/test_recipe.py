"""A whole recipe, all stages, by the command line, on a data folder of forty words."""
import collections
import contextlib
import dataclasses
import gzip
import io
import json
import os
import random
import sys
import tempfile
import unittest
from unittest import mock

import torch

from hnn_train import __main__ as command
from hnn_train import corpus, loop, recipes, stages
from hnn_train.convert import Conversion
from hnn_train.network import Network
from hnn_train.pretrain import Pretraining
from hnn_train.teacher import Teaching
from hnn_train.text import Tokenizer
from tests import scene, test_encoder

STEPS = dict(batch=16, rate=3e-3, warmup=5, evaluate_every=20)


def recipe(classes, from_teacher):
    return recipes.Recipe(
        recipes.SENTIMENT if classes == 2 else recipes.FIVE_CLASSES, layers=2, hidden=16, heads=2,
        pretraining=Pretraining(sentences=320, batch=16, rate=3e-3, warmup=5), teaching=Teaching(**STEPS), teacher_sentences=200,
        teacher_phrase_rounds=2, conversion=Conversion(**STEPS, ramp=0.4 if from_teacher else 0.0), from_teacher=from_teacher,
        sentences=200, phrase_rounds=3)


def write_data(folder):
    """sst2, sst5 and imdb of random words, each with labels by the count of good and bad words."""
    order = random.Random(0)
    good, bad = scene.WORDS[:10], scene.WORDS[10:20]

    def sentence(longest=9):
        return [order.choice(scene.WORDS) for _ in range(order.randint(3, longest))]

    def label(words):
        return min(4, max(0, 2 + sum(w in good for w in words) - sum(w in bad for w in words)))

    def tree(words):
        if len(words) == 1:
            return f"({label(words)} {words[0]})"
        cut = order.randrange(1, len(words))
        return f"({label(words)} {tree(words[:cut])} {tree(words[cut:])})"

    for name in ("sst2", "sst5", "imdb"):
        os.makedirs(os.path.join(folder, name))
    for name, count in (("train", 300), ("dev", 100)):
        with open(os.path.join(folder, "sst2", name + ".tsv"), "w", encoding="utf-8") as file:
            file.write("sentence\tlabel\n")
            for words in (sentence() for _ in range(count)):
                file.write(f"{' '.join(words)} \t{int(label(words) > 2)}\n")
        with open(os.path.join(folder, "sst5", name + ".txt"), "w", encoding="utf-8") as file:
            file.writelines(tree(sentence()) + "\n" for _ in range(count))
    for name in ("train", "test", "unsup"):
        with gzip.open(os.path.join(folder, "imdb", name + ".tsv.gz"), "wt", encoding="utf-8") as file:
            file.write("id\trating\tlabel\ttext\n")
            for i in range(60):
                review = [sentence() for _ in range(4)]
                positive = sum(map(label, review)) > 8
                rated = (order.choice((7, 8, 9, 10)) if positive else order.choice((1, 2, 3, 4)), int(positive))
                rating, verdict = (0, -1) if name == "unsup" else rated
                file.write(f"{i}\t{rating}\t{verdict}\t{'. '.join(' '.join(s) for s in review)}.\n")


class RecipeTests(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name
        write_data(os.path.join(self.folder, "data"))
        self.vocabulary = os.path.join(self.folder, "vocab.txt")
        with open(self.vocabulary, "w", encoding="utf-8") as file:
            file.write("\n".join(scene.TOKENIZER.pieces) + "\n")

    def run_recipe(self, name, *more, out="model", work=None):
        polish = Conversion(**{**STEPS, "rate": 1e-4}, averaging=0.9)
        found = {"test-2": recipe(2, False), "test-5": recipe(5, True), "test-polish": dataclasses.replace(
            recipe(2, False), polish=polish, polish_sentences=50, polish_root_rounds=2, root_rounds=1,
            typical_statistics=True)}
        with mock.patch.dict(command.RECIPES, found), contextlib.redirect_stdout(io.StringIO()) as printed:
            command.main(["--recipe", name, "--data", os.path.join(self.folder, "data"), "--vocab", self.vocabulary,
                          "--work", os.path.join(self.folder, work or name), "--out", os.path.join(self.folder, out), *more])
        return printed.getvalue()

    def read(self, *path):
        with open(os.path.join(self.folder, *path), encoding="utf-8") as file:
            return file.read()

    def test_two_classes_from_nothing_and_again(self):
        first = self.run_recipe("test-2")
        found = [json.loads(line)["stage"] for line in first.splitlines()]
        for stage in ("prepare", "pretrain", "teach", "convert", "calibrate"):
            self.assertIn(stage, found)
        settings = json.loads(self.read("model", "config.json"))
        self.assertEqual((settings["num_layers"], settings["hidden_size"], settings["labels"]), (2, 16, ["negative", "positive"]))
        self.assertGreater(settings["soft_argmax"]["temperature"], 0)
        reference = json.loads(self.read("model", "reference.json"))
        self.assertGreater(reference["validation_accuracy"], 0.5)
        card = self.read("model", "README.md")
        self.assertIn("polynomial, from these files", card)
        self.assertNotIn(self.folder, card)  # no path of the machine that trained
        weights = os.path.join(self.folder, "model", "model.safetensors")
        with open(weights, "rb") as file:
            before = file.read()
        again = self.run_recipe("test-2")
        self.assertNotIn('"teach"', again)  # found, not trained again
        with open(weights, "rb") as file:
            self.assertEqual(file.read(), before)

    def test_a_skeleton_has_the_shape_and_needs_no_training(self):
        self.run_recipe("test-5", "--until", "skeleton")
        settings = json.loads(self.read("model", "config.json"))
        self.assertEqual((settings["num_layers"], settings["hidden_size"], len(settings["labels"])), (2, 16, 5))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "test-5", "data.pt")))

    def test_five_classes_from_their_teacher(self):
        self.run_recipe("test-5")
        self.assertEqual(len(json.loads(self.read("model", "config.json"))["labels"]), 5)

    def test_whole_sentences_can_count_more_than_phrases(self):
        self.run_recipe("test-5", "--until", "prepare")
        made = stages.Stages(loop.Run(os.path.join(self.folder, "test-5")), recipe(5, True), os.path.join(self.folder, "data"),
                             Tokenizer.load(self.vocabulary), self.vocabulary)
        plain, more = (made._examples(10, 1, None, rounds) for rounds in (0, 2))
        extra = more.ids[len(plain.ids):]
        counted = collections.Counter(map(tuple, extra))
        self.assertEqual(set(counted), set(map(tuple, made._roots())) & {tuple(made.data.phrases[i]) for i in range(len(made.data.phrases))})
        self.assertEqual(set(counted.values()), {2})
        of_phrase = {tuple(row): target for row, target in zip(plain.ids[10:], plain.targets[10:])}
        for row, target in zip(extra, more.targets[len(plain.ids):]):
            self.assertTrue(torch.equal(target, of_phrase[tuple(row)]))

    def test_polish_goes_on_from_the_network_and_is_found_again(self):
        first = [json.loads(line) for line in self.run_recipe("test-polish").splitlines()]
        steps = {stage: max((line["step"] for line in first if line["stage"] == stage and "step" in line), default=0)
                 for stage in ("convert", "polish")}
        self.assertTrue(0 < steps["polish"] < steps["convert"], steps)
        read = lambda name: torch.load(os.path.join(self.folder, "test-polish", name))
        before, after = read("network.pt"), read("polished.pt")
        self.assertFalse(torch.equal(before["classifier.weight"], after["classifier.weight"]))
        self.assertTrue(torch.equal(before["blocks.0.first_norm.mean"], after["blocks.0.first_norm.mean"]))  # statistics stand still
        weights = os.path.join(self.folder, "model", "model.safetensors")
        with open(weights, "rb") as file:
            kept = file.read()
        again = self.run_recipe("test-polish")
        for stage in ("teach", "convert", "polish"):
            self.assertNotIn(f'"{stage}", "step"', again)
        with open(weights, "rb") as file:
            self.assertEqual(file.read(), kept)

    def test_a_checkpoint_of_your_own(self):
        self.run_recipe("test-2", "--until", "teacher")
        with self.assertRaisesRegex(ValueError, "has 2 classes, the recipe 5"):
            self.run_recipe("test-5", "--checkpoint", os.path.join(self.folder, "test-2", "teacher"))
        own = os.path.join(self.folder, "test-2", "teacher")
        with self.assertRaisesRegex(ValueError, "other values of conversion, checkpoint; give another --work"):
            self.run_recipe("test-2", "--checkpoint", own)
        self.run_recipe("test-2", "--checkpoint", own, out="from-own", work="own")
        self.assertTrue(os.path.exists(os.path.join(self.folder, "from-own", "model.safetensors")))

    def test_an_encoder_trained_elsewhere(self):
        own = os.path.join(self.folder, "encoder")
        test_encoder.write(own, test_encoder.BERT, test_encoder.bert_tensors(seed=6))
        narrow = dataclasses.replace(recipe(2, False), hidden=8)
        with mock.patch.object(sys.modules[__name__], "recipe", lambda *_: narrow):
            first = self.run_recipe("test-2", "--encoder", own)
        found = [json.loads(line)["stage"] for line in first.splitlines()]
        self.assertNotIn("pretrain", found)
        self.assertIn("teach", found)
        teacher = json.loads(self.read("test-2", "teacher", "config.json"))
        settings = json.loads(self.read("model", "config.json"))
        self.assertEqual((teacher["dim"], settings["hidden_size"]), (16, 8))
        card = self.read("model", "README.md")
        self.assertIn("Encoder of the teacher: encoder, pre-trained elsewhere", card)
        self.assertNotIn(self.folder, card)
        with self.assertRaisesRegex(ValueError, "other values of .*encoder; give another --work"):
            self.run_recipe("test-2")
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()) as printed:
            self.run_recipe("test-2", "--encoder", own, "--checkpoint", own)
        self.assertIn("give one of them", printed.getvalue())

    def test_a_network_of_too_large_values_leaves_no_file(self):
        with mock.patch.object(stages, "LARGEST_VALUE", 1e-3), self.assertRaisesRegex(ValueError, "a quantity reaches"):
            self.run_recipe("test-2")
        self.assertFalse(os.path.exists(os.path.join(self.folder, "model")))

    def test_the_noise_of_a_plan_reaches_the_network(self):
        step = lambda quantity, error: {"name": "x", "quantity": quantity, "valueError": error}
        plan = {"plans": [{"steps": [step("layers.0.q", 1e-3), step("layers.1.score", 5e-3)]}, {"steps": [step("layers.0.q", 2e-3)]}]}
        noise = command.read_noise(plan)
        self.assertEqual(noise, {"layers.0.q": 2e-3, "layers.0.k": 2e-3, "layers.0.v": 2e-3, "layers.1.score": 5e-3})
        with self.assertRaisesRegex(ValueError, "no 'plans'"):
            command.read_noise({})
        torch.manual_seed(0)
        model = Network(scene.shape(), 0.0, noise=noise)
        ids = corpus.pad(scene.texts(8, seed=1))
        model.train().freeze_statistics()
        self.assertFalse(torch.equal(model(ids), model(ids)))
        model.eval()
        self.assertTrue(torch.equal(model(ids), model(ids)))

    def test_what_is_missing_is_named(self):
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()) as printed:
            command.main(["--recipe", "tiny", "--data", "nowhere", "--vocab", self.vocabulary, "--work", "w", "--out", "o"])
        self.assertIn("there is no 'nowhere'", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
