"""Time both ufuncs beside a copy, np.tanh and the naive formula: python benchmarks/compare.py

Prints ns per element, the median of rounds in which all functions take turns, so that a noisy
machine disturbs all of them alike. A fixed output array is reused, as a careful user would.
"""

import statistics
import time

import ml_dtypes
import numpy as np

from tanhshrink import _ufunc, show_runtime, tanhshrink

ROUNDS = 11
SECONDS = 0.005  # a function's share of a round
CACHED_BYTES = 1 << 18  # input and output together stay in a 1 MB second-level cache
MEMORY_BYTES = 1 << 26
REAL = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64, np.longdouble]
COMPLEX = [np.complex64, np.complex128]


def inputs(count, dtype):
    """Yield (name, array): kinds of data that take different paths through the kernels."""
    rng = np.random.default_rng(0)
    normal = rng.standard_normal(count)
    if dtype.kind == "c":
        normal = normal + 1j * rng.standard_normal(count)
    yield "normal", normal.astype(dtype)
    yield "large: normal * 8", (normal * 8).astype(dtype)
    yield "small: normal / 1000", (normal / 1000).astype(dtype)
    yield "half zeros", (normal * rng.integers(2, size=count)).astype(dtype)
    yield "1 % NaN", np.where(rng.random(count) < 0.01, np.nan, normal).astype(dtype)
    if dtype.kind == "c":
        yield from unusual_complex_inputs(rng, normal, dtype)


def unusual_complex_inputs(rng, normal, dtype):
    """Yield (name, array): complex numbers of one kind that meet one part of the kernels."""
    x, y, tiny = normal.real, normal.imag, np.finfo(dtype).tiny ** 0.3
    kinds = {
        "imaginary": (0 * x, y),
        "equal parts": (x, x),
        "small equal parts": (x / 1000, x / 1000),
        "small, at 60 degrees": (x / 1000, x * (np.sqrt(3) / 1000)),
        "huge imaginary part": (x, np.exp2(rng.uniform(20, 120, x.size))),
        "real part 300 to 450": (rng.uniform(300, 450, x.size), y),
        "tiny real part": (tiny * x, y),
        "tiny imaginary part": (x, tiny * y),
        "tiny parts": (tiny * x, tiny * y),
    }
    for name, (re, im) in kinds.items():
        yield name, (re + 1j * im).astype(dtype)


def functions(name, x):
    """Yield (name, function of no arguments) of what is compared on `x`."""
    out, scratch = np.empty_like(x), np.empty_like(x)

    def naive():
        np.tanh(x, out=scratch)
        if name == "tanhshrink":
            np.subtract(x, scratch, out=out)
        else:
            np.multiply(scratch, scratch, out=out)

    yield "copyto", lambda: np.copyto(out, x)
    yield "tanh", lambda: np.tanh(x, out=out)
    yield "naive", naive
    for target in _ufunc.available_targets():
        ufunc = _ufunc.make_ufunc(name, target)
        yield target, lambda ufunc=ufunc: ufunc(x, out=out)


def measure(named):
    """Return the median time of a call in ns for each of the pairs (name, function)."""
    named = dict(named)
    repeats, times = {}, {name: [] for name in named}
    for name, function in named.items():
        function()
        start = time.perf_counter()
        function()
        repeats[name] = 1 + int(SECONDS / (time.perf_counter() - start))
    for _ in range(ROUNDS):
        for name, function in named.items():
            start = time.perf_counter()
            for _ in range(repeats[name]):
                function()
            times[name].append((time.perf_counter() - start) / repeats[name] * 1e9)
    return {name: statistics.median(t) for name, t in times.items()}


def print_row(label, times, unit=1):
    """Print one line of a table."""
    print(f"{label:40}", *(f"{t / unit:9.3f}" for t in times.values()), flush=True)


def calls(x):
    """Yield (name, function) for a call on one element."""
    yield "tanh", lambda: np.tanh(x)
    yield "tanhshrink", lambda: tanhshrink(x)


def main():
    """Print all tables."""
    show_runtime()
    for name in ("tanhshrink", "tanhshrink_grad"):
        print(f"\n{name}, ns per element")
        print(f"{'':40}", *(f"{column:>9}" for column, _ in functions(name, np.zeros(1))))
        for dtype in map(np.dtype, REAL + COMPLEX):
            count = CACHED_BYTES // dtype.itemsize // 2
            for kind, x in inputs(count, dtype):
                label = f"{dtype.name:10} cache   {kind}"
                print_row(label, measure(functions(name, x)), count)
            count = MEMORY_BYTES // dtype.itemsize // 2
            kind, x = next(inputs(count, dtype))
            print_row(f"{dtype.name:10} memory  {kind}", measure(functions(name, x)), count)

    print("\nns per call" + " " * 34 + "tanh tanhshrink")
    for kind, x in [("Python float", 1.5), ("array of one float64", np.array([1.5]))]:
        print_row(kind, measure(calls(x)))


if __name__ == "__main__":
    main()
