"""Names that rules judge."""

from __future__ import annotations

import pytest

from pyfrontend.lint.names import is_one_case, is_secret_name

SECRETS = "apikey my_apikey AUTH_URL credentials_x Credential PASSWD pword_x token API_KEY a_secret_b __auth"
HARMLESS = "tokens mypassword SSH-KEY SECRET_VERSION PUBLIC_TOKEN KEY_FILE_NAME authx api-token name x_"


@pytest.mark.parametrize("key", ["\u017fecret", *SECRETS.split()])
def test_a_name_that_looks_secret_is_found(key: str) -> None:
    assert is_secret_name(key)


@pytest.mark.parametrize("key", ["", "pa\u00dfword", *HARMLESS.split()])
def test_a_harmless_name_is_no_secret(key: str) -> None:
    assert not is_secret_name(key)


@pytest.mark.parametrize(("word", "one"), [("RUN", True), ("run", True), ("Run", False), ("rUN", False)])
def test_a_word_in_one_case_is_known(word: str, *, one: bool) -> None:
    assert is_one_case(word) is one
