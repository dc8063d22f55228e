#!/bin/sh
# Finds a Python 3.11 or 3.12 and hands over to tools/setup.py. Usage: sh tools/setup.sh play|test
cd "$(dirname "$0")/.." || exit 1

right() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' >/dev/null 2>&1; }

for python in .venv/bin/python "$PYTHON" python3 python3.12 python3.11 python; do
    if [ -n "$python" ] && right "$python"; then
        exec "$python" tools/setup.py "$@"
    fi
done
echo "latentwave: error: Python 3.11 or 3.12 is needed (python3 is: $(python3 --version 2>&1));" \
    "install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2
exit 1
