"""constraints.txt pins everything that an install brings, exactly and on every platform, and nothing else."""

import re
from collections.abc import Set
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
BUILD = {"hatchling", "editables"}
FREE = {"torch"}  # its builds differ by platform: TORCH_SPEC
ELSEWHERE = {"colorama", "tzdata"}  # asked for on Windows only


DOCS = "# for `make docs` alone\n"  # what follows is not installed for play or tests


def _pins_of(text: str) -> dict[str, str]:
    return dict(line.split("==") for line in text.splitlines() if line and not line.startswith("#"))


def pins() -> dict[str, str]:
    return _pins_of((ROOT / "constraints.txt").read_text(encoding="utf-8"))


def docs_pins() -> dict[str, str]:
    return _pins_of((ROOT / "constraints.txt").read_text(encoding="utf-8").partition(DOCS)[2])


def closure(requirements: list[Requirement], extras: tuple[str, ...] = ("",), without: Set[str] = frozenset()) -> set[str]:
    """Names of all distributions that the requirements bring on this machine, themselves included; `without` those and what they bring."""
    found: set[str] = set()
    todo = [(r, extras) for r in requirements]
    while todo:
        requirement, extras = todo.pop()
        if requirement.marker and not any(requirement.marker.evaluate({"extra": e}) for e in extras):
            continue
        name = canonicalize_name(requirement.name)
        if name in found or name in without:
            continue
        found.add(name)
        more = metadata.requires(name) or []
        todo += [(Requirement(r), tuple(requirement.extras) or ("",)) for r in more]
    return found


ACCELERATORS = re.compile(r"(nvidia|cuda|triton|pytorch-triton|intel|rocm|amd)(-.*)?")


def torchs_own(needed: set[str], otherwise: set[str]) -> set[str]:
    """Of `needed`, what is there for torch alone and belongs to its build; `otherwise`: what all but torch bring.

    A build for graphics cards names its libraries' versions itself, and others on every platform. Of the build for processors nothing
    else is let through: that one keeps the pins whole.
    """
    processors_only = metadata.version("torch").endswith("+cpu")
    return {name for name in needed - otherwise - pins().keys() if ACCELERATORS.fullmatch(name) or not processors_only}


def test_every_pin_is_exact_and_platform_independent():
    assert pins()
    for name, version in pins().items():
        assert canonicalize_name(name) == name and re.fullmatch(r"[0-9][0-9.]*(post\d+)?", version), f"{name}=={version}"


def test_everything_installed_for_play_and_tests_is_pinned_at_its_version():
    if not metadata.requires("latentwave"):
        pytest.skip("latentwave is not installed as a package here")
    ours = [Requirement(r) for r in metadata.requires("latentwave") or []]
    needed = closure(ours, ("", "train", "dev")) | closure([Requirement(n) for n in BUILD])
    otherwise = closure(ours, ("", "train", "dev"), without=FREE) | closure([Requirement(n) for n in BUILD])
    missing = needed - FREE - pins().keys() - torchs_own(needed, otherwise)
    assert not missing, f"add to constraints.txt: {', '.join(f'{n}=={metadata.version(n)}' for n in sorted(missing))}"
    stale = pins().keys() - needed - ELSEWHERE - docs_pins().keys()
    assert not stale, f"nothing needs these pins any more: {', '.join(sorted(stale))}"


def test_the_documentation_builds_with_pinned_packages():
    try:
        needed = closure([Requirement("mkdocs-material")])
    except metadata.PackageNotFoundError:  # `make docs` was never called here: its pins stand, but nothing tells what needs them
        assert "mkdocs-material" in docs_pins()
    else:
        assert needed <= pins().keys() and docs_pins().keys() <= needed


def test_lower_bounds_of_pyproject_allow_the_pins():
    pinned = pins()
    for text in metadata.requires("latentwave") or []:
        requirement = Requirement(text)
        if canonicalize_name(requirement.name) not in FREE:
            version = pinned[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), f"{requirement} against {version}"
