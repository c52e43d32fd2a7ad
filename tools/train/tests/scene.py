"""A language of forty words in which some are good and some are bad: enough for a network to learn something in seconds."""
import random

import torch

from hnn_train.corpus import Examples
from hnn_train.distilbert import Shape
from hnn_train.text import Tokenizer

WORDS = [f"word{i}" for i in range(40)]
TOKENIZER = Tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])
FIRST_GOOD, FIRST_BAD, COUNT = 5, 15, 10  # ids


def shape(classes=2, layers=2):
    return Shape(layers=layers, hidden=16, heads=2, intermediate=32, vocabulary=len(TOKENIZER.pieces), classes=classes)


def texts(count, seed, longest=40):
    order = random.Random(seed)
    return [[TOKENIZER.cls, *(order.randrange(5, 45) for _ in range(order.randint(1, longest))), TOKENIZER.sep] for _ in range(count)]


def examples(count, seed, soft=True, classes=2, longest=40):
    """Label: more good words than bad ones; for five classes, how many more."""
    ids = texts(count, seed, longest)
    balance = lambda row: sum(FIRST_GOOD <= i < FIRST_GOOD + COUNT for i in row) - sum(FIRST_BAD <= i < FIRST_BAD + COUNT for i in row)
    if classes == 2:
        labels = torch.tensor([int(balance(row) > 0) for row in ids])
    else:
        labels = torch.tensor([min(4, max(0, balance(row) + 2)) for row in ids])
    return Examples(ids, torch.eye(classes)[labels] if soft else labels)


def spread_parameters(model, seed):
    """Random biases, norms and statistics: what is zero or one at the start must not hide a wrong formula."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
        for norm in model.norms():
            norm.mean.normal_(0, 0.3)
            norm.variance.uniform_(0.5, 2)
