"""Numbers to compute with, and results as bits, for the tests of the GPU's kernels."""

from pathlib import Path

import ml_dtypes
import numpy as np

from tanhshrink import _ufunc

NAMES = ["tanhshrink", "tanhshrink_grad"]
SMALL = ["float16", "bfloat16"]
REAL = [*SMALL, "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
DTYPES = {name: np.dtype(name) for name in [*REAL, *COMPLEX] if name != "bfloat16"}
DTYPES["bfloat16"] = np.dtype(ml_dtypes.bfloat16)
PARTS = {"complex64": np.float32, "complex128": np.float64}
DATA = Path(__file__).with_name("data")
HARD = {
    "tanhshrink": ["hard_float64.txt", "hard_float64_found.txt"],
    "tanhshrink_grad": ["hard_float64_grad.txt"],
}


def hard_float64(name):
    """Return hard inputs of both signs, and the correctly rounded results by MPFR."""
    lines = [line for file in HARD[name] for line in (DATA / file).read_text().splitlines()]
    rows = [line.split() for line in lines if not line.startswith("#")]
    x, _, result = np.array([[float.fromhex(word) for word in row] for row in rows]).T.copy()
    odd = -1 if name == "tanhshrink" else 1
    return np.concatenate([x, -x]), np.concatenate([result, odd * result])


def random_numbers(dtype, count, seed=0):
    """Return random bit patterns, and as many numbers of ordinary size, `count` in all."""
    dtype = DTYPES[dtype]
    part = np.dtype(PARTS.get(dtype.name, dtype))
    rng = np.random.default_rng(seed)
    parts = count * dtype.itemsize // part.itemsize
    patterns = np.frombuffer(rng.bytes(parts * part.itemsize), part)
    ordinary = rng.standard_normal(parts) * 2.0 ** rng.uniform(-8, 4, parts)
    return np.where(rng.random(parts) < 0.5, patterns, ordinary.astype(part)).view(dtype)


def hard_complex(dtype, count):
    """Return numbers that the usual method leaves to others, `count` of each of four kinds."""
    rng = np.random.default_rng(9)
    normal = rng.standard_normal((4, count, 2)) @ [1, 1j]
    near = normal * 2.0 ** rng.uniform(-50, -2, (4, count))
    quarters = rng.integers(1, 40, count)
    roots_and_poles = 1j * np.pi / 2 * quarters + near[0]
    rays = np.exp(1j * np.pi / 12 * quarters) * 2.0 ** rng.uniform(-12, -1, count)
    # Where |z| is about 1, a part of z - tanh(z) vanishes on a curve, to which these are moved.
    curve = normal[2] / abs(normal[2])
    for _ in range(20):
        f = curve - np.tanh(curve)
        curve -= f.real / (np.tanh(curve) ** 2).real
    kinds = [normal[1], roots_and_poles, rays * (1 + near[1]), curve * (1 + near[3])]
    return np.concatenate(kinds).astype(dtype)


def bits(array):
    """Return bit patterns in which every NaN is the same; of both parts of a complex number."""
    array = np.ascontiguousarray(array).reshape(-1)
    parts = array.view(PARTS.get(array.dtype.name, array.dtype))
    unsigned = parts.view(f"u{parts.itemsize}")
    with np.errstate(invalid="ignore"):  # a signalling NaN is one, too
        return np.where(np.isnan(parts), unsigned.dtype.type(2**15 - 1), unsigned)


def cpu(name, x, **keywords):
    """Return the result of the CPU's kernels."""
    with np.errstate(all="ignore"):
        return getattr(_ufunc, name)(x, **keywords)
