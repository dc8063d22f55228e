"""A command line is parsed by its own command's module alone; the table that says which one that is tells the truth."""

import subprocess
import sys

import pytest

from synth.commands import COMMANDS, load
from synth.commands.parser import Parser
from tests.servers import child_env


@pytest.mark.parametrize("module", COMMANDS)
def test_the_table_names_what_a_module_registers(module):
    subparsers = Parser().add_subparsers()
    load(module).register(subparsers)
    assert set(subparsers.choices) == set(COMMANDS[module])


def test_play_is_parsed_without_other_commands_numpy_or_installed_packages():
    check = ("import sys; from synth.cli import build_parser; build_parser(['--debug', 'play', '--no-gui']); "
             "print([m for m in ('numpy', 'importlib.metadata', 'synth.commands.presets', 'synth.params') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", check], env=child_env(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
