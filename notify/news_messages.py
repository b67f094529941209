"""Words of news of status (letter, short message, webhook) and of a subscription's own letters (confirm, ended).

Pure. One message, however many components it names. Words are the operator's own, in the reader's language, or in English.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from messages import OutgoingEmail
from notify.model import AffectedComponent, News, Preferences, Subscriber
from render.i18n import N_
from render.languages import DEFAULT
from render.message_format import sentence

NAMED = 12  # components told by name in one message; the rest is a number
CONFIRM = "[[subscription:confirm]]"
MANAGE = "[[subscription:manage]]"
LEAVE = "[[subscription:leave]]"
DOCS = "https://developer.statuspage.io/"


_ALL_NEWS = N_(
    "You asked {site} for this news. Choose what you hear of: {manage}\n"
    "Stop all of it with one click: {leave}"
)
_UNTIL_IT_IS_OVER = N_(
    "You asked {site} to hear of this incident. Once it is over, this ends by itself after two days;"
    " until then we write if it comes back or when we know what happened.\n"
    "Stop it before with one click: {leave}"
)


def text_in(texts: Mapping[str, str], lang: str) -> str:
    """An operator's text in a language, or in English, or in whatever there is."""
    return texts.get(lang) or texts.get(DEFAULT) or next(iter(texts.values()), "")


def page_language(news: News, lang: str) -> str:
    """The reader's language where the site has pages in it: one may have left the site since
    somebody chose it. Else another that the site has."""
    return next((code for code in (lang, DEFAULT, *news.documents) if code in news.documents), lang)


def subject(news: News, lang: str) -> str:
    """The headline of a message."""
    return sentence(lang, news.lead, {"title": text_in(news.title, lang)})


def text(news: News, preferences: Preferences, url: str) -> str:
    """What a message says, without the lines about the subscription."""
    lang = preferences.lang
    parts = [subject(news, lang), text_in(news.text, lang)]
    if news.state:
        state = sentence(lang, news.state)
        parts.append(sentence(lang, N_("State: {state}"), {"state": state}))
    if news.starts_at and news.ends_at:
        window = {"start": news.starts_at, "end": news.ends_at}
        parts.append(
            sentence(lang, N_("From {start:datetime} until {end:datetime}."), window, news.zone)
        )
    parts.append("\n".join(affected_lines(chosen_first(news.touched, preferences), lang)))
    parts.append(sentence(lang, N_("All of it, always up to date: {url}"), {"url": url}))
    return "\n\n".join(part for part in parts if part)


def news_email(news: News, to: Subscriber, key: str, site: str, base: str) -> OutgoingEmail:
    """The news for one mailbox. Its links are marks until it leaves (see Links)."""
    lang = to.preferences.lang
    body = text(news, to.preferences, f"{base}/{page_language(news, lang)}{news.path}")
    about = _UNTIL_IT_IS_OVER if to.preferences.incident else _ALL_NEWS
    footer = sentence(lang, about, {"site": site, "manage": MANAGE, "leave": LEAVE})
    heading = f"{site}: {subject(news, lang)}"
    return OutgoingEmail(key, to.address, heading, f"{body}\n\n-- \n{footer}\n", subscriber=to.id)


def webhook_body(news: News, to: Subscriber, site: str) -> str:
    """The body for one endpoint, in the shape of Statuspage's webhooks. The link that ends the
    subscription is a mark until it leaves."""
    lang = page_language(news, to.preferences.lang)
    meta = {"unsubscribe": LEAVE, "documentation": DOCS, "generated_at": statuspage_time(news.at)}
    extra = {"jasno": {"event": news.what, "id": news.id, "site": site, "lang": lang}}
    return msgspec.json.encode({"meta": meta, **news.documents.get(lang, {}), **extra}).decode()


def statuspage_time(at: datetime) -> str:
    """A moment as Statuspage writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


# ------------------------------------------------------------------ letters about subscriptions
def _email_to_owner(
    to: Subscriber, key: str, site: str, heading: str, words: str, **more: object
) -> OutgoingEmail:
    """A letter about a subscription to whoever asked for it, in their language."""
    lang = to.preferences.lang
    values = {"site": site, "address": to.address, "trouble": to.trouble, **more}
    links = {"confirm": CONFIRM, "manage": MANAGE}
    body = sentence(lang, words, values | links)
    return OutgoingEmail(
        key, to.owner, sentence(lang, heading, values), body + "\n", subscriber=to.id
    )


def confirmation_email(to: Subscriber, key: str, site: str) -> OutgoingEmail:
    """Please confirm: nothing is sent before that."""
    words = (
        N_(
            "Somebody, hopefully you, asked {site} to send news of its services to the web"
            " address {address}.\n\nIf it was you, confirm it here:\n{confirm}\n\n"
            "If not, do nothing: without your yes nothing is ever sent, and the wish is"
            " forgotten within two days."
        )
        if to.address != to.owner
        else N_(
            "Somebody, hopefully you, asked {site} to send news of its services to this"
            " mailbox.\n\nIf it was you, confirm it here:\n{confirm}\n\n"
            "If not, do nothing: without your yes no such news is sent, and the wish is"
            " forgotten within two days."
        )
    )
    return _email_to_owner(to, key, site, N_("Confirm news from {site}"), words)


def confirm_incident_email(to: Subscriber, key: str, site: str, incident: str) -> OutgoingEmail:
    """The same for news of one incident, by its headline."""
    words = N_(
        "Somebody, hopefully you, asked {site} to tell this mailbox what becomes of this incident:"
        "\n\n{incident}\n\nIf it was you, confirm it here:\n{confirm}\n\n"
        "If not, do nothing: without your yes nothing is sent of it, and the wish is"
        " forgotten within two days."
    )
    return _email_to_owner(to, key, site, N_("Confirm news from {site}"), words, incident=incident)


def already_subscribed_email(to: Subscriber, key: str, site: str) -> OutgoingEmail:
    """Somebody asked for what stands already."""
    words = N_(
        "Somebody, hopefully you, asked {site} once more for news of its services. You get it"
        " already; nothing has changed.\n\nWhat you hear of is chosen here:\n{manage}"
    )
    return _email_to_owner(to, key, site, N_("You already get news from {site}"), words)


def already_waiting_email(to: Subscriber, key: str, site: str, incident: str) -> OutgoingEmail:
    """The same for news of one incident, by its headline."""
    words = N_(
        "Somebody, hopefully you, asked {site} once more to tell this mailbox what becomes of this"
        " incident:\n\n{incident}\n\nWe do so already; nothing has changed. End it here:\n{manage}"
    )
    return _email_to_owner(
        to, key, site, N_("You already get news from {site}"), words, incident=incident
    )


def webhook_disabled_email(
    to: Subscriber, key: str, site: str, *, retention: timedelta
) -> OutgoingEmail:
    """An endpoint failed too often, or never answered the challenge; it is forgotten in a while."""
    words = N_(
        "{site} sends news of its services to {address}, and the address does not take it."
        " The last try ended so: {trouble}\n\nWe have stopped trying. When the"
        " address works again, switch it on here:\n{manage}\n\n"
        "Time for that: {kept:duration}. Then we forget the address."
    )
    heading = N_("Your web address no longer takes our news")
    return _email_to_owner(to, key, site, heading, words, kept=retention.total_seconds())


def choice_gone_email(to: Subscriber, key: str, site: str) -> OutgoingEmail:
    """Nothing of what somebody chose is left."""
    words = N_(
        "What you chose to hear of is no longer among the services of {site}, so there would be"
        " no more news for you.\n\nChoose anew, or end it:\n{manage}"
    )
    return _email_to_owner(to, key, site, N_("Choose anew what you hear of from {site}"), words)


def chosen_first(
    touched: Iterable[AffectedComponent], preferences: Preferences
) -> tuple[AffectedComponent, ...]:
    """What the reader chose first, then the rest."""
    chosen = set(preferences.components)
    all_affected = tuple(touched)
    first = [t for t in all_affected if t.id in chosen or t.group in preferences.groups]
    return (*first, *(t for t in all_affected if t not in first))


def affected_lines(touched: tuple[AffectedComponent, ...], lang: str) -> list[str]:
    lines = []
    for component in touched[:NAMED]:
        if component.condition:
            words = {
                "name": component.name_in(lang),
                "condition": sentence(lang, component.condition),
            }
            lines.append("- " + sentence(lang, N_("{name}: {condition}"), words))
        else:
            lines.append(f"- {component.name_in(lang)}")
    if len(touched) > NAMED:
        rest = sentence(lang, N_("and {n:number} more"), {"n": len(touched) - NAMED})
        lines.append("- " + rest)
    return lines
