"""Cases: what breaks an SPF record, what merely smells, and what is praised."""

from __future__ import annotations

from standards.spf.correction import quote_txt
from tests.cases.checks_hosting import both
from tests.cases.checks_mail import local, mx, spf, stranger
from tests.checks_fixtures import Expected, Scene
from tests.checks_scene_mail_authentication import INCLUDE, OUTGOING

OURS = f"include:{INCLUDE}"


def record(text: str):
    """The domain's SPF record, our servers allowed unless the text is about that."""
    return spf(quote_txt(f"v=spf1 {text}"))


def world(**texts: str):
    """TXT records of other domains: a__b_example stands for a.b.example."""
    records = {
        (k.replace("__", "-").replace("_", "."), "TXT"): (f'"{v}"',) for k, v in texts.items()
    }
    return lambda s: s.world.update(records)


def chain(length: int, prefix: str = "n"):
    """Includes that include one another, each one more look-up."""
    links = {
        f"{prefix}{i}_example": f"v=spf1 include:{prefix}{i + 1}.example ?all"
        for i in range(1, length)
    }
    return world(**links, **{f"{prefix}{length}_example": "v=spf1 ip4:192.0.13.1 ?all"})


def addresses(**hosts: str):
    records = {(k.replace("_", "."), "A"): (v,) for k, v in hosts.items()}
    return lambda s: s.world.update(records)


def typed(scene: Scene) -> None:
    del scene.zone["cafe.example", "TXT"]
    scene.zone["cafe.example", "SPF"] = (f'"v=spf1 {OURS} -all"',)


def hosts(count: int):
    values = tuple(f"10 m{i}.many.example." for i in range(count))
    return lambda s: s.world.update({("many.example", "MX"): values})


def unseen(*names: str):
    return lambda s: s.unseen.update(names)


def shape(name: str, text: str, *heads: str, **more: object) -> Expected:
    """A case about the record's text alone."""
    return Expected(name, record(text), heads, **more)


P = "mail.spf."
TREE_UNKNOWN = ("mail.spf_tree.unknown",)
LONG = " ".join(f"ip4:192.0.9.{n}" for n in range(10, 45))
CASES = (
    # ------------------------------------------------------------------ the record itself
    Expected("SPF without a space", spf(f'"v=spf1{OURS} -all"'), (f"{P}not_recognised",)),
    Expected("SPF with a blank in front", spf(f'" v=spf1 {OURS} -all"'), (f"{P}not_recognised",)),
    Expected("SPF in quotes of its own", spf(rf'"\"v=spf1 {OURS} -all\""'), (f"{P}not_recognised",)),
    Expected("SPF of the old type only", typed, (f"{P}wrong_type",)),
    Expected("SPF of both types", lambda s: s.zone.update(
        {("cafe.example", "SPF"): (f'"v=spf1 {OURS} -all"',)})),
    Expected("SPF cut without a space", spf(f'"v=spf1 {OURS}" "ip4:192.0.2.1 -all"'),
             (f"{P}badly_split",), (f"{P}syntax",)),
    Expected("SPF cut inside a word", spf(f'"v=spf1 {OURS[:12]}" "{OURS[12:]} -all"')),
    Expected("SPF too long", record(f"{OURS} {LONG} -all"), (f"{P}too_long",)),
    Expected("many long TXT records", lambda s: s.zone.update({("cafe.example", "TXT"): (
        f'"v=spf1 {OURS} -all"', *(f'"site-verification-{i}={"x" * 180}"' for i in range(7)))}),
        (f"{P}too_long",)),
    shape("ip4 with an IPv6 address", f"{OURS} ip4:2a01:9::/32 -all", f"{P}syntax"),
    shape("include of an address", f"{OURS} include:192.0.2.7 -all", f"{P}syntax"),
    shape("CIDR that cannot be", f"{OURS} ip4:192.0.2.7/33 -all", f"{P}syntax"),
    shape("macro that cannot be", f"{OURS} exists:%{{z}}.x.example -all", f"{P}syntax"),
    # ------------------------------------------------------------------ what it leads to
    Expected("eleven look-ups", both(record(f"{OURS} include:n1.example -all"), chain(10)),
             (f"{P}too_many_lookups",)),
    Expected("ten look-ups", both(record(f"{OURS} include:n1.example -all"), chain(9)),
             (f"{P}near_limit",)),
    Expected("eight look-ups", both(record(f"{OURS} include:n1.example -all"), chain(7))),
    Expected("a maze of includes", both(record("include:n1.example include:m1.example -all"),
                                        chain(30), chain(30, "m")),
             (f"{P}too_many_lookups",)),
    Expected("three names that do not exist",
             record(f"{OURS} a:x.gone.example a:y.gone.example mx:z.gone.example -all"),
             (f"{P}too_many_void",)),
    Expected("two names that do not exist", record(f"{OURS} a:x.gone.example mx:gone.example -all")),
    Expected("includes itself", record("include:cafe.example -all"), (f"{P}include_loop",)),
    Expected("includes one that includes it", both(record("include:n1.example -all"),
             world(n1_example="v=spf1 include:cafe.example -all")), (f"{P}include_loop",)),
    Expected("the same include twice is no circle", both(
        record(f"{OURS} include:n1.example -all"), world(n1_example=f"v=spf1 {OURS} -all"))),
    Expected("include of nothing", record(f"{OURS} include:gone.example -all"),
             (f"{P}include_nothing",)),
    Expected("include of nothing, further down", both(record("include:n1.example -all"),
             world(n1_example="v=spf1 include:gone.example -all")), (f"{P}include_nothing",)),
    Expected("include we could not look up", both(record("include:dim.example -all"),
             unseen("dim.example")), (), (), (*TREE_UNKNOWN, "mail.spf_sender.unknown")),
    Expected("include of a broken record", both(record(f"{OURS} include:n1.example -all"),
             world(n1_example="v=spf1 banana -all")), (f"{P}include_broken",)),
    Expected("include of two records", both(record(f"{OURS} include:n1.example -all"),
             lambda s: s.world.update({("n1.example", "TXT"): ('"v=spf1 a -all"', '"v=spf1 -all"')})),
             (f"{P}include_broken",)),
    Expected("redirect to nothing", record("redirect=gone.example"), (f"{P}redirect_nothing",)),
    Expected("redirect to us", record(f"redirect={INCLUDE}")),
    Expected("eleven mail servers in one part", both(record(f"{OURS} mx:many.example -all"),
             hosts(11)), (f"{P}too_many_mx",)),
    Expected("ten mail servers in one part", both(record(f"{OURS} mx:many.example -all"),
             hosts(10))),
    # ------------------------------------------------------------------ what smells
    shape("everybody may send", f"{OURS} +all", f"{P}pass_all"),
    shape("no opinion", f"{OURS} ?all", f"{P}neutral_all"),
    shape("only doubts", f"{OURS} ~all", f"{P}soft_all"),
    shape("no ending", OURS, f"{P}no_ending"),
    Expected("behind all", both(record(f"{OURS} -all a:x.mail.example"),
                                addresses(x_mail_example="192.0.13.1")), (f"{P}after_all",)),
    shape("redirect beside all", f"{OURS} -all redirect={INCLUDE}", f"{P}redirect_ignored"),
    shape("goes by names", f"{OURS} ptr -all", f"{P}ptr"),
    shape("said twice", f"{OURS} mx mx -all", f"{P}repeated"),
    shape("a very large network", f"{OURS} ip4:192.0.0.0/8 -all", f"{P}wide_network"),
    shape("a large network", f"{OURS} ip4:192.0.0.0/16 -all"),
    shape("a network forbidden", f"{OURS} -ip4:192.0.0.0/8 -all"),
    shape("macros", f"{OURS} exists:%{{i}}._x.mail.example -all", f"{P}macro"),
    shape("capitals", f"{OURS} MX -all", f"{P}untidy"),
    # ------------------------------------------------------------------ our servers
    shape("our servers forbidden", "include:_spf.mail.example -all", f"{P}ours_refused"),
    shape("our servers doubted", "include:_spf.mail.example ~all", f"{P}ours_doubtful",
          f"{P}soft_all"),
    shape("our servers by address", f"ip4:{OUTGOING} -all"),
    Expected("our servers, mail with somebody else",
             both(record("include:_spf.mail.example -all"), mx("10 aspmx.mail.example."), local(False)),
             ("mail.mx.hosted_elsewhere",)),
    Expected("our servers, as a stranger sees it",
             both(record("include:_spf.mail.example -all"), stranger), (f"{P}ours_refused",), (), None),
    Expected("sends nothing, and receives", both(record("-all"), local(False)),
             ("mail.routing.local_mismatch",)),
    Expected("no SPF, but we know what it should be", spf('"hello"'), (f"{P}missing",)),
)  # fmt: skip
