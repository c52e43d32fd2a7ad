"""Weak labels: a linear model over n-grams of word pieces, which labels text that has none.

score = 3 / sqrt(features) * sum of the features' weights + bias; the features of a text are its distinct 1-, 2- and 3-grams, hashed
to 2^21 places. It learns in seconds, from phrases and from whole reviews alike, and what it says of a sentence is what a network
is taught first.
"""
import random

import torch
from torch import nn
from torch.nn import functional as F

PLACES = 1 << 21
_FACTORS = (40503, 7919, 104729)


def features(ids):
    """Places (k,) of the distinct n-grams of one text; `ids` with its frame of [CLS] and [SEP]."""
    t = torch.tensor(ids[1:-1] or ids[:1], dtype=torch.int64)
    grams = [t]
    for n in (2, 3):
        if len(t) >= n:
            terms = [t[i:len(t) - n + 1 + i] * _FACTORS[i] for i in range(n)]
            grams.append((sum(terms) + 12345 * n) % PLACES)
    return torch.unique(torch.cat(grams))


class NgramClassifier(nn.Module):
    """Lists of features to logits (texts, classes)."""

    def __init__(self, classes):
        super().__init__()
        self.weights = nn.EmbeddingBag(PLACES, classes, mode="sum", sparse=True)
        self.bias = nn.Parameter(torch.zeros(classes))
        nn.init.zeros_(self.weights.weight)

    def forward(self, bags):
        counts = torch.tensor([len(bag) for bag in bags])
        starts = torch.cumsum(counts, 0) - counts
        return self.weights(torch.cat(bags), starts) * (3 / counts.float().sqrt())[:, None] + self.bias


def train(parts, classes, seed, rate=2e-3, batch=64):
    """`parts`: a list of epochs, each a list of (features, target (classes,)). Returns the classifier."""
    model = NgramClassifier(classes)
    sparse = torch.optim.SparseAdam([model.weights.weight], lr=rate)
    dense = torch.optim.Adam([model.bias], lr=rate)
    order = random.Random(seed)
    for part in parts:
        part = order.sample(part, len(part))
        for i in range(0, len(part), batch):
            bags, targets = zip(*part[i:i + batch])
            loss = -(torch.stack(targets) * F.log_softmax(model(bags), -1)).sum(-1).mean()
            sparse.zero_grad()
            dense.zero_grad()
            loss.backward()
            sparse.step()
            dense.step()
    return model


def probabilities(models, texts, batch=512):
    """(texts, classes): the mean over the models, for lists of ids."""
    found = []
    with torch.no_grad():
        for i in range(0, len(texts), batch):
            bags = [features(texts[j]) for j in range(i, min(i + batch, len(texts)))]
            found.append(sum(model(bags).softmax(-1) for model in models) / len(models))
    return torch.cat(found)
