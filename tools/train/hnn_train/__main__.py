"""python3 -m hnn_train: see README.md."""
import argparse
import json
import os
import sys

import torch

from .loop import Run
from .recipes import RECIPES
from .stages import Stages, write_skeleton
from .text import Tokenizer


def main(arguments):
    parser = argparse.ArgumentParser(prog="hnn_train", description="Trains a network that can be evaluated under encryption.")
    parser.add_argument("--recipe", required=True, choices=sorted(RECIPES))
    parser.add_argument("--data", required=True, help="folder that holds sst2, sst5 and imdb")
    parser.add_argument("--vocab", required=True, help="BERT's vocab.txt")
    parser.add_argument("--work", required=True, help="folder for logs, checkpoints and the teacher; a run that was cut goes on from it")
    parser.add_argument("--out", required=True, help="folder for the exported model")
    parser.add_argument("--checkpoint", help="a fine-tuned DistilBertForSequenceClassification as Hugging Face ships it: replaces "
                        "stages 0 and 1")
    parser.add_argument("--encoder", help="a pre-trained, uncased BertModel or DistilBertModel as Hugging Face ships it: replaces stage 0, "
                        "and the teacher has its size")
    parser.add_argument("--noise", help="output of `hnn plan --json`: its predicted errors are added while stage 2 trains")
    parser.add_argument("--until", choices=("skeleton", "prepare", "pretrain", "teacher", "network"), help="stop after this stage; "
                        "skeleton: only write an untrained network of the recipe's shape to --out, for `hnn plan`")
    parser.add_argument("--threads", type=int, default=0, help="of PyTorch (default: its own choice)")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.checkpoint and options.encoder:
        parser.error("--checkpoint brings a whole teacher, --encoder what a teacher is made of; give one of them")
    for path in filter(None, (options.data, options.vocab, options.checkpoint, options.encoder)):
        if not os.path.exists(path):
            parser.error(f"there is no '{path}'")
    train(options, "python3 -m hnn_train " + _shown(arguments))


def train(options, command):
    recipe = RECIPES[options.recipe]
    if options.until == "skeleton":
        write_skeleton(options.out, recipe, options.vocab)
        return
    noise = None
    if options.noise:
        with open(options.noise, encoding="utf-8") as file:
            noise = read_noise(json.load(file))
    stages = Stages(Run(options.work), recipe, options.data, Tokenizer.load(options.vocab), options.vocab, options.checkpoint, noise,
                    options.encoder)
    if options.until == "prepare":
        return
    if options.until == "pretrain":
        stages.encoder()
        return
    plain = stages.teacher()
    if options.until == "teacher":
        return
    model = stages.network(plain)
    if options.until != "network":
        stages.export(model, plain, options.out, command)


def read_noise(plan):
    """sigma by quantity, in its own unit: the largest over the buckets of what `hnn plan --json` predicts after each step."""
    sigma = {}
    for bucket in plan.get("plans", []):
        for step in bucket["steps"]:
            names = [step["quantity"]]
            if names[0].endswith(".q"):  # q stands for k and v too
                names += [names[0][:-1] + letter for letter in "kv"]
            for name in names:
                sigma[name] = max(sigma.get(name, 0.0), float(step["valueError"]))
    if not sigma:
        raise ValueError("the plan holds no 'plans' with 'steps'; make it with `hnn plan --json`")
    return sigma


def _shown(arguments):
    """The command line with file names instead of paths: it is written into model cards."""
    return " ".join(os.path.basename(os.path.normpath(a)) if os.sep in a else a for a in arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
