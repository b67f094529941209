"""Who hears which news: a subscriber's or a channel's preferences, judged against the news. Pure."""

from __future__ import annotations

from notify.model import (
    ChannelSubscription,
    News,
    NewsSort,
    Preferences,
    Subscriber,
    SubscriberKind,
)


def wants(preferences: Preferences, news: News) -> bool:
    """Whether a subscriber with this wish hears the news."""
    if preferences.incident:
        return news.sort is NewsSort.INCIDENT and news.id == preferences.incident
    if news.sort is NewsSort.MAINTENANCE and not preferences.maintenance:
        return False
    if not preferences.components and not preferences.groups:
        return True
    if not news.touched:
        return news.sort is NewsSort.ANNOUNCEMENT
    return any(
        t.id in preferences.components or t.group in preferences.groups for t in news.touched
    )


def subscriber_wants(to: Subscriber, news: News) -> bool:
    """Whether a subscriber hears the news; mailboxes are spared components by themselves."""
    loud = news.sort is NewsSort.COMPONENT and to.kind is SubscriberKind.EMAIL
    return not loud and wants(to.preferences, news)


def channel_wants(channel: ChannelSubscription, news: News) -> bool:
    """Whether an operators' channel hears the news."""
    return news.what in channel.events and wants(channel.preferences, news)
