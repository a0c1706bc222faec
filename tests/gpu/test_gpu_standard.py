"""On a GPU: arrays of which only the array API standard is known."""

import numpy as np
import pytest

pytest.importorskip("cupy", reason="CuPy is not installed")

import cupy

import tanhshrink
from gpu_values import NAMES, cpu, random_numbers


class Standard:
    """An array with what is needed here of the array API standard, around one of CuPy."""

    def __init__(self, array):
        self.array = array
        self.dtype, self.device = array.dtype, array.device
        self.__dlpack__, self.__dlpack_device__ = array.__dlpack__, array.__dlpack_device__

    def __array_namespace__(self):
        return Standard

    @staticmethod
    def isdtype(dtype, kinds):
        return np.isdtype(dtype, kinds)

    @staticmethod
    def from_dlpack(x, device):
        assert x.device == device
        return Standard(x)


@pytest.mark.parametrize("name", NAMES)
def test_an_array_of_the_standard_gives_one_of_its_class(name, assert_same):
    x = random_numbers("float64", 2000)
    result = getattr(tanhshrink, name)(Standard(cupy.asarray(x)))
    assert type(result) is Standard
    assert_same(result.array, cpu(name, x))
