"""Gathers the pages of the site (`make docs`) in build/pages: docs/ and the pages at the root of the clone, their links put right.

Site builders take pages from one folder. Links in the sources hold in the clone and where it is hosted; here they become those of the
site, and links to files that are no pages become plain text.
"""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "pages"
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "THIRD_PARTY.md": "third-party.md"}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#:\s]+)(#[^)]*)?\)")


def rewrite_links(text: str, folder: Path) -> str:
    """Links of a page in `folder` as they are among the pages of the site."""
    def moved(match: re.Match) -> str:
        picture, words, target, anchor = match[1], match[2], match[3], match[4] or ""
        path = (folder / target).resolve()
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else target
        page = PAGES.get(name) or (name.removeprefix("docs/") if name.startswith("docs/") else "")
        return f"{picture}[{words}]({page}{anchor})" if page else words

    return _LINK.sub(moved, text)


def gather() -> None:
    """Write build/pages anew."""
    shutil.rmtree(TARGET, ignore_errors=True)
    shutil.copytree(ROOT / "docs", TARGET)
    for source, page in {**{f"docs/{f.name}": f.name for f in (ROOT / "docs").glob("*.md")}, **PAGES}.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        (TARGET / page).write_text(rewrite_links(text, (ROOT / source).parent), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    gather()
