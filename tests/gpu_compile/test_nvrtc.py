"""What NVRTC makes of the kernels: it keeps what the proofs and the speed need."""

import functools
import re
import subprocess

import pytest

pytest.importorskip("cupy", reason="CuPy is not installed (tox -e gpu-compile installs it)")

import cuda_toolchain

from gpu_values import COMPLEX, NAMES, REAL
from tanhshrink._backends import cuda_source

ARCHITECTURES = ["75", "80", "90", "100", "120"]
EVERY_KERNEL = [(dtype, form) for dtype, forms in cuda_toolchain.FORMS.items() for form in forms]

# Fused multiply-adds in the source of one element: of each polynomial, division, sum. NVRTC must
# not add any by contraction.
FMAS = {
    ("tanhshrink", "float16", "80"): 2 + 2 + 2 + 1,
    ("tanhshrink_grad", "float16", "80"): 3 + 3 + 2,
    ("tanhshrink", "bfloat16", "80"): 2 + 2 + 2 + 1,
    ("tanhshrink_grad", "bfloat16", "80"): 3 + 3 + 2,
    ("tanhshrink", "float32", "80"): 6 + 6 + 3,
    ("tanhshrink_grad", "float32", "80"): 7 + 6 + 3,
    # In pairs of floats: x^2, N, D, two products, the division, the test; then the above.
    ("tanhshrink", "float32", "120"): 1 + 3 * (4 + 5 + 2) + 4 + 2 + 15,
    ("tanhshrink_grad", "float32", "120"): 1 + 3 * (5 + 6 + 2) + 4 + 2 + 16,
    # A point of the table and its square, the curve, the sums, their test; the series and its test.
    ("tanhshrink", "float64", "80"): 2 + 7 + 5 + 2 + 11 + 2,
    ("tanhshrink_grad", "float64", "80"): 2 + 9 + 7 + 2 + 9 + 2,
}
BLOCK_REGISTERS = 2**16  # of a block of threads, on each of these
# Flushing only what cannot be subnormal: divisors, which are 1 at least.
HARMLESS = {"rcp.approx.ftz.f32", "rcp.approx.ftz.f64"}


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
    options = cuda_source.kernel_arguments(name, dtype, form)["options"]
    return cuda_toolchain.compile_with_nvrtc(source, architecture, options)


def ptx(name, dtype, form, architecture="80", options=cuda_source.OPTIONS):
    source = cuda_toolchain.cuda_source_of(name, dtype, form)
    return cuda_toolchain.compile_with_nvrtc(source, f"compute_{architecture}", options)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("name", NAMES)
def test_every_kernel_compiles(name, architecture):
    for dtype, form in EVERY_KERNEL:
        assert cubin(name, dtype, form, f"sm_{architecture}")


def flushing(code):
    """Return the instructions that take subnormal numbers for 0, but for the harmless ones."""
    return set(re.findall(r"\S+\.ftz\S*(?= )", code)) - HARMLESS


@pytest.mark.parametrize("architecture", ["75", "80", "120"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("dtype", "form"), EVERY_KERNEL)
def test_no_instruction_flushes_subnormal_numbers(name, dtype, form, architecture):
    assert flushing(ptx(name, dtype, form, architecture)) == set()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("dtypes", cuda_source.CASTS)
def test_no_cast_flushes_subnormal_numbers(dtypes, architecture):
    source = cuda_toolchain.generated_source(cuda_source.cast_arguments(*dtypes))
    assert cuda_toolchain.compile_with_nvrtc(source, f"sm_{architecture}")
    assert flushing(cuda_toolchain.compile_with_nvrtc(source, f"compute_{architecture}")) == set()


def test_a_cast_of_cupy_would_be_noticed():
    arguments = cuda_source.cast_arguments("float32", "float64") | {"operation": "y = x;"}
    source = cuda_toolchain.generated_source(arguments)
    assert flushing(cuda_toolchain.compile_with_nvrtc(source, "compute_90"))


def test_an_operator_on_floats_would_be_noticed():
    source = cuda_toolchain.cuda_source_of("tanhshrink", "float32", "plain")
    plain = source.replace("f32_add(f32_absolute(x), -0x1", "(f32_absolute(x) - 0x1")
    assert plain != source
    assert flushing(cuda_toolchain.compile_with_nvrtc(plain, "compute_80"))


def multiply_adds(code):
    return len(re.findall(r"\bfma\.rn\.", code))


@pytest.mark.parametrize(("name", "dtype", "architecture"), FMAS)
def test_multiply_adds_are_as_written(name, dtype, architecture):
    code = ptx(name, dtype, "plain", architecture)
    assert multiply_adds(code) == FMAS[name, dtype, architecture]


def test_contraction_would_be_noticed():
    options = (*cuda_source.OPTIONS, "--fmad=true")
    contracted = ptx("tanhshrink", "complex64", "plain", options=options)
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
def test_local_memory_is_left_to_the_accurate_tiers(disassemble, name, dtype, form, architecture):
    code = disassemble(name, dtype, form, architecture=f"sm_{architecture}")
    start = next(i for i, line in enumerate(code) if line.startswith(f".text.{name}"))
    ends = [i for i, line in enumerate(code) if "accurate" in line and line.endswith(":")]
    kernel = code[start : ends[0] if ends else None]
    assert not [line for line in kernel if re.search(r"\b(LDL|STL)\b", line)]


def registers(cubin):
    """Return how many registers a thread takes, as machine code tells the driver."""
    counts = re.findall(rb"\x04\x2f\x08\x00.{4}(.{4})", cubin, re.DOTALL)  # EIATTR_REGCOUNT
    return max(int.from_bytes(count, "little") for count in counts)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("name", NAMES)
def test_a_block_of_the_shared_form_fits_into_the_registers(name, architecture):
    code = cubin(name, "float64", "shared", f"sm_{architecture}")
    assert registers(code) * cuda_source.SHARED_BLOCK_SIZE <= BLOCK_REGISTERS


@pytest.mark.parametrize("name", NAMES)
def test_the_table_is_complete_before_a_thread_reads_it(disassemble, name):
    code = disassemble(name, "float64", "shared", architecture="sm_90")
    steps = [m[0] for line in code if (m := re.search(r"\b(STS\.128|BAR\.SYNC|LDS\.128)\b", line))]
    assert steps == ["STS.128", "BAR.SYNC", "LDS.128", "LDS.128"]


@pytest.mark.parametrize(("dtype", "form"), [k for k in EVERY_KERNEL if k[0] in COMPLEX])
@pytest.mark.parametrize("name", NAMES)
def test_complex_numbers_are_computed_in_registers(disassemble, name, dtype, form):
    code = disassemble(name, dtype, form, architecture="sm_90")
    start = next(i for i, line in enumerate(code) if line.startswith(f".text.{name}"))
    end = next(i for i, line in enumerate(code[start:], start) if line.startswith("$"))
    kernel = code[start:end]  # without functions that it calls
    arithmetic = [line for line in kernel if re.search(r"\bD(ADD|MUL|FMA)\b", line)]
    local = [line for line in kernel if re.search(r"\b(LDL|STL)\b", line)]
    assert len(arithmetic) > 2 * len(local)
