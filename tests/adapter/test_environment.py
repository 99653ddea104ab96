"""Proxies and certificates of the environment are used, and what fails about them is named."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from exchange_cache.adapter.environment import bundle_of, proxies_for
from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.errors import CertificateRefused, ConfigError, ExchangeUnavailable, ProxyFailed
from tests.exchanges.builders import open_stubbed
from tests.exchanges.stub import StubServer

ONCE = RetryPolicy(attempts=1)
#: The spot wallet, empty.
WALLET = {"balances": [], "accountType": "SPOT"}
API = "https://api.example.org/0/public/Time"


@pytest.mark.parametrize(
    ("env", "url", "proxy"),
    [
        ({}, API, {}),
        ({"HTTPS_PROXY": "http://proxy:3128"}, API, {"https": "http://proxy:3128"}),
        ({"https_proxy": "proxy:3128"}, API, {"https": "http://proxy:3128"}),
        ({"HTTP_PROXY": "http://proxy:3128"}, API, {}),
        ({"HTTP_PROXY": "http://proxy:3128"}, "http://a.example", {"http": "http://proxy:3128"}),
        ({"ALL_PROXY": "socks5://proxy:1080"}, API, {"https": "socks5://proxy:1080"}),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "example.org"}, API, {}),
        ({"HTTPS_PROXY": "http://proxy:3128", "no_proxy": "*"}, API, {}),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "a.b, .example.org:443"}, API, {}),
        (
            {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "ample.org"},
            API,
            {"https": "http://proxy:3128"},
        ),
        (
            {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "other.org"},
            API,
            {"https": "http://proxy:3128"},
        ),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "https://127.0.0.1:8443/x", {}),
        ({"HTTP_PROXY": "http://proxy:3128"}, "http://localhost:80/x", {}),
        ({"HTTPS_PROXY": ""}, API, {}),
    ],
)
def test_the_proxy_of_an_address(env: dict[str, str], url: str, proxy: dict[str, str]) -> None:
    assert proxies_for(url, env) == proxy


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_certificates_of_the_environment(name: str, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    assert bundle_of({name: str(bundle)}) == str(bundle)
    assert bundle_of({name: ""}) is None
    with pytest.raises(ConfigError, match=f"certificates of {name} cannot be read: there is no"):
        bundle_of({name: str(tmp_path / "missing.pem")})


def test_a_request_goes_through_the_proxy_of_the_environment() -> None:
    with StubServer(lambda asked: WALLET) as proxy:
        adapter = open_stubbed(
            "binance", "http://api.invalid", retry=ONCE, env={"HTTP_PROXY": proxy.url}
        )
        adapter.balances(adapter.policy.wallets[0])
        assert [asked.headers["host"] for asked in proxy.asked] == ["api.invalid"]


def test_the_proxy_of_the_account_comes_first() -> None:
    with StubServer(lambda asked: WALLET) as own:
        adapter = open_stubbed(
            "binance",
            "http://api.invalid",
            retry=ONCE,
            env={"HTTP_PROXY": "http://proxy.invalid:3128"},
            config={"httpProxy": own.url},
        )
        adapter.balances(adapter.policy.wallets[0])
        assert own.asked


@pytest.mark.parametrize(
    ("proxy", "reason"),
    [
        ("http://user:word@127.0.0.1:9", "the proxy 127.0.0.1:9 failed: connection refused"),
        ("http://proxy.invalid:3128", "the proxy proxy.invalid:3128 failed: its name cannot be"),
    ],
)
def test_a_proxy_that_does_not_work_is_named(proxy: str, reason: str) -> None:
    adapter = open_stubbed("binance", "https://api.invalid", retry=ONCE, env={"HTTPS_PROXY": proxy})
    with pytest.raises(ProxyFailed) as caught:
        adapter.balances(adapter.policy.wallets[0])
    assert reason in str(caught.value)
    assert "word" not in str(caught.value)
    assert "HTTPS_PROXY" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"HTTPS_PROXY": "nonsense://u:word@x"}, 'HTTPS_PROXY names no proxy: unknown scheme "non'),
        ({"https_proxy": "http://"}, "https_proxy names no proxy: it has no host"),
        ({"https_proxy": "host:port"}, "https_proxy names no proxy: its host or its port is malf"),
        ({"ALL_PROXY": "socks://u:word@x"}, 'ALL_PROXY names no proxy: unknown scheme "socks"'),
    ],
)
def test_an_address_that_is_none_of_a_proxy_is_named(env: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_stubbed("binance", "https://api.invalid", retry=ONCE, env=env)
    assert message in str(caught.value)
    assert "word" not in str(caught.value)
    open_stubbed("binance", "https://api.invalid", retry=ONCE, env={**env, "NO_PROXY": "*"})


def test_a_proxy_that_refuses_is_named_with_its_answer() -> None:
    with StubServer(lambda asked: {}) as proxy:  # it knows no CONNECT
        adapter = open_stubbed(
            "binance", "https://api.invalid", retry=ONCE, env={"HTTPS_PROXY": proxy.url}
        )
        with pytest.raises(ExchangeUnavailable) as caught:
            adapter.balances(adapter.policy.wallets[0])
    assert "the proxy refused (501 Unsupported method)" in str(caught.value)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of 127.0.0.1 with its key; it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("authority")
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder


@pytest.fixture
def secure(authority: Path) -> Iterator[StubServer]:
    """An exchange over HTTPS whose certificate only that authority vouches for."""
    stub = StubServer(lambda asked: WALLET)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "ca.pem", authority / "key.pem")
    stub._server.socket = context.wrap_socket(stub._server.socket, server_side=True)
    stub.url = stub.url.replace("http://", "https://")
    with stub:
        yield stub


def test_a_certificate_that_is_not_trusted_is_named_with_the_cure(secure: StubServer) -> None:
    adapter = open_stubbed("binance", secure.url)
    with pytest.raises(CertificateRefused) as caught:
        adapter.balances(adapter.policy.wallets[0])
    assert "the certificate of binance is not trusted" in str(caught.value)
    assert "self-signed certificate" in str(caught.value)
    assert "export REQUESTS_CA_BUNDLE=FILE" in (caught.value.hint or "")
    assert secure.asked == []


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_certificate_of_the_environment_is_trusted(
    secure: StubServer, authority: Path, name: str
) -> None:
    adapter = open_stubbed("binance", secure.url, env={name: str(authority / "ca.pem")})
    adapter.balances(adapter.policy.wallets[0])
    assert len(secure.asked) == 1


def test_a_check_of_an_account_keeps_the_cure(secure: StubServer) -> None:
    found = open_stubbed("binance", secure.url).check()
    assert {"ok"}.isdisjoint(found.readable.values())
    assert set(found.hints) == set(found.readable)
    assert all("export REQUESTS_CA_BUNDLE=FILE" in hint for hint in found.hints.values())
