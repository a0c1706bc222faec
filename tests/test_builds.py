"""The kernels compiled by other compilers, for other targets and other machines: the same bits."""

import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import gmpy2
import numpy as np
import pytest

from tanhshrink import _ufunc

ROOT = Path(__file__).resolve().parent.parent
KERNELS = ROOT / "src" / "tanhshrink" / "_kernels"
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
SETUP = runpy.run_path(str(ROOT / "setup.py"))
COMPILERS = {
    "gcc": ["gcc"],
    "clang": ["clang", *(f"clang-{version}" for version in range(25, 12, -1))],
}
# Machines whose code QEMU runs here, and their byte order.
CROSS = {"aarch64": "<", "s390x": ">", "riscv64": "<"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the flags here are gcc's")


def first_found(names):
    """Return the first of `names` that is a command, or skip."""
    for name in names:
        if shutil.which(name):
            return name
    pytest.skip(f"none of these commands is installed: {', '.join(names)}")


def compile_program(path, compiler, flags, target="baseline"):
    """Compile the program that runs a loop over standard input."""
    sources = [KERNELS / f"loops_{target}.c", Path(__file__).parent / "run_loop.c"]
    flags = [*SETUP["COMMON"], *WARNINGS, *flags, f"-DTANHSHRINK_LOOPS=tanhshrink_loops_{target}"]
    subprocess.run(
        [compiler, *flags, f"-I{KERNELS}", *sources, "-o", path, "-lm"],
        check=True,
    )


@pytest.fixture(scope="module")
def inputs():
    """One array a dtype, in the order of the program's argument."""
    rng = np.random.default_rng(20261125)
    every_half = np.arange(1 << 16, dtype=np.uint16)
    single = rng.integers(0, 1 << 32, 100_000, dtype=np.uint32)
    single[::2] = single[::2] & 0x83FFFFFF | 0x3C000000  # 2^-7 <= abs(x) < 2
    double = rng.integers(0, 1 << 64, 50_000, dtype=np.uint64)
    double[::2] = double[::2] & 0x803FFFFFFFFFFFFF | 0x3FC0000000000000
    lines = (Path(__file__).parent / "data" / "hard_float64.txt").read_text().splitlines()
    hard = [float.fromhex(line.split()[0]) for line in lines if not line.startswith("#")]
    double = np.concatenate([double, np.array(hard[::4]).view(np.uint64)])
    return [every_half, single, double, every_half]


@pytest.fixture(scope="module")
def expected(inputs):
    """Results of the installed baseline target, which other tests compare with the oracle."""
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="bfloat16 needs ml_dtypes")
    function = _ufunc.make_tanhshrink("baseline")
    dtypes = [np.float16, np.float32, np.float64, ml_dtypes.bfloat16]
    with np.errstate(all="ignore"):  # signalling NaNs are among the inputs
        return [function(x.view(dtype)) for x, dtype in zip(inputs, dtypes, strict=True)]


def check(command, inputs, expected, order="="):
    """Run the program on every dtype and compare its results, NaN with NaN."""
    for i, (x, wanted) in enumerate(zip(inputs, expected, strict=True)):
        data = x.astype(x.dtype.newbyteorder(order)).tobytes()
        output = subprocess.run([*command, str(i)], input=data, stdout=subprocess.PIPE, check=True)
        got = np.frombuffer(output.stdout, x.dtype.newbyteorder(order)).astype(x.dtype)
        assert got.size == x.size
        values = got.view(wanted.dtype)
        wrong = (got != wanted.view(x.dtype)) & ~(np.isnan(values) & np.isnan(wanted))
        k = int(wrong.argmax())
        assert not wrong.any(), (
            f"{wrong.sum()} wrong, first {wanted.dtype} x={int(x[k]):#x}"
            f" got={int(got[k]):#x} want={int(wanted.view(x.dtype)[k]):#x} by {command[-1]}"
        )


@pytest.mark.parametrize("target", SETUP["TARGETS"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_compiler_is_silent_and_gives_the_same_bits(
    compiler, target, inputs, expected, tmp_path
):
    compiler = first_found(COMPILERS[compiler])
    program = tmp_path / "program"
    compile_program(program, compiler, SETUP["TARGETS"][target], target)
    if target not in _ufunc.available_targets():
        pytest.skip(f"compiled, but this CPU cannot run {target}")
    check([program], inputs, expected)


def test_the_accurate_tier_needs_no_128_bit_integers(inputs, expected, tmp_path):
    program = tmp_path / "program"
    compile_program(program, first_found(["cc", "gcc"]), ["-DTANHSHRINK_NO_INT128"])
    check([program], inputs, expected)


@pytest.mark.parametrize("flags", [[], ["-DTANHSHRINK_NO_INT128"]], ids=["int128", "portable"])
def test_the_accurate_tier_keeps_its_error_bound(flags, tmp_path):
    """Results alone would not show a wrong low limb: hardly any input needs it."""
    program = tmp_path / "program"
    source = Path(__file__).parent / "run_accurate.c"
    command = [first_found(["cc", "gcc"]), *SETUP["COMMON"], *flags, f"-I{KERNELS}", source]
    subprocess.run([*command, "-o", program], check=True)
    rng = np.random.default_rng(7)
    exponents = np.concatenate([np.repeat(np.arange(-12, 5), 400), np.arange(-358, -12)])
    x = np.ldexp(rng.uniform(1, 2, exponents.size), exponents)
    borders = np.arange(9, 16)[:, None] * 2.0 ** np.arange(-3, 2) - 1  # of the intervals
    x = np.concatenate([x, borders.ravel(), np.nextafter(borders.ravel(), 0)])
    x = x[(x >= 2.0**-358) & (x < 18.5)]
    output = subprocess.run([program], input=x.tobytes(), stdout=subprocess.PIPE, check=True).stdout
    limbs = np.frombuffer(output, np.uint64).reshape(-1, 4)[:, :3].tolist()
    exponents = np.frombuffer(output, np.int64)[3::4].tolist()
    with gmpy2.context(precision=1400):  # x - tanh(x) loses up to 720 bits
        for point, (low, middle, high), exponent in zip(x.tolist(), limbs, exponents, strict=True):
            got = gmpy2.mpfr(high << 128 | middle << 64 | low) * gmpy2.exp2(exponent)
            want = gmpy2.mpfr(point) - gmpy2.tanh(gmpy2.mpfr(point))
            error = gmpy2.log2(abs(got / want - 1))
            bound = -130.6 if point >= 0.125 else -132.2
            assert error < bound, f"x={point.hex()} error=2^{float(error):.2f} bound=2^{bound}"


@pytest.mark.parametrize("machine", CROSS)
def test_another_machine_gives_the_same_bits(machine, inputs, expected, tmp_path):
    compiler = first_found([f"{machine}-linux-gnu-gcc"])
    emulator = first_found([f"qemu-{machine}-static", f"qemu-{machine}"])
    program = tmp_path / "program"
    compile_program(program, compiler, ["-static"])
    check([emulator, program], inputs, expected, CROSS[machine])


@pytest.mark.parametrize("flag", ["-ffast-math", "-ffinite-math-only", "-mfpmath=387"])
def test_flags_that_change_bits_are_refused(flag, tmp_path):
    compiler = first_found(["gcc"])
    if flag == "-mfpmath=387" and "avx2" not in SETUP["TARGETS"]:
        pytest.skip("x87 arithmetic is a flag of x86 compilers only")
    source = tmp_path / "source.c"
    source.write_text('#include "contract.h"\n')
    command = [compiler, *SETUP["COMMON"], f"-I{KERNELS}", "-c", str(source), "-o", "/dev/null"]
    subprocess.run(command, check=True)
    refused = subprocess.run([*command, flag], capture_output=True, text=True)
    assert refused.returncode != 0
    assert "tanhshrink" in refused.stderr
