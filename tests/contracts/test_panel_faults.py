"""What other people's panels may do to us: every adapter of one, and every way to fail."""

import json
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hosting.model import HostingFacts
from hosting.panel import PanelAccess, PanelError
from hosting.panels import connect
from hosting.panels.circuit_breaker import FAILURE_THRESHOLD
from observe.network import Network
from tests.fake_panels import FAKES, serving

KINDS = sorted(FAKES)
BAD = (
    b"", b"<html>secret</html>", b"null", b"[]", b"5", b'"secret"', b"\xff\xfe", b"[" * 100_000,
    b" " * 3_000_000, b'{"error": "secret", "data": {"acct": "secret"}}',
    b'{"metadata": {"result": 1}, "data": {"acct": {"user": "mara"}, "domains": 5}}',
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "metadata", "result", "acct", "user", "list", "suspended"]),
            inner,
        )
    ),
    max_leaves=8,
)


def reached(kind, url, fake, seconds=10.0, token=None):
    access = PanelAccess(url, token or fake.token, timedelta(seconds=seconds), fake.user)
    return connect(kind, access, Network(closed=True))


@contextmanager
def there(kind, **how):
    fake = FAKES[kind]()
    with serving(fake) as url:
        yield fake, reached(kind, url, fake, **how)


def calls(panel):
    return (
        lambda: panel.account("mara"),
        lambda: panel.account_of("shop.example"),
        lambda: panel.services("mara"),
        lambda: panel.facts("mara", "shop.example"),
        lambda: panel.mailbox("mara", "vera@shop.example"),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_maras_account_is_told_whole(kind):
    with there(kind) as (_, panel):
        facts = panel.facts("mara", "shop.example")
        assert panel.account_of("blog.example") == panel.account("mara") == facts.account
        assert facts.services == panel.services("mara")
        assert all(u.as_of.tzinfo is not None and u.source == kind for u in facts.usage)
        assert facts.as_of.tzinfo is not None


@pytest.mark.parametrize("kind", KINDS)
def test_another_customers_domain_is_not_told(kind):
    with there(kind) as (_, panel):
        with pytest.raises(PanelError) as error:
            panel.facts("mara", "zed.example")
        assert error.value.permanent
        assert panel.mailbox("mara", "zed@zed.example") is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_token_is_permanent_and_not_repeated(kind):
    with there(kind, token="another-token") as (_, panel):
        for call in (*calls(panel)[:4], panel.ping):
            with pytest.raises(PanelError) as error:
                call()
            assert error.value.permanent
            assert "token" not in str(error.value).replace("our token", "")
            assert "secret" not in str(error.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_that_no_header_can_carry_is_refused_without_repeating_it(kind):
    for token in ("", "se\ncret", "sečret"):
        with pytest.raises(ValueError, match="token") as error:
            connect(kind, PanelAccess("http://127.0.0.1:1", token, user="root"), Network())
        assert "cret" not in str(error.value)
    with pytest.raises(ValueError, match="user"):
        connect(kind, PanelAccess("http://127.0.0.1:1", "t"), Network())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_malformed_answers_are_panel_errors_and_repeat_nothing(kind, body):
    with there(kind) as (fake, panel):
        fake.say = (200, body)
        for call in calls(panel)[1:4]:
            with pytest.raises(PanelError) as error:
                call()
            assert "secret" not in str(error.value)
            assert fake.token not in str(error.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_failing_panel_is_worth_another_try_and_is_left_alone_for_a_moment(kind):
    with there(kind) as (fake, panel):
        fake.say = (500, b"Traceback: secret")
        for _ in range(FAILURE_THRESHOLD + 3):
            with pytest.raises(PanelError) as error:
                panel.account("mara")
            assert not error.value.permanent
            assert "secret" not in str(error.value)
        assert len(fake.requests) == FAILURE_THRESHOLD


@pytest.mark.parametrize("kind", KINDS)
def test_a_redirect_is_not_followed(kind):
    with there(kind) as (fake, panel):
        fake.say = (302, b"")
        with pytest.raises(PanelError):
            panel.account("mara")
        assert len(fake.requests) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_slow_panel_is_given_up_at_its_deadline(kind):
    with there(kind, seconds=0.3) as (fake, panel):
        fake.hold = threading.Event()
        began = time.monotonic()
        with pytest.raises(PanelError) as error:
            panel.account("mara")
        assert not error.value.permanent
        assert time.monotonic() - began < 15  # not the 30 s that it holds


@pytest.mark.parametrize("kind", KINDS)
def test_a_panel_that_is_away_is_worth_another_try(kind):
    with serving(FAKES[kind]()) as url:
        pass
    with pytest.raises(PanelError) as error:
        reached(kind, url, FAKES[kind]()).ping()
    assert not error.value.permanent


@pytest.mark.parametrize("kind", KINDS)
def test_any_json_is_a_value_or_a_panel_error(kind):
    with there(kind) as (fake, panel):

        @settings(max_examples=40)
        @given(body=JSON)
        def thrown(body):
            fake.say = (200, json.dumps(body).encode())
            for call in calls(panel):
                try:
                    value = call()
                except PanelError:
                    continue
                assert not isinstance(value, HostingFacts)

        thrown()
