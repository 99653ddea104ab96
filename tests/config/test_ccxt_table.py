"""What an account may change of ccxt, what is refused because it would weaken the guard, and what
every run says."""

from __future__ import annotations

import pytest

from exchange_cache.config.ccxt_table import CCXT_SETTINGS, OTHER_SPELLINGS, read_ccxt, warnings
from exchange_cache.config.faults import Wrong
from exchange_cache.config.settings import load_settings
from exchange_cache.errors import ConfigError

HEAD = '[accounts.main]\nexchange = "kraken"\napi_key = { env = "K" }\n[accounts.main.ccxt]\n'


def fault(paths) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(paths)
    assert caught.value.exit_code == 78
    [found] = caught.value.faults
    return found.removeprefix(f"{paths.config_file} ")


def test_every_known_name_is_passed_on_under_the_name_that_ccxt_uses(configure):
    [account] = load_settings(
        configure(
            HEAD
            + """
http_proxy = "http://127.0.0.1:3128"
hostname = "api-aws.huobi.pro"
sandbox = false
timeout = 5000
rateLimit = 0.5
enableRateLimit = true
user_agent = "mine"
requests_trust_env = true
verify = true
validateServerSsl = true
options = { defaultType = "swap", recvWindow = 5000 }
proxies = { https = "socks5h://127.0.0.1:9050" }
[accounts.main.ccxt.urls]
api = { public = "http://127.0.0.1:1/kraken", nested = { x = "https://{hostname}/v1" } }
"""
        )
    ).accounts
    assert account.ccxt == {
        "httpProxy": "http://127.0.0.1:3128",
        "hostname": "api-aws.huobi.pro",
        "sandbox": False,
        "timeout": 5000,
        "rateLimit": 0.5,
        "enableRateLimit": True,
        "userAgent": "mine",
        "requests_trust_env": True,
        "verify": True,
        "validateServerSsl": True,
        "options": {"defaultType": "swap", "recvWindow": 5000},
        "proxies": {"https": "socks5h://127.0.0.1:9050"},
        "urls": {
            "api": {"public": "http://127.0.0.1:1/kraken", "nested": {"x": "https://{hostname}/v1"}}
        },
    }


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (
            'read_allowlist = ["POST private AddOrder"]',
            (
                "read_allowlist is refused: it is part of the read-only guard or of how ccxt works;"
                " remove it"
            ),
        ),
        (
            '_call = "POST"',
            "_call is refused: it is part of the read-only guard or of how ccxt works; remove it",
        ),
        (
            'sign = "x"',
            "sign is refused: it is part of the read-only guard or of how ccxt works; remove it",
        ),
        (
            'proxyUrl = "https://evil.example/?"',
            (
                "proxyUrl is refused: it sends signed requests to another host; use httpsProxy, or"
                " urls to replace the exchange's addresses"
            ),
        ),
        (
            'headers = { X-HTTP-Method-Override = "DELETE" }',
            (
                "headers is refused: a header can change what a request does; userAgent sets the"
                " program name"
            ),
        ),
        ("verbose = true", "verbose is refused: it would print keys and signatures"),
        (
            "options = { maxRetriesOnFailure = 3 }",
            (
                "options.maxRetriesOnFailure is refused: ccxt would resend signed requests on its"
                " own; use the top-level setting retries instead"
            ),
        ),
        (
            'httpsProxi = "http://x"',
            'httpsProxi is not a ccxt setting that excache supports; did you mean "httpsProxy"?',
        ),
        (
            "verfy = true",
            'verfy is not a ccxt setting that excache supports; did you mean "verify"?',
        ),
        ('verify = "no"', 'verify must be true or false, not "no"'),
        (
            "timeout = -1",
            "timeout must be a number of milliseconds from 0 upwards, not a whole number",
        ),
        (
            'hostname = "evil.example/x?"',
            'hostname must be a host name such as "bytick.com"',
        ),
        ('urls = "https://x"', "urls must be a table, not text"),
        (
            'urls = { api = "https://user:pw@evil.example" }',
            (
                'urls.api must be an address such as "https://api.example.com", without user, query'
                " or fragment"
            ),
        ),
        (
            'urls = { api = { a = "https://x.example/?" } }',
            (
                'urls.api.a must be an address such as "https://api.example.com", without user,'
                " query or fragment"
            ),
        ),
        (
            'urls = { api = "https://[x/" }',
            (
                'urls.api must be an address such as "https://api.example.com", without user, query'
                " or fragment"
            ),
        ),
        (
            'socksProxy = "127.0.0.1"',
            'socksProxy must be the address of a proxy such as "http://127.0.0.1:3128"',
        ),
    ],
)
def test_what_is_refused_names_line_key_and_cure(configure, line, what):
    assert fault(configure(HEAD + line)) == f"line 5: accounts.main.ccxt.{what}"


def test_an_unknown_name_far_from_all_lists_those_there_are(configure):
    assert (
        fault(configure(HEAD + "qqq = 1"))
        == "line 5: accounts.main.ccxt.qqq is not a ccxt setting that excache supports; there are"
        f" {', '.join(CCXT_SETTINGS)}"
    )


@pytest.mark.parametrize(
    "exchange", ["kraken", "binance", "okx", "bybit", "hyperliquid", "coinbase"]
)
def test_no_attribute_of_a_guarded_instance_can_be_set_but_the_known_ones(exchange):
    from exchange_cache.adapter.client import build_client
    from exchange_cache.clock import SystemClock
    from exchange_cache.exchanges import policy_for

    client = build_client(
        account="main",
        policy=policy_for(exchange),
        credentials={},
        user_config={},
        clock=SystemClock(),
    )
    names = {*dir(client), *client.describe()} - {*CCXT_SETTINGS, *OTHER_SPELLINGS}
    for name in names:
        with pytest.raises(Wrong):
            read_ccxt({name: "x"})


def test_every_setting_is_one_that_the_installed_ccxt_reads():
    import ccxt

    assert {name for name in CCXT_SETTINGS if not hasattr(ccxt.kraken, name)} == {
        "sandbox"
    }  # a call, not an attribute


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, ()),
        ({"verify": True, "hostname": "localhost", "urls": {"api": "http://127.0.0.1:8080/x"}}, ()),
        (
            {
                "urls": {
                    "api": {
                        "a": "http://[::1]:1",
                        "b": "http://127.3.2.1",
                        "c": "https://api.{hostname}",
                    }
                }
            },
            (),
        ),
        (
            {
                "urls": {
                    "api": {
                        "a": "https://proxy.example:8443/k",
                        "b": "https://proxy.example:8443/l",
                    }
                }
            },
            (
                (
                    "requests go to proxy.example:8443, as urls or hostname in config.toml says,"
                    " not to ccxt's own hosts"
                ),
            ),
        ),
        (
            {"urls": {"api": "https://{hostname}.evil.example"}},
            (
                (
                    "requests go to {hostname}.evil.example, as urls or hostname in config.toml"
                    " says, not to ccxt's own hosts"
                ),
            ),
        ),
        (
            {"hostname": "bytick.com", "urls": {"hostnames": {"spot": "x.example"}}},
            (
                (
                    "requests go to bytick.com, x.example, as urls or hostname in config.toml says,"
                    " not to ccxt's own hosts"
                ),
            ),
        ),
        (
            {"urls": {"api": "http://proxy.example"}},
            (
                (
                    "requests go to proxy.example, as urls or hostname in config.toml says, not to"
                    " ccxt's own hosts"
                ),
                "requests to proxy.example are not encrypted (http:// in config.toml)",
            ),
        ),
        (
            {"verify": False},
            (
                (
                    "certificates are not checked (verify = false in config.toml): anybody on the"
                    " way can read and change what is exchanged"
                ),
            ),
        ),
        (
            {"validateServerSsl": False},
            (
                (
                    "certificates are not checked (validateServerSsl = false in config.toml):"
                    " anybody on the way can read and change what is exchanged"
                ),
            ),
        ),
    ],
)
def test_what_every_run_says(table, said):
    assert warnings(read_ccxt(table)) == said
