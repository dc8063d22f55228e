"""Fail when a test was skipped for a reason that nobody allowed. Usage: `skips.py RESULTS.xml ALLOWED.txt`.

ALLOWED holds one regular expression a line, matched against `test name: reason`; `#` starts a comment.
"""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree


def allowed_patterns(text: str) -> list[re.Pattern[str]]:
    """The patterns of an allow list, comments and empty lines left out."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [re.compile(line) for line in lines if line]


def skipped(results: Path) -> list[str]:
    """`test name: reason` of every test that a JUnit file says was skipped (an expected failure is none)."""
    found = []
    for case in ElementTree.parse(results).iter("testcase"):
        skip = case.find("skipped")
        if skip is not None and skip.get("type") != "pytest.xfail":
            found.append(f"{case.get('classname')}.{case.get('name')}: {skip.get('message')}")
    return found


def main() -> int:
    """0 when every skip is allowed, else 1 and a line for each that is not."""
    results, allowed = Path(sys.argv[1]), allowed_patterns(Path(sys.argv[2]).read_text(encoding="utf-8"))
    skips = skipped(results)
    unexpected = [skip for skip in skips if not any(pattern.search(skip) for pattern in allowed)]
    print(f"skipped: {len(skips)}, of them not allowed: {len(unexpected)}")
    for skip in unexpected:
        print(f"  {skip}")
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
