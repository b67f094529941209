"""Links, tokens and signing keys of subscriptions, derived from their id and the site's secret key.
Only a hash of the token is stored, nothing that opens or signs anything.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace

from messages import OutgoingEmail
from notify import news_messages


@dataclass(frozen=True, slots=True)
class Links:
    """Signed links to one's subscription, below `base` (no slash at the end)."""

    secret: bytes
    base: str

    def token(self, id: str) -> str:
        """What opens a subscription's own page."""
        return self._signed("subscription", id)

    def challenge(self, id: str) -> str:
        """What an endpoint must repeat to show that it wants to hear."""
        return self._signed("challenge", id)

    def signing_key(self, id: str) -> str:
        """What signs the bodies that an endpoint gets."""
        return self._signed("hook", id)

    def manage_url(self, id: str) -> str:
        """The page where a subscription is confirmed, changed and ended."""
        return f"{self.base}/subscribe/{self.token(id)}"

    def unsubscribe_url(self, id: str) -> str:
        """The address that ends a subscription with one POST (RFC 8058)."""
        return f"{self.manage_url(id)}/leave"

    def with_links(self, text: str, id: str) -> str:
        """A text with its marks replaced by working addresses."""
        manage = self.manage_url(id)
        for mark, address in (
            (news_messages.CONFIRM, manage),
            (news_messages.MANAGE, manage),
            (news_messages.LEAVE, self.unsubscribe_url(id)),
        ):
            text = text.replace(mark, address)
        return text

    def finish(self, letter: OutgoingEmail) -> OutgoingEmail:
        """A subscriber's letter as it leaves: with its links and its one-click header."""
        text = self.with_links(letter.text, letter.subscriber)
        return replace(letter, text=text, leave=self.unsubscribe_url(letter.subscriber))

    def _signed(self, what: str, id: str) -> str:
        mac = hmac.new(self.secret, f"{what}:{id}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")
