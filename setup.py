"""Build of the compiled kernels; everything else stands in pyproject.toml.

Every `src/_kernels/NAME.pyx` becomes the module `parecon._kernels.NAME`. Generated C goes under
`build/`, never into the source tree. Two environment variables choose another kind of build, each
with a build folder of its own so that they never mix:

PARECON_DEBUG=1
    indices, None and uninitialised memoryviews are checked; -O1 -g.
PARECON_SANITIZE=address
    the C compiler's address sanitizer watches every read and write; -O1 -g.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from setuptools import Extension, find_namespace_packages, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
KERNELS = Path("src", "_kernels")
PUBLIC = Path("src", "parecon", "capi")  # declarations that other programs compile against
DEBUG = os.environ.get("PARECON_DEBUG", "0") not in {"", "0"}
SANITIZE = os.environ.get("PARECON_SANITIZE", "")
VARIANT = "-".join(part for part in ("debug" if DEBUG else "", SANITIZE) if part)
BUILD = Path("build", VARIANT) if VARIANT else Path("build")

DIRECTIVES = {
    "language_level": "3",
    "boundscheck": DEBUG,
    "initializedcheck": DEBUG,
    "nonecheck": DEBUG,
    # Off in every build: no kernel counts from the end of an array, so that with bounds checks on
    # a negative index is an error instead of a silent read of the wrong entry.
    "wraparound": False,
    "cdivision": True,
    "embedsignature": True,
}


def compile_flags() -> tuple[list[str], list[str]]:
    """Flags for compiling and for linking, in this order.

    -ffast-math is in neither list: compiling with it would let the compiler drop the checks for
    NaN, linking with it would change the floating-point mode of the whole process.
    """
    if SANITIZE not in {"", "address"}:
        raise SystemExit(f"PARECON_SANITIZE: expected 'address' or nothing, got {SANITIZE!r}")
    compiling = ["-fopenmp", "-fno-math-errno", "-fno-trapping-math"]
    linking = ["-fopenmp"]
    if DEBUG or SANITIZE:
        compiling += ["-O1", "-g", "-fno-omit-frame-pointer"]
    else:
        # Generated C has helpers it does not call; and gcc cannot see that a buffer passed on empty
        # is not read. The checked builds keep these warnings.
        compiling += ["-O3", "-Wno-unused-function", "-Wno-maybe-uninitialized"]
    if SANITIZE:
        compiling.append(f"-fsanitize={SANITIZE}")
        linking.append(f"-fsanitize={SANITIZE}")
    return compiling, linking


def kernel_extensions() -> list[Extension]:
    """One extension module per .pyx file; shared headers are dependencies of all of them."""
    compiling, linking = compile_flags()
    shared = sorted(str(path) for place in (KERNELS, PUBLIC) for path in place.glob("*.h"))
    return [
        Extension(
            f"parecon._kernels.{source.stem}",
            [str(source)],
            include_dirs=[str(KERNELS), str(PUBLIC)],
            depends=[*shared, "setup.py"],
            extra_compile_args=compiling,
            extra_link_args=linking,
            libraries=["m"],  # libmvec, the vector exp and log, comes in through libm
        )
        for source in sorted(KERNELS.glob("*.pyx"))
    ]


class BuildKernels(build_ext):
    """Translate the kernels all at once, then compile them side by side."""

    def finalize_options(self) -> None:
        """Use every core unless the caller chose a number of jobs."""
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count() or 1

    def run(self) -> None:
        """Keep what is built in place, so that only kernels that changed are compiled again.

        An editable install would otherwise build in a temporary folder, everything each time.
        """
        if self.inplace:
            kept = BUILD / f"inplace-{sys.implementation.cache_tag}"
            self.build_lib, self.build_temp = str(kept / "lib"), str(kept / "temp")
        super().run()

    def build_extensions(self) -> None:
        """Translate .pyx to C under the build folder, then build as usual."""
        # Imported here so that an sdist or the metadata can be made without Cython.
        from Cython.Build import cythonize

        if self.extensions:
            generated = cythonize(
                self.extensions,
                build_dir=str(BUILD / "cython"),
                include_path=[str(KERNELS)],
                compiler_directives=DIRECTIVES,
                nthreads=min(int(self.parallel), len(self.extensions)),
                force=self.force or _options_changed(),
            )
            sources = {module.name: module.sources for module in generated}
            for extension in self.extensions:
                extension.sources = sources[extension.name]
        super().build_extensions()


def _options_changed() -> bool:
    """Whether this file, hence possibly a directive, is newer than the C generated with it."""
    changed = Path("setup.py").stat().st_mtime
    return any(path.stat().st_mtime < changed for path in (BUILD / "cython").rglob("*.c"))


if __name__ == "__main__":
    os.chdir(ROOT)
    setup(
        package_dir={"": "src", "parecon._kernels": str(KERNELS)},
        # Folders of data count as packages too, or setuptools would leave them behind one day.
        packages=[
            *find_namespace_packages("src", include=["parecon", "parecon.*"]),
            "parecon._kernels",
        ],
        include_package_data=False,
        package_data={
            "parecon": ["py.typed"],
            "parecon.accounts": ["data/*.csv"],
            "parecon.capi": ["*.h", "*.pxd"],
            "parecon.reporting": ["*.css", "*.js"],
            "parecon.economies": ["**/*.csv", "**/*.json", "**/*.md", "**/*.parquet"],
        },
        ext_modules=kernel_extensions(),
        cmdclass={"build_ext": BuildKernels},
        options={"build": {"build_base": str(BUILD)}},
        zip_safe=False,
    )
