#!/usr/bin/env bash
# HTTPS records for a customer's zone, written with and without quotation marks around the values of keys.
# Versions: dnslib 0.9.26, dnspython 2.9.2 (PyPI).
# Guessed: dnslib reads HTTPS records, the alias and those with keys, as dnspython does.
# Seen: dnslib reads no value in quotation marks: "unrecognized SvcParamKey". dnspython writes every value in quotation marks, so that
# Seen: of what it writes itself dnslib reads back only records without keys.
# RFC 9460, 2.1 and appendix A: a value is a <character-string>, which may stand with or without quotation marks; D.2 shows both.
# So: a record given for copying keeps to values that need no quotation marks and stands without them, the other way round than CAA.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps dnslib==0.9.26 dnspython==2.9.2 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
seen=$("$dir/venv/bin/python" - <<'PY'
import dns.rdata
from dnslib import RR
from dnslib.dns import DNSError


def reads(value: str) -> str:
    try:
        RR.fromZone(f"firma.example. 60 IN HTTPS {value}")
    except (DNSError, ValueError):
        return "no"
    return "yes"


for value in (
    "0 foo.example.com.",
    "1 .",
    "16 foo.example.com. port=53",
    "1 . alpn=h2,h3",
    '1 . alpn="h2,h3"',
    '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
):
    again = dns.rdata.from_text("IN", "HTTPS", value).to_text()
    print(f"{value}: dnslib {reads(value)}; dnspython {again}: dnslib {reads(again)}")
PY
)
expected='0 foo.example.com.: dnslib yes; dnspython 0 foo.example.com.: dnslib yes
1 .: dnslib yes; dnspython 1 .: dnslib yes
16 foo.example.com. port=53: dnslib yes; dnspython 16 foo.example.com. port="53": dnslib no
1 . alpn=h2,h3: dnslib yes; dnspython 1 . alpn="h2,h3": dnslib no
1 . alpn="h2,h3": dnslib no; dnspython 1 . alpn="h2,h3": dnslib no
1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1": dnslib no; dnspython 1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1": dnslib no'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
