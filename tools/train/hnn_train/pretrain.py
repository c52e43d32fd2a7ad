"""Stage 0: masked-language pre-training on sentences of IMDb and of the treebank that SST-2 comes from, where no checkpoint is given."""
import dataclasses

import torch
from torch.nn import functional as F

from . import corpus
from .distilbert import DistilBertForMaskedLM
from .loop import Schedule, Trainer, device, seed_everything

MASKED_SHARE = 0.15


@dataclasses.dataclass
class Pretraining:
    sentences: int = 400_000
    batch: int = 96
    rate: float = 1e-3
    warmup: int = 300
    weight_decay: float = 0.01
    dropout: float = 0.05
    seed: int = 0


def pretrain(run, shape, texts, tokenizer, options):
    """Trains on `options.sentences` of `texts` (lists of ids), each seen once and cycled if there are fewer. Returns the encoder."""
    seed_everything(options.seed)
    model = DistilBertForMaskedLM(shape, options.dropout).to(device())
    order = corpus.rng(options.seed)
    texts = [texts[i] for i in order.sample(range(len(texts)), len(texts))]
    texts = (texts * (options.sentences // len(texts) + 1))[:options.sentences]
    examples = corpus.Examples(texts, torch.zeros(len(texts), dtype=torch.int64))
    total = sum(1 for _ in range(0, len(texts), options.batch))
    trainer = Trainer(run, "pretrain", model, Schedule(options.rate, options.warmup, total), options.weight_decay)
    done = trainer.resume()
    model.train()
    for ids, _ in corpus.batches(examples, options.batch, order, skip=done):
        masked, chosen = mask_tokens(ids, tokenizer, shape.vocabulary)
        logits = model(masked.to(device()), chosen.to(device()))
        trainer.update(F.cross_entropy(logits, ids[chosen].to(device())))
        trainer.save_if_due()
    run.save("encoder.pt", {"shape": dataclasses.asdict(shape), "encoder": model.distilbert.state_dict(),
                            "options": dataclasses.asdict(options)})
    return model.distilbert


def mask_tokens(ids, tokenizer, vocabulary):
    """BERT's choice: 15 % of the tokens; of these 80 % become [MASK], 10 % a random piece, 10 % stay. Returns (ids, chosen)."""
    special = (ids == 0) | (ids == tokenizer.cls) | (ids == tokenizer.sep)
    chosen = (torch.rand(ids.shape) < MASKED_SHARE) & ~special
    if not chosen.any():
        chosen[0, 1] = True
    kind = torch.rand(ids.shape)
    masked = ids.clone()
    masked[chosen & (kind < 0.8)] = tokenizer.mask
    swapped = chosen & (kind >= 0.9)
    masked[swapped] = torch.randint(1, vocabulary, (int(swapped.sum()),))
    return masked, chosen
