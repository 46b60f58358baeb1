/* The same in C, as a Python module of one function: settle(round.handle, prices, eta, threshold, max_rounds). */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdlib.h>

#include "parecon_round.h"

static const parecon_api *parecon;

/* Adjust prices (n,) in place until every imbalance is below the threshold; the number of announcements, -1 without memory. */
static long settle(parecon_round *round, double *price, double eta, double threshold, long max_rounds) {
    int64_t n = parecon->goods(round);
    double *supply = malloc(2 * n * sizeof(double)), *demand = supply + n;
    long rounds = 0;
    if (supply == NULL) return -1;
    while (rounds < max_rounds && parecon->answer(round, price, supply, demand, NULL) == 0) {
        double worst = 0.0;
        rounds++;
        for (int64_t i = 0; i < n; i++) worst = fmax(worst, fabs(2 * (supply[i] - demand[i]) / (supply[i] + demand[i])));
        if (worst < threshold) break;
        for (int64_t i = 0; i < n; i++) price[i] *= exp(-eta * log(supply[i] / demand[i]));
    }
    free(supply);
    return rounds;
}

static PyObject *settle_for_python(PyObject *module, PyObject *arguments) {
    PyObject *handle;
    Py_buffer price;
    double eta, threshold;
    long max_rounds, rounds = -1;
    if (!PyArg_ParseTuple(arguments, "Ow*ddl", &handle, &price, &eta, &threshold, &max_rounds)) return NULL;
    parecon_round *round = PyCapsule_GetPointer(handle, PARECON_ROUND_CAPSULE);
    if (round != NULL) {
        if (price.len != (Py_ssize_t)(parecon->goods(round) * sizeof(double))) {
            PyErr_SetString(PyExc_ValueError, "expected one price, a double, for each good");
        } else {
            Py_BEGIN_ALLOW_THREADS
            rounds = settle(round, price.buf, eta, threshold, max_rounds);
            Py_END_ALLOW_THREADS
            if (rounds < 0) PyErr_NoMemory();
        }
    }
    PyBuffer_Release(&price);
    return rounds < 0 ? NULL : PyLong_FromLong(rounds);
}

static PyMethodDef methods[] = {{"settle", settle_for_python, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "rounds_in_c", NULL, -1, methods};

PyMODINIT_FUNC PyInit_rounds_in_c(void) {
    parecon = PyCapsule_Import(PARECON_API_CAPSULE, 0);
    if (parecon == NULL) return NULL;
    if (parecon->version < PARECON_API_VERSION) {
        PyErr_SetString(PyExc_ImportError, "this parecon is older than the header");
        return NULL;
    }
    return PyModule_Create(&definition);
}
