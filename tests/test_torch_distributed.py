"""Tensors of torch whose parts lie in several processes."""

import os

import pytest

from tanhshrink import tanhshrink, tanhshrink_grad

torch = pytest.importorskip("torch", reason="torch is not installed")
if not torch.distributed.is_available():
    pytest.skip("torch was built without torch.distributed", allow_module_level=True)

import torch.distributed as dist  # noqa: E402
from torch.distributed import tensor as dtensor  # noqa: E402
from torch.distributed.tensor.debug import CommDebugMode  # noqa: E402

PROCESSES = 2


def check_a_transform_may_come_first(mesh):
    x = torch.linspace(-2, 2, 7)
    distributed = dtensor.distribute_tensor(x, mesh, [dtensor.Shard(0)])
    gradient = torch.func.grad(lambda x: tanhshrink(x).sum())(distributed)
    assert torch.equal(gradient.full_tensor(), tanhshrink_grad(x))


def check_where_results_lie(mesh, ufunc):
    x = torch.randn(5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(ufunc(x).sum(), x)
    for placement in (dtensor.Shard(0), dtensor.Shard(1), dtensor.Replicate()):
        distributed = dtensor.distribute_tensor(x.detach(), mesh, [placement]).requires_grad_()
        with CommDebugMode() as communication:
            result = ufunc(distributed)
        assert communication.get_total_counts() == 0
        assert type(result) is dtensor.DTensor
        assert result.placements == (placement,)
        assert torch.equal(result.full_tensor(), ufunc(x))
        result.sum().backward()
        assert distributed.grad.placements == (placement,)
        assert torch.equal(distributed.grad.full_tensor(), gradient)


def check_partial_sums_are_added_before(mesh, ufunc):
    x = torch.linspace(-2, 2, 7)
    result = ufunc(dtensor.DTensor.from_local(x, mesh, [dtensor.Partial()]))
    assert torch.equal(result.full_tensor(), ufunc(PROCESSES * x))


def check(rank, store):
    dist.init_process_group("gloo", f"file://{store}", rank=rank, world_size=PROCESSES)
    mesh = dist.init_device_mesh("cpu", (PROCESSES,))
    check_a_transform_may_come_first(mesh)
    for ufunc in (tanhshrink, tanhshrink_grad):
        check_where_results_lie(mesh, ufunc)
        check_partial_sums_are_added_before(mesh, ufunc)
    dist.barrier()
    dist.destroy_process_group()
    os._exit(0)  # not through torch's destructors, which once in a while abort ("terminate called")


def test_each_process_computes_its_part_of_a_dtensor(tmp_path):
    torch.multiprocessing.spawn(check, (tmp_path / "store",), PROCESSES)
