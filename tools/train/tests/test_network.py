"""The network on its way from DistilBERT, its folded form, and the files."""
import itertools
import json
import os
import tempfile
import unittest
from unittest import mock

import torch

from hnn_train import convert, corpus, distill, export, safetensors
from hnn_train.distilbert import DistilBertForSequenceClassification
from hnn_train.loop import Run
from hnn_train.network import BUCKETS, Network, bucket_of
from hnn_train.reference import ReferenceNetwork
from hnn_train.teacher import read_checkpoint, write_checkpoint
from tests import scene


def vocabulary_file(folder):
    path = os.path.join(folder, "words.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(scene.TOKENIZER.pieces) + "\n")
    return path


class FoldTests(unittest.TestCase):
    def check(self, normed, classes):
        model = Network(scene.shape(classes), normed_residual=normed).eval()
        scene.spread_parameters(model, seed=classes)
        model = model.double()
        loaded = ReferenceNetwork(export.fold(model), export.config(model.shape, ["x"] * classes, 2.0, (-8, 8)))
        for ids in scene.texts(12, seed=3, longest=60):
            got, wanted = loaded.forward(ids), model(torch.tensor([ids]))[0]
            # Mask and bucket of the pass in training are float32, which holds them exactly.
            self.assertLess(float((got - wanted).abs().max() / wanted.abs().max()), 1e-11)

    def test_raw_residual(self):
        self.check(False, 2)

    def test_normed_residual(self):
        self.check(True, 2)

    def test_five_classes(self):
        self.check(True, 5)

    def test_unseen_rows_carry_the_mask(self):
        model = Network(scene.shape())
        words = export.fold(model, seen={2, 3, 7}, mask_token=4)["embeddings.word.weight"]
        original = model.embeddings.word_embeddings.weight.double()
        self.assertTrue(torch.equal(words[7], original[7]))
        self.assertTrue(torch.equal(words[8], original[4]))
        self.assertEqual(float(words[0].abs().max()), 0.0)


class PaddingTests(unittest.TestCase):
    def test_a_batch_equals_its_texts_one_by_one(self):
        for normed in (False, True):
            model = Network(scene.shape(), normed_residual=normed).eval()
            scene.spread_parameters(model, seed=1)
            rows = [row for row in scene.texts(40, seed=5, longest=14)]  # one bucket
            together = model(corpus.pad(rows))
            for i, row in enumerate(rows):
                self.assertLess(float((together[i] - model(torch.tensor([row]))[0]).abs().max()), 2e-5)

    def test_buckets(self):
        for length, bucket in ((1, 16), (16, 16), (17, 32), (32, 32), (33, 64), (64, 64)):
            self.assertEqual(float(bucket_of(torch.ones(1, length))), bucket)
        with self.assertRaisesRegex(ValueError, "65 tokens"):
            bucket_of(torch.ones(1, 65))
        self.assertEqual(BUCKETS, (16, 32, 64))


class ConversionTests(unittest.TestCase):
    def test_progress_zero_is_the_teacher(self):
        torch.manual_seed(0)
        teacher = DistilBertForSequenceClassification(scene.shape(3)).eval()
        model = convert.from_distilbert(teacher, 0.0).eval()
        ids = corpus.pad(scene.texts(16, seed=1))
        self.assertLess(float((model(ids) - teacher(ids)).abs().max()), 1e-5)

    def test_scores_of_softmax_are_charged_only_where_asked(self):
        torch.manual_seed(0)
        model = convert.from_distilbert(DistilBertForSequenceClassification(scene.shape()), 0.0)
        with torch.no_grad():
            model.blocks[1].attention.q_lin.bias.fill_(10)
            model.blocks[1].attention.k_lin.bias.fill_(10)
        model.set_progress(-0.5)  # the lead: nothing has turned yet
        ids = corpus.pad(scene.texts(8, seed=1))
        model(ids)
        before = float(model.last_range_loss)
        model.charge_scores()
        model(ids)
        self.assertGreater(float(model.last_range_loss), before + 100)

    def test_layers_turn_one_after_the_other_and_the_head_last(self):
        model = Network(scene.shape(layers=3), normed_residual=True)
        model.set_progress(0.375)  # one and a half of four parts
        self.assertEqual([block.squared for block in model.blocks], [1.0, 0.5, 0.0])
        self.assertEqual(model.pooled, 0.0)
        model.set_progress(1.0)
        self.assertEqual((model.blocks[2].first_norm.frozen, model.pooled, model.quadratic_head), (1.0, 1.0, 1.0))

    def test_fitted_norms_are_the_best_affine_maps(self):
        torch.manual_seed(0)
        model = convert.from_distilbert(DistilBertForSequenceClassification(scene.shape()), 0.0)
        batches = [corpus.pad(scene.texts(32, seed=i)) for i in range(3)]
        seen = {}
        norm = model.blocks[1].first_norm
        hook = norm.register_forward_hook(lambda _, inputs, output: seen.setdefault("pairs", []).append(
            (inputs[0][inputs[1].flat.bool()], output[inputs[1].flat.bool()])))
        convert.fit_norms(model, batches)
        hook.remove()
        x, y = (torch.cat(part).double() for part in zip(*seen["pairs"]))
        scale, shift = (t.double() for t in norm.affine())
        residual = y - (x * scale + shift)
        # A least-squares residual is orthogonal to 1 and to x, feature by feature.
        self.assertLess(float(residual.mean(0).abs().max()), 1e-4)
        self.assertLess(float((residual * x).mean(0).abs().max()), 1e-4)

    def test_fitted_statistics_are_those_of_the_texts(self):
        texts = [ids for ids, _ in corpus.batches(scene.examples(64, 6), 16, None)]
        model = Network(scene.shape(), 0.5)
        scene.spread_parameters(model, seed=4)
        model.train()
        convert.fit_statistics(model, texts)
        self.assertTrue(model.training)
        seen = {norm: [] for norm in model.norms()}
        hooks = [norm.register_forward_hook(lambda n, inputs, _: seen[n].append(inputs[0][inputs[1].flat.bool()])) for norm in seen]
        model.eval()
        with torch.no_grad():
            for ids in texts:
                model(ids)
        for hook in hooks:
            hook.remove()
        for norm, values in seen.items():
            values = torch.cat(values).double()
            self.assertLess(float((norm.mean - values.mean(0)).abs().max()), 1e-5)
            self.assertLess(float((norm.variance / values.var(0, unbiased=False) - 1).abs().max()), 1e-4)

    def test_a_few_steps_then_export_equals_the_trained_network(self):
        for start in ("teacher", "scratch"):
            with self.subTest(start), tempfile.TemporaryDirectory() as folder:
                examples, validation = scene.examples(4000, 1, longest=12), scene.examples(200, 2, soft=False, longest=12)
                options = convert.Conversion(batch=16, rate=2e-3, warmup=5, evaluate_every=50, ramp=0.5 if start == "teacher" else 0.0)
                torch.manual_seed(3)
                if start == "teacher":
                    model = convert.from_distilbert(DistilBertForSequenceClassification(scene.shape()), 0.05)
                    convert.fit_norms(model, [ids for ids, _ in corpus.batches(examples, 64, None)][:4])
                else:
                    model = Network(scene.shape(), 0.05)
                model = convert.convert(Run(folder), model, examples, validation, scene.TOKENIZER, options)
                logits = distill.classify(model, validation)
                right = float((logits.argmax(-1) == validation.targets).float().mean())
                most = float(validation.targets.bincount().max()) / len(validation)  # what one answer for all would reach
                self.assertGreater(right, most + (0.05 if start == "scratch" else 0.0))
                out = os.path.join(folder, "model")
                export.write_model(out, export.fold(model), export.config(model.shape, ["a", "b"], 2.0, (-8, 8)), vocabulary_file(folder))
                exported, report = export.write_reference(out, validation)
                released = lambda t: (t.double() / 2).softmax(-1)
                self.assertLess(float((released(exported) - released(logits)).abs().max()), 1e-3)
                self.assertEqual(len(report["sentences"]), 16)
                if start == "teacher":
                    again = convert.from_distilbert(DistilBertForSequenceClassification(scene.shape()), 0.05)
                    again = convert.convert(Run(folder), again, examples, validation, scene.TOKENIZER, options)
                    self.assertTrue(torch.equal(distill.classify(again, validation), logits))  # found, and fully turned

    def test_a_run_that_was_cut_goes_on_to_the_same_network(self):
        examples, validation = scene.examples(320, 1), scene.examples(64, 2, soft=False)
        of_20_steps = dict(batch=16, rate=2e-3, warmup=5, evaluate_every=3, frozen=0.3)  # 14 to 20

        class Cut(Exception):
            pass

        class CutRun(Run):
            cut_at = 0

            def log(self, **values):
                if values.get("step") == self.cut_at:
                    raise Cut
                super().log(**values)

        def train(run, save_every, averaging):
            torch.manual_seed(0)
            options = convert.Conversion(**of_20_steps, averaging=averaging)
            return convert.convert(run, Network(scene.shape(), 0.1), examples, validation, scene.TOKENIZER, options, save_every)

        def falling():
            """Every evaluation is worse than the one before: the first network that is frozen, of step 15, stays the best."""
            counter = itertools.count(1)
            return mock.patch("hnn_train.metrics.accuracy", lambda *_: 1 / next(counter))

        for save_every, cut_at, averaging in ((6, 9, 0.0), (15, 18, 0.0), (6, 9, 0.9), (15, 18, 0.9)):
            with self.subTest(cut_at=cut_at, averaging=averaging), tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as cut:
                with falling():
                    wanted = train(Run(whole), save_every, averaging).state_dict()
                with falling():
                    run = CutRun(cut)
                    run.cut_at = cut_at
                    with self.assertRaises(Cut):
                        train(run, save_every, averaging)
                    got = train(Run(cut), save_every, averaging).state_dict()
                for name, value in wanted.items():
                    self.assertTrue(torch.equal(value, got[name]), name)


class CheckpointTests(unittest.TestCase):
    def test_round_trip_in_every_type(self):
        torch.manual_seed(0)
        model = DistilBertForSequenceClassification(scene.shape(3)).eval()
        ids = corpus.pad(scene.texts(8, seed=1))
        for dtype, bound in ((torch.float32, 1e-6), (torch.float16, 2e-2), (torch.bfloat16, 2e-1)):
            with tempfile.TemporaryDirectory() as folder:
                write_checkpoint(folder, model, ["a", "b", "c"], vocabulary_file(folder), dtype)
                loaded, labels = read_checkpoint(folder)
                self.assertEqual(labels, ["a", "b", "c"])
                self.assertLess(float((loaded.eval()(ids) - model(ids)).abs().max()), bound)

    def test_position_ids_are_ignored_and_cased_models_refused(self):
        model = DistilBertForSequenceClassification(scene.shape()).eval()
        with tempfile.TemporaryDirectory() as folder:
            write_checkpoint(folder, model, ["a", "b"], vocabulary_file(folder))
            path = os.path.join(folder, "model.safetensors")
            with mock.patch.dict(safetensors._NAMES, {torch.int64: "I64"}):
                safetensors.write(path, {**safetensors.read(path), "distilbert.embeddings.position_ids": torch.arange(64)[None]})
            loaded, _ = read_checkpoint(folder)
            ids = corpus.pad(scene.texts(4, seed=1))
            self.assertTrue(torch.equal(loaded.eval()(ids), model(ids)))
            with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as file:
                json.dump({"do_lower_case": False}, file)
            with self.assertRaisesRegex(ValueError, "cased model"):
                read_checkpoint(folder)

    def test_values_that_half_precision_cannot_hold_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.safetensors")
            with self.assertRaisesRegex(ValueError, "big"):
                safetensors.write(path, {"big": torch.tensor([1e6]).half()})
            self.assertEqual(os.listdir(folder), [])

    def test_a_file_of_another_kind_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.safetensors")
            with open(path, "wb") as file:
                file.write(b"\xff" * 64)
            with self.assertRaisesRegex(ValueError, "not a safetensors file"):
                safetensors.read(path)


if __name__ == "__main__":
    unittest.main()
