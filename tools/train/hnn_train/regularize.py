"""Dropout that costs little on a CPU: masks are cut from one pool of random bits, at a random place each time."""
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
    pool = _pools.get(rate)
    if pool is None:
        bits = torch.rand(_POOL_SIZE, generator=torch.Generator().manual_seed(_POOL_SEED))
        pool = _pools[rate] = (bits >= rate).float().div_(1 - rate)
    start = int(torch.randint(_POOL_SIZE - x.numel(), ()))
    return x * pool[start:start + x.numel()].view(x.shape)
