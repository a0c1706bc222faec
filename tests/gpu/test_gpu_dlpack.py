"""On a GPU: arrays of other libraries, through DLPack, on their stream."""

import numpy as np
import pytest

pytest.importorskip("cupy", reason="CuPy is not installed")
pytest.importorskip("torch", reason="torch is not installed")

import cupy
import torch

import tanhshrink
from gpu_values import NAMES, bits, cpu, random_numbers
from tanhshrink._backends.cupy import call_dlpack


@pytest.fixture(autouse=True)
def torch_with_cuda():
    if not torch.cuda.is_available():
        pytest.skip("torch was built without CUDA")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
def test_a_tensor_is_computed_without_a_copy(name, dtype, assert_same):
    x = random_numbers(dtype, 2000)
    tensor = torch.from_numpy(x).cuda()
    stream = torch.cuda.current_stream().cuda_stream
    result = call_dlpack(getattr(tanhshrink, name), tensor, stream=stream)
    assert_same(result, cpu(name, x))
    assert torch.from_dlpack(result).data_ptr() == result.data.ptr
    out = torch.empty_like(tensor)
    call_dlpack(getattr(tanhshrink, name), tensor, out=out, stream=stream)
    assert np.array_equal(bits(out.cpu().numpy()), bits(cpu(name, x)))


def test_a_bfloat16_tensor_keeps_its_dtype():
    x = torch.arange(-8, 8, dtype=torch.bfloat16).cuda()
    got = torch.from_dlpack(call_dlpack(tanhshrink.tanhshrink, x))
    assert got.dtype == torch.bfloat16
    want = tanhshrink.tanhshrink(cupy.asarray(x.float().cpu().numpy()))
    assert torch.allclose(got.float().cpu(), torch.from_numpy(want.get()), rtol=2**-8)


def test_the_library_s_stream_is_waited_for():
    x = random_numbers("float32", 2**22)
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        tensor = torch.empty(x.size, device="cuda")
        torch.cuda._sleep(50_000_000)  # what comes too early finds nothing
        tensor.copy_(torch.from_numpy(x).pin_memory(), non_blocking=True)
        for address in (stream.cuda_stream, None):
            result = torch.from_dlpack(
                call_dlpack(tanhshrink.tanhshrink, tensor, stream=address)
            ).clone()
            stream.synchronize()
            assert np.array_equal(bits(result.cpu().numpy()), bits(cpu("tanhshrink", x)))


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "bfloat16"])
def test_tensors_have_the_values_and_gradients_of_the_cpu(dtype):
    on_cpu = torch.linspace(-9, 9, 1000).to(getattr(torch, dtype)).requires_grad_()
    on_gpu = on_cpu.detach().cuda().requires_grad_()
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        got = tanhshrink.tanhshrink(on_gpu)
        got.abs().sum().backward()
    torch.cuda.synchronize()
    want = tanhshrink.tanhshrink(on_cpu)
    want.abs().sum().backward()
    assert got.device == on_gpu.device
    assert torch.equal(got.cpu(), want)
    torch.testing.assert_close(on_gpu.grad.cpu(), on_cpu.grad)


def test_an_expanded_tensor_and_an_output():
    x = torch.linspace(-9, 9, 100, device="cuda").expand(3, 100)
    got = tanhshrink.tanhshrink(x)
    assert torch.equal(got.cpu(), tanhshrink.tanhshrink(x.cpu()))
    out = torch.empty_like(got)
    tanhshrink.tanhshrink(x, out=out)
    assert torch.equal(out, got)
