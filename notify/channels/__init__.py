"""Ways to reach people, one file each: SMTP, a folder of files, web addresses, Apprise for chat and paging.
`[mail] kind` names one of CHANNELS; `apprise` and `webhook` serve operators' channels and
subscribers' addresses instead.
"""

from __future__ import annotations

from notify.channel import ChannelKind
from notify.channels.outbox import Outbox
from notify.channels.smtp import Smtp

CHANNELS: tuple[ChannelKind, ...] = (
    Outbox,
    Smtp,
)
