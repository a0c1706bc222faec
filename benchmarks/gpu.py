"""Time both ufuncs on a GPU beside a copy and other ways to compute them: python benchmarks/gpu.py

Prints a table of GB/s, bytes read and written, for contiguous arrays of 1 GiB: the median of rounds
in which all functions take turns, and the quartiles. Each figure goes into the file named by --save
as soon as it is known, so that an interrupted run leaves what it has.
"""

import argparse
import functools
import json
import statistics
import time
from pathlib import Path

import cupy
import ml_dtypes
import numpy as np

from tanhshrink import __version__, tanhshrink, tanhshrink_grad
from tanhshrink._backends import cupy_launch

ROUNDS = 11
BYTES = 1 << 30
DTYPES = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64, np.complex64, np.complex128]
CALLS = 1000


def inputs(dtype):
    """Yield (name, array): kinds of data that take different paths through the kernels."""
    dtype = np.dtype(dtype)
    rng = np.random.default_rng(0)
    normal = rng.standard_normal(1 << 20)
    if dtype.kind == "c":
        normal = normal + 1j * rng.standard_normal(1 << 20)
    for name, values in (
        ("normal", normal),
        ("uniform(-20, 20)", rng.uniform(-20, 20, 1 << 20)),
        ("normal / 1000", normal / 1000),
    ):
        block = cupy.asarray(values.astype(dtype))
        x = cupy.empty((BYTES // block.nbytes, block.size), dtype)
        x[...] = block
        yield name, x.reshape(-1)


def functions(x, data):
    """Yield (name, function of no arguments); a function that cannot be had is left out."""
    out = cupy.empty_like(x)
    yield "copy", lambda: out.data.copy_from_device_async(x.data, x.nbytes)
    yield "tanhshrink", lambda: tanhshrink(x, out=out)
    yield "tanhshrink_grad", lambda: tanhshrink_grad(x, out=out)
    if data != "normal":
        return
    yield "x - cupy.tanh(x)", lambda: x - cupy.tanh(x)
    fused = cupy.fuse(kernel_name="fused")(lambda x: x - cupy.tanh(x))
    yield "cupy.fuse", lambda: fused(x)
    if x.dtype == np.float64:
        for form in ("packed", "plain"):
            yield f"float64, {form}", functools.partial(run_form, form, x, out)
    try:
        import torch
    except ImportError:
        return
    eager = torch.nn.functional.tanhshrink
    yield "torch", lambda: eager(torch.from_dlpack(x))
    if x.dtype.kind != "c":  # for which it generates no code
        compiled = torch.compile(eager)
        yield "torch.compile", lambda: compiled(torch.from_dlpack(x))


def run_form(form, x, out):
    """Run one form of the kernel, whatever form the ufunc takes."""
    kernel = cupy_launch.kernel("tanhshrink", x.dtype, form)
    if form == "plain":
        kernel(x, out)
    else:
        kernel(x, out, size=x.size // 2)


@functools.cache
def spare_memory():
    """Return memory that no function uses."""
    return cupy.cuda.alloc(BYTES)


def milliseconds(function):
    """Return the time a call takes on the GPU."""
    # First some other work, a quarter of a millisecond or more: on an idle GPU the time would count
    # that Python needs for the launch. And so no function finds anything of its own in a cache.
    # All this and torch's kernels, too, are in one queue, the default stream.
    memory, half = spare_memory(), BYTES // 2
    memory.copy_from_device_async(memory + half, half)
    start, end = cupy.cuda.Event(), cupy.cuda.Event()
    start.record()
    function()
    end.record()
    end.synchronize()
    return cupy.cuda.get_elapsed_time(start, end)


def measure(named):
    """Return the quartiles in ms for each of the pairs (name, function), or why there are none."""
    named, results = dict(named), {}
    for name, function in list(named.items()):
        try:
            for _ in range(2):
                function()
            cupy.cuda.Device().synchronize()
        except Exception as error:  # another library's limits must not end the run
            results[name] = f"{type(error).__name__}: {error}".splitlines()[0][:100]
            del named[name]
    times = {name: [] for name in named}
    for _ in range(ROUNDS):
        for name, function in named.items():
            times[name].append(milliseconds(function))
    return results | {name: statistics.quantiles(values, n=4) for name, values in times.items()}


def call_overhead():
    """Return microseconds a call takes for a small array, launched but not waited for."""
    x, results = cupy.ones(16, np.float32), {}
    out = cupy.empty_like(x)
    for name, function in (
        ("cupy.tanh(x)", lambda: cupy.tanh(x)),
        ("tanhshrink(x)", lambda: tanhshrink(x)),
        ("cupy.tanh(x, out)", lambda: cupy.tanh(x, out)),
        ("tanhshrink(x, out)", lambda: tanhshrink(x, out)),
        ("x - cupy.tanh(x)", lambda: x - cupy.tanh(x)),
    ):
        function()
        rounds = []
        for _ in range(ROUNDS):
            cupy.cuda.Device().synchronize()
            start = time.perf_counter()
            for _ in range(CALLS):
                function()
            rounds.append((time.perf_counter() - start) / CALLS * 1e6)
        results[name] = statistics.median(rounds)
    return results


def first_call():
    """Return seconds until the first result of each dtype; less if CuPy has it in its cache."""
    results = {}
    for dtype in DTYPES:
        x = cupy.ones(1 << 19, dtype)
        start = time.perf_counter()
        tanhshrink(x)
        cupy.cuda.Device().synchronize()
        results[np.dtype(dtype).name] = time.perf_counter() - start
    return results


def print_table(dtype, data, times):
    """Print the speeds of one array."""
    print(f"{dtype}, {data}")
    copy, own = times["copy"][1], times["tanhshrink"][1]
    for name, quartiles in times.items():
        if isinstance(quartiles, str):
            print(f"    {name:18} {quartiles}")
            continue
        low, ms, high = quartiles
        print(
            f"    {name:18} {2 * BYTES / ms / 1e6:8.0f} GB/s {copy / ms:7.1%} of a copy "
            f"({copy / high:.1%} to {copy / low:.1%}), takes {ms / own:.2f} times tanhshrink's time"
        )


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", type=Path, default=Path("gpu-benchmark.json"), metavar="FILE")
    arguments = parser.parse_args()
    properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    figures = {"device": properties["name"].decode(), "tanhshrink": __version__}
    figures |= {"cupy": cupy.__version__, "date": time.strftime("%Y-%m-%d")}

    def save(key, value):
        figures[key] = value
        arguments.save.write_text(json.dumps(figures, indent=1) + "\n")

    print(f"{figures['device']}, CuPy {cupy.__version__}")
    save("first call, s", first_call())
    save("call, us", call_overhead())
    for key in ("first call, s", "call, us"):
        print(key, {name: round(value, 2) for name, value in figures[key].items()})
    for dtype in DTYPES:
        for data, x in inputs(dtype):
            times = measure(functions(x, data))
            save(f"{np.dtype(dtype).name}, {data}, quartiles in ms", times)
            print_table(np.dtype(dtype).name, data, times)
        cupy.get_default_memory_pool().free_all_blocks()


if __name__ == "__main__":
    main()
