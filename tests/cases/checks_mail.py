"""Cases: where mail goes, and whether it is taken in there."""

from __future__ import annotations

from diagnostics.model import Missing
from standards.dns_types import Trouble
from tests.cases.checks_hosting import both
from tests.checks_fixtures import MX, Expected, Scene
from tests.checks_parts import OURS

GOOGLE = {"aspmx.mail.example": ("192.0.13.25",)}


def mx(*values: str, **addresses: tuple[str, ...]):
    def change(scene: Scene) -> None:
        if values:
            scene.zone["cafe.example", "MX"] = values
        else:
            scene.zone.pop(("cafe.example", "MX"), None)
        scene.mail_addresses |= GOOGLE | {k.replace("_", "."): v for k, v in addresses.items()}

    return change


def spf(text: str):
    return lambda s: s.zone.update({("cafe.example", "TXT"): (text,)})


NO_MAIL = both(mx("0 ."), spf('"v=spf1 -all"'))


def local(value: bool | None):  # noqa: FBT001
    return lambda s: setattr(s, "mail_local", value)


def stranger(scene: Scene) -> None:
    scene.public()


def greeting(host: str = MX, **how: object):
    return lambda s: s.greetings.update({host: how})


HOSTED, ELSEWHERE = "mail.mx.hosted_elsewhere", "mail.mx.elsewhere"
MISMATCH = "mail.routing.local_mismatch"
CASES = (
    Expected("no MX", mx(), ("mail.mx.missing",)),
    Expected("no MX, but an address", both(mx(), lambda s: setattr(s, "implicit", (OURS,))),
             ("mail.mx.missing",)),
    Expected("no MX, and says so", both(mx(), spf('"v=spf1 -all"'))),
    Expected("no MX, but sends", both(mx(), spf('"v=spf1 a -all"')), ("mail.mx.missing",)),
    Expected("MX not known", lambda s: s.missing.update(mail=Missing.TROUBLE), (), (), (
        "mail.destination.unknown", "mail.greeting.unknown", "mail.mx.unknown",
        "mail.routing.unknown", "mail.spf.unknown", "mail.spf_sender.unknown",
        "mail.starttls.unknown", "mail.zone.unknown")),
    Expected("switched off", both(NO_MAIL, local(None)), ("mail.mx.null", "mail.spf.sends_nothing"),
             first_findings={"mail_not_arriving": "mail.mx.null",
                         "mail_not_sent": "mail.spf.sends_nothing"}),
    Expected("switched off, but mailboxes here", NO_MAIL, (MISMATCH,), ("mail.mx.null",)),
    Expected("switched off, stranger", both(NO_MAIL, stranger),
             ("mail.mx.null", "mail.spf.sends_nothing"), (), None),
    Expected("target without address", mx(f"10 {MX}.", "20 mx2.host.example."),
             ("mail.mx.no_address",), ("mail.mx.mixed",)),
    Expected("target we could not look up",
             both(mx("10 mail.host.example."), lambda s: s.mail_addresses.pop(MX),
                  lambda s: s.mail_trouble.update({MX: Trouble.TIMEOUT})),
             unknown=("mail.mx.unknown",)),
    Expected("number instead of a name", mx(f"10 {OURS}."), ("mail.mx.ip_literal",), (MISMATCH,)),
    Expected("mail at a private address", both(mx("10 mail.host.example."),
                                     lambda s: s.mail_addresses.update({MX: ("10.0.0.25",)})),
             ("mail.mx.private",)),
    Expected("somebody's private address, and we are not in the record",
             mx("10 post.cafe.example.", post_cafe_example=("10.0.0.25",)),
             ("mail.mx.private",), (ELSEWHERE, MISMATCH)),
    Expected("a private address beside a foreign mail server",
             mx("10 post.cafe.example.", "20 aspmx.mail.example.", post_cafe_example=("10.0.0.25",)),
             ("mail.mx.private", ELSEWHERE), (MISMATCH,)),
    Expected("alias as target", both(mx("10 mail.cafe.example.", mail_cafe_example=(OURS,)),
                                     lambda s: s.mail_aliases.update({"mail.cafe.example": MX})),
             ("mail.mx.cname",)),
    Expected("elsewhere, and the panel cannot tell", both(mx("10 aspmx.mail.example."), local(None)),
             (HOSTED,)),
    Expected("elsewhere, and the panel delivers here", mx("10 aspmx.mail.example."), (ELSEWHERE,),
             (MISMATCH,)),
    Expected("elsewhere, and the panel knows", both(mx("10 aspmx.mail.example."), local(False)),
             (HOSTED,)),
    Expected("elsewhere, stranger", both(mx("10 aspmx.mail.example."), stranger), (HOSTED,), (),
             None),
    Expected("here, but the panel believes otherwise", local(False), (MISMATCH,)),
    Expected("split", mx(f"10 {MX}.", "20 aspmx.mail.example."), ("mail.mx.mixed",)),
    Expected("own name for our server", mx("10 mail.cafe.example.", mail_cafe_example=(OURS,))),
    Expected("mail refused", greeting(trouble=Trouble.REFUSED), ("mail.greeting.unreachable",), (),
             ("mail.starttls.unknown",)),
    Expected("silent, maybe our own port 25", greeting(trouble=Trouble.TIMEOUT), (), (),
             ("mail.greeting.unknown", "mail.starttls.unknown")),
    Expected("unencrypted", greeting(starttls=False), ("mail.greeting.no_starttls",)),
    Expected("busy for now", greeting(code=421)),
)  # fmt: skip
