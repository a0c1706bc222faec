"""A ufunc on the threads that torch has been told to use."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

GRAIN = 2**20  # bytes for which another thread pays


def make_pool():
    """Make a pool, which starts threads only when they are needed."""
    global pool
    pool = ThreadPoolExecutor(os.cpu_count())


make_pool()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=make_pool)  # the threads stay with the parent


def compute(ufunc, x, out):
    """Compute a ufunc quietly, as torch does: NumPy's error state is of no concern to it."""
    threads = min(torch.get_num_threads(), x.nbytes // GRAIN)
    if threads < 2:
        compute_quietly(ufunc, x, out)
        return
    axis = int(np.argmax(x.shape))
    parts = zip(np.array_split(x, threads, axis), np.array_split(out, threads, axis), strict=True)
    first, *rest = parts
    futures = []
    for part in rest:
        try:
            futures.append(pool.submit(compute_quietly, ufunc, *part))
        except RuntimeError:  # no more threads are to be had, as where the program is ending
            compute_quietly(ufunc, *part)
    compute_quietly(ufunc, *first)
    for future in futures:
        future.result()


def compute_quietly(ufunc, x, out):
    with np.errstate(all="ignore"):  # each thread has its own
        ufunc(x, out=out)
