"""The kernels compiled by other compilers, for other targets and other machines: the same bits."""

import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import gmpy2
import ml_dtypes
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


def compile_source(name, folder, *flags):
    """Compile a source of the tests that includes the kernels it needs; return the program."""
    program = folder / "program"
    flags = [*SETUP["COMMON"], "-Wno-unused-function", *flags, f"-I{KERNELS}"]
    source = Path(__file__).parent / name
    subprocess.run([first_found(["cc", "gcc"]), *flags, source, "-o", program, "-lm"], check=True)
    return program


def compile_program(path, compiler, flags, target="baseline"):
    """Compile the program that runs a loop over standard input."""
    tests = Path(__file__).parent
    sources = [KERNELS / f"kernels_{target}.c", KERNELS / "loop.c", tests / "run_loop.c"]
    objects = [path.with_name(f"{source.stem}.o") for source in sources]
    kernels = f"-DTANHSHRINK_KERNELS=tanhshrink_kernels_{target}"
    flags = [*SETUP["COMMON"], *WARNINGS, *flags, kernels, f"-I{KERNELS}"]
    for source, made in zip(sources, objects, strict=True):
        subprocess.run([*compiler, *flags, "-c", source, "-o", made], check=True)
    # Without the compiler's extra words: some of them would link code that flushes subnormals.
    static = [flag for flag in flags if flag == "-static"]
    subprocess.run([compiler[0], *static, *objects, "-o", path, "-lm"], check=True)


def inputs():
    """Yield (place of the type in targets.h, array of that type)."""
    rng = np.random.default_rng(20261125)
    every_half = np.arange(1 << 16, dtype=np.uint16)
    single = rng.integers(0, 1 << 32, 100_000, dtype=np.uint32)
    single[::2] = single[::2] & 0x83FFFFFF | 0x3C000000  # 2^-7 <= abs(x) < 2
    double = rng.integers(0, 1 << 64, 50_000, dtype=np.uint64)
    double[::2] = double[::2] & 0x803FFFFFFFFFFFFF | 0x3FC0000000000000
    data = Path(__file__).parent / "data"
    for name in ("hard_float64.txt", "hard_float64_grad.txt"):
        lines = (data / name).read_text().splitlines()
        hard = [float.fromhex(line.split()[0]) for line in lines if not line.startswith("#")]
        double = np.concatenate([double, np.array(hard[::4]).view(np.uint64)])
    yield 0, every_half.view(np.float16)
    yield 1, single.view(np.float32)
    yield 2, double.view(np.float64)
    yield 4, rng.permutation(single).view(np.complex64)
    yield 5, rng.permutation(double[: double.size // 2 * 2]).view(np.complex128)
    yield 7, every_half.view(ml_dtypes.bfloat16)


@pytest.fixture(scope="module")
def cases():
    """Arguments of the program, input, and result of the installed baseline target, which other
    tests compare with the oracle."""
    arrays = list(inputs())
    functions = [_ufunc.make_ufunc(name, "baseline") for name in ("tanhshrink", "tanhshrink_grad")]
    with np.errstate(all="ignore"):  # signalling NaNs are among the inputs
        return [
            ([str(derivative), str(place)], x, function(x))
            for derivative, function in enumerate(functions)
            for place, x in arrays
        ]


def check(command, cases, order="="):
    """Run the program on every case and compare its results, NaN with NaN."""
    for arguments, x, wanted in cases:
        part = np.dtype(f"u{x.real.dtype.itemsize}")
        data = x.view(part).astype(part.newbyteorder(order)).tobytes()
        run = subprocess.run([*command, *arguments], input=data, stdout=subprocess.PIPE, check=True)
        bits = np.frombuffer(run.stdout, part.newbyteorder(order)).astype(part)
        got = bits.view(x.dtype)
        assert got.size == x.size
        wrong = (bits != wanted.view(part)) & ~np.isnan(bits.view(x.real.dtype))
        k = int(wrong.argmax()) // (x.itemsize // part.itemsize)
        assert not wrong.any(), (
            f"{wrong.sum()} wrong, first x={x[k]} got={got[k]} want={wanted[k]} by"
            f" {command[-1]} {' '.join(arguments)}, {x.dtype}"
        )
        np.testing.assert_array_equal(np.isnan(got), np.isnan(wanted))


@pytest.mark.parametrize("target", SETUP["TARGETS"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_compiler_is_silent_and_gives_the_same_bits(compiler, target, cases, tmp_path):
    compiler = first_found(COMPILERS[compiler])
    program = tmp_path / "program"
    compile_program(program, [compiler], SETUP["TARGETS"][target], target)
    if target not in _ufunc.available_targets():
        pytest.skip(f"compiled, but this CPU cannot run {target}")
    check([program], cases)


def test_the_accurate_tier_needs_no_128_bit_integers(cases, tmp_path):
    program = tmp_path / "program"
    compile_program(program, [first_found(["cc", "gcc"])], ["-DTANHSHRINK_NO_INT128"])
    check([program], cases)


# log2 of the relative error that float64_accurate.h claims, below and above 1/8.
ACCURATE_CLAIMS = {"tanhshrink": (-132.2, -130.6), "tanhshrink_grad": (-131.5, -131.5)}


@pytest.mark.parametrize("name", ACCURATE_CLAIMS)
@pytest.mark.parametrize("flags", [[], ["-DTANHSHRINK_NO_INT128"]], ids=["int128", "portable"])
def test_the_accurate_tier_keeps_its_error_bound(flags, name, tmp_path):
    """Results alone would not show a wrong low limb: hardly any input needs it."""
    derivative = name == "tanhshrink_grad"
    program = compile_source("run_accurate.c", tmp_path, *flags)
    rng = np.random.default_rng(7)
    lowest = -538 if derivative else -358
    exponents = np.concatenate([np.repeat(np.arange(-12, 5), 400), np.arange(lowest, -12)])
    x = np.ldexp(rng.uniform(1, 2, exponents.size), exponents)
    borders = np.arange(9, 16)[:, None] * 2.0 ** np.arange(-3, 2) - 1  # of the intervals
    x = np.concatenate([x, borders.ravel(), np.nextafter(borders.ravel(), 0)])
    x = x[(x >= 2.0**lowest) & (x < 21)]
    output = subprocess.run(
        [program, str(int(derivative))], input=x.tobytes(), stdout=subprocess.PIPE, check=True
    ).stdout
    limbs = np.frombuffer(output, np.uint64).reshape(-1, 4)[:, :3].tolist()
    exponents = np.frombuffer(output, np.int64)[3::4].tolist()
    with gmpy2.context(precision=1400):  # x - tanh(x) loses up to 720 bits
        for point, (low, middle, high), exponent in zip(x.tolist(), limbs, exponents, strict=True):
            got = gmpy2.mpfr(high << 128 | middle << 64 | low) * gmpy2.exp2(exponent)
            tanh = gmpy2.tanh(gmpy2.mpfr(point))
            error = gmpy2.log2(abs(got / (tanh**2 if derivative else point - tanh) - 1))
            bound = ACCURATE_CLAIMS[name][point >= 0.125]
            assert error < bound, f"x={point.hex()} error=2^{float(error):.2f} bound=2^{bound}"


@pytest.mark.parametrize("machine", CROSS)
def test_another_machine_gives_the_same_bits(machine, cases, tmp_path):
    compiler = first_found([f"{machine}-linux-gnu-gcc"])
    emulator = first_found([f"qemu-{machine}-static", f"qemu-{machine}"])
    program = tmp_path / "program"
    compile_program(program, [compiler], ["-static"])
    check([emulator, program], cases, CROSS[machine])


@pytest.fixture(scope="module")
def wine_folder(tmp_path_factory):
    """A folder that Wine fills, which takes it ten seconds."""
    return str(tmp_path_factory.mktemp("wine"))


@pytest.mark.parametrize("target", SETUP["TARGETS"])
def test_windows_gives_the_same_bits(target, cases, tmp_path, wine_folder, monkeypatch):
    compiler = first_found(["x86_64-w64-mingw32-gcc"])
    emulator = first_found(["wine64", "wine", "/usr/lib/wine/wine64"])
    if target not in _ufunc.available_targets():
        pytest.skip(f"this CPU cannot run {target}")
    monkeypatch.setenv("WINEPREFIX", wine_folder)
    monkeypatch.setenv("WINEDEBUG", "-all")
    program = tmp_path / "program.exe"
    compile_program(program, [compiler], ["-static", *SETUP["TARGETS"][target]], target)
    check([emulator, program], cases)


@pytest.mark.parametrize(
    ("compiler", "flag"),
    [
        ("gcc", "-ffast-math"),
        ("gcc", "-ffinite-math-only"),
        ("gcc", "-fno-signed-zeros"),
        ("gcc", "-funsafe-math-optimizations"),
        ("gcc", "-fsingle-precision-constant"),
        ("gcc", "-mfpmath=387"),
        ("clang", "-ffast-math"),
    ],
)
def test_flags_that_change_bits_are_refused(compiler, flag, tmp_path):
    compiler = first_found(COMPILERS[compiler])
    if flag == "-mfpmath=387" and "avx2" not in SETUP["TARGETS"]:
        pytest.skip("x87 arithmetic is a flag of x86 compilers only")
    source = tmp_path / "source.c"
    source.write_text('#include "contract.h"\n')
    command = [compiler, *SETUP["COMMON"], f"-I{KERNELS}", "-c", str(source), "-o", "/dev/null"]
    subprocess.run(command, check=True)
    refused = subprocess.run([*command, flag], capture_output=True, text=True)
    assert refused.returncode != 0
    assert "tanhshrink" in refused.stderr


def test_unsafe_flags_of_the_environment_are_undone(cases, tmp_path):
    """Those that clang does not tell contract.h of; setup.py's flags come after CFLAGS."""
    compiler = first_found(COMPILERS["clang"])
    program = tmp_path / "program"
    compile_program(program, [compiler, "-funsafe-math-optimizations"], [])
    check([program], cases)
