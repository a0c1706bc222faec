"""What the tests of torch have in common."""

import ml_dtypes
import numpy as np
import torch

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
DTYPES += [torch.complex64, torch.complex128]


def numbers(dtype, count=1000):
    """Bit patterns: all of 16 bits, else random ones."""
    if dtype.itemsize == 2:
        return torch.arange(2**16, dtype=torch.int32).to(torch.uint16).view(dtype)
    generator = torch.Generator().manual_seed(0)
    size = (count * dtype.itemsize,)
    return torch.randint(256, size, dtype=torch.uint8, generator=generator).view(dtype)


def as_numpy(x):
    x = x.resolve_conj().resolve_neg()
    if x.dtype == torch.bfloat16:
        return x.view(torch.uint16).numpy().view(ml_dtypes.bfloat16)
    return x.numpy()


def of_numpy(ufunc, x):
    """Return what the ufunc gives for the values of a tensor as an array."""
    with np.errstate(all="ignore"):
        return np.asarray(ufunc(as_numpy(x)))


def assert_same_bits(result, expected):
    assert type(result) is torch.Tensor
    result = as_numpy(result)
    assert result.dtype == expected.dtype
    assert result.shape == expected.shape
    assert result.tobytes() == expected.tobytes()
