"""Stage 2: from DistilBERT, or from nothing, to the network of additions and multiplications, taught by soft labels."""
import dataclasses

import torch

from .distill import Distillation, distill, soft_cross_entropy
from .loop import device, seed_everything
from .network import VARIANCE_FLOOR, Network


@dataclasses.dataclass
class Conversion(Distillation):
    rate: float = 8e-4
    weight_decay: float = 0.05
    range_weight: float = 0.2
    ramp: float = 0.0  # share of the steps over which a checkpoint's layers turn, one after the other; 0 from scratch
    lead: float = 0.0  # share of the steps before the ramp, in which the range loss makes a checkpoint's scores small
    frozen: float = 0.1  # share of the steps, the last ones, in which the norms' statistics stand still


def convert(run, model, examples, validation, tokenizer, options, save_every=500, stage="convert", result="network.pt", typical=()):
    """Trains `model` on soft targets; returns it as it was at its best on validation, once nothing in it turned any more.

    `typical`: batches of ids like those that the network is for, or none. When the norms' statistics freeze, they become those of these
    texts: the running ones are of all training text, short phrases among it, and of values with dropout.
    """
    seed_everything(options.seed)
    if options.lead > 0:
        model.charge_scores()
    total = options.steps(examples)
    frozen_from = total - int(options.frozen * total)

    def loss_at(step, ids, wanted):
        model.set_progress(1.0 if options.ramp <= 0 else (step / total - options.lead) / options.ramp)
        if step == frozen_from:
            fit_statistics(model, typical)
        if step >= frozen_from:
            model.freeze_statistics()
        return soft_cross_entropy(model(ids), wanted) + options.range_weight * model.last_range_loss

    distill(run, stage, result, model, examples, validation, tokenizer, options, frozen_from, loss_at,
            lambda: {"range_loss": round(float(model.last_range_loss), 5)}, save_every)
    return finish(model)


def finish(model):
    """Additions and multiplications only: where a stage was done already, no step has said so."""
    model.set_progress(1.0)
    model.freeze_statistics()
    return model


def polish(run, model, examples, validation, tokenizer, options):
    """A further pass over a finished network, at a lower rate and on text closer to the task; its statistics stand still."""
    options = dataclasses.replace(options, ramp=0.0, lead=0.0, frozen=1.0)
    return convert(run, finish(model), examples, validation, tokenizer, options, stage="polish", result="polished.pt")


def fit_statistics(model, batches):
    """Sets every norm's mean and variance to those over the tokens of the batches, as the network evaluates them; first norm to last."""
    if not batches:
        return
    was_training = model.training
    model.eval()
    for norm in model.norms():
        sums = torch.zeros(3, model.shape.hidden, dtype=torch.float64)

        def gather(_, inputs, __):
            x, flow = inputs
            x = x[flow.flat.bool()].double().cpu()
            sums.add_(torch.stack([torch.full_like(x[0], len(x)), x.sum(0), (x * x).sum(0)]))

        hook = norm.register_forward_hook(gather)
        with torch.no_grad():
            for ids in batches:
                model(ids.to(device()))
        hook.remove()
        count, x, xx = sums
        norm.mean.copy_(x / count)
        norm.variance.copy_(xx / count - (x / count) ** 2)
    model.train(was_training)


def from_distilbert(teacher, dropout, noise=None):
    """A network that computes what the teacher computes (progress 0), ready to turn."""
    model = Network(teacher.shape, dropout, normed_residual=True, noise=noise)
    encoder = teacher.distilbert
    model.embeddings.load_state_dict(encoder.embeddings.state_dict())
    for block, layer in zip(model.blocks, encoder.transformer.layer):
        block.attention.load_state_dict(layer.attention.state_dict())
        block.ffn.load_state_dict(layer.ffn.state_dict())
        block.first_norm.layer_norm.load_state_dict(layer.sa_layer_norm.state_dict())
        block.second_norm.layer_norm.load_state_dict(layer.output_layer_norm.state_dict())
    model.pre_classifier.load_state_dict(teacher.pre_classifier.state_dict())
    model.classifier.load_state_dict(teacher.classifier.state_dict())
    model.set_progress(0.0)
    return model


def fit_norms(model, batches):
    """Starts every affine norm at the best one: for each feature the regression of LayerNorm's output on its input, over batches."""
    sums = {norm: torch.zeros(5, model.shape.hidden, dtype=torch.float64) for norm in model.norms()}

    def gather(norm, inputs, output):
        x, flow = inputs
        keep = flow.flat.bool()
        x, y = x[keep].double().cpu(), output[keep].double().cpu()
        sums[norm] += torch.stack([torch.full_like(x[0], len(x)), x.sum(0), y.sum(0), (x * x).sum(0), (x * y).sum(0)])

    hooks = [norm.register_forward_hook(gather) for norm in sums]
    model.to(device()).eval()
    with torch.no_grad():
        for ids in batches:
            model(ids.to(device()))
    for hook in hooks:
        hook.remove()
    for norm, (count, x, y, xx, xy) in ((norm, s.unbind()) for norm, s in sums.items()):
        mean, variance = x / count, xx / count - (x / count) ** 2
        slope = (xy / count - mean * y / count) / variance.clamp_min(1e-12)
        with torch.no_grad():
            norm.mean.copy_(mean)
            norm.variance.copy_(variance)
            norm.weight.copy_(slope * torch.sqrt(variance + VARIANCE_FLOOR))
            norm.bias.copy_(y / count)
