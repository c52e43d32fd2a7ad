"""What stages 1 and 2 have in common: learning soft targets, and keeping the model that is best on validation near the end."""
import dataclasses

import torch
from torch.nn import functional as F

from . import corpus, metrics
from .loop import Average, Schedule, Trainer, device


@dataclasses.dataclass
class Distillation:
    """Hyper-parameters of both stages."""
    batch: int = 64
    rate: float = 4e-4
    warmup: int = 300
    weight_decay: float = 0.01
    dropout: float = 0.1
    word_dropout: float = 0.08
    smallest_target: float = 0.02
    evaluate_every: int = 500
    averaging: float = 0.0  # b of the running mean m <- b m + (1 - b) w of the weights, which is what is evaluated and kept; 0: the weights
    seed: int = 0
    bfloat16: bool = False  # products in bfloat16 while it learns and answers; the weights stay in float32

    def steps(self, examples):
        return -(-len(examples) // self.batch)


def soft_cross_entropy(logits, targets):
    """Mean of -sum target log softmax(logits), for targets (B, classes)."""
    return -(targets * F.log_softmax(logits.float(), -1)).sum(-1).mean()


def distill(run, stage, result, model, examples, validation, tokenizer, options, eligible_from, loss_at, measured=dict, save_every=500):
    """Trains `model` on soft targets, one pass, resumable; it ends as it (or the running mean of its weights) was at its best on
    validation from `eligible_from` on.

    `loss_at`: (step, ids, targets) to the loss; `measured`: what else the log says of a step. `result`: the file that keeps the best.
    """
    model.to(device()).train()
    targets = examples.targets.clamp(options.smallest_target, 1)
    examples = corpus.Examples(examples.ids, targets / targets.sum(-1, keepdim=True))
    total = options.steps(examples)
    average = Average(model, options.averaging)
    trainer = Trainer(run, stage, model, Schedule(options.rate, options.warmup, total), options.weight_decay, save_every=save_every,
                      average=average)
    done = trainer.resume()
    best = trainer.best or -1.0
    rest = corpus.batches(examples, options.batch, corpus.rng(options.seed), tokenizer, options.word_dropout, done)
    for number, (ids, wanted) in enumerate(rest, start=done + 1):
        with products_in(options.bfloat16):
            loss = loss_at(number, ids.to(device()), wanted.to(device()))
        trainer.update(loss)
        if number % options.evaluate_every == 0 or number == total:
            noted = measured()  # of the step; `classify` passes through the model too
            with average.in_place():
                accuracy = metrics.accuracy(classify(model, validation, bfloat16=options.bfloat16), validation.targets)
                is_best = number >= eligible_from and accuracy > best
                if is_best:
                    run.save(result, model.state_dict())
            run.log(stage=stage, step=number, of=total, **noted, validation_accuracy=round(accuracy, 4))
            if is_best:
                best = trainer.best = accuracy
            model.train()
        trainer.save_if_due()
    model.load_state_dict(run.load(result))


def products_in(bfloat16):
    """A context in which products are computed in bfloat16, or as they are."""
    return torch.autocast(device().type, dtype=torch.bfloat16, enabled=bfloat16)


def classify(model, examples, batch=128, bfloat16=False):
    """Logits (texts, classes) of a model in evaluation, texts of similar length together."""
    model.eval()
    order = sorted(range(len(examples)), key=lambda i: len(examples.ids[i]))
    logits = None
    with torch.no_grad(), products_in(bfloat16):
        for i in range(0, len(order), batch):
            group = order[i:i + batch]
            found = model(corpus.pad([examples.ids[j] for j in group]).to(device())).float().cpu()
            logits = torch.empty(len(examples), found.shape[1]) if logits is None else logits
            logits[group] = found
    return logits
