"""What the OpenMP runtime must be told before a process forks.

The child of a fork has one thread, but GNU's runtime in it still counts on the threads that its parent had, and waits for them
forever at the first parallel loop. Letting them go before the fork costs the parent some microseconds at its next loop; other
runtimes see to it themselves. (OpenMP 5.0, omp_pause_resource_all; in GNU's it is about the threads of the calling thread alone,
which is the one that the child inherits.)
"""

cdef extern from *:
    """
    #if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 9 && defined(_OPENMP)
    #include <omp.h>
    #define let_threads_go() omp_pause_resource_all(omp_pause_soft)
    #else
    #define let_threads_go() 0
    #endif
    """
    int let_threads_go() noexcept nogil


def release_threads():
    """Let the calling thread's idle OpenMP threads go; the next parallel loop starts new ones. Returns 0, or what went wrong."""
    return let_threads_go()
