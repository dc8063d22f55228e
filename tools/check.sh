#!/bin/sh
# The suite, the linter and the type checker; all three run even when one fails. Results: build/test-results.xml
cd "$(dirname "$0")/.." || exit 1
py=.venv/bin/python
status=0
mkdir -p build
$py -m pytest -n 2 --dist loadfile --junitxml=build/test-results.xml "$@" || status=1
$py -m ruff check . || status=1
$py -m mypy || status=1
exit $status
