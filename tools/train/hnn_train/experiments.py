"""The paper's table on this pipeline: python3 -m hnn_train.experiments. See docs/experiments.md.

Four networks of the size of hnn-tiny, from SST-2's training part alone as in the paper, one pass, one seed: (A) the base, (B) the
learning rate doubled, (C) batches of 64, (D) the length halved; each with T learned from 2.0 afterwards.
"""
import argparse
import dataclasses
import json
import os

import torch

from . import calibrate, convert, corpus, distill, metrics, prepare
from .convert import Conversion
from .distilbert import Shape
from .loop import Run, seed_everything
from .network import Network
from .text import Tokenizer

BASE = Conversion(batch=32, rate=1e-3)
VARIATIONS = {
    "A": (BASE, 64), "B": (dataclasses.replace(BASE, rate=2e-3), 64), "C": (dataclasses.replace(BASE, batch=64), 64), "D": (BASE, 32),
}


def shorten(texts, length, separator):
    """Texts of at most `length` tokens, the frame included."""
    return [row if len(row) <= length else [*row[:length - 1], separator] for row in texts]


def variation(run, data, tokenizer, options, length, shape):
    """Trains one network and reports validation at T = 2.0 and at the T that is learned."""
    examples = corpus.Examples(shorten(data.train.ids, length, tokenizer.sep), torch.eye(2)[data.train.targets])
    validation = corpus.Examples(shorten(data.validation.ids, length, tokenizer.sep), data.validation.targets)
    seed_everything(options.seed)
    model = convert.convert(run, Network(shape, options.dropout), examples, validation, tokenizer, options)
    logits = distill.classify(model, validation)
    temperature = calibrate.learn_temperature(logits, validation.targets)
    return {
        **{name: round(value, 4) for name, value in metrics.two_class_metrics(logits, validation.targets).items()},
        "rate": options.rate, "batch": options.batch, "length": length,
        "before": calibrate.report(logits, validation.targets, calibrate.INITIAL_TEMPERATURE),
        "after": calibrate.report(logits, validation.targets, temperature),
    }


def main():
    parser = argparse.ArgumentParser(prog="hnn_train.experiments", description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--vocab", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    tokenizer = Tokenizer.load(options.vocab)
    data = prepare.prepare(Run(options.work), options.data, tokenizer, 2)
    shape = Shape(2, 128, 4, 512, len(tokenizer.pieces), 2)
    for name, (conversion, length) in VARIATIONS.items():
        run = Run(os.path.join(options.work, "variation-" + name))
        found = variation(run, data, tokenizer, conversion, length, shape)
        with open(os.path.join(options.work, "experiments.jsonl"), "a", encoding="utf-8") as file:
            file.write(json.dumps({"variation": name, **found}) + "\n")
        print(json.dumps({"variation": name, **found}), flush=True)


if __name__ == "__main__":
    main()
