"""An account as a block of text: written without secrets, and cut out to the byte."""

from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from exchange_cache.config.account_text import account_block, appended, without
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.sources import (
    EnvSecret,
    Hidden,
    PlainSecret,
    plain,
)

SECRET = "hunter2-Tr0ub4dor"


def new(name="main", exchange="okx", credentials=None, **others):
    given_ones = (
        {"api_key": plain("the-key"), "secret": plain(SECRET)}
        if credentials is None
        else credentials
    )
    return AccountSettings(
        name=name, exchange=exchange, credentials=MappingProxyType(given_ones), **others
    )


def test_a_block_never_holds_a_secret():
    with pytest.raises(ValueError, match="secret is a secret that must be stored first"):
        account_block(new(credentials={"secret": PlainSecret(Hidden(SECRET))}))


pieces = st.lists(
    st.sampled_from(
        [
            "a = 1",
            "# remark",
            "",
            "[t]",
            '[accounts.z]\nuid = "1"',
            "  ",
            'm = """\n\n[accounts.main]\n"""',
            "[accounts]",
        ]
    ),
    unique=True,
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_block_that_was_appended_is_cut_out_to_the_byte(lines, newline, ended):
    text = "\n".join(lines).replace("\n", newline) + (newline if ended and lines else "")
    block = account_block(new(credentials={"uid": EnvSecret("U")}, ccxt=MappingProxyType({"a": 1})))
    assert without(appended(text, block), "main") == text
