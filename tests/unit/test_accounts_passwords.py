"""Passwords: what is refused, and that nobody can tell an unknown address from a wrong password."""

from __future__ import annotations

import threading
import time

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from accounts import text_input
from accounts.model import NOBODY, Assurance, Contact, ContactRole, Person, Visitor
from accounts.order_policy import Action, PolicyDecision, judge, may
from accounts.passwords import PasswordRefused, Passwords
from accounts.room import configured_rules
from settings import SettingsError
from settings.schema import PolicySection
from tests.desk_fixtures import FAST, SECRET
from web.forms.local_paths import safe_next


def test_the_right_password_opens_and_others_do_not():
    passwords = Passwords(FAST)
    stored = passwords.hash(SECRET)
    assert stored.startswith("$argon2id$")
    assert passwords.check(stored, SECRET)
    assert not passwords.check(stored, SECRET + "x")
    assert not passwords.check("", SECRET)
    assert not passwords.check("no hash at all", SECRET)
    assert not passwords.check(stored, SECRET + "x" * 5000)


def test_a_password_of_nobody_costs_what_a_real_one_costs():
    passwords = Passwords(FAST)
    stored = passwords._nobody
    assert extract_parameters(stored) == extract_parameters(passwords.hash(SECRET))
    assert stored != Passwords(FAST)._nobody, "drawn anew at each start"
    with pytest.raises(VerifyMismatchError):
        FAST.verify(stored, SECRET)


@pytest.mark.parametrize("bad", ["", "short", "x" * 1025, "with\0 a null byte"])
def test_a_bad_new_password_is_refused_with_words(bad):
    with pytest.raises(PasswordRefused, match="characters"):
        Passwords(FAST).hash(bad)


def test_hashes_of_other_parameters_are_stale():
    passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    assert passwords.stale(Passwords(FAST).hash(SECRET))
    assert not passwords.stale(passwords.hash(SECRET))


def test_an_unknown_address_takes_as_long_as_a_wrong_password():
    passwords = Passwords(PasswordHasher(time_cost=3, memory_cost=8192, parallelism=1))
    stored = passwords.hash(SECRET)

    def quickest(hash: str) -> float:
        times = []
        for _ in range(7):
            began = time.process_time()
            passwords.check(hash, "wrong password")
            times.append(time.process_time() - began)
        return min(times)

    known_time, unknown = quickest(stored), quickest("")
    assert 0.5 < known_time / unknown < 2


def test_no_more_than_two_hash_at_one_time():
    running, most, lock = [0], [0], threading.Lock()

    class Counting(PasswordHasher):
        def verify(self, hash, password):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.02)
            with lock:
                running[0] -= 1
            return super().verify(hash, password)

    passwords = Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
    stored = passwords.hash(SECRET)
    threads = [threading.Thread(target=passwords.check, args=(stored, "x")) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


@pytest.mark.parametrize(
    ("typed_text", "kept"),
    [
        (" Mara@People.Example ", "mara@people.example"),
        ("ž@háčky.example", "ž@háčky.example"),
        ("nobody", ""),
        ("Jana Nová <jana@firma.cz>", "jana@firma.cz"),
        (' "Nová, Jana" < Jana@firma.cz >; ', "jana@firma.cz"),
        ("<jana@firma.cz>", "jana@firma.cz"),
        ("mailto:jana@firma.cz", "jana@firma.cz"),
        ("Jana <mailto:jana@firma.cz>", "jana@firma.cz"),
        ("x" * 300 + " <jana@firma.cz>", "jana@firma.cz"),
        ("<a@b.example> <c@d.example>", ""),
        ("Jana <jana@firma.cz> Nová", ""),
        ("Jana <>", ""),
        ("a b@c.example", ""),
        ("a@b.example\nBcc: x@y.example", ""),
        ("a@<b>.example", ""),
        ("@b.example", ""),
        ("a" * 250 + "@b.example", ""),
    ],
)
def test_addresses(typed_text, kept):
    assert text_input.address(typed_text) == kept


def test_typed_text_loses_control_characters_and_nothing_else():
    assert text_input.text("a\0b\r\nc\x1b[31m\td") == "ab\nc[31m\td"
    assert text_input.text("שלום \u202egnp.exe") == "שלום gnp.exe"
    assert text_input.line("one\n two\u2028three", 9) == "one two t"
    assert len(text_input.text("x" * 100_000)) == 20_000
    assert text_input.line("\ud800bad") == "bad"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\/e", "javascript:x", "",
     "/a\r\nSet-Cookie: x=1", "/x" * 2000, "me", "/sign-out", "///evil.example"],
)  # fmt: skip
def test_no_way_to_another_site(target):
    assert safe_next(target) == ""


def test_the_way_back_keeps_its_query():
    assert safe_next("/tickets/new?run=abc&kept=x#top") == "/tickets/new?run=abc&kept=x#top"


def visitor(role, assurance=Assurance.SIGNED_IN):
    return Visitor(Person("p", "p@x.example", "P", contacts=(Contact("A1", role),)), assurance)


def test_who_may_order_what():
    owner, tech, billing = (visitor(r) for r in ContactRole)
    assert may(owner, "A1", Action.CONFIGURE).allowed
    assert may(tech, "A1", Action.CONFIGURE).allowed
    refused = may(billing, "A1", Action.CONFIGURE)
    assert not refused.allowed
    assert "billing contact cannot order technical changes" in refused.reason
    assert may(billing, "A1", Action.BILLING).allowed
    assert not may(tech, "A1", Action.BILLING).allowed
    assert not may(owner, "A1", Action.OWNERSHIP).allowed
    assert may(visitor(ContactRole.OWNER, Assurance.STRONG), "A1", Action.OWNERSHIP).allowed
    assert not may(owner, "B2", Action.CONFIGURE).allowed
    assert not may(NOBODY, "A1", Action.DIAGNOSE).allowed
    assert may(NOBODY, "A1", Action.INFORMATION).allowed


# Who may order what, whole: the least assurance for owner, technical, billing; "-" never.
ORDERS = """
information 0 0 0
diagnose    2 2 2
billing     2 - 2
configure   2 2 -
restore     2 2 -
ownership   3 - -
"""


def test_the_whole_table_of_who_may_order_what():
    rows = {name: least for name, *least in map(str.split, ORDERS.split("\n")[1:-1])}
    assert set(rows) == {a.value for a in Action}
    for name, least in rows.items():
        for role, needed in zip(ContactRole, least, strict=True):
            for level in Assurance:
                expected = needed != "-" and level >= int(needed)
                decision = judge(role, level, Action(name))
                assert decision.allowed is expected, (name, role, level)
                assert bool(decision.reason) is not expected
        assert judge(None, Assurance.STRONG, Action(name)).allowed is (name == "information")


def test_a_refusal_names_who_may_instead():
    wrong = {
        (ContactRole.BILLING, "restore"): "Please ask the owner or a technical contact",
        (ContactRole.TECHNICAL, "billing"): "Please ask the owner or the billing contact",
        (None, "configure"): "Only a contact of this account",
    }
    for (role, action), words in wrong.items():
        assert words in judge(role, Assurance.STRONG, Action(action)).reason
    assert "second way" in judge(ContactRole.OWNER, Assurance(2), Action.OWNERSHIP).reason
    assert "signed-in person" in judge(ContactRole.OWNER, Assurance(1), Action.RESTORE).reason


def rules_with(**levels):
    return configured_rules(PolicySection(actions=levels))


def test_the_operator_may_raise_a_level():
    rules = rules_with(configure=3)
    assert not may(visitor(ContactRole.OWNER), "A1", Action.CONFIGURE, rules).allowed
    with pytest.raises(SettingsError, match="reboot"):
        rules_with(reboot=2)


def test_a_raised_level_changes_neither_the_roles_nor_the_other_actions():
    rules = rules_with(configure=3, information=1)
    strong = visitor(ContactRole.BILLING, Assurance.STRONG)
    assert not may(strong, "A1", Action.CONFIGURE, rules).allowed
    assert may(visitor(ContactRole.TECHNICAL, Assurance.STRONG), "A1", Action.CONFIGURE, rules) == (
        PolicyDecision(True)
    )
    assert not may(visitor(ContactRole.OWNER), "A1", Action.OWNERSHIP, rules).allowed
    assert may(visitor(ContactRole.OWNER), "A1", Action.BILLING, rules).allowed
    stranger = may(NOBODY, "A1", Action.INFORMATION, rules)
    assert (stranger.allowed, "signed-in person" in stranger.reason) == (False, True)
