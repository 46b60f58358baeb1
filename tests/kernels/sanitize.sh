#!/usr/bin/env bash
# Run the kernels' tests against a build that catches what a release build would not:
#
#   tests/kernels/sanitize.sh bounds     every index is checked by Cython
#   tests/kernels/sanitize.sh address    every read and write is checked by the address sanitizer
#
# The build goes into build/debug or build/address, beside and never into the one in use: the
# environment's interpreter finds it first through PYTHONPATH, and the tests check that it did.
set -euo pipefail
cd "$(dirname "$0")/../.."

case "${1:-}" in
    bounds) folder=build/debug; export PARECON_DEBUG=1 ;;
    address) folder=build/address; export PARECON_SANITIZE=address ;;
    *) echo "usage: $0 bounds|address" >&2; exit 2 ;;
esac
python=$PWD/.venv/bin/python
site=$PWD/$folder/site

"$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
    --upgrade --target "$site" .

export PYTHONPATH=$site PARECON_CHECKED_BUILD=$1 PARECON_CHECKED_SITE=$site
if [ "$1" = address ]; then
    # The sanitizer must be in the process before Python is; Python keeps memory until it exits,
    # which is no leak; its own allocator would hide the ends of small blocks.
    export LD_PRELOAD ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc
    LD_PRELOAD=$("${CC:-cc}" -print-file-name=libasan.so)
fi
exec "$python" -m pytest tests/kernels -p no:cacheprovider
