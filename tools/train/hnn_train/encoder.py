"""A pre-trained encoder as Hugging Face ships it, in the place of stage 0: a BertModel or a DistilBertModel, uncased."""
import json
import os

import torch

from . import corpus, safetensors
from .distilbert import Encoder, Shape

# What DistilBERT calls the parts of a BERT layer. Its embeddings are BERT's with the type of the first segment added to every position.
_LAYER = {
    "attention.self.query": "attention.q_lin", "attention.self.key": "attention.k_lin", "attention.self.value": "attention.v_lin",
    "attention.output.dense": "attention.out_lin", "attention.output.LayerNorm": "sa_layer_norm",
    "intermediate.dense": "ffn.lin1", "output.dense": "ffn.lin2", "output.LayerNorm": "output_layer_norm",
}


def read_settings(folder, kinds, expected):
    """config.json of a model of one of these types, with erf-GELU and an uncased vocabulary; `expected`: the types, for the message."""
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        settings = json.load(file)
    kind = settings.get("model_type")
    if kind not in kinds:
        raise ValueError(f"{folder}: model_type is {kind!r}; {expected}")
    activation = settings.get("hidden_act" if kind == "bert" else "activation", "gelu")
    if activation != "gelu":
        raise ValueError(f"{folder}: the activation is {activation!r}; supported: 'gelu'")
    if not _is_lower_cased(folder):
        raise ValueError(f"{folder}: a cased model (tokenizer_config.json: do_lower_case); the recipe's tokenizer is uncased BERT's")
    return settings


def _is_lower_cased(folder):
    path = os.path.join(folder, "tokenizer_config.json")
    if not os.path.exists(path):
        return True
    with open(path, encoding="utf-8") as file:
        return json.load(file).get("do_lower_case", True)


def read_encoder(folder, vocabulary, classes):
    """(shape, state of an `Encoder`) of a folder with config.json and model.safetensors.

    `vocabulary`: the number of pieces of --vocab, which must be the encoder's. Pooler, classifier and masked-language head are left out.
    """
    settings = read_settings(folder, ("bert", "distilbert"), "an encoder is 'bert' or 'distilbert'")
    kind = settings["model_type"]
    names = ("num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size") if kind == "bert" else (
        "n_layers", "dim", "n_heads", "hidden_dim")
    layers, hidden, heads, intermediate = (settings[name] for name in names)
    if settings["vocab_size"] != vocabulary:
        raise ValueError(f"{folder} has embeddings of {settings['vocab_size']} pieces and --vocab has {vocabulary}; give the encoder's "
                         "own vocab.txt")
    shape = Shape(layers, hidden, heads, intermediate, vocabulary, classes, min(settings["max_position_embeddings"], corpus.MAX_LENGTH))
    tensors = {name: t.float() for name, t in safetensors.read(os.path.join(folder, "model.safetensors")).items()}
    prefix = "distilbert." if kind == "distilbert" else "bert."
    tensors = {name.removeprefix(prefix): t for name, t in tensors.items()}
    state = _from_bert(tensors, layers) if kind == "bert" else tensors
    positions = "embeddings.position_embeddings.weight"
    state[positions] = state[positions][:shape.positions].clone()
    wanted = Encoder(shape).state_dict()
    missing = [name for name in wanted if name not in state or state[name].shape != wanted[name].shape]
    if missing:
        raise ValueError(f"{folder}: {missing[0]} is missing, or not of shape {tuple(wanted[missing[0]].shape)}; give an encoder with "
                         "Hugging Face's names")
    return shape, {name: state[name] for name in wanted}


def _from_bert(tensors, layers):
    state = {name: tensors[name] for name in tensors if name.startswith("embeddings.") and "token_type" not in name}
    types = tensors.get("embeddings.token_type_embeddings.weight")
    if types is not None:
        state["embeddings.position_embeddings.weight"] = state["embeddings.position_embeddings.weight"] + types[0]
    for i in range(layers):
        for theirs, ours in _LAYER.items():
            for part in ("weight", "bias"):
                found = tensors.get(f"encoder.layer.{i}.{theirs}.{part}")
                if found is not None:
                    state[f"transformer.layer.{i}.{ours}.{part}"] = found
    return state


def narrowed(embeddings, hidden, seed):
    """State of `Embeddings` of fewer features: the words' principal components, turned at random so that all features matter alike.

    The turn is for the LayerNorm behind them, which divides by the deviation over the features.
    """
    words = embeddings.word_embeddings.weight.detach().double().cpu()
    mean = words.mean(0)
    _, axes = torch.linalg.eigh((words - mean).T @ (words - mean))
    turn, _ = torch.linalg.qr(torch.randn(hidden, hidden, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)))
    basis = axes[:, -hidden:] @ turn
    state = {
        "word_embeddings.weight": (words - mean) @ basis,
        "position_embeddings.weight": embeddings.position_embeddings.weight.detach().double().cpu() @ basis,
        "LayerNorm.weight": torch.ones(hidden), "LayerNorm.bias": torch.zeros(hidden),
    }
    state["word_embeddings.weight"][0] = 0
    return {name: t.float() for name, t in state.items()}
