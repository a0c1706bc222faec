"""SHA-256 digests of the correctly rounded x - tanh(x) of all 2^32 float32 patterns, by MPFR.

    python tools/digest_float32.py             # all, into tests/data/float32_digests.txt: minutes
    python tools/digest_float32.py --chunk 65  # recompute one chunk and compare it with that file

A chunk is 2^24 consecutive bit patterns; chunk k starts at pattern k * 2^24. What is hashed is
the results as little-endian 32-bit words, every NaN as 0x7fc00000. MPFR computes the positive
half; f(-x) = -f(x), so the negative half is the same results with the sign bit set.

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
DIGESTS = Path(__file__).resolve().parent.parent / "tests" / "data" / "float32_digests.txt"

HEADER = """\
# x - tanh(x), correctly rounded to float32: SHA-256 of the results of 2^24 consecutive bit patterns
# made by: python tools/digest_float32.py, {date}, MPFR {mpfr}, computed and proved by enclosure
# results as little-endian 32-bit words, every NaN as 0x7fc00000
# chunk, which starts at bit pattern chunk * 2^24 | SHA-256
"""


def digest(results):
    """SHA-256 of a chunk of results, given as bit patterns (uint32) in which a NaN is NAN."""
    return hashlib.sha256(np.ascontiguousarray(results, dtype="<u4")).hexdigest()


def read_digests(path=DIGESTS):
    """Digests by chunk."""
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


def correctly_rounded_chunk(program, chunk):
    """Results of one chunk, as bit patterns, computed by the C oracle."""
    first = (chunk % (CHUNKS // 2)) * CHUNK_SIZE
    run = subprocess.run([program, str(first), str(CHUNK_SIZE)], check=True, capture_output=True)
    results = np.frombuffer(run.stdout, dtype=np.uint32)
    return results if chunk < CHUNKS // 2 else negated(results)


def negated(results):
    """The results of -x, from those of x: all signs set, but NaN stays NAN."""
    return np.where(results == NAN, NAN, results | SIGN)


def mpfr_version():
    """Version of the MPFR that the compiler finds."""
    source = "#include <mpfr.h>\nMPFR_VERSION_STRING"
    command = [*os.environ.get("CC", "cc").split(), "-E", "-P", "-"]
    run = subprocess.run(command, input=source, check=True, capture_output=True, text=True)
    return run.stdout.split()[-1].strip('"')


def write_all(program):
    """Compute all digests and write the file."""
    digests = {}
    start = time.monotonic()
    for chunk in range(CHUNKS // 2):
        results = correctly_rounded_chunk(program, chunk)
        digests[chunk] = digest(results)
        digests[chunk + CHUNKS // 2] = digest(negated(results))
        elapsed = time.monotonic() - start
        print(f"\r{2 * chunk + 2}/{CHUNKS} chunks, {elapsed:.0f} s", end="", file=sys.stderr)
    print(file=sys.stderr)

    header = HEADER.format(date=time.strftime("%Y-%m-%d"), mpfr=mpfr_version())
    rows = [f"{chunk} {digests[chunk]}\n" for chunk in range(CHUNKS)]
    DIGESTS.write_text(header + "".join(rows))
    print(f"wrote {DIGESTS.name}: {CHUNKS} chunks")


def check_one(program, chunk):
    """Compute one digest and compare it with the file."""
    made = digest(correctly_rounded_chunk(program, chunk))
    there = read_digests()[chunk]
    if made != there:
        sys.exit(f"chunk {chunk} differs:\n  {DIGESTS.name}: {there}\n  MPFR: {made}")
    print(f"chunk {chunk} agrees with {DIGESTS.name}")


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
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
            write_all(program)
        else:
            check_one(program, arguments.chunk)


if __name__ == "__main__":
    main()
