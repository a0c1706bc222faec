"""Build the extension: one static library of loops a CPU target, then the two Cython modules."""

import sys
import sysconfig
from glob import glob

import numpy
from setuptools import Extension, setup

KERNELS = "src/tanhshrink/_kernels"

if sys.platform == "win32":
    COMMON = ["/O2", "/std:c11", "/fp:precise"]
    X86_TARGETS = {"avx2": ["/arch:AVX2"], "avx512": ["/arch:AVX512"]}
else:
    # -fno-fast-math undoes what CFLAGS of the environment may hold and contract.h cannot see, such
    # as clang's -funsafe-math-optimizations. Contraction would merge a * b + c into one rounding
    # where the kernels count on two. gnu11, not c11: with that s390x computes floats in double.
    COMMON = ["-O3", "-std=gnu11", "-fno-fast-math", "-ffp-contract=off", "-fno-math-errno"]
    COMMON += ["-fvisibility=hidden", "-g0"]
    COMMON += ["-fdata-sections"]  # so that the linker can drop all copies of a table but one
    AVX2 = ["-mavx2", "-mfma", "-mf16c"]
    AVX512 = ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mprefer-vector-width=512"]
    X86_TARGETS = {"avx2": AVX2, "avx512": AVX2 + AVX512}

TARGETS = {"baseline": []}
macros = [("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")]
if sysconfig.get_platform().endswith(("x86_64", "amd64")):
    TARGETS |= X86_TARGETS
    macros.append(("TANHSHRINK_X86_TARGETS", None))

headers = glob(f"{KERNELS}/*.h")
libraries = [
    (
        f"tanhshrink_{target}",
        {
            "sources": [f"{KERNELS}/kernels_{target}.c"],
            "cflags": COMMON + flags,
            "obj_deps": {"": headers},
        },
    )
    for target, flags in TARGETS.items()
]
options = {
    "include_dirs": [numpy.get_include(), KERNELS],
    "define_macros": macros,
    "extra_compile_args": [] if sys.platform == "win32" else ["-fvisibility=hidden", "-g0"],
    "extra_link_args": ["-Wl,--gc-sections,-s"] if sys.platform == "linux" else [],
}
ufunc = Extension(
    "tanhshrink._ufunc",
    ["src/tanhshrink/_ufunc.pyx"]
    + [f"{KERNELS}/{name}.c" for name in ("targets", "loop", "xla_handler", "xla_threads")],
    depends=headers,
    **options,
)
hook = Extension("tanhshrink._hook", ["src/tanhshrink/_hook.pyx"], **options)

if __name__ == "__main__":  # the tests read the tables above
    setup(libraries=libraries, ext_modules=[ufunc, hook])
