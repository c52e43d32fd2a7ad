"""The data of a recipe, read, tokenised and weakly labelled once: what every later stage takes."""
import dataclasses
import os

import torch

from . import corpus, metrics, ngrams

IMDB_FILES = ("train.tsv.gz", "test.tsv.gz", "unsup.tsv.gz")

# What a phrase's label (0 very negative .. 4 very positive) says of the probability of "positive".
PHRASE_POSITIVE = (0.05, 0.2, 0.5, 0.8, 0.95)


@dataclasses.dataclass
class Data:
    """texts: unlabelled sentences; phrases: of the treebank, with targets (n, classes); weak: an n-gram model's rows for both."""
    classes: int
    sentences: corpus.Texts
    sentences_weak: torch.Tensor
    phrases: corpus.Texts
    phrase_targets: torch.Tensor
    phrases_weak: torch.Tensor
    train: corpus.Examples
    validation: corpus.Examples
    weak_validation_accuracy: float


def prepare(run, folder, tokenizer, classes, seeds=(0, 1, 2)):
    """Reads sst2, sst5 and imdb below `folder`; two classes: SST-2's, five: SST-5's. Kept in data.pt, read from there the next time."""
    kept = run.load("data.pt")
    if kept is not None:
        if kept.classes != classes:
            raise ValueError(f"{run.path('data.pt')} is for {kept.classes} classes, the recipe has {classes}; give another --work folder")
        return kept
    path = lambda *parts: os.path.join(folder, *parts)
    trees = path("sst5", "train.txt")
    phrases = corpus.read_trees(trees, tokenizer, roots_only=False)
    if classes == 2:
        train, validation = (corpus.read_sst2(path("sst2", name), tokenizer) for name in ("train.tsv", "dev.tsv"))
    else:
        train = corpus.read_trees(trees, tokenizer, roots_only=True)
        validation = corpus.read_trees(path("sst5", "dev.txt"), tokenizer, roots_only=True)
    held_out = set(map(tuple, validation.ids))
    keep = [i for i, row in enumerate(phrases.ids) if tuple(row) not in held_out]
    phrases = corpus.Examples([phrases.ids[i] for i in keep], phrases.targets[keep])
    keep = [i for i, row in enumerate(train.ids) if tuple(row) not in held_out]
    train = corpus.Examples([train.ids[i] for i in keep], train.targets[keep])
    grams = corpus.ten_grams_of_validation(path("sst2", "dev.tsv"), path("sst5", "dev.txt"))
    sentences, owner, ratings = corpus.read_imdb(path("imdb"), tokenizer, IMDB_FILES, grams)
    run.log(stage="prepare", sentences=len(sentences), phrases=len(phrases), train=len(train), validation=len(validation))

    targets = _rows(phrases.targets, classes)
    reviews = _review_parts(sentences, owner, ratings, classes)
    labelled = [(ngrams.features(row), t) for row, t in zip(phrases.ids, targets)]
    labelled += [(ngrams.features(row), t) for row, t in zip(train.ids, torch.eye(classes)[train.targets])]
    models = [ngrams.train([reviews, reviews + labelled], classes, seed) for seed in seeds]
    found = ngrams.probabilities(models, validation.ids)
    data = Data(
        classes, corpus.Texts.of(sentences), ngrams.probabilities(models, sentences), corpus.Texts.of(phrases.ids), targets,
        ngrams.probabilities(models, phrases.ids), corpus.Examples(corpus.Texts.of(train.ids), train.targets), validation,
        metrics.accuracy(found, validation.targets))
    run.log(stage="prepare", weak_validation_accuracy=round(data.weak_validation_accuracy, 4))
    run.save("data.pt", data)
    return data


def _rows(labels, classes):
    """Targets (n, classes) of a treebank's labels 0 to 4."""
    if classes == 5:
        return torch.eye(5)[labels]
    positive = torch.tensor(PHRASE_POSITIVE)[labels]
    return torch.stack([1 - positive, positive], -1)


def _review_parts(sentences, owner, ratings, classes):
    """(features, target) of every rated review, its sentences joined."""
    joined = {}
    for row, review in zip(sentences, owner):
        if ratings[review]:
            joined.setdefault(review, [0]).extend(row[1:-1])
    eye = torch.eye(classes)
    return [(ngrams.features(row + [0]), eye[_class_of_rating(ratings[review], classes)]) for review, row in joined.items()]


def _class_of_rating(rating, classes):
    """IMDb's 1 to 4 and 7 to 10 as two classes, or as the five of the treebank."""
    return int(rating > 5) if classes == 2 else {1: 0, 2: 0, 3: 1, 4: 1, 7: 3, 8: 3, 9: 4, 10: 4}[rating]
