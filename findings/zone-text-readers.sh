#!/usr/bin/env bash
# A small zone as customers export it: an owner left out, and SPF, DMARC and DKIM in quotation marks.
# Versions: dnspython 2.9.2, zonefile-parser 0.1.20 (PyPI), zone-file 1.0.0 (npm).
# Guessed: all three carry an owner on to a line that begins with a blank, keep a ";" inside quotation marks, and join or list the strings of DKIM.
# Seen: zone-file takes the quoted ";" for a comment: DMARC becomes "v=DMARC1" and DKIM "v=DKIM1". It calls the owner of the AAAA "IN".
# Seen: zonefile-parser keeps the ";" but gives the AAAA to the zone itself instead of to mail.
# RFC 1035, 5.1: a line that begins with a blank belongs to the last stated owner; "..." may hold any character.
# So: of the three only dnspython reads a zone as it stands; DMARC that ends after its first tag may have come through such a tool.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps dnspython==2.9.2 zonefile-parser==0.1.20 \
  2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
npm install --silent --no-audit --no-fund --prefix "$dir" zone-file@1.0.0
cat > "$dir/zone" <<'ZONE'
$ORIGIN firma.example.
$TTL 3600
@ IN SOA ns1.firma.example. hostmaster.firma.example. ( 2026113001 7200 3600 1209600 3600 )
@ IN NS ns1.firma.example.
mail IN A 192.0.2.1
     IN AAAA 2001:db8::1
@ IN TXT "v=spf1 mx -all"
_dmarc IN TXT "v=DMARC1; p=reject"
s1._domainkey IN TXT ( "v=DKIM1; k=rsa; p=MIIB"
   "AQEA" )
ZONE
seen=$("$dir/venv/bin/python" - "$dir/zone" <<'PY'
import sys

import dns.zone
import zonefile_parser

text = open(sys.argv[1]).read()
for name, _, rdata in dns.zone.from_text(text, "firma.example.", relativize=False).iterate_rdatas():
    if rdata.rdtype.name in ("AAAA", "TXT"):
        told = b"".join(rdata.strings).decode() if rdata.rdtype.name == "TXT" else rdata.address
        print("dnspython", name, told)
for record in zonefile_parser.parse(text):
    if record.rtype in ("AAAA", "TXT"):
        print("zonefile-parser", record.name, record.rdata["value"])
PY
cd "$dir" && node -e '
const zone = require("zone-file").parseZoneFile(require("fs").readFileSync("zone", "utf8"));
for (const r of zone.aaaa) console.log("zone-file", r.name, r.ip);
for (const r of zone.txt) console.log("zone-file", r.name, r.txt);
')
expected='dnspython mail.firma.example. 2001:db8::1
dnspython firma.example. v=spf1 mx -all
dnspython _dmarc.firma.example. v=DMARC1; p=reject
dnspython s1._domainkey.firma.example. v=DKIM1; k=rsa; p=MIIBAQEA
zonefile-parser firma.example. 2001:db8::1
zonefile-parser firma.example. v=spf1 mx -all
zonefile-parser _dmarc.firma.example. v=DMARC1; p=reject
zonefile-parser s1._domainkey.firma.example. v=DKIM1; k=rsa; p=MIIBAQEA
zone-file IN 2001:db8::1
zone-file @ v=spf1 mx -all
zone-file _dmarc v=DMARC1
zone-file s1._domainkey v=DKIM1'
echo "$seen"
sorted() { sort <<<"$1"; }  # the order of records says nothing
[ "$(sorted "$seen")" = "$(sorted "$expected")" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
