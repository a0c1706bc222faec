"""The tools work, and what they generated is what the source tree holds."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import digest_float32
import generated
import oracle
import ulp
from tanhshrink import _ufunc

TOOLS = Path(ulp.__file__).parent


def run_tool(name, *arguments):
    command = [sys.executable, TOOLS / name, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("tool", "sample"),
    [
        ("coefficients_16bit.py", []),
        ("coefficients_float32.py", []),
        ("float64_accurate.py", []),
        ("complex_tables.py", []),
        ("longdouble_tables.py", []),
        ("float64_fast.py", ["--sample", "5"]),
        ("float64_gpu.py", ["--sample", "50"]),
    ],
)
def test_a_generated_header_is_current(tool, sample):
    run = run_tool(tool, "--check", *sample)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "is current" in run.stdout


def test_a_stale_header_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(generated, "KERNELS", tmp_path)
    (tmp_path / "header.h").write_text("a\nb\n")
    monkeypatch.setattr(sys, "argv", ["tool", "--check"])
    generated.write_or_check("header.h", "", lambda rows: ["a", "b"])
    for stale in (["a", "c"], ["a", "b", "c"]):
        with pytest.raises(SystemExit, match="stale"):
            generated.write_or_check("header.h", "", lambda rows, stale=stale: stale)


def test_a_sample_of_no_rows_is_refused():
    run = run_tool("float64_fast.py", "--check", "--sample", "0")
    assert run.returncode == 2
    assert "at least 1" in run.stderr


# The ULP checker


def test_the_worst_of_the_wrong_results_is_described():
    x = np.array([1.0, 2.0, 3.0])
    want = oracle.correctly_rounded(x)
    assert ulp.describe_worst("tanhshrink", x, want, want, "avx2") is None
    got = want + np.spacing(want) * [0, 4, 1]
    line = ulp.describe_worst("tanhshrink", x, got, want, "avx2")
    assert line.startswith("2 of 3 wrong in float64; the worst: tanhshrink x=0x1p+1 ")


def broken(function, change):
    """The function, but with `change` applied to the bits of its results where x is above 1."""

    def wrong(x):
        result = function(x)
        bits = oracle.bit_patterns(result)
        bits[x > 1] = change(bits[x > 1])
        return result

    return wrong


@pytest.mark.parametrize("format_name", ulp.DTYPES)
@pytest.mark.parametrize("which", [[], ["--derivative"]], ids=["tanhshrink", "tanhshrink_grad"])
def test_ulp_finds_nothing_wrong(target, format_name, which, capsys):
    assert ulp.main([format_name, "0x1p-4", "4", "-n", "3000", "--target", target, *which]) == 0
    count, worst = capsys.readouterr().out.splitlines()
    assert count == f"3002 points of {format_name}, 0 wrong"
    assert worst.startswith("worst: tanhshrink_grad x=" if which else "worst: tanhshrink x=")
    assert worst.endswith(f"err=0.50 ulp target={target}")


@pytest.mark.parametrize("format_name", ulp.DTYPES)
def test_ulp_goes_red_where_one_bit_is_wrong(format_name, capsys, monkeypatch):
    make = _ufunc.make_ufunc
    monkeypatch.setattr(
        _ufunc, "make_ufunc", lambda *which: broken(make(*which), lambda bits: bits + 1)
    )
    assert ulp.main([format_name, "0.5", "2", "-n", "1000"]) == 1
    count, worst = capsys.readouterr().out.splitlines()
    assert " 0 wrong" not in count
    fields = dict(field.split("=") for field in worst.split() if "=" in field)
    assert float(fields["err"]) >= 0.5

    dtype = ulp.DTYPES[format_name]
    x, want = (np.array([float.fromhex(fields[name])]).astype(dtype) for name in ("x", "want"))
    assert x > 1
    assert oracle.correctly_rounded(x) == want


def test_ulp_counts_a_lost_sign_of_zero_as_wrong(capsys, monkeypatch):
    make = _ufunc.make_ufunc
    monkeypatch.setattr(_ufunc, "make_ufunc", lambda *which: lambda x: make(*which)(x) + 0.0)
    assert ulp.main(["float64", "0", "0"]) == 1
    assert "x=-0x0p+0 got=0x0p+0 want=-0x0p+0 err=0.00" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["float128", "1", "2"], "'float128'"),
        (["float64", "one", "2"], "'one'"),
        (["float64", "2", "1"], "low <= high"),
        (["float64", "-1", "1"], "0 <= low"),
        (["float16", "1", "1e6"], "finite float16"),
        (["float64", "1", "nan"], "finite"),
        (["float64", "1", "2", "-n", "0"], "'0'"),
        (["float64", "1", "2", "-n", "1.5"], "'1.5'"),
        (["float64", "1", "2", "--target", "avx1024"], "'avx1024'"),
    ],
)
def test_ulp_names_a_bad_argument(arguments, named, capsys):
    with pytest.raises(SystemExit) as stopped:
        ulp.main(arguments)
    assert stopped.value.code == 2
    assert named in capsys.readouterr().err


def test_ulp_runs_from_the_command_line():
    run = run_tool("ulp.py", "float32", "1", "2", "-n", "1e2")
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("102 points of float32, 0 wrong\nworst: tanhshrink x=")


@pytest.mark.parametrize(
    ("dtype", "x", "wrong", "want", "error"),
    [
        (np.float64, 2.0, "0x1.09357d0f21e17p+0", "0x1.09357d0f21e16p+0", 1),
        (np.float32, 2.0**-60, "0x1p-149", "0x0p+0", 1),
        (np.float16, 60000.0, "inf", "0x1.d4cp+15", np.inf),
    ],
)
def test_an_error_is_counted_in_places_of_the_right_result(dtype, x, wrong, want, error):
    x, wrong = np.array([x], dtype=dtype), np.array([float.fromhex(wrong)], dtype=dtype)
    right = oracle.correctly_rounded(x)
    assert ulp.hexadecimal(right[0]) == want
    assert oracle.ulp_error(x, right)[0] <= 0.5
    if np.isfinite(error):
        assert abs(oracle.ulp_error(x, wrong)[0] - error) <= 0.5
    else:
        assert oracle.ulp_error(x, wrong)[0] == error


# The digests of float32

# The largest numbers, infinity and NaN; and negative results from zero to subnormal ones.
CHEAP_CHUNKS = [0x7F, 0x80 + 0x27]


@pytest.mark.parametrize("which", [[], ["--derivative"]], ids=["tanhshrink", "tanhshrink_grad"])
@pytest.mark.parametrize("chunk", CHEAP_CHUNKS)
def test_the_digest_of_a_chunk_can_be_reproduced(chunk, which):
    try:
        digest_float32.mpfr_version()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs a C compiler and the development files of libmpfr: {error}")
    run = run_tool("digest_float32.py", "--chunk", str(chunk), *which)
    assert run.returncode == 0, run.stdout + run.stderr
    name = "float32_grad_digests.txt" if which else "float32_digests.txt"
    assert run.stdout == f"chunk {chunk} agrees with {name}\n"


def test_a_wrong_digest_is_noticed(monkeypatch):
    results = np.zeros(digest_float32.CHUNK_SIZE, dtype=np.uint32)
    monkeypatch.setattr(digest_float32, "correctly_rounded_chunk", lambda *_: results)
    digest_float32.check_one("no program", 0, derivative=False)  # 2^-126 and less give 0
    results[-1] = 1
    with pytest.raises(SystemExit, match="chunk 0 differs"):
        digest_float32.check_one("no program", 0, derivative=False)


def test_a_wrong_chunk_number_is_refused():
    run = run_tool("digest_float32.py", "--chunk", "256")
    assert run.returncode == 2
    assert "256 is not in 0..255" in run.stderr
