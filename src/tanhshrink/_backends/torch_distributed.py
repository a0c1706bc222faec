"""DTensors of torch, whose parts lie in several processes: what the operators do with parts."""

import functools

from torch.distributed.tensor import Replicate, Shard
from torch.distributed.tensor.experimental import register_sharding

from tanhshrink._backends.torch_operators import OPERATORS


@functools.cache
def register():
    """Tell torch that each process computes its own part, as for any elementwise operator."""
    register_sharding(list(OPERATORS.values()))(placements)


def placements(x):
    """Return where a result may lie, each with where x has to lie; torch moves x if need be."""
    same = [Replicate(), *(Shard(dimension) for dimension in range(x.ndim))]
    return [([placement], [placement]) for placement in same]
