"""The network of additions and multiplications, and every stage on the way to it from DistilBERT.

x (B, T, d); m (B, T, 1) is 1 on tokens and 0 on padding, which stays exactly zero throughout; bucket (B, 1, 1, 1): 16, 32 or 64.

    attention    softmax(q.k / sqrt(h))            ->  (q.k / sqrt(h))^2 / bucket
    activation   gelu(u), relu(u) in the head      ->  c2 u^2 + c1 u
    norm         LayerNorm: statistics of a token  ->  one affine map, statistics of the training data
    pooling      x of [CLS]                        ->  sum over positions / bucket

Each is mixed as (1 - w) old + w new; w grows from 0 to 1, layer by layer (`set_progress`). The network is what w = 1 leaves.

Residual stream: DistilBERT's is normed (x <- norm(x + f(x))), a network from scratch keeps it raw (x <- x + f(norm(x))). With affine
norms the two are the same function after a change of scale for each feature, which `export` carries out.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .distilbert import Attention, Embeddings, FeedForward
from .regularize import add_noise, dropout

BUCKETS = (16, 32, 64)
ACTIVATION = (0.5, 0.125)  # c1, c2
VARIANCE_FLOOR = 1e-3

# Where the range loss begins: a mean of squares of what lies beyond.
SCORE_LIMIT, CONTEXT_LIMIT, PREACTIVATION_LIMIT, RESIDUAL_LIMIT = 3.0, 6.0, 4.0, 8.0


def bucket_of(mask):
    """The smallest bucket that holds each text: (B,) for a mask (B, T)."""
    lengths = mask.sum(1)
    if lengths.max() > BUCKETS[-1]:
        raise ValueError(f"a text of {int(lengths.max())} tokens; the largest bucket holds {BUCKETS[-1]}: truncate it")
    bounds = torch.tensor(BUCKETS, dtype=mask.dtype, device=mask.device)
    return bounds[(lengths[:, None] > bounds).sum(1)]


def mix(weight, old, new):
    """(1 - w) old() + w new(), computing only what counts."""
    if weight <= 0:
        return old()
    return new() if weight >= 1 else torch.lerp(old(), new(), weight)


class Flow:
    """What one forward pass carries along: mask, bucket, noise, and the range loss it gathers."""

    def __init__(self, ids, noise, observer=None):
        mask = (ids != 0).float()
        self.flat, self.mask = mask, mask[..., None]
        self.bucket = bucket_of(mask)[:, None, None, None]
        self.noise, self.observer, self.losses = noise, observer, []
        self._scale, self._shift = 1.0, 0.0

    def pass_on(self, name, x, limit=None):
        """Notes x under a name, adds the noise of that name (sigma, in units of x), and charges what exceeds the limit."""
        if self.observer is not None:
            self.observer(name, x)
        if limit is not None:
            self.losses.append(F.relu(x.abs() - limit).square().mean())
        sigma = self.noise.get(name, 0.0)
        return add_noise(x, sigma) if sigma else x

    def watch_residual(self, name, x):
        """Charges a normed residual as the raw one that `export` makes of it: (x - c m) / D, elementwise."""
        self.pass_on(name, (x - self._shift * self.mask) / self._scale, RESIDUAL_LIMIT)

    def compose(self, norm):
        """A norm (s, t) has been passed: D becomes s D, c becomes s c + t."""
        scale, shift = norm.affine()
        self._scale, self._shift = scale * self._scale, scale * self._shift + shift


class Norm(nn.Module):
    """LayerNorm that becomes an affine map: x * scale + shift with batch statistics while it learns, their running mean afterwards."""

    def __init__(self, hidden):
        super().__init__()
        self.layer_norm = nn.LayerNorm(hidden, eps=1e-12)
        self.weight, self.bias = nn.Parameter(torch.ones(hidden)), nn.Parameter(torch.zeros(hidden))
        self.register_buffer("mean", torch.zeros(hidden))
        self.register_buffer("variance", torch.ones(hidden))
        self.frozen = 1.0
        self.learns_statistics = True

    def forward(self, x, flow):
        if self.frozen <= 0:
            self._watch(x, flow)
        return mix(self.frozen, lambda: self.layer_norm(x), lambda: self._affine(x, flow)) * flow.mask

    def affine(self):
        """(scale, shift), each (d,): what the norm is once it is frozen."""
        mean, variance = self.mean.clone(), self.variance.clone()  # they move in place while they learn
        scale = self.weight * torch.rsqrt(variance + VARIANCE_FLOOR)
        return scale, self.bias - mean * scale

    def _affine(self, x, flow):
        mean, variance = self._watch(x, flow) if self.training and self.learns_statistics else (self.mean, self.variance)
        scale = self.weight * torch.rsqrt(variance + VARIANCE_FLOOR)
        return x * scale + (self.bias - mean * scale)

    def _watch(self, x, flow):
        """Mean and variance over the tokens of the batch (padding of x is zero); the running ones follow while training."""
        count = flow.mask.sum()
        x = x * flow.mask
        mean = x.sum((0, 1)) / count
        variance = (x.square().sum((0, 1)) / count - mean.square()).clamp_min(0)
        if self.training and self.learns_statistics:
            with torch.no_grad():
                self.mean.lerp_(mean, 0.01)
                self.variance.lerp_(variance, 0.01)
        return mean, variance


class Block(nn.Module):
    def __init__(self, shape, index, normed_residual):
        super().__init__()
        self.name, self.normed_residual = f"layers.{index}.", normed_residual
        self.attention, self.ffn = Attention(shape), FeedForward(shape)
        # Raw residual: before attention and feed-forward. Normed residual: after them.
        self.first_norm, self.second_norm = Norm(shape.hidden), Norm(shape.hidden)
        self.squared, self.quadratic = 1.0, 1.0
        self.charges_scores = False

    def forward(self, x, flow, rate):
        keep = lambda t: dropout(t, rate, self.training)
        if self.normed_residual:
            x = self._normalize(self.first_norm, x + keep(self._attend(x, flow, rate)), flow, "after_attention")
            return self._normalize(self.second_norm, x + keep(self._feed_forward(x, flow)), flow, "output")
        x = x + keep(self._attend(self.first_norm(x, flow), flow, rate))
        flow.pass_on(self.name + "after_attention", x, RESIDUAL_LIMIT)
        x = x + keep(self._feed_forward(self.second_norm(x, flow), flow))
        return flow.pass_on(self.name + "output", x, RESIDUAL_LIMIT)

    def _normalize(self, norm, x, flow, name):
        if norm.frozen > 0:
            flow.watch_residual(self.name + name, x)
        flow.compose(norm)
        return norm(x, flow)

    def _attend(self, x, flow, rate):
        m = flow.mask[:, None]
        q, k, v = (flow.pass_on(self.name + n, t * m) for n, t in zip("qkv", self.attention.project(x)))
        scores = flow.pass_on(self.name + "score", (q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2),
                              SCORE_LIMIT if self.squared > 0 or self.charges_scores else None)
        weights = mix(self.squared,
                      lambda: scores.masked_fill(flow.flat[:, None, None, :] == 0, -1e4).softmax(-1),
                      lambda: flow.pass_on(self.name + "weight", scores.square() / flow.bucket))
        context = dropout(weights, rate / 2, self.training) @ v
        context = flow.pass_on(self.name + "context", context.transpose(1, 2).reshape(x.shape), CONTEXT_LIMIT)
        return self.attention.out_lin(context) * flow.mask

    def _feed_forward(self, x, flow):
        u = flow.pass_on(self.name + "preactivation", self.ffn.lin1(x) * flow.mask, PREACTIVATION_LIMIT)
        g = flow.pass_on(self.name + "activation", mix(self.quadratic, lambda: F.gelu(u), lambda: quadratic(u)))
        return self.ffn.lin2(g) * flow.mask


def quadratic(u):
    c1, c2 = ACTIVATION
    return u * (c2 * u + c1)


class Network(nn.Module):
    """ids (B, T) to logits (B, classes); `last_range_loss` belongs to the latest pass."""

    def __init__(self, shape, rate=0.1, normed_residual=False, noise=None):
        super().__init__()
        self.shape, self.rate, self.normed_residual, self.noise = shape, rate, normed_residual, noise or {}
        self.embeddings = Embeddings(shape)
        self.blocks = nn.ModuleList(Block(shape, i, normed_residual) for i in range(shape.layers))
        self.last_norm = Norm(shape.hidden) if not normed_residual else None
        self.pre_classifier = nn.Linear(shape.hidden, shape.hidden)
        self.classifier = nn.Linear(shape.hidden, shape.classes)
        self.pooled, self.quadratic_head = 1.0, 1.0
        self.last_range_loss = torch.zeros(())
        self._initialize()

    def forward(self, ids, observer=None):
        flow = Flow(ids, self.noise if self.training else {}, observer)
        x = dropout(self.embeddings(ids), self.rate, self.training) * flow.mask
        flow.pass_on("input", x)
        for block in self.blocks:
            x = block(x, flow, self.rate)
        if self.last_norm is not None:
            x = self.last_norm(x, flow)
        pooled = mix(self.pooled, lambda: x[:, 0], lambda: x.sum(1) / flow.bucket[:, 0, 0])
        u = flow.pass_on("head.preactivation", self.pre_classifier(pooled), PREACTIVATION_LIMIT)
        g = mix(self.quadratic_head, lambda: F.relu(u), lambda: quadratic(u))
        self.last_range_loss = sum(flow.losses)
        return self.classifier(dropout(g, self.rate, self.training))

    def norms(self):
        found = [norm for block in self.blocks for norm in (block.first_norm, block.second_norm)]
        return found if self.last_norm is None else found + [self.last_norm]

    def set_progress(self, progress):
        """0: DistilBERT; 1: additions and multiplications only. Layer i turns between i / (L + 1) and (i + 1) / (L + 1), the head last."""
        parts = len(self.blocks) + 1
        weights = [min(1.0, max(0.0, progress * parts - i)) for i in range(parts)]
        for block, weight in zip(self.blocks, weights):
            block.squared = block.quadratic = block.first_norm.frozen = block.second_norm.frozen = weight
        self.pooled = self.quadratic_head = weights[-1]

    def charge_scores(self):
        """From here on the range loss counts the scores of softmax attention too, which are to be squared later."""
        for block in self.blocks:
            block.charges_scores = True

    def freeze_statistics(self):
        """From here on the norms are the affine maps that will be exported, in training too."""
        for norm in self.norms():
            norm.learns_statistics = False

    def _initialize(self):
        nn.init.normal_(self.embeddings.word_embeddings.weight, std=0.05)
        nn.init.normal_(self.embeddings.position_embeddings.weight, std=0.02)
        # q.k / sqrt(h) starts around 1: the constant term of the squared score, which softmax has for nothing.
        constant = self.shape.head_size ** -0.25
        for block in self.blocks:
            nn.init.constant_(block.attention.q_lin.bias, constant)
            nn.init.constant_(block.attention.k_lin.bias, constant)
