"""Who has to act on a finding (customer, provider, registrar …), and what each is called. Pure words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from render.i18n import N_


class Owner(StrEnum):
    """Whose move it is."""

    CUSTOMER = "customer"
    SENDER = "sender"
    PROVIDER = "provider"
    REGISTRAR = "registrar"
    REGISTRY = "registry"
    DNS_OPERATOR = "dns_operator"
    MAIL_OPERATOR = "mail_operator"
    CDN = "cdn"
    RECIPIENT = "recipient"
    NOBODY = "nobody"


OWNERS: Mapping[Owner, str] = {
    Owner.CUSTOMER: N_("You, in your account or at your domain's settings"),
    Owner.SENDER: N_("The person who sends the message"),
    Owner.PROVIDER: N_("Us, your hosting provider"),
    Owner.REGISTRAR: N_("You, at the company where the domain is registered"),
    Owner.REGISTRY: N_("The registry of the domain's ending"),
    Owner.DNS_OPERATOR: N_("Whoever runs the domain's name servers"),
    Owner.MAIL_OPERATOR: N_("Whoever runs the mail servers"),
    Owner.CDN: N_("The service in front of the website (CDN)"),
    Owner.RECIPIENT: N_("The person who receives the message"),
    Owner.NOBODY: N_("Nobody has to do anything"),
}
