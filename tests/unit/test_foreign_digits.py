"""Digits that are none of ASCII (as "²") are no numbers in what DNS answers, and raise nothing."""

from __future__ import annotations

import pytest

from diagnostics.checks.tls.issuance import parse_caa
from diagnostics.collectors.mail.autoconfiguration import srv_target
from standards.dns_types import Record


@pytest.mark.parametrize("flags", ["²", "1²", "①"])
def test_flags_of_caa(flags):
    assert parse_caa(f'{flags} issue "ca.example"') is None


def test_the_port_of_a_server_for_mail_programs():
    record = Record("_imaps._tcp.x.example", "SRV", 300, "0 1 ² mail.x.example.")
    assert srv_target(record) is None
