"""Writes tests/vectors/distilbert: a tiny DistilBertForSequenceClassification as Hugging Face ships one, and its logits by PyTorch.

The forward pass is written from the architecture's description (Sanh et al., arXiv 1910.01108), on torch.nn.functional in float64, and
shares no code with the library. Weights are seeded, rounded to the stored type first, so that the logits are those of the file.
Needs PyTorch alone; command, from the repository root: python3 tests/vectors/distilbert.py
"""
import json
import math
import os
import struct

import torch
import torch.nn.functional as F

SEED = 20191002
DIM, HEADS, INNER, LAYERS, POSITIONS, LABELS = 16, 4, 40, 2, 12, ["bad", "so-so", "good"]
PIECES = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "film", "##s", "good", "bad", "the", "is", "not", ".", ",", "un"]
VOCABULARY = len(PIECES) + 3  # padded, as embeddings often are
TYPES = {"f32": ("F32", torch.float32), "f16": ("F16", torch.float16), "bf16": ("BF16", torch.bfloat16)}
SENTENCES = [[3, 4], [3, 11, 7, 12, 9, 14, 4], [3, 6, 10, 7, 8, 4], [3, 11, 7, 8, 12, 13, 9, 15, 13, 10, 14, 4]]


def weights():
    """Every tensor under upstream's name, in upstream's order of creation, in float64."""
    tensors = {}

    def dense(name, rows, columns):
        tensors[name + ".weight"] = torch.randn(rows, columns, dtype=torch.float64) * 1.5 / math.sqrt(columns)
        tensors[name + ".bias"] = torch.randn(rows, dtype=torch.float64) * 0.2

    def norm(name):
        tensors[name + ".weight"] = 1 + torch.randn(DIM, dtype=torch.float64) * 0.2
        tensors[name + ".bias"] = torch.randn(DIM, dtype=torch.float64) * 0.2

    tensors["distilbert.embeddings.word_embeddings.weight"] = torch.randn(VOCABULARY, DIM, dtype=torch.float64) * 0.5
    tensors["distilbert.embeddings.position_embeddings.weight"] = torch.randn(POSITIONS, DIM, dtype=torch.float64) * 0.3
    norm("distilbert.embeddings.LayerNorm")
    for i in range(LAYERS):
        layer = f"distilbert.transformer.layer.{i}."
        for name in ["q_lin", "k_lin", "v_lin", "out_lin"]:
            dense(layer + "attention." + name, DIM, DIM)
        norm(layer + "sa_layer_norm")
        dense(layer + "ffn.lin1", INNER, DIM)
        dense(layer + "ffn.lin2", DIM, INNER)
        norm(layer + "output_layer_norm")
    dense("pre_classifier", DIM, DIM)
    dense("classifier", len(LABELS), DIM)
    return tensors


def logits(w, ids):
    """DistilBertForSequenceClassification in evaluation mode, one sentence, no padding."""
    def dense(name, x):
        return F.linear(x, w[name + ".weight"], w[name + ".bias"])

    def norm(name, x):
        return F.layer_norm(x, (DIM,), w[name + ".weight"], w[name + ".bias"], eps=1e-12)

    def heads(x):
        return x.view(len(ids), HEADS, DIM // HEADS).transpose(0, 1)

    x = F.embedding(torch.tensor(ids), w["distilbert.embeddings.word_embeddings.weight"])
    x = norm("distilbert.embeddings.LayerNorm", x + w["distilbert.embeddings.position_embeddings.weight"][: len(ids)])
    for i in range(LAYERS):
        layer = f"distilbert.transformer.layer.{i}."
        q, k, v = (heads(dense(layer + "attention." + name, x)) for name in ["q_lin", "k_lin", "v_lin"])
        attention = F.softmax(torch.matmul(q / math.sqrt(DIM // HEADS), k.transpose(1, 2)), dim=-1)
        context = torch.matmul(attention, v).transpose(0, 1).reshape(len(ids), DIM)
        x = norm(layer + "sa_layer_norm", dense(layer + "attention.out_lin", context) + x)
        x = norm(layer + "output_layer_norm", dense(layer + "ffn.lin2", F.gelu(dense(layer + "ffn.lin1", x))) + x)
    return dense("classifier", F.relu(dense("pre_classifier", x[0]))).tolist()


def write_safetensors(path, kind, tensors):
    """tensors: name -> (dtype, tensor of that type)."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in tensors.items():
        dtype = "I64" if tensor.dtype == torch.int64 else kind
        bits = tensor.view(torch.int16) if tensor.dtype in (torch.float16, torch.bfloat16) else tensor
        raw = bits.contiguous().numpy().tobytes()
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    torch.manual_seed(SEED)
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "distilbert")
    os.makedirs(folder, exist_ok=True)
    config = {
        "activation": "gelu", "architectures": ["DistilBertForSequenceClassification"], "attention_dropout": 0.1, "dim": DIM,
        "dropout": 0.1, "finetuning_task": "none", "hidden_dim": INNER, "id2label": {str(i): x for i, x in enumerate(LABELS)},
        "initializer_range": 0.02, "label2id": {x: i for i, x in enumerate(LABELS)}, "max_position_embeddings": POSITIONS,
        "model_type": "distilbert", "n_heads": HEADS, "n_layers": LAYERS, "output_past": True, "pad_token_id": 0, "qa_dropout": 0.1,
        "seq_classif_dropout": 0.2, "sinusoidal_pos_embds": False, "tie_weights_": True, "torch_dtype": "float32",
        "transformers_version": "4.46.0", "vocab_size": VOCABULARY,
    }
    with open(os.path.join(folder, "config.json"), "w") as file:
        file.write(json.dumps(config, indent=2) + "\n")
    with open(os.path.join(folder, "vocab.txt"), "w") as file:
        file.write("".join(piece + "\n" for piece in PIECES))
    source, cases = weights(), []
    for name, (kind, dtype) in TYPES.items():
        stored = {key: value.to(dtype) for key, value in source.items()}
        exact = {key: value.to(torch.float64) for key, value in stored.items()}
        if name == "f16":  # a buffer that older versions of upstream store
            stored = {"distilbert.embeddings.position_ids": torch.arange(POSITIONS)[None], **stored}
        write_safetensors(os.path.join(folder, f"model.{name}.safetensors"), kind, stored)
        cases += [{"file": f"model.{name}.safetensors", "ids": ids, "logits": logits(exact, ids)} for ids in SENTENCES]
    points = [x / 16 for x in range(-100, 101)] + [1e-300, -1e-9, 5.9999999, 6.0000001, 40.0]
    with open(os.path.join(folder, "expected.json"), "w") as file:
        json.dump({
            "source": f"PyTorch {torch.__version__}, float64, seed {SEED}; erf: Python's math.erf",
            "cases": cases, "erf": [[x, math.erf(x)] for x in points],
        }, file, indent=1)
        file.write("\n")


main()
