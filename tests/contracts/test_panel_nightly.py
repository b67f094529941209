"""What DirectAdmin, HestiaCP and Froxlor mean by their answers: texts, counted nightly."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from hosting.model import HostedSite, MailboxState, PanelContact, Resource, ServiceState, Usage
from hosting.panel import PanelAccess, PanelError
from hosting.panels import connect
from observe.network import Network
from tests.fake_panels import DirectAdmin, Froxlor, Hestia, serving

MIB = 1024**2


@contextmanager
def connected(kind, fake):
    """A panel adapter that talks to a fake of its maker."""
    with serving(fake) as url:
        access = PanelAccess(url, fake.token, user=fake.user)
        yield connect(kind, access, Network(closed=True))


@pytest.fixture
def admin():
    return DirectAdmin()


@pytest.fixture
def directadmin(admin):
    with connected("directadmin", admin) as panel:
        yield panel


@pytest.fixture
def vesta():
    return Hestia()


@pytest.fixture
def hestia(vesta):
    with connected("hestia", vesta) as panel:
        yield panel


@pytest.fixture
def database():
    return Froxlor()


@pytest.fixture
def froxlor(database):
    with connected("froxlor", database) as panel:
        yield panel


def usage_by_resource(facts):
    return {u.resource: (u.used, u.limit) for u in facts.usage}


# ------------------------------------------------------------------ DirectAdmin
def test_directadmin_tells_texts_in_megabytes_and_words_for_unlimited(directadmin):
    facts = directadmin.facts("mara", "shop.example")
    assert usage_by_resource(facts) == {
        Resource.DISK: (int(5.5 * MIB), 10 * MIB),
        Resource.INODES: (1035, None),
        Resource.TRAFFIC: (int(7.25 * MIB), None),
    }
    assert {facts.as_of - u.as_of for u in facts.usage} == {timedelta(days=1)}


def test_directadmin_accounts_have_their_domains_and_owner(directadmin):
    account = directadmin.account_of("blog.example")
    assert (account.id, account.name) == ("mara", "Mara")
    assert account.domains == ("shop.example", "blog.example")
    assert account.contacts == (PanelContact("mara@shop.example", "Mara", "owner"),)


@pytest.mark.parametrize("value", [None, "", "many", "-1", ["10"], True])
def test_a_directadmin_limit_of_a_wrong_type_is_not_known(directadmin, admin, value):
    admin.config["quota"] = value
    assert Resource.DISK not in usage_by_resource(directadmin.facts("mara", "shop.example"))


def test_a_missing_directadmin_figure_is_not_known(directadmin, admin):
    del admin.usage["quota"], admin.config["inode"]
    assert list(usage_by_resource(directadmin.facts("mara", "shop.example"))) == [Resource.TRAFFIC]


def test_directadmin_suspension(directadmin, admin):
    assert directadmin.services("mara")[0].state is ServiceState.ACTIVE
    admin.config["suspended"] = "yes"
    assert directadmin.services("mara")[0].state is ServiceState.SUSPENDED
    del admin.config["suspended"]
    with pytest.raises(PanelError):
        directadmin.services("mara")


def test_a_refusal_of_directadmin_is_absence_only_when_the_list_says_so(directadmin, admin):
    assert directadmin.account("zoe") is None
    with pytest.raises(PanelError):  # there, and yet its settings are refused
        directadmin.account("zed")
    admin.users = {"error": "1", "text": "You do not have permission"}
    with pytest.raises(PanelError) as refused:
        directadmin.account("zoe")
    assert not refused.value.permanent


def test_directadmin_does_not_tell_what_it_does_not_know(directadmin):
    facts = directadmin.facts("mara", "shop.example")
    assert (facts.mail_local, facts.sites, facts.redirects) == (None, (), ())
    assert directadmin.mailbox("mara", "vera@shop.example") is None


# ------------------------------------------------------------------ HestiaCP
def test_hestia_tells_texts_in_megabytes_and_words_for_unlimited(hestia, vesta):
    facts = hestia.facts("mara", "shop.example")
    assert usage_by_resource(facts) == {
        Resource.DISK: (5 * MIB, 10 * MIB),
        Resource.TRAFFIC: (7 * MIB, None),
    }
    assert facts.usage[0] == Usage(
        Resource.DISK, 5 * MIB, 10 * MIB, "bytes", facts.as_of - timedelta(days=1), "hestia"
    )
    vesta.mara["DISK_QUOTA"] = "0"  # its own pages show ∞ then
    assert usage_by_resource(hestia.facts("mara", "shop.example"))[Resource.DISK] == (5 * MIB, None)


@pytest.mark.parametrize("value", [None, "", "many", "-1", ["10"], False])
def test_a_hestia_limit_of_a_wrong_type_is_not_known(hestia, vesta, value):
    vesta.mara["DISK_QUOTA"] = value
    assert Resource.DISK not in usage_by_resource(hestia.facts("mara", "shop.example"))


def test_hestia_accounts_have_domains_with_aliases_but_no_names_below_them(hestia):
    account = hestia.account_of("shop.example")
    assert (account.id, account.name) == ("mara", "Mara Nov")
    assert account.domains == ("shop.example", "blog.example", "brand.example")
    assert account.contacts == (PanelContact("mara@shop.example", "Mara Nov", "owner"),)


def test_hestia_suspension(hestia, vesta):
    assert hestia.services("mara")[0].state is ServiceState.ACTIVE
    vesta.mara["SUSPENDED"] = "yes"
    (service,) = hestia.services("mara")
    assert (service.state, service.server) == (ServiceState.SUSPENDED, "web12.skyhost.example")
    vesta.mara["SUSPENDED"] = ""
    with pytest.raises(PanelError):
        hestia.services("mara")


def test_hestia_sites_have_folder_and_php_and_no_inner_address(hestia, vesta):
    (site,) = hestia.facts("mara", "shop.example").sites
    root = "/home/mara/web/shop.example/public_html"
    assert site == HostedSite("shop.example", root, (), "web12.skyhost.example", php="8.3")
    vesta.webs["shop.example"].update(IP="31.0.0.1", BACKEND="default")
    (site,) = hestia.facts("mara", "shop.example").sites
    assert (site.addresses, site.php) == (("31.0.0.1",), "")


def test_hestia_sites_of_an_alias_are_those_of_its_web(hestia, vesta):
    """A customer adds a second domain to a web as its alias, and it has its folder and PHP."""
    (site,) = hestia.facts("mara", "brand.example").sites
    root = "/home/mara/web/shop.example/public_html"
    assert site == HostedSite("brand.example", root, (), "web12.skyhost.example", php="8.3")
    vesta.webs["brand.example"] = {**vesta.webs["blog.example"], "BACKEND": "PHP-8_1"}
    (site,) = hestia.facts("mara", "brand.example").sites
    assert (site.document_root, site.php) == ("/home/mara/web/brand.example/public_html", "8.1")


def test_hestia_mail_is_local_where_the_mail_domain_is(hestia, vesta):
    assert hestia.facts("mara", "shop.example").mail_local is True
    assert hestia.facts("mara", "blog.example").mail_local is False
    vesta.mails["shop.example"]["SUSPENDED"] = "yes"
    assert hestia.facts("mara", "shop.example").mail_local is None


@pytest.mark.parametrize(
    ("local", "state", "limit", "forwards"),
    [("mara", MailboxState.ACTIVE, 100 * MIB, ()), ("OFFICE", MailboxState.ACTIVE, 100 * MIB, ()),
     ("vera", MailboxState.SUSPENDED, None, ()),
     ("to", MailboxState.FORWARD, None, ("mara@else.example",))],
)  # fmt: skip
def test_hestia_mailboxes(hestia, local, state, limit, forwards):
    box = hestia.mailbox("mara", f"{local}@shop.example")
    assert box.address == f"{local.lower()}@shop.example"
    assert (box.state, box.used, box.limit, box.forwards) == (state, 3 * MIB, limit, forwards)


def test_a_hestia_mailbox_is_absent_only_where_no_mail_arrives(hestia, vesta):
    assert hestia.mailbox("mara", "nobody@shop.example").state is MailboxState.ABSENT
    vesta.mails["shop.example"]["CATCHALL"] = "mara@shop.example"
    assert hestia.mailbox("mara", "nobody@shop.example") is None
    assert hestia.mailbox("mara", "nobody@blog.example") is None  # its mail is elsewhere


def test_an_unknown_hestia_quota_hides_the_usage_too(hestia, vesta):
    del vesta.boxes["mara"]["QUOTA"]
    box = hestia.mailbox("mara", "mara@shop.example")
    assert (box.state, box.used, box.limit) == (MailboxState.ACTIVE, None, None)


def test_a_hestia_key_that_may_not_list_is_no_absence(hestia, vesta):
    vesta.run = lambda command, *args: (10, None)
    for call in (lambda: hestia.account("mara"), lambda: hestia.account_of("shop.example")):
        with pytest.raises(PanelError) as refused:
            call()
        assert "secret" not in str(refused.value)


def test_only_commands_that_list_are_ever_sent(hestia, vesta):
    sent, run = [], vesta.run
    vesta.run = lambda command, *args: (sent.append(command), run(command, *args))[1]
    hestia.account_of("shop.example")
    hestia.facts("mara", "shop.example")
    hestia.mailbox("mara", "vera@shop.example")
    hestia.ping()
    assert {c.split("-")[1] for c in sent} == {"list", "search"}


# ------------------------------------------------------------------ Froxlor
def test_froxlor_tells_kib_and_minus_one_for_unlimited(froxlor, database):
    facts = froxlor.facts("mara", "shop.example")
    assert usage_by_resource(facts) == {
        Resource.DISK: (int(5.5 * MIB), 10 * MIB),
        Resource.TRAFFIC: (7 * 1024, None),
    }
    assert {facts.as_of - u.as_of for u in facts.usage} == {timedelta(days=1)}
    database.mara["diskspace"] = -1
    assert usage_by_resource(froxlor.facts("mara", "shop.example"))[Resource.DISK] == (
        int(5.5 * MIB),
        None,
    )


@pytest.mark.parametrize("value", [None, "", "many", "-2", ["10"], False])
def test_a_froxlor_limit_of_a_wrong_type_is_not_known(froxlor, database, value):
    database.mara["diskspace"] = value
    assert Resource.DISK not in usage_by_resource(froxlor.facts("mara", "shop.example"))


def test_a_missing_froxlor_figure_is_not_known(froxlor, database):
    del database.mara["diskspace_used"]
    assert list(usage_by_resource(froxlor.facts("mara", "shop.example"))) == [Resource.TRAFFIC]


def test_froxlor_accounts_have_their_own_domains(froxlor):
    account = froxlor.account_of("blog.example")
    assert (account.id, account.name) == ("mara", "Mara Nov")
    assert account.domains == ("shop.example", "blog.example")
    assert account.contacts == (PanelContact("mara@shop.example", "Mara Nov", "owner"),)
    assert froxlor.account_of("mara.skyhost.example") is None


def test_froxlor_suspension(froxlor, database):
    assert froxlor.services("mara")[0].state is ServiceState.ACTIVE
    database.mara["deactivated"] = 1
    assert froxlor.services("mara")[0].state is ServiceState.SUSPENDED
    database.mara["deactivated"] = None
    with pytest.raises(PanelError):
        froxlor.services("mara")


def test_froxlor_sites_and_mail(froxlor, database):
    facts = froxlor.facts("mara", "shop.example")
    assert facts.sites == (HostedSite("shop.example", "/var/customers/webs/mara/shop/"),)
    assert facts.mail_local is True
    assert froxlor.facts("mara", "blog.example").sites == ()  # it only redirects
    database.domains[0].update(aliasdomain="2", isemaildomain="0")
    facts = froxlor.facts("mara", "shop.example")
    assert (facts.sites, facts.mail_local) == ((), False)
    del database.domains[0]["isemaildomain"]
    assert froxlor.facts("mara", "shop.example").mail_local is None


def test_a_search_that_froxlor_does_not_heed_finds_no_other_customer(froxlor, database):
    database.own_reply = lambda path, parameters: (
        200, {"data": {"count": 9, "list": [{**database.mara, "loginname": "mara2"}, *database.domains]}},
    )  # fmt: skip
    assert froxlor.account("mara2").domains == ("shop.example", "blog.example")
    assert froxlor.account_of("nobody.example") is None
