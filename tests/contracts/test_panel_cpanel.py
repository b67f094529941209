"""What cPanel & WHM mean by their answers."""

import pytest

from hosting.model import (
    HostedSite,
    MailboxState,
    PanelContact,
    Redirect,
    Resource,
    ServiceKind,
    ServiceState,
)
from hosting.panel import PanelAccess, PanelError
from hosting.panels import connect
from observe.network import Network
from tests.fake_panels import TOKEN, Whm, serving

MIB = 1024**2


@pytest.fixture
def whm():
    return Whm()


@pytest.fixture
def panel(whm):
    with serving(whm) as url:
        yield connect("cpanel", PanelAccess(url, TOKEN, user="root"), Network(closed=True))


def used(panel, resource):
    usage = panel.facts("mara", "shop.example").usage
    return next(((u.used, u.limit) for u in usage if u.resource is resource), None)


def test_an_account_is_a_user_with_its_main_addon_and_parked_domains(panel):
    account = panel.account_of("blog.example")
    assert (account.id, account.name) == ("mara", "shop.example")
    assert account.domains == ("shop.example", "blog.example")
    assert account.contacts == (
        PanelContact("mara@shop.example", "mara", "owner"),
        PanelContact("vera@shop.example", "mara", "owner"),
    )


def test_space_is_in_megabytes_and_nought_is_unlimited_whatever_under_says(panel):
    assert used(panel, Resource.DISK) == (int(5.5 * MIB), 10 * MIB)
    assert used(panel, Resource.INODES) == (1035, None)


def test_traffic_and_databases_are_in_bytes_and_null_is_unlimited(panel, whm):
    assert used(panel, Resource.TRAFFIC) == (7, None)
    assert used(panel, Resource.DATABASE) == (42, None)
    whm.uapi["get_usages"][1]["maximum"] = 9
    assert used(panel, Resource.TRAFFIC) == (7, 9)


@pytest.mark.parametrize(
    ("field", "value"),
    [("megabytes_used", None), ("megabytes_used", "many"), ("megabytes_used", -1),
     ("megabyte_limit", None), ("megabyte_limit", True), ("megabyte_limit", [])],
)  # fmt: skip
def test_a_figure_of_a_wrong_type_is_not_known(panel, whm, field, value):
    whm.uapi["get_quota_info"][field] = value
    assert used(panel, Resource.DISK) is None
    assert used(panel, Resource.INODES) == (1035, None)


def test_a_missing_figure_is_not_known(panel, whm):
    del whm.uapi["get_quota_info"]["megabyte_limit"]
    del whm.uapi["get_usages"][1]["maximum"]
    whm.uapi["get_usages"][2]["error"] = "no database"
    usage = panel.facts("mara", "shop.example").usage
    assert [u.resource for u in usage] == [Resource.INODES]


def test_a_server_that_does_not_count_says_nought_of_nought(panel, whm):
    whm.uapi["get_quota_info"].update(
        megabytes_used="0.00", megabyte_limit="0.00", inodes_used=0, inode_limit=0
    )
    assert used(panel, Resource.DISK) is None
    assert used(panel, Resource.INODES) is None


def test_suspension_is_told_with_its_reason(panel, whm):
    (service,) = panel.services("mara")
    assert (service.kind, service.name) == (ServiceKind.PROJECT, "shop.example")
    assert (service.state, service.reason) == (ServiceState.ACTIVE, "")
    assert service.server == "web12.skyhost.example"
    whm.acct.update(suspended="1", suspendreason="Unpaid")
    (service,) = panel.services("mara")
    assert (service.state, service.reason) == (ServiceState.SUSPENDED, "Unpaid")


def test_an_account_that_does_not_say_whether_it_is_suspended_is_not_called_active(panel, whm):
    del whm.acct["suspended"]
    with pytest.raises(PanelError):
        panel.services("mara")


def test_sites_are_those_of_the_domain_with_folder_and_php(panel):
    at = (("31.0.0.1",), "web12.skyhost.example")
    assert panel.facts("mara", "shop.example").sites == (
        HostedSite("shop.example", "/home/mara/public_html", *at, php="8.3"),
        HostedSite("blog.shop.example", "/home/mara/public_html/blog", *at, php="8.3"),
    )


def test_an_address_behind_nat_is_not_where_the_site_answers(panel, whm):
    whm.domains[0].update(ipv4="10.0.0.5", ipv6="fd00::5")
    assert panel.facts("mara", "shop.example").sites[0].addresses == ()


def test_plain_redirects_are_told_and_patterns_are_not(panel):
    assert panel.facts("mara", "shop.example").redirects == (
        Redirect("shop.example", "https://www.shop.example/", 301),
        Redirect("shop.example/old", "https://shop.example/new", 302),
    )


@pytest.mark.parametrize(
    ("set_to", "detected", "local"),
    [("local", "remote", True), ("remote", "local", False), ("auto", "local", True),
     ("auto", "remote", False), ("secondary", "secondary", None), ("", "local", None)],
)  # fmt: skip
def test_mail_routing_as_set_goes_before_what_was_detected(panel, whm, set_to, detected, local):
    whm.uapi["list_mxs"][0].update(mxcheck=set_to, detected=detected)
    assert panel.facts("mara", "shop.example").mail_local is local


def test_what_is_switched_off_is_not_known_and_the_rest_is_told(panel, whm):
    whm.uapi = {"get_quota_info": whm.uapi["get_quota_info"]}
    facts = panel.facts("mara", "shop.example")
    assert facts.mail_local is None
    assert facts.redirects == ()
    assert used(panel, Resource.DISK) == (int(5.5 * MIB), 10 * MIB)
    assert panel.mailbox("mara", "mara@shop.example") is None


def test_a_mailbox_is_in_bytes(panel):
    box = panel.mailbox("mara", "Vera@shop.example")
    assert (box.address, box.state) == ("vera@shop.example", MailboxState.SUSPENDED)
    assert (box.used, box.limit) == (900, None)


def test_a_mailbox_with_a_limit_and_without_a_known_one(panel, whm):
    whm.uapi["list_pops_with_disk"][0]["email"] = "shop@shop.example"
    box = panel.mailbox("mara", "shop@shop.example")
    assert (box.state, box.used, box.limit) == (MailboxState.ACTIVE, 900, 1000)
    del whm.uapi["list_pops_with_disk"][0]["_diskquota"]
    box = panel.mailbox("mara", "shop@shop.example")
    assert (box.used, box.limit) == (None, None)


def test_an_address_that_only_forwards_and_one_that_is_not_there(panel):
    box = panel.mailbox("mara", "info@shop.example")
    assert (box.state, box.forwards) == (MailboxState.FORWARD, ("mara@shop.example",))
    assert panel.mailbox("mara", "nobody@shop.example").state is MailboxState.ABSENT


def test_absence_is_claimed_only_when_no_mail_can_arrive(panel, whm):
    assert panel.mailbox("mara", "news@shop.example") is None  # a mailing list
    assert panel.mailbox("mara", "bot@shop.example") is None  # handed to a program
    assert panel.mailbox("mara", "mara@shop.example") is None  # the account's own, in no list
    whm.uapi["list_default_address"][0]["defaultaddress"] = "mara"
    assert panel.mailbox("mara", "nobody@shop.example") is None  # a catch-all
    whm.uapi["list_default_address"][0]["defaultaddress"] = ":blackhole:"
    assert panel.mailbox("mara", "nobody@shop.example").state is MailboxState.ABSENT
    whm.uapi["list_mxs"][0]["mxcheck"] = "remote"
    assert panel.mailbox("mara", "nobody@shop.example") is None  # its mailboxes are elsewhere


def test_a_search_that_older_servers_read_as_a_pattern_finds_no_other_account(panel, whm):
    whm.acct["user"] = "mara2"
    whm.own_reply = lambda path, parameters: (
        200, {"metadata": {"result": 1}, "data": {"acct": [whm.acct], "domains": whm.domains}},
    )  # fmt: skip
    assert panel.account("mara") is None
    assert panel.account_of("shop.example") is None
