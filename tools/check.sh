#!/bin/sh
# The suite, the linter and the type checker; all three run even when one fails. Results: build/test-results.xml
# Three workers for two processors: many tests wait for sound that is played in its own time.
cd "$(dirname "$0")/.." || exit 1
py=.venv/bin/python
unset PYTHONDONTWRITEBYTECODE  # hundreds of commands are started, which read their bytecode in two thirds of the time
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1  # a library's second thread spins while it waits: a fifth more of both processors
status=0
mkdir -p build
$py -m mypy > build/mypy.txt 2>&1 &
types=$!
$py -m pytest -n 3 --dist loadfile --no-loadscope-reorder --junitxml=build/test-results.xml "$@" || status=1
$py -m ruff check . || status=1
wait $types || status=1
cat build/mypy.txt
exit $status
