"""DistilBERT as Hugging Face names and computes it: the plain teacher, and the network of the masked-language pre-training.

x (B, T, d); ids (B, T), 0 where there is no token. Post-norm layers, erf-GELU, softmax attention, [CLS] pooling.
"""
import dataclasses
import math

import torch
from torch import nn
from torch.nn import functional as F

from .regularize import dropout


@dataclasses.dataclass(frozen=True)
class Shape:
    """Hyper-parameters of a network."""
    layers: int
    hidden: int
    heads: int
    intermediate: int
    vocabulary: int
    classes: int
    positions: int = 64

    def __post_init__(self):
        if self.hidden % self.heads:
            raise ValueError(f"hidden size {self.hidden} is not a multiple of {self.heads} heads; choose a divisor of it")

    @property
    def head_size(self):
        return self.hidden // self.heads


class Attention(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.heads = shape.heads
        self.q_lin, self.k_lin, self.v_lin, self.out_lin = (nn.Linear(shape.hidden, shape.hidden) for _ in range(4))

    def project(self, x):
        """q, k, v of x (B, T, d), each (B, heads, T, d/heads)."""
        batch, length, hidden = x.shape
        split = lambda t: t.view(batch, length, self.heads, hidden // self.heads).transpose(1, 2)
        return split(self.q_lin(x)), split(self.k_lin(x)), split(self.v_lin(x))

    def forward(self, x, mask, rate):
        q, k, v = self.project(x)
        scores = (q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2)
        weights = scores.masked_fill(mask[:, None, None, :] == 0, -1e4).softmax(-1)
        context = dropout(weights, rate, self.training) @ v
        return self.out_lin(context.transpose(1, 2).reshape(x.shape))


class FeedForward(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.lin1, self.lin2 = nn.Linear(shape.hidden, shape.intermediate), nn.Linear(shape.intermediate, shape.hidden)

    def forward(self, x):
        return self.lin2(F.gelu(self.lin1(x)))


class Layer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.attention = Attention(shape)
        self.sa_layer_norm = nn.LayerNorm(shape.hidden, eps=1e-12)
        self.ffn = FeedForward(shape)
        self.output_layer_norm = nn.LayerNorm(shape.hidden, eps=1e-12)

    def forward(self, x, mask, rate):
        x = self.sa_layer_norm(x + dropout(self.attention(x, mask, rate), rate, self.training))
        return self.output_layer_norm(x + dropout(self.ffn(x), rate, self.training))


class Embeddings(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.word_embeddings = nn.Embedding(shape.vocabulary, shape.hidden, padding_idx=0)
        self.position_embeddings = nn.Embedding(shape.positions, shape.hidden)
        self.LayerNorm = nn.LayerNorm(shape.hidden, eps=1e-12)

    def forward(self, ids):
        return self.LayerNorm(self.word_embeddings(ids) + self.position_embeddings.weight[:ids.shape[1]])


class Transformer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.layer = nn.ModuleList(Layer(shape) for _ in range(shape.layers))


class Encoder(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.embeddings = Embeddings(shape)
        self.transformer = Transformer(shape)

    def forward(self, ids, rate):
        mask = (ids != 0).float()
        x = dropout(self.embeddings(ids), rate, self.training) * mask[..., None]
        for layer in self.transformer.layer:
            x = layer(x, mask, rate)
        return x


class DistilBertForSequenceClassification(nn.Module):
    """ids (B, T) to logits (B, classes)."""

    def __init__(self, shape, rate=0.1):
        super().__init__()
        self.shape, self.rate = shape, rate
        self.distilbert = Encoder(shape)
        self.pre_classifier = nn.Linear(shape.hidden, shape.hidden)
        self.classifier = nn.Linear(shape.hidden, shape.classes)
        self.apply(_initialize)

    def forward(self, ids):
        pooled = self.distilbert(ids, self.rate)[:, 0]
        return self.classifier(dropout(F.relu(self.pre_classifier(pooled)), self.rate, self.training))


class DistilBertForMaskedLM(nn.Module):
    """ids (B, T) to logits (chosen, vocabulary) at the positions chosen; the projector shares the word embeddings."""

    def __init__(self, shape, rate=0.1):
        super().__init__()
        self.shape, self.rate = shape, rate
        self.distilbert = Encoder(shape)
        self.vocab_transform = nn.Linear(shape.hidden, shape.hidden)
        self.vocab_layer_norm = nn.LayerNorm(shape.hidden, eps=1e-12)
        self.vocab_projector = nn.Linear(shape.hidden, shape.vocabulary)
        self.apply(_initialize)
        self.vocab_projector.weight = self.distilbert.embeddings.word_embeddings.weight

    def forward(self, ids, chosen):
        x = self.distilbert(ids, self.rate)[chosen]
        return self.vocab_projector(self.vocab_layer_norm(F.gelu(self.vocab_transform(x))))


def _initialize(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)
    if isinstance(module, nn.Embedding) and module.padding_idx is not None:
        with torch.no_grad():
            module.weight[module.padding_idx].zero_()
