"""SHA-256 digests of the correctly rounded results for all 2^32 float32 patterns, by MPFR.

    python tools/digest_float32.py             # all, into tests/data/float32_digests.txt: minutes
    python tools/digest_float32.py --chunk 65  # recompute one chunk and compare it with that file

The results are those of x - tanh(x) or, with --derivative, of its derivative tanh(x)^2, whose
file is float32_grad_digests.txt.

A chunk is 2^24 consecutive bit patterns; chunk k starts at pattern k * 2^24. What is hashed is
the results as little-endian 32-bit words, every NaN as 0x7fc00000. MPFR computes the positive
half; f(-x) = -f(x), so the negative half is the same results with the sign bit set, and in the
derivative, which is even, it is the same results.

It needs a C compiler (the environment variable CC, else cc) and the development files of libmpfr.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CHUNK_SIZE = 2**24
CHUNKS = 256
NAN = np.uint32(0x7FC00000)
SIGN = np.uint32(0x80000000)

ORACLE_SOURCE = Path(__file__).with_name("oracle_float32.c")
DATA = Path(__file__).resolve().parent.parent / "tests" / "data"

HEADER = """\
# {formula}, correctly rounded to float32: SHA-256 of the results of 2^24 consecutive bit patterns
# made by: {command}, {date}, MPFR {mpfr}, computed and proved by enclosure
# results as little-endian 32-bit words, every NaN as 0x7fc00000
# chunk, which starts at bit pattern chunk * 2^24 | SHA-256
"""


def digest(results):
    """SHA-256 of a chunk of results, given as bit patterns (uint32) in which a NaN is NAN."""
    return hashlib.sha256(np.ascontiguousarray(results, dtype="<u4")).hexdigest()


def digests_path(derivative=False):
    """The file of digests."""
    return DATA / ("float32_grad_digests.txt" if derivative else "float32_digests.txt")


def read_digests(derivative=False):
    """Digests by chunk."""
    path = digests_path(derivative)
    rows = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
    digests = {int(chunk): digest for chunk, digest in rows}
    if sorted(digests) != list(range(CHUNKS)):
        raise ValueError(f"{path} does not hold {CHUNKS} chunks")
    return digests


def compile_oracle(folder):
    """Compile the C oracle into `folder` and return its path; CalledProcessError if it fails."""
    program = Path(folder) / "oracle_float32"
    compiler = os.environ.get("CC", "cc").split()
    libraries = ["-lmpfr", "-lgmp"]
    subprocess.run([*compiler, "-O2", "-o", program, ORACLE_SOURCE, *libraries], check=True)
    return program


def correctly_rounded_chunk(program, chunk, derivative):
    """Results of one chunk of positive numbers, as bit patterns, computed by the C oracle."""
    function = "tanhshrink_grad" if derivative else "tanhshrink"
    command = [program, function, str(chunk * CHUNK_SIZE), str(CHUNK_SIZE)]
    run = subprocess.run(command, check=True, capture_output=True)
    return np.frombuffer(run.stdout, dtype=np.uint32)


def reflected(results, derivative):
    """The results of -x, from those of x: all signs set, but NaN stays NAN."""
    return results if derivative else np.where(results == NAN, NAN, results | SIGN)


def mpfr_version():
    """Version of the MPFR that the compiler finds."""
    source = "#include <mpfr.h>\nMPFR_VERSION_STRING"
    command = [*os.environ.get("CC", "cc").split(), "-E", "-P", "-"]
    run = subprocess.run(command, input=source, check=True, capture_output=True, text=True)
    return run.stdout.split()[-1].strip('"')


def write_all(program, derivative):
    """Compute all digests and write the file."""
    path = digests_path(derivative)
    digests = {}
    start = time.monotonic()
    for chunk in range(CHUNKS // 2):
        results = correctly_rounded_chunk(program, chunk, derivative)
        digests[chunk] = digest(results)
        digests[chunk + CHUNKS // 2] = digest(reflected(results, derivative))
        elapsed = time.monotonic() - start
        print(f"\r{2 * chunk + 2}/{CHUNKS} chunks, {elapsed:.0f} s", end="", file=sys.stderr)
    print(file=sys.stderr)

    header = HEADER.format(
        formula="tanh(x)^2" if derivative else "x - tanh(x)",
        command="python tools/digest_float32.py" + (" --derivative" if derivative else ""),
        date=time.strftime("%Y-%m-%d"),
        mpfr=mpfr_version(),
    )
    rows = [f"{chunk} {digests[chunk]}\n" for chunk in range(CHUNKS)]
    path.write_text(header + "".join(rows))
    print(f"wrote {path.name}: {CHUNKS} chunks")


def check_one(program, chunk, derivative):
    """Compute one digest and compare it with the file."""
    path = digests_path(derivative)
    results = correctly_rounded_chunk(program, chunk % (CHUNKS // 2), derivative)
    made = digest(results if chunk < CHUNKS // 2 else reflected(results, derivative))
    there = read_digests(derivative)[chunk]
    if made != there:
        sys.exit(f"chunk {chunk} differs:\n  {path.name}: {there}\n  MPFR: {made}")
    print(f"chunk {chunk} agrees with {path.name}")


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--derivative", action="store_true", help="of tanh(x)^2")
    parser.add_argument("--chunk", type=int, metavar="K", help="compare one chunk, write nothing")
    arguments = parser.parse_args()
    if arguments.chunk is not None and arguments.chunk not in range(CHUNKS):
        parser.error(f"--chunk: {arguments.chunk} is not in 0..{CHUNKS - 1}")

    with tempfile.TemporaryDirectory() as folder:
        try:
            program = compile_oracle(folder)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.exit(f"the oracle needs a C compiler and libmpfr's development files: {error}")
        if arguments.chunk is None:
            write_all(program, arguments.derivative)
        else:
            check_one(program, arguments.chunk, arguments.derivative)


if __name__ == "__main__":
    main()
