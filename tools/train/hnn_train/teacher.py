"""Stage 1: the plain teacher, a DistilBertForSequenceClassification, and its folder as Hugging Face ships one."""
import dataclasses
import os
import shutil

import torch

from . import corpus, safetensors
from .distill import Distillation, distill, soft_cross_entropy
from .distilbert import DistilBertForSequenceClassification, Shape
from .encoder import read_settings
from .export import write_json
from .loop import seed_everything


@dataclasses.dataclass
class Teaching(Distillation):
    """Those of stage 1 are the common ones."""


def teach(run, shape, encoder, examples, validation, tokenizer, options):
    """Fine-tunes on soft targets, from an encoder's state (or none); returns the model at its best on validation in the last third."""
    seed_everything(options.seed)
    model = DistilBertForSequenceClassification(shape, options.dropout)
    if encoder is not None:
        model.distilbert.load_state_dict(encoder)
    distill(run, "teach", "teacher.pt", model, examples, validation, tokenizer, options, options.steps(examples) * 2 // 3 + 1,
            lambda _, ids, wanted: soft_cross_entropy(model(ids), wanted))
    return model


def write_checkpoint(folder, model, labels, vocabulary_path, dtype=torch.float32):
    """config.json, vocab.txt and, last, since a folder that has it counts as whole, model.safetensors with upstream's names."""
    os.makedirs(folder, exist_ok=True)
    shape = model.shape
    write_json(os.path.join(folder, "config.json"), {
        "architectures": ["DistilBertForSequenceClassification"], "model_type": "distilbert", "activation": "gelu",
        "attention_dropout": model.rate, "dim": shape.hidden, "dropout": model.rate, "hidden_dim": shape.intermediate,
        "id2label": {str(i): label for i, label in enumerate(labels)}, "initializer_range": 0.02,
        "label2id": {label: i for i, label in enumerate(labels)}, "max_position_embeddings": shape.positions,
        "n_heads": shape.heads, "n_layers": shape.layers, "pad_token_id": 0, "seq_classif_dropout": model.rate,
        "sinusoidal_pos_embds": False, "tie_weights_": True, "vocab_size": shape.vocabulary,
    })
    shutil.copyfile(vocabulary_path, os.path.join(folder, "vocab.txt"))
    safetensors.write(os.path.join(folder, "model.safetensors"), {n: t.detach().to(dtype) for n, t in model.state_dict().items()})


def read_checkpoint(folder):
    """(model, labels) of a folder as Hugging Face ships it; only the positions that a sentence can use are kept."""
    settings = read_settings(folder, ("distilbert",), "the recipe starts from 'distilbert'")
    tensors = safetensors.read(os.path.join(folder, "model.safetensors"))
    if "classifier.weight" not in tensors:
        raise ValueError(f"{folder}: no classifier.weight; give a fine-tuned DistilBertForSequenceClassification")
    classes = len(tensors["classifier.weight"])
    names = settings.get("id2label") or {str(i): f"LABEL_{i}" for i in range(classes)}
    positions = min(settings["max_position_embeddings"], corpus.MAX_LENGTH)
    shape = Shape(settings["n_layers"], settings["dim"], settings["n_heads"], settings["hidden_dim"], settings["vocab_size"], classes,
                  positions)
    tensors["distilbert.embeddings.position_embeddings.weight"] = tensors["distilbert.embeddings.position_embeddings.weight"][:positions]
    tensors.pop("distilbert.embeddings.position_ids", None)
    model = DistilBertForSequenceClassification(shape)
    model.load_state_dict({name: t.float() for name, t in tensors.items()})
    return model, [names[str(i)] for i in range(classes)]
