"""python3 -m hnn_train.seeded: a network of any size with random weights and the ranges of a trained one, to measure what it costs.

Its answers mean nothing; its values are as large as a trained network's, so precision and time under encryption are what they would
be. Every map is drawn from N(0, 1 / in) and then scaled, first layer to last, until each quantity reaches what it reaches in the model
given, over that model's reference sentences.
"""
import argparse
import json
import math
import os

import torch

from . import export, reference

BIAS_DEVIATION = 0.1
BISECTIONS = 40


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="hnn_train.seeded", description="Writes a network with random weights and a trained one's ranges.")
    parser.add_argument("--like", required=True, help="folder of a trained hnn model of two classes: its ranges, sentences, vocabulary, temperature")
    parser.add_argument("--layers", type=int, required=True)
    parser.add_argument("--hidden", type=int, required=True)
    parser.add_argument("--heads", type=int, required=True)
    parser.add_argument("--buckets", type=int, nargs="+", help="default: those of the model given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", required=True)
    options = parser.parse_args(arguments)
    for name in ("model.safetensors", "config.json", "reference.json", "vocab.txt"):
        if not os.path.exists(os.path.join(options.like, name)):
            parser.error(f"'{options.like}' has no {name}")
    if options.layers < 1 or options.heads < 1 or options.hidden % options.heads != 0:
        parser.error(f"{options.heads} heads do not share {options.hidden} features of {options.layers} layers")
    largest = write(options)
    print(json.dumps({"out": options.out, "largest_absolute_value": largest}))


def write(options):
    """The folder; returns the largest absolute value of every quantity."""
    with open(os.path.join(options.like, "config.json"), encoding="utf-8") as file:
        settings = json.load(file)
    with open(os.path.join(options.like, "reference.json"), encoding="utf-8") as file:
        trained = json.load(file)
    trained_layers = settings["num_layers"]
    settings.update(num_layers=options.layers, hidden_size=options.hidden, num_heads=options.heads,
                    intermediate_size=4 * options.hidden, buckets=sorted(options.buckets or settings["buckets"]))
    settings["soft_argmax"].pop("calibration", None)
    sentences = [s["ids"] for s in trained["sentences"] if len(s["ids"]) <= settings["buckets"][-1]]
    if not sentences:
        raise ValueError(f"no reference sentence of {options.like} fits into {settings['buckets'][-1]} tokens; take a larger bucket")
    model = Observed(draw(settings, options.seed), settings)
    scale(model, sentences, lambda name: trained["largest_absolute_value"][_of_trained(name, trained_layers, options.layers)])
    export.write_model(options.out, model.tensors, settings, os.path.join(options.like, "vocab.txt"))
    written = reference.ReferenceNetwork.load(options.out)
    logits = [written.forward(ids).tolist() for ids in sentences]
    largest = {name: round(value, 3) for name, value in written.largest.items()}
    export.write_json(os.path.join(options.out, "reference.json"), {
        "sentences": [{"ids": ids, "logits": row} for ids, row in zip(sentences, logits)], "largest_absolute_value": largest})
    return largest


def _of_trained(name, trained_layers, layers):
    """The quantity of the trained network that stands for one of this network: layers by their relative depth."""
    if not name.startswith("layers."):
        return name
    _, index, quantity = name.split(".", 2)
    depth = int(index) / max(1, layers - 1)
    return f"layers.{round(depth * (trained_layers - 1))}.{quantity}"


def draw(settings, seed):
    """Random tensors by name, float64; the biases of q and k are those that a network from scratch starts with."""
    generator = torch.Generator().manual_seed(seed)
    normal = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    hidden, inner, classes = settings["hidden_size"], settings["intermediate_size"], len(settings["labels"])
    tensors = {
        "embeddings.word.weight": normal(settings["vocab_size"], hidden), "embeddings.position.weight": normal(settings["max_position"], hidden),
        "embeddings.norm.weight": torch.ones(hidden, dtype=torch.float64), "embeddings.norm.bias": BIAS_DEVIATION * normal(hidden)}
    tensors["embeddings.word.weight"][0] = 0

    def put(name, rows, columns):
        tensors[name + ".weight"], tensors[name + ".bias"] = normal(rows, columns) / math.sqrt(columns), BIAS_DEVIATION * normal(rows)

    for i in range(settings["num_layers"]):
        for letter in ("q", "k", "v", "out"):
            put(f"layers.{i}.attention.{letter}", hidden, hidden)
        for letter in "qk":
            tensors[f"layers.{i}.attention.{letter}.bias"] = torch.full((hidden,), (hidden // settings["num_heads"]) ** -0.25,
                                                                        dtype=torch.float64)
        put(f"layers.{i}.ff.1", inner, hidden)
        put(f"layers.{i}.ff.2", hidden, inner)
    put("head.pre", hidden, hidden)
    tensors["head.pre.mask_weight"] = BIAS_DEVIATION * normal(hidden)
    put("head.classifier", classes, hidden)
    return tensors


class Observed(reference.ReferenceNetwork):
    """Keeps the values of every quantity over a set of sentences."""

    def observe(self, sentences):
        self.values = {}
        for ids in sentences:
            self.forward(ids)
        return {name: torch.cat([v.flatten() for v in found]) for name, found in self.values.items()}

    def _note(self, name, value):
        self.values.setdefault(name, []).append(value)
        return super()._note(name, value)


def scale(model, sentences, wanted):
    """Scales the maps so that max |quantity| = wanted(name), in the order in which the network computes them."""

    def multiply(factor, *names):
        for name in names:
            for part in (".weight", ".bias", ".mask_weight"):
                if name + part in model.tensors:
                    model.tensors[name + part] = model.tensors[name + part] * factor

    def fit(quantity, *names, power=1.0):
        found = float(model.observe(sentences)[quantity].abs().max())
        multiply((wanted(quantity) / found) ** power, *names)

    def fit_residual(before, after, name):
        values = model.observe(sentences)
        multiply(_factor_of_sum(values[before], values[after] - values[before], wanted(after)), name)

    fit("input", "embeddings.norm")
    for i in range(model.settings["num_layers"]):
        layer = f"layers.{i}."
        fit(layer + "score", layer + "attention.q", layer + "attention.k", power=0.5)
        fit(layer + "context", layer + "attention.v")
        fit_residual("input" if i == 0 else f"layers.{i - 1}.output", layer + "after_attention", layer + "attention.out")
        fit(layer + "preactivation", layer + "ff.1")
        fit_residual(layer + "after_attention", layer + "output", layer + "ff.2")
    fit("head.preactivation", "head.pre")
    fit("logit_difference", "head.classifier")


def _factor_of_sum(x, f, wanted):
    """s > 0 with max |x + s f| = wanted; at least 0.1, where the residual alone is as large already."""
    low, high = 0.1, 0.1
    while float((x + high * f).abs().max()) < wanted:
        high *= 2
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if float((x + middle * f).abs().max()) < wanted else (low, middle)
    return high


if __name__ == "__main__":
    main()
