"""config.toml as a document: what cannot be read or parsed names the file and the place."""

import pytest

from exchange_cache.config.settings import (
    load_settings,
)
from exchange_cache.errors import ConfigError


def faults(paths):
    """What load_settings complains about, without the file's name before each."""
    with pytest.raises(ConfigError) as caught:
        load_settings(paths)
    assert caught.value.exit_code == 78
    assert all(fault.startswith(f"{paths.config_file}") for fault in caught.value.faults)
    return [fault.removeprefix(str(paths.config_file)).lstrip() for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "a = 1\nb = x\n",
            "line 2, column 5: is not valid TOML: Invalid value (text stands in quotes)",
        ),
        (
            "a = 1\nb =",
            "line 2, column 4: is not valid TOML: Invalid value (text stands in quotes)",
        ),
        ("[a]\n[a]\n", "line 2, column 3: is not valid TOML: Cannot declare ('a',) twice"),
        ("\ufeffa = 1", "line 1: begins with a byte order mark; save it as UTF-8 without one"),
    ],
)
def test_broken_toml_names_line_and_column(configure, text, fault):
    [found] = faults(configure(text))
    assert found == fault


def test_text_that_is_not_utf8_names_the_line(paths, configure):
    configure("")
    paths.config_file.write_bytes(b"a = 1\nb = '\xff'\n")
    assert faults(paths) == ["line 2: is not UTF-8 text"]


def test_a_file_that_cannot_be_read_says_why(paths):
    paths.config_file.mkdir(parents=True)
    assert faults(paths) == [
        "cannot be read: Is a directory; repair it, or choose another folder with EXCACHE_HOME"
    ]
