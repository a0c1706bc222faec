"""What NVRTC makes of the kernels: it keeps what the proofs and the speed need."""

import functools
import re
import subprocess

import pytest

pytest.importorskip("cupy", reason="CuPy is not installed (tox -e gpu-compile installs it)")

import cuda_toolchain

from gpu_values import NAMES, REAL

ARCHITECTURES = ["75", "80", "90", "100", "120"]
EVERY_KERNEL = [(dtype, form) for dtype, forms in cuda_toolchain.FORMS.items() for form in forms]

# Fused multiply-adds in the source of one element: of each polynomial, division, sum. NVRTC must
# not add any by contraction.
FMAS = {
    ("tanhshrink", "float16"): 2 + 2 + 4,
    ("tanhshrink_grad", "float16"): 3 + 3 + 4,
    ("tanhshrink", "float32"): 6 + 6 + 7,
    ("tanhshrink_grad", "float32"): 7 + 6 + 7,
    # The table and its test, the series and its test.
    ("tanhshrink", "float64"): 10 + 2 + 10 + 2,
    ("tanhshrink_grad", "float64"): 10 + 2 + 8 + 2,
}
FMAS |= {(name, "bfloat16"): FMAS[name, "float16"] for name in NAMES}
# Flushing only what cannot be subnormal: the operands of a division are normal numbers.
HARMLESS = {"rcp.approx.ftz.f32", "rcp.approx.ftz.f64", "neg.ftz.f32"}


@pytest.fixture(scope="module", autouse=True)
def nvrtc():
    try:
        cuda_toolchain.compile_with_nvrtc("", "compute_90")
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"NVRTC does not work here: {error}")


@pytest.fixture(scope="module")
def disassemble(tmp_path_factory):
    """Return a function that compiles a kernel and returns its machine code, line by line."""
    nvdisasm = cuda_toolchain.find_nvdisasm()
    if nvdisasm is None:
        pytest.skip("no nvdisasm is installed")
    path = tmp_path_factory.mktemp("cubin") / "kernel.cubin"

    def of(*kernel, architecture):
        path.write_bytes(cubin(*kernel, architecture) + b"\0")  # CuPy drops the last byte
        run = subprocess.run([nvdisasm, "-c", path], check=True, capture_output=True, text=True)
        return run.stdout.splitlines()

    return functools.cache(of)


@functools.cache
def cubin(name, dtype, form, architecture):
    source = cuda_toolchain.cuda_source_of(name, dtype, form)
    return cuda_toolchain.compile_with_nvrtc(source, architecture)


def ptx(name, dtype, form, options=()):
    source = cuda_toolchain.cuda_source_of(name, dtype, form)
    return cuda_toolchain.compile_with_nvrtc(source, "compute_80", options)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("name", NAMES)
def test_every_kernel_compiles(name, architecture):
    for dtype, form in EVERY_KERNEL:
        assert cubin(name, dtype, form, f"sm_{architecture}")


def flushing(code):
    """Return the instructions that take subnormal numbers for 0, but for the harmless ones."""
    return set(re.findall(r"\S+\.ftz\S*(?= )", code)) - HARMLESS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("dtype", "form"), EVERY_KERNEL)
def test_no_instruction_flushes_subnormal_numbers(name, dtype, form):
    assert flushing(ptx(name, dtype, form)) == set()


def test_an_operator_on_floats_would_be_noticed():
    source = cuda_toolchain.cuda_source_of("tanhshrink", "float32", "plain")
    plain = source.replace("f32_add(absolute, -0x1.fffffep-1f)", "absolute - 0x1.fffffep-1f")
    assert plain != source
    assert flushing(cuda_toolchain.compile_with_nvrtc(plain, "compute_80"))


def multiply_adds(code):
    return len(re.findall(r"\bfma\.rn\.", code))


@pytest.mark.parametrize(("name", "dtype"), FMAS)
def test_multiply_adds_are_as_written(name, dtype):
    assert multiply_adds(ptx(name, dtype, "plain")) == FMAS[name, dtype]


def test_contraction_would_be_noticed():
    contracted = ptx("tanhshrink", "complex64", "plain", ["--fmad=true"])
    assert multiply_adds(contracted) > multiply_adds(ptx("tanhshrink", "complex64", "plain"))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("name", NAMES)
def test_the_packed_form_loads_and_stores_16_bytes(disassemble, name, dtype, architecture):
    code = disassemble(name, dtype, "packed", architecture=f"sm_{architecture}")
    assert any(re.search(r"\bLDG\.E\.128\b(?!\.CONSTANT)", line) for line in code)
    assert any(re.search(r"\bSTG\.E\.128\b", line) for line in code)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(("dtype", "form"), [k for k in EVERY_KERNEL if k[0] in REAL])
@pytest.mark.parametrize("name", NAMES)
def test_local_memory_is_left_to_the_accurate_tier(disassemble, name, dtype, form, architecture):
    code = disassemble(name, dtype, form, architecture=f"sm_{architecture}")
    start = next(i for i, line in enumerate(code) if line.startswith(f".text.{name}"))
    ends = [i for i, line in enumerate(code) if "accurate" in line and line.endswith(":")]
    assert bool(ends) == (dtype == "float64")
    kernel = code[start : ends[0] if ends else None]
    assert not [line for line in kernel if re.search(r"\b(LDL|STL)\b", line)]
