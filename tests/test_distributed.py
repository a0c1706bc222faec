"""A cluster of worker processes computes more than one of them may hold."""

import os

import numpy as np
import pytest

import tanhshrink

distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
da = pytest.importorskip("dask.array", reason="dask is not installed")

MEMORY_LIMIT = 600 * 2**20  # a worker's libraries alone may take 250 MB, and at 480 it pauses
LENGTH = 100_000_000  # 800 MB of float64
CHUNK = 2_000_000


def chunk_of_numbers(block_info=None):
    """Return the numbers of a chunk: the same ones wherever they are made."""
    start, stop = block_info[None]["array-location"][0]
    return np.arange(start, stop) * 2.0**-22


def sum_of_bits(chunk):
    """Return one number for a chunk that changes with any bit of it."""
    return np.sum(chunk.view(np.int64) * (2 * np.arange(chunk.size) + 1), keepdims=True)


def test_a_cluster_computes_an_array_larger_than_a_worker_may_hold(name):
    ufunc = getattr(tanhshrink, name)
    chunks = ((CHUNK,) * (LENGTH // CHUNK),)
    x = da.map_blocks(chunk_of_numbers, chunks=chunks, dtype=float)
    result = ufunc(x)
    assert result.nbytes > MEMORY_LIMIT
    sums = result.map_blocks(sum_of_bits, chunks=((1,) * x.npartitions,), dtype=np.int64)
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            memory_limit=MEMORY_LIMIT,
            dashboard_address=None,
            host="127.0.0.1",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = client.run(os.getpid)
        computed = client.compute(sums).result(timeout=300)
    assert len(set(pids.values())) == 2
    for i in range(x.npartitions):
        numbers = np.arange(i * CHUNK, (i + 1) * CHUNK) * 2.0**-22
        assert computed[i] == sum_of_bits(ufunc(numbers))[0], f"chunk {i}"
