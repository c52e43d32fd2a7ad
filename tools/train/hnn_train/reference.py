"""The exported network from its files, in double precision, one text at a time: shares no code with what trained it."""
import json
import math
import os

import torch

from . import safetensors


class ReferenceNetwork:
    """Tensors [out, in] and the configuration; `largest` gathers the largest absolute value of each quantity."""

    def __init__(self, tensors, settings):
        self.tensors = {name: t.double() for name, t in tensors.items()}
        self.settings, self.largest = settings, {}

    @staticmethod
    def load(folder):
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            settings = json.load(file)
        return ReferenceNetwork(safetensors.read(os.path.join(folder, "model.safetensors")), settings)

    def forward(self, ids):
        """Token ids with their frame, to logits (classes,)."""
        s, t = self.settings, self.tensors
        hidden, heads, n = s["hidden_size"], s["num_heads"], len(ids)
        size = hidden // heads
        bucket = next(b for b in s["buckets"] if b >= n)
        mask = torch.zeros(bucket, 1, dtype=torch.float64)
        mask[:n] = 1
        z = t["embeddings.word.weight"][torch.tensor(ids)] + t["embeddings.position.weight"][:n]
        z = (z - z.mean(1, keepdim=True)) / torch.sqrt(z.var(1, unbiased=False, keepdim=True) + s["layer_norm_eps"])
        x = torch.zeros(bucket, hidden, dtype=torch.float64)
        x[:n] = z * t["embeddings.norm.weight"] + t["embeddings.norm.bias"]
        self._note("input", x)
        linear = lambda v, name: v @ t[name + ".weight"].T + mask * t[name + ".bias"]
        for i in range(s["num_layers"]):
            name = f"layers.{i}."
            q, k, v = (self._note(name + c, linear(x, name + "attention." + c)) for c in "qkv")
            context = torch.zeros_like(x)
            for h in range(heads):
                of = slice(h * size, (h + 1) * size)
                scores = self._note(name + "score", q[:, of] @ k[:, of].T / math.sqrt(size))
                context[:, of] = self._note(name + "weight", scores * scores / bucket) @ v[:, of]
            x = x + linear(self._note(name + "context", context), name + "attention.out")
            u = self._note(name + "preactivation", linear(self._note(name + "after_attention", x), name + "ff.1"))
            x = self._note(name + "output", x + linear(self._note(name + "activation", self._activate(u)), name + "ff.2"))
        pooled = self._note("pooled", x.sum(0) / bucket)
        u = t["head.pre.weight"] @ pooled + t["head.pre.mask_weight"] * (n / bucket) + t["head.pre.bias"]
        u = self._note("head.preactivation", u)
        g = self._note("head.activation", self._activate(u))
        logits = self._note("logits", t["head.classifier.weight"] @ g + t["head.classifier.bias"])
        if len(logits) == 2:
            self._note("logit_difference", logits[1:] - logits[:1])
        return logits

    def _activate(self, u):
        _, c1, c2 = self.settings["activation"]
        return c2 * u * u + c1 * u

    def _note(self, name, value):
        self.largest[name] = max(self.largest.get(name, 0.0), float(value.abs().max()))
        return value
