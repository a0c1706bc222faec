"""Kernels compiled for the CPU, where that can be done."""

import functools
import platform
import shutil

import pytest


@pytest.fixture(scope="session")
def on_cpu(tmp_path_factory):
    """Return a function that compiles a kernel for the CPU, once."""
    if shutil.which("g++") is None or platform.machine().lower() not in ("x86_64", "amd64"):
        pytest.skip("CUDA source is run on x86 CPUs only, compiled by g++")
    import cuda_toolchain

    folder = tmp_path_factory.mktemp("cuda")
    return functools.cache(lambda *kernel: cuda_toolchain.compile_for_cpu(folder, *kernel))
