"""A pre-trained encoder in the place of stage 0: BERT's files as a DistilBERT, fewer features, and what is refused."""
import json
import math
import os
import tempfile
import unittest

import torch
from torch.nn import functional as F

from hnn_train import encoder, safetensors
from hnn_train.corpus import pad
from hnn_train.distilbert import Embeddings, Encoder
from tests import scene

VOCABULARY = len(scene.TOKENIZER.pieces)
BERT = {"model_type": "bert", "num_hidden_layers": 2, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32,
        "hidden_act": "gelu", "vocab_size": VOCABULARY, "max_position_embeddings": 80, "type_vocab_size": 2}
DISTILBERT = {"model_type": "distilbert", "n_layers": 2, "dim": 16, "n_heads": 2, "hidden_dim": 32, "activation": "gelu",
              "vocab_size": VOCABULARY, "max_position_embeddings": 80}


def bert_tensors(seed):
    """Random tensors with the names and shapes of a BertModel, its pooler included."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}

    def put(name, *shape):
        tensors[name] = torch.randn(*shape, generator=generator) * 0.3

    def linear(name, outputs, inputs):
        put(name + ".weight", outputs, inputs)
        put(name + ".bias", outputs)

    def norm(name):
        put(name + ".weight", 16)
        put(name + ".bias", 16)

    put("embeddings.word_embeddings.weight", VOCABULARY, 16)
    put("embeddings.position_embeddings.weight", 80, 16)
    put("embeddings.token_type_embeddings.weight", 2, 16)
    norm("embeddings.LayerNorm")
    for i in range(2):
        layer = f"encoder.layer.{i}."
        for part in ("query", "key", "value"):
            linear(f"{layer}attention.self.{part}", 16, 16)
        linear(layer + "attention.output.dense", 16, 16)
        norm(layer + "attention.output.LayerNorm")
        linear(layer + "intermediate.dense", 32, 16)
        linear(layer + "output.dense", 16, 32)
        norm(layer + "output.LayerNorm")
    linear("pooler.dense", 16, 16)
    return tensors


def bert(tensors, ids, heads=2):
    """BertModel's hidden states of one text, written down from its definition; shares nothing with what is tested."""
    def linear(x, name):
        return x @ tensors[name + ".weight"].T + tensors[name + ".bias"]

    def norm(x, name):
        x = x - x.mean(-1, keepdim=True)
        return x / torch.sqrt(x.square().mean(-1, keepdim=True) + 1e-12) * tensors[name + ".weight"] + tensors[name + ".bias"]

    x = torch.stack([tensors["embeddings.word_embeddings.weight"][token] + tensors["embeddings.position_embeddings.weight"][i]
                     + tensors["embeddings.token_type_embeddings.weight"][0] for i, token in enumerate(ids)])
    x = norm(x, "embeddings.LayerNorm")
    size = x.shape[1] // heads
    for i in range(2):
        layer = f"encoder.layer.{i}."
        q, k, v = (linear(x, f"{layer}attention.self.{part}") for part in ("query", "key", "value"))
        context = torch.zeros_like(x)
        for h in range(heads):
            of = slice(h * size, (h + 1) * size)
            context[:, of] = (q[:, of] @ k[:, of].T / math.sqrt(size)).softmax(-1) @ v[:, of]
        x = norm(x + linear(context, layer + "attention.output.dense"), layer + "attention.output.LayerNorm")
        x = norm(x + linear(F.gelu(linear(x, layer + "intermediate.dense")), layer + "output.dense"), layer + "output.LayerNorm")
    return x


def write(folder, settings, tensors):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
        json.dump(settings, file)
    safetensors.write(os.path.join(folder, "model.safetensors"), tensors)


class EncoderTests(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name

    def test_a_bert_model_is_the_distilbert_that_computes_the_same(self):
        tensors = bert_tensors(seed=1)
        texts = scene.texts(6, seed=2)
        for prefix in ("", "bert."):  # alone, or with a head
            write(self.folder, BERT, {prefix + name: t for name, t in tensors.items()})
            shape, state = encoder.read_encoder(self.folder, VOCABULARY, classes=3)
            self.assertEqual((shape.layers, shape.hidden, shape.heads, shape.intermediate, shape.classes, shape.positions),
                             (2, 16, 2, 32, 3, 64))
            model = Encoder(shape).eval()
            model.load_state_dict(state)
            with torch.no_grad():
                found = model(pad(texts), 0.0)
            for row, ids in zip(found, texts):
                self.assertLess((row[:len(ids)] - bert(tensors, ids)).abs().max(), 1e-4)

    def test_a_distilbert_is_taken_as_it_is(self):
        write(self.folder, BERT, bert_tensors(seed=3))
        shape, state = encoder.read_encoder(self.folder, VOCABULARY, classes=2)
        for prefix in ("", "distilbert."):
            write(self.folder, DISTILBERT, {prefix + name: t for name, t in state.items()} | {"vocab_layer_norm.bias": torch.ones(16)})
            again, same = encoder.read_encoder(self.folder, VOCABULARY, classes=2)
            self.assertEqual(again, shape)
            self.assertEqual(state.keys(), same.keys())
            for name in state:
                self.assertTrue(torch.equal(state[name], same[name]), name)

    def test_what_is_no_such_encoder_is_refused_by_name(self):
        tensors = bert_tensors(seed=4)
        lacking = {name: t for name, t in tensors.items() if name != "encoder.layer.1.attention.self.key.bias"}
        wrong = tensors | {"encoder.layer.0.output.dense.weight": torch.zeros(16, 31)}
        for settings, given, message in (
                (BERT | {"model_type": "roberta"}, tensors, "model_type is 'roberta'"),
                (BERT | {"hidden_act": "relu"}, tensors, "the activation is 'relu'"),
                (BERT | {"vocab_size": 7}, tensors, "embeddings of 7 pieces and --vocab has 45"),
                (BERT, lacking, "transformer.layer.1.attention.k_lin.bias is missing"),
                (BERT, wrong, r"transformer.layer.0.ffn.lin2.weight is missing, or not of shape \(16, 32\)")):
            write(self.folder, settings, given)
            with self.assertRaisesRegex(ValueError, message):
                encoder.read_encoder(self.folder, VOCABULARY, classes=2)
        write(self.folder, BERT, tensors)
        with open(os.path.join(self.folder, "tokenizer_config.json"), "w", encoding="utf-8") as file:
            json.dump({"do_lower_case": False}, file)
        with self.assertRaisesRegex(ValueError, "a cased model"):
            encoder.read_encoder(self.folder, VOCABULARY, classes=2)

    def test_narrowed_embeddings_keep_what_so_few_features_can(self):
        torch.manual_seed(5)
        wide = Embeddings(scene.shape())
        with torch.no_grad():
            wide.word_embeddings.weight.normal_(0, 1).mul_(torch.logspace(0, -3, 16))
        rest = slice(1, None)  # the row of [PAD] is zero
        words = wide.word_embeddings.weight.detach().double()
        centred = words - words.mean(0)
        for hidden in (16, 6):
            state = encoder.narrowed(wide, hidden, seed=0)
            narrow = state["word_embeddings.weight"].double()
            self.assertEqual(tuple(narrow.shape), (VOCABULARY, hidden))
            self.assertEqual(float(narrow[0].abs().max()), 0.0)
            left, singular, right = torch.linalg.svd(centred, full_matrices=False)
            best = (left[:, :hidden] * singular[:hidden]) @ right[:hidden]  # Eckart and Young
            self.assertLess((narrow[rest] @ narrow[rest].T - best[rest] @ best[rest].T).abs().max(), 1e-5)
            spread = narrow.var(0)
            self.assertLess(float(spread.max() / spread.min()), 60)  # of the components themselves it is above 10^3
            self.assertEqual(set(state), set(wide.state_dict()))


if __name__ == "__main__":
    unittest.main()
