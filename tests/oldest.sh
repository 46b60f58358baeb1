#!/usr/bin/env bash
# The oldest dependencies that pyproject.toml claims to work with, really installed and used:
# plans us-2012 and runs the tests.   tests/oldest.sh [PYTHON]
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/build/oldest
rm -rf "$folder"
"${1:-python3}" -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint requirements/oldest.txt ".[test]"
"$folder/env/bin/parecon" plan us-2012 -o "$folder/plan"
# Old libraries warn of what they themselves no longer do.
"$folder/env/bin/python" -m pytest -W default -p no:cacheprovider
