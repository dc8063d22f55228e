"""The parser of the command line: argparse, which says besides what a mistyped command, choice or option may have meant."""

import argparse

from ..errors import did_you_mean


class Parser(argparse.ArgumentParser):
    """`argparse.ArgumentParser` with "did you mean", of which Python 3.14 brings a part as `suggest_on_error`."""

    def _check_value(self, action, value):
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            raise argparse.ArgumentError(action, error.message + did_you_mean(str(value), map(str, action.choices))) from None

    def parse_known_args(self, args=None, namespace=None):
        """As argparse's; of a command, options that it has not are an error here, where its own are known."""
        found, rest = super().parse_known_args(args, namespace)
        unknown = [word.partition("=")[0] for word in rest if word.startswith("--")]
        if unknown:
            self.error(f"no option {unknown[0]}{did_you_mean(unknown[0], self._option_string_actions)}")
        return found, rest
