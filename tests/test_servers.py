"""The shared fixtures stand: a JACK server that runs, a display that answers, a user folder of one's own."""

import json
import subprocess

from tests import servers


def test_jack_server_runs_at_48_khz_and_128_frames(jack_server):
    servers.need("jack_samplerate", "jack_bufsize")
    rate = subprocess.run(["jack_samplerate"], env=jack_server, capture_output=True, text=True, timeout=servers.LIMIT_S)
    assert rate.stdout.split()[-1] == "48000"
    size = subprocess.run(["jack_bufsize"], env=jack_server, capture_output=True, text=True, timeout=servers.LIMIT_S)
    assert "128" in size.stdout


def test_display_answers_with_its_size(xvfb_display):
    servers.need("xdotool")
    command = ["xdotool", "getdisplaygeometry"]
    done = subprocess.run(command, env=xvfb_display, capture_output=True, text=True, timeout=servers.LIMIT_S)
    assert done.stdout.split() == ["1600", "1000"]


def test_servers_share_one_environment(jack_server, xvfb_display):
    both = jack_server | xvfb_display
    assert both["JACK_DEFAULT_SERVER"] == jack_server["JACK_DEFAULT_SERVER"] and both["DISPLAY"].startswith(":")


def test_home_is_empty_but_for_the_kernel_cache(home):
    from synth import paths

    assert paths.user_folder() == home
    assert [p.name for p in home.iterdir()] == ["cache"]
    assert paths.cache_folder().resolve() != home / "cache"


def test_cli_prints_the_version(cli):
    from synth import __version__

    done = cli("--version", check=True)
    assert done.stdout.strip() == f"latentwave {__version__}" and json.dumps(done.stderr) == '""'
