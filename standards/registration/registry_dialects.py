"""Which line of a WHOIS answer holds the expiry date, by TLD (.hr, .cz, .sk …); wordings of states and throttling.

Data only, for whois.py beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from standards.registration.model import RegistryState


@dataclass(frozen=True, slots=True)
class RegistryDialect:
    """One registry's keys and date order; the defaults are the general rule.

    A key "name=word" counts only when its value begins with the word.
    """

    expires: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    day_first: bool = False
    no_expiry: bool = False  # no expiry date is published; what looks like one is another


DAY_FIRST = [
    "fr",
    "re",
    "pm",
    "tf",
    "wf",
    "yt",
    "bg",
    "im",
    "pt",
    "hk",
    "tn",
    "il",
    "lu",
    "dz",
    "ma",
    "ci",
]
# The registrar's date is not the registry's, unless the registry itself writes so (.hr).
REGISTRAR_DATE_KEYS = ("registrar registration expiration date", "registrar expiration date")
REGISTRY_DATE_KEYS = ("registry expiry date", "registry expiration date")
FRED = RegistryDialect(
    ("expire",), ("registered",)
)  # CZ.NIC's software, which other registries run too
THIN = RegistryDialect((*REGISTRY_DATE_KEYS, "expiration date"), ("creation date",))
DIALECTS = {
    **dict.fromkeys(DAY_FIRST, RegistryDialect(day_first=True)),
    **dict.fromkeys(("cz", "tz", "ar", "cr", "mk", "al", "mw"), FRED),
    **dict.fromkeys(("com", "net"), THIN),
    "ua": RegistryDialect(("expires", "status=ok-until"), ("created",)),
    "sk": RegistryDialect(("valid until", "valid date"), ("created",)),
    "pl": RegistryDialect(("renewal date", "expiration date"), ("created",)),
    "hr": RegistryDialect((REGISTRAR_DATE_KEYS[0], "expires"), ("creation date", "created")),
    "eu": RegistryDialect(no_expiry=True),
    "de": RegistryDialect(no_expiry=True),
    "za": RegistryDialect(
        ("registry expiry date", "renewal date"), ("creation date", "registration date")
    ),
    "ie": RegistryDialect(("registry expiry date", "renewal"), ("creation date", "registration")),
    "jp": RegistryDialect(("expires on", "state=connected"), ("created on", "registered date")),
    "my": RegistryDialect(("record expired",), ("record created",)),
    "nz": RegistryDialect(
        ("registry expiry date", "domain datebilleduntil"),
        ("creation date", "domain dateregistered"),
    ),
}
# Labels in other scripts and their English counterparts: .jp, .kr, .cn.
ENGLISH_LABELS = {
    "[ドメイン名]": "[Domain Name]",
    "[登録者名]": "[Registrant]",
    "[ネームサーバ]": "[Name Server]",
    "[登録年月日]": "[Registered Date]",
    "[有効期限]": "[Expires on]",
    "[状態]": "[State]",
    "도메인이름": "Domain Name",
    "등록인": "Registrant",
    "등록일": "Registered Date",
    "사용 종료일": "Expiration Date",
    "등록대행자": "Registrar",
    "호스트이름": "Host Name",
    "域名": "Domain Name",
    "注册时间": "Registration Time",
    "到期时间": "Expiration Time",
}
FOREIGN_LABEL = re.compile(
    r"(?m)^(?:" + "|".join(map(re.escape, ENGLISH_LABELS)) + r")(?=[ \t]*:|(?<=\])[ \t])"
    r"|(?<=^[a-z]\. )(?:" + "|".join(re.escape(w) for w in ENGLISH_LABELS if w[0] == "[") + ")"
)
ENGLISH_EXPIRES = r"expir(?:y|es|e|ed|ation|ing)?(?: (?:date|on|at|time))?|exp date"
EXPIRES_KEY = re.compile(
    r"^(?:(?:registry|domain|record|registration|name|currently) )*"
    rf"(?:{ENGLISH_EXPIRES}|valid (?:until|till|date)"
    r"|validity|paid till|fecha de (?:vencimiento|expiracion|corte)|vencimiento"
    r"|data de expiracao|date d'expiration)$"
)
CREATED_KEY = re.compile(
    r"^(?:(?:registry|domain|record|name|first) )*"
    r"(?:creat(?:ed|ion)(?: (?:date|on|at))?|create date|registered(?: (?:on|date))?"
    r"|date (?:created|registered|de creation)|activation(?: date)?|registration (?:date|time)|activated(?: on)?|commencement date"
    r"|fecha de (?:creacion|registro|activacion)|data de registo)$"
)
# Sections about contacts, registrars and hosts, whose dates and states are not the domain's.
CONTACT_SECTION = re.compile(
    r"^[\s\[]*(?:(contact|person|personname|role|nic-hdl|norid handle|nsset|keyset|nserver)|registrar|registrant"
    r"|admin\w*|tech\w*|billing|holder|owner|organi[sz]ation|name)\b(?! ?servers?)",
    re.IGNORECASE,
)
CONTACT_LINE = re.compile(
    r"^[^\S\n]*(?:address|street|phone|fax|e-?mail|organi[sz]ation|nic-hdl|type|country|name)\b(?! ?servers?)",
    re.IGNORECASE | re.MULTILINE,
)
DOMAIN_LINE = re.compile(
    r"^\W{0,6}domain(?: ?name)?\W{0,4}[:\]][ \t.]*(\S*)", re.IGNORECASE | re.MULTILINE
)
STATUS_KEY = re.compile(
    r"^(?:domain |epp |registration |domain name |query |x |estatus del )?"
    r"(?:status|state|statuses|dominio|eppstatus|domaintype|estado)$"
)
REGISTRAR_KEYS = ("sponsoring registrar", "registrar", "registrar name", "registrar organization")
NAME_KEYS = ("name", "organisation", "organization")  # below a registrar's heading
NAME_SERVER_KEY = re.compile(
    r"^(?:domain )?(?:n(?:ame)? ?servers?|host ?names?|nserver|dns|(?<=domain )server)(?: ?\d+)?$"
)
NO_NAME_SERVERS = ("not.defined",)  # how .uz fills the lines of those that are lacking
KEY_VALUE_LINE = re.compile(
    r"^\s*(?:[a-z]\.? (?=\[))?\[?([A-Za-z][\w .,/()'\-]{0,64}?)\]?[\s.]*(?:\]\s|:)[\s.]*(.*)$"
)
SPACED_LINE = re.compile(r"^([A-Z][a-z]+(?:-[a-z]+)*) {3,}(\S.*)$")  # old .sk
BARE_HEADING = re.compile(r"^(Name ?servers|Registrar)()\s*$")  # .it
HOST_WITH_ADDRESS = re.compile(r"^\s*[\w-]+(?:\.[\w-]+)+\.?\s+[(\[]?[\da-fA-F]*[.:]")
SIGNED = re.compile(r"signed|y|active|true")
UNSIGNED = re.compile(r"unsigned|n|inactive|false")
DNSSEC_KEYS = ("keyset", "dnskey", "ds", "dsrecord", "ds rdata", "dsset", "keytag")
TONIC_SERVER_LINE = re.compile(
    r"^\S+ ([a-z0-9-]+(?:\.[a-z0-9-]+)+)$"
)  # Tonic (.to): the name and a server
DATE_LINE = re.compile(
    r"^(?:(?:record|domain|registration) )?(expires|created|registered) on[ .:]+(\d.*)$",
    re.IGNORECASE,
)
DOT_LEADERS = re.compile(
    r"(?m)^([ \t]*[A-Za-z][\w \t'-]{0,40}?)\.{3,64}[ \t]*(?=[^\s.:])"
)  # for a colon
DATE_SENTENCE = re.compile(
    r"(?:record|domain|registration) (expires|created|registered) on[ .:]+(.*)$", re.IGNORECASE
)
CUT_OFF_DATE = re.compile(
    r"[12]\d{3}[-./]\d{1,2}[-./]\d?\Z"
)  # a day whose second digit may not have come
HOST = re.compile(
    r"(?<![\w.@-])((?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62})\.?(?![\w@])"
)

THROTTLED = re.compile(
    r"limit (?:has been |was |is )?(?:exceeded|reached)|(?:reached|exceeded) your .{0,20}limit"
    r"|(?:request|query|connection|access) (?:was |is |has been )?(?:denied|refused|rejected)|quota .{0,60}exceeded|exceeded .{0,40}(?:quota|limit|allowed)"
    r"|requests? per second|access control limit|too many [a-z]+|denied access"
    r"|requests of this client are not permitted|(?:been|are|was) rate[- ]limited|server (?:is )?busy"
    r"|number of (?:allowed |permitted )?(?:queries|requests).{0,50}(?:exceeded|reached)"
    r"|excessive (?:querying|queries|number)|exceeded the maximum|try again later"
    r"|(?:you(?:r ip)?|address|host|access).{0,40}(?:is|are|been|has been|temporarily) (?:temporarily )?"
    r"(?:blocked|blacklisted|banned|denied|refused)|ip address blocked|looked up too|please (?:slow down|wait)"
)
TERMS_OF_USE = re.compile(
    r"terms (?:and conditions )?of use|you agree|by (?:using|submitting)|lawful purposes"
    r"|information purposes|status codes|is rate limited|copyright"
)
RESERVED = re.compile(
    r"\breserved (?:by|name)|is reserved|name is restricted|restricted (?:domain|from)|^restricted\.?$"
    r"|^reserved\b|or is reserved|not available for registration|can ?not be registered|no registration status listed",
    re.MULTILINE,
)
FAILED = re.compile(
    r"^http/1|<html|<!doctype|(?:internal|server|system|database|service|connection) error"
    r"|unavailable|timed? ?out|maintenance|unsupported|not supported|not authoritative"
    r"|not responsible for|unknown (?:tld|top.level|whois)"
)
AVAILABLE = re.compile(
    r"no match|not?[ _]found|no entries found|no entry found|no (?:such domain|data found|data was found)"
    r"|not regist(?:e)?red|is available(?: for|\.|$)|available for (?:registration|purchase)"
    r"|no objects? found|no found|domain name not known|object does not exist|does not exist|no (?:domain )?records? (?:matching|were found|was found|found)|no existe"
    r"|not have an entry|could not find|nothing found|nincs tal|no information (?:was found|available)"
    r"|no se encuentra|no results|^--- ~$|has not been registered|is free\b|no disponible"
    r"|등록되어 있지 않습니다",
    re.MULTILINE,
)
# Lines about the client, the TLD or the server, whose "not found" is not about the name.
NOT_ABOUT_THE_NAME = re.compile(
    r"\A(?:(?:error[\w #]{0,20}: ?)?(?:(?:the|this|your|our|requested|an?) )*(?:ip|ip address|address|client"
    r"|host|source|(?:whois )?(?:server|service|database)|tld|top.level domain|extension|suffix|zone"
    r"|command|page|registrar|contact|user)\b(?! for\b)"
    r"|.*\b(?:not registered (?:to|for|with us)|access list|permissions?|available (?:at|from|on|via) (?:https?:|www\.))"
    r"|.*\bfound\?)"
)
REGISTERED = re.compile(
    r"\b(?:is|has) (?:already )?(?:been )?already (?:registered|taken)\b|\bis already registered"
)
STATUS_AVAILABLE = re.compile(
    r"^(?:\d{3} )?(?:available|free|not registered|no object found|not found|none|no match|disponible)\W*$"
)
STATUS_RESERVED = re.compile(
    r"^(?:(?:reserved|restricted|not_open|blocked by registry|forbidden|no registration status"
    r"|unassignable)\b)"
)
STATUS_TAKEN_BACK = re.compile(r"^blocked$")  # reserved, where no registration is described
STATUS_UNKNOWN = re.compile(r"^(?:invalid|not allowed|unavailable)\b")
STATUS_THROTTLED = re.compile(r"^440 request denied|^(?:query )?(?:quota|limit) exceeded")
STATE_BY_STATUS = (
    (STATUS_THROTTLED, RegistryState.THROTTLED),
    (STATUS_AVAILABLE, RegistryState.AVAILABLE),
    (STATUS_RESERVED, RegistryState.RESERVED),
    (STATUS_UNKNOWN, RegistryState.UNKNOWN),
)
STATE_BY_WORDS = (
    (THROTTLED, RegistryState.THROTTLED),
    (FAILED, RegistryState.UNKNOWN),
    (RESERVED, RegistryState.RESERVED),
    (REGISTERED, RegistryState.REGISTERED),
)
TECHNICAL_KEY = re.compile(
    r"^(?:domain|domain name|nsset|keyset|dnssec|dnskey|ds|dsrecord|ds rdata|changed|updated|last modified"
    r"|updated date|last update|option.*|hold|dom public)$"
)
