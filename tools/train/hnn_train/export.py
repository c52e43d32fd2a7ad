"""From a trained network to the files that Hnn.Model reads: norms folded into the linear maps, F16, config, reference, model card."""
import json
import os
import shutil

import torch

from . import network, reference, safetensors

ATTENTION = "(q.k/sqrt(head_size))^2 / bucket"
SIGMOID_DEGREE = 31  # five levels, for two classes; errs by 2e-5 on [-10, 10], where degree 15 errs by 3e-3
POOLING = "sum over positions / bucket"


def fold(model, seen=None, mask_token=None):
    """The tensors by name, float64: what the network is once its norms are affine maps x -> scale * x + shift * m.

    Raw residual: the map goes into the linear map behind it. Normed residual: with x = D y + c m (elementwise; D = 1, c = 0 at the
    input), y grows by f(x) / D, and a norm (s, t) makes D s and c s + t of D and c: y is a raw residual, and D and c go where the
    norm of a raw residual goes.
    `seen`: ids that occur in the training text; every other piece takes the row of `mask_token`, which stood in for dropped words.
    """
    with torch.no_grad():
        return _fold(model, seen, mask_token)


def _fold(model, seen, mask_token):
    tensors = {}

    def put(name, weight, bias):
        tensors[name + ".weight"], tensors[name + ".bias"] = weight, bias

    def after_affine(linear, scale, shift):
        weight = linear.weight.double()
        return weight * scale, linear.bias.double() + weight @ shift

    def before_residual(linear, scale):
        return linear.weight.double() / scale[:, None], linear.bias.double() / scale

    embeddings = model.embeddings
    words = embeddings.word_embeddings.weight.double().clone()
    if seen is not None:
        unseen = torch.ones(len(words), dtype=torch.bool)
        unseen[sorted(seen)] = False
        words[unseen] = words[mask_token].clone()
    words[0] = 0
    tensors["embeddings.word.weight"] = words
    tensors["embeddings.position.weight"] = embeddings.position_embeddings.weight.double()
    put("embeddings.norm", embeddings.LayerNorm.weight.double(), embeddings.LayerNorm.bias.double())

    affine = lambda norm: tuple(t.double() for t in norm.affine())
    one = torch.ones(model.shape.hidden, dtype=torch.float64, device=words.device)
    scale, shift = one, one * 0
    for i, block in enumerate(model.blocks):
        normed, name = model.normed_residual, f"layers.{i}."
        read = (scale, shift) if normed else affine(block.first_norm)
        for letter in "qkv":
            put(f"{name}attention.{letter}", *after_affine(getattr(block.attention, letter + "_lin"), *read))
        put(name + "attention.out", *before_residual(block.attention.out_lin, scale))
        if normed:
            scale, shift = _compose(affine(block.first_norm), scale, shift)
        put(name + "ff.1", *after_affine(block.ffn.lin1, *((scale, shift) if normed else affine(block.second_norm))))
        put(name + "ff.2", *before_residual(block.ffn.lin2, scale))
        if normed:
            scale, shift = _compose(affine(block.second_norm), scale, shift)
    if not model.normed_residual:
        scale, shift = affine(model.last_norm)
    head = model.pre_classifier.weight.double()
    tensors["head.pre.weight"], tensors["head.pre.mask_weight"] = head * scale, head @ shift
    tensors["head.pre.bias"] = model.pre_classifier.bias.double()
    put("head.classifier", model.classifier.weight.double(), model.classifier.bias.double())
    return tensors


def _compose(outer, scale, shift):
    return outer[0] * scale, outer[0] * shift + outer[1]


def config(shape, labels, temperature, interval):
    """config.json of an hnn model."""
    return {
        "hidden_size": shape.hidden, "num_layers": shape.layers, "num_heads": shape.heads, "intermediate_size": shape.intermediate,
        "vocab_size": shape.vocabulary, "buckets": list(network.BUCKETS), "layer_norm_eps": 1e-12, "attention": ATTENTION,
        "activation": [0.0, *network.ACTIVATION], "normalization": "folded", "pooling": POOLING, "labels": list(labels),
        "soft_argmax": {"temperature": temperature, "interval": list(interval), "degree": SIGMOID_DEGREE}, "max_position": shape.positions,
    }


def write_model(folder, tensors, settings, vocabulary_path):
    """model.safetensors (F16), config.json and vocab.txt."""
    os.makedirs(folder, exist_ok=True)
    safetensors.write(os.path.join(folder, "model.safetensors"), {name: t.half() for name, t in tensors.items()})
    write_json(os.path.join(folder, "config.json"), settings)
    shutil.copyfile(vocabulary_path, os.path.join(folder, "vocab.txt"))


def write_reference(folder, validation, count=16):
    """reference.json: logits of some validation texts and the largest absolute value of every quantity, by `reference`."""
    loaded = reference.ReferenceNetwork.load(folder)
    logits = torch.stack([loaded.forward(ids) for ids in validation.ids])
    step = -(-len(validation) // count)
    report = {
        "sentences": [{"ids": validation.ids[i], "logits": logits[i].tolist()} for i in range(0, len(validation), step)][:count],
        "largest_absolute_value": {name: round(value, 3) for name, value in loaded.largest.items()},
        "validation_accuracy": float((logits.argmax(-1) == validation.targets).double().mean()),
    }
    write_json(os.path.join(folder, "reference.json"), report)
    return logits, report


def write_json(path, value):
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.write("\n")
    os.replace(path + ".part", path)
