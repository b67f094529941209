"""Categories of articles on /kb, in a reader's order. Data, no code.

A topic in no category is listed in the last one, "More", so that nothing is ever hidden.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kb.library import Library
from kb.model import Article
from render.i18n import N_, place_texts


@dataclass(frozen=True, slots=True)
class Category:
    """A group of topics under one heading."""

    id: str
    title: str
    topics: tuple[str, ...]

    def __post_init__(self) -> None:
        """Its title is placed: `category.site/title`."""
        place_texts(self, f"category.{self.id}", ("title",))


CATEGORIES = (
    Category(
        "site",
        N_("The website does not open or shows an error"),
        (
            *("site-does-not-open", "site-shows-error", "site-forbidden-or-not-found"),
            *(
                "site-default-page",
                "database-error",
                "site-slow",
                "php-version",
                "security-headers",
                "cloudflare-error",
            ),
            *("ipv6-differs", "site-hacked"),
        ),
    ),
    Category(
        "redirect",
        N_("The website goes to the wrong place"),
        (
            *("redirect-loop", "redirect-wrong-place", "site-wrong-folder"),
            *("www-not-working", "redirect-to-http", "redirect-not-working"),
        ),
    ),
    Category(
        "certificate",
        N_("Certificate and “not secure” warnings"),
        ("certificate-wrong-name", "certificate-expired", "certificate-not-trusted"),
    ),
    Category(
        "mail",
        N_("Mail"),
        (
            *("mail-not-arriving", "mail-goes-elsewhere", "mail-server-unreachable"),
            *("mail-comes-back", "mail-lands-in-spam", "mail-cannot-send", "mail-lost"),
            *("mailbox-sign-in", "mail-sending-limit"),
            *("mail-program-settings", "mail-on-blocklist", "mail-encryption"),
            *("mailbox-full", "spf-record", "dkim-key", "dmarc-policy"),
            *("mail-encryption-policy", "mail-logo"),
        ),
    ),
    Category(
        "domain",
        N_("Domain and its expiry"),
        (
            *("domain-expiring", "domain-expired", "domain-on-hold", "domain-expiry-unknown"),
            *("domain-not-found", "hosting-expired", "move-to-us"),
        ),
    ),
    Category(
        "dns",
        N_("DNS records and name servers"),
        (
            *(
                "instructions-from-provider",
                "dns-changes-not-visible",
                "name-servers-elsewhere",
                "site-on-another-server",
            ),
            *("address-missing", "name-servers-not-answering", "name-servers-differ"),
            *("alias-not-allowed", "name-written-twice", "private-address", "dnssec-left-behind"),
            "dnssec-does-not-hold",
        ),
    ),
    Category(
        "limits",
        N_("Space, limits and blocked services"),
        (
            *("disk-full", "too-many-files", "traffic-exceeded", "limits-reached"),
            *("service-suspended", "restore-backup"),
        ),
    ),
    Category(
        "support",
        N_("Asking us for help"),
        (
            *("good-ticket", "first-ticket", "phone-chat-or-form", "authorisation-code"),
            *("is-it-only-me", "who-is-responsible", "what-we-do-for-you"),
        ),
    ),
    Category(
        "words",
        N_("Words explained"),
        (
            *(
                "what-is-dns",
                "what-is-dnssec",
                "what-is-transfer",
                "what-is-authinfo",
                "what-is-cession",
            ),
            *("what-is-redirect", "what-is-traffic", "what-is-disk-space"),
            *("what-are-security-limits", "what-is-backup"),
        ),
    ),
)
MORE = Category("more", N_("More"), ())


def articles_by_category(
    library: Library, lang: str
) -> tuple[tuple[Category, tuple[Article, ...]], ...]:
    """Every topic of a library by category, in a language; empty categories are left out."""
    listed = {topic for category in CATEGORIES for topic in category.topics}
    rest = tuple(slug for slug in library.slugs() if slug not in listed)
    rows = [(category, _articles(library, category.topics, lang)) for category in CATEGORIES]
    rows.append((MORE, _articles(library, rest, lang)))
    return tuple((category, articles) for category, articles in rows if articles)


def neighbours(library: Library, slug: str, lang: str) -> tuple[Article, ...]:
    """The other articles of its category."""
    category = next((s for s in CATEGORIES if slug in s.topics), MORE)
    return _articles(library, (t for t in category.topics if t != slug), lang)


def _articles(library: Library, slugs: Iterable[str], lang: str) -> tuple[Article, ...]:
    articles = (library.article(slug, lang) for slug in slugs)
    return tuple(article for article in articles if article is not None)
