"""Dropout and noise that cost little on a CPU: cut from one pool of random numbers, at a random place each time."""
import torch
from torch.nn import functional as F

_POOL_SIZE = 1 << 23
_POOL_SEED = 20161125  # the places drawn from the pool are random, the pool is not: a run can be resumed
_pools = {}


def dropout(x, rate, training):
    """E[dropout(x)] = x. On a GPU PyTorch's own; on a CPU that one takes longer than the products around it."""
    if not training or rate == 0:
        return x
    if x.is_cuda or x.numel() > _POOL_SIZE // 2:
        return F.dropout(x, rate)
    return x * _cut(x, rate, lambda generator: (torch.rand(_POOL_SIZE, generator=generator) >= rate).float().div_(1 - rate))


def add_noise(x, sigma):
    """x + sigma * N(0, 1)."""
    if x.is_cuda or x.numel() > _POOL_SIZE // 2:
        return x + torch.randn_like(x) * sigma
    return torch.add(x, _cut(x, "normal", lambda generator: torch.randn(_POOL_SIZE, generator=generator)), alpha=sigma)


def _cut(x, key, fill):
    pool = _pools.get(key)
    if pool is None:
        pool = _pools[key] = fill(torch.Generator().manual_seed(_POOL_SEED))
    start = int(torch.randint(_POOL_SIZE - x.numel(), ()))
    return pool[start:start + x.numel()].view(x.shape)
