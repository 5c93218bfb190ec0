#!/usr/bin/env bash
# Makes the three lock files anew: hashes without addresses, for every Python and platform that we support.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { uv pip compile --universal --generate-hashes --no-header --no-annotate --quiet --python-version 3.11 "$@"; }
compile requirements/bootstrap.in -o requirements/bootstrap.lock
compile pyproject.toml requirements/build.in -o requirements/runtime.lock
compile pyproject.toml requirements/build.in --extra development -c requirements/runtime.lock -o requirements/development.lock
