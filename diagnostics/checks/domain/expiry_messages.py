"""Messages of the registration checks; their conditions are in expiry.py."""

from __future__ import annotations

from diagnostics.model import FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_

UNNAMED = N_("the company you pay for the domain")
EVERYTHING = ("dns.", "dnssec.", "web.", "tls.", "mail.")

EXPIRED = FindingMessage(
    id="domain.expiry.expired",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("The domain {domain} has expired"),
    seen=N_("It was paid until {expires:date}, {days:days} ago. {next:said}"),
    why=N_(
        "Without a renewal website and e-mail stop, if they have not already, and in the end the "
        "name is lost."
    ),
    steps=(
        N_("Renew {domain} today at its registrar: {registrar:said}."),
        N_("If the invoice is paid already, send the registrar the proof of payment."),
        N_("After the renewal it can take some hours until everything works again."),
    ),
    hides=(*EVERYTHING, "service.domain.", "domain.expiry.held"),
)
TODAY = FindingMessage(
    id="domain.expiry.today",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The domain {domain} expires today"),
    seen=N_("Its registration ends today, {expires:date}. {next:said}"),
    why=N_("Without a renewal, website and e-mail are going to stop."),
    steps=(
        N_("Renew {domain} now at its registrar: {registrar:said}."),
        N_("Pay by card rather than by bank transfer, so that the money arrives today."),
    ),
    hides=("service.domain.",),
)
EXPIRING = FindingMessage(
    id="domain.expiry.soon",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The domain {domain} expires in {days:days}"),
    seen=N_("Its registration ends on {expires:date}. {next:said}"),
    why=N_("Nothing is broken yet; after that day website and e-mail are at risk."),
    steps=(
        N_("Renew {domain} at its registrar: {registrar:said}."),
        N_("Turn on automatic renewal there, and check that your card and e-mail are up to date."),
        N_("A bank transfer may take several days; a card pays at once."),
    ),
    hides=("service.domain.",),
)
AHEAD = FindingMessage(
    id="domain.expiry.ahead",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The domain {domain} is to be renewed within two months"),
    seen=N_("Its registration ends on {expires:date}, in {days:days}. {next:said}"),
    why=N_("There is plenty of time; this is only so that the invoice does not get lost."),
    steps=(
        N_("Check that automatic renewal is on, or renew {domain}: {registrar:said}."),
        N_("Check that the e-mail address of the holder still works; reminders go there."),
    ),
    hides=("service.domain.",),
)
URGENT = FindingMessage(
    id="domain.expiry.urgent",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The domain {domain} expires in {days:days}"),
    seen=N_("Its registration ends on {expires:date}. {next:said}"),
    why=N_("Less than a week is left; without a renewal website and e-mail stop."),
    steps=(
        N_("Renew {domain} today at its registrar: {registrar:said}."),
        N_("Pay by card rather than by bank transfer, which may arrive too late."),
        N_("Do not transfer the domain to another company now; renew it first."),
    ),
    hides=("service.domain.",),
)
NOT_PASSED_ON = FindingMessage(
    id="domain.expiry.renewal_pending",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The renewal of {domain} has not reached the registry yet"),
    seen=N_(
        "With us the domain is paid until {paid:date}, but the registry still shows {expires:date}."
    ),
    why=N_("You have paid; we still have to renew it at the registry, before it is switched off."),
    steps=(N_("Write to us from this report, so that we renew it at the registry at once."),),
    hides=("service.domain.",),
)
MISSED = FindingMessage(
    id="domain.expiry.renewal_missed",
    severity=Severity.CRITICAL,
    owner=Owner.PROVIDER,
    title=N_("We have not renewed {domain} at the registry in time"),
    seen=N_(
        "With us the domain is paid until {paid:date}, but at the registry it ended on "
        "{expires:date}. {next:said}"
    ),
    why=N_("You have paid, and still website and e-mail stop or are going to stop."),
    steps=(
        N_("Write to us from this report at once, so that we renew it and get it back to work."),
    ),
    hides=(*EVERYTHING, "service.domain.", "domain.expiry.held"),
)
TRANSFER = FindingMessage(
    id="domain.transfer.pending",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("A transfer of {domain} to another company is under way"),
    seen=N_("The registry lists the state pendingTransfer. Registered now: {registrar:said}."),
    why=N_("If you did not ask for it, somebody else may be trying to take the domain."),
    steps=(
        N_("If you ordered the transfer, wait; it takes up to a week and nothing stops meanwhile."),
        N_("If not, refuse it at once at the company where the domain is registered."),
    ),
)
HELD = FindingMessage(
    id="domain.expiry.held",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRAR,
    title=N_("The domain {domain} is on hold"),
    seen=N_("The registry lists it as {states:list}. {held:said}"),
    why=N_("Website and e-mail cannot work until the hold is lifted. Your data is not touched."),
    steps=(
        N_(
            "Look for mail from the registrar: an unpaid invoice or a request to confirm your data."
        ),
        N_("Ask the registrar for the reason and how to lift the hold: {registrar:said}."),
    ),
    hides=EVERYTHING,
)
REDEMPTION = FindingMessage(
    id="domain.expiry.redemption",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("The domain {domain} has been deleted, but it can still be saved"),
    seen=N_("The registry keeps it back for its last holder. {next:said}"),
    why=N_("Website and e-mail are off. When this time ends, anybody may take the name."),
    steps=(
        N_("Ask the registrar at once to restore the domain: {registrar:said}."),
        N_("Expect an extra fee; it is charged by the registry."),
        N_("After the restoration, renew it and turn on automatic renewal."),
    ),
    hides=(*EVERYTHING, "service.domain.", "domain.expiry.held"),
)
PENDING_DELETE = FindingMessage(
    id="domain.expiry.pending_delete",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRY,
    title=N_("The domain {domain} is about to be deleted"),
    seen=N_("The registry is deleting it in the next days and no longer accepts a renewal."),
    why=N_("The name can only be registered anew once it is free, by whoever is first."),
    steps=(
        N_("Ask the registrar whether it can still help: {registrar:said}."),
        N_("Order the new registration in advance, if your registrar offers that."),
        N_("Tell your customers about another address to write to in the meantime."),
    ),
    hides=(*EVERYTHING, "service.domain.", "domain.expiry.held"),
)
AUTO_RENEW = FindingMessage(
    id="domain.expiry.auto_renew_trap",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{domain} may not be paid, although its date looks fine"),
    seen=N_(
        "The registry shows {expires:date}. It moves this date a year ahead by itself; the "
        "domain was paid until {paid:date}, and the registrar can still give it back."
    ),
    why=N_("If the invoice stays unpaid, the registrar switches the domain off without a warning."),
    steps=(
        N_("Check with the registrar that the renewal is paid: {registrar:said}."),
        N_("Turn on automatic renewal there."),
    ),
    hides=("service.domain.",),
)
NOT_PUBLISHED = FindingMessage(
    id="domain.expiry.not_published",
    severity=Severity.INFO,
    owner=Owner.NOBODY,
    title=N_("The registry does not publish when {domain} expires"),
    seen=N_("This is normal for names under .{tld}; only the registrar knows the date."),
    why=N_("We cannot warn you in time, so it is good to know the date yourself."),
    steps=(N_("Look up the date in your account at the registrar: {registrar:said}."),),
)
AVAILABLE = FindingMessage(
    id="domain.registration.available",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("Nobody has registered {domain}"),
    seen=N_("The registry says that this name is free."),
    why=N_("A name that is not registered can have neither a website nor e-mail."),
    steps=(
        N_("Check the spelling of {domain}."),
        N_("If it was yours, it has been deleted: register it again soon, before others do."),
    ),
    hides=(*EVERYTHING, "service.domain.", "domain.expiry."),
)

WORKS_UNTIL = N_(
    "It still works, but the registry takes it out of service on {stops:date}. It can be renewed "
    "as usual until it is given up on {gone:date}."
)
OFF_UNTIL = N_(
    "The registry has taken it out of service. It can still be renewed as usual; on {gone:date} "
    "it is too late."
)
FEE_UNTIL = N_(
    "It is out of service and comes back only for an extra fee; on {gone:date} it is too late."
)
REGISTRAR_DECIDES = N_(
    "From now on the registrar decides how long it still works and what the renewal costs."
)
TOO_LATE = N_("By the registry's calendar it is too late to renew it; only the registrar can tell.")
STOPS_AT_ONCE = N_("This registry switches a name off as soon as it expires.")
STOPS_LATER = N_("If it is not renewed, the registry takes it out of service on {stops:date}.")
NOT_KNOWN = N_("What happens then is decided by the registry and the registrar.")
RESTORE_UNTIL = N_("It can be restored until {gone:date}.")
RESTORE_FOR = N_("It can be restored within {restore:days} from the day it was deleted.")
RESTORE_UNKNOWN = N_("How long it can still be restored, the registrar can tell.")


CLIENT_HELD = N_(
    "The registrar has taken the name out of service, mostly because an invoice is unpaid or your "
    "data wait to be confirmed."
)
SERVER_HELD = N_(
    "The registry has taken the name out of service, mostly because it has expired, or because of "
    "a dispute or misuse; the registrar knows the reason."
)
