#!/usr/bin/env bash
# The SOA of a zone whose contact has a dot before the @: jana.nova@firma.example is written jana\.nova.firma.example.
# Versions: dnslib 0.9.26, dnspython 2.9.2 (PyPI), dns-packet 5.6.1 (npm).
# Guessed: that records new or rare (HTTPS, HINFO, TXT of many strings) would be the trouble; names and SOA were held for safe.
# Seen: dns-packet keeps it both ways. dnslib prints the name without the backslash, and from a zone it makes two labels, "jana\" and "nova":
# Seen: what it sends names another mailbox.
# RFC 1035, 5.1 and 8: "\." is a dot that does not separate labels, and the first label is what stands before the @.
# So: an address is made of the labels of an answer, never of its text; a contact that a tool shows may have lost a backslash on the way.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps dnslib==0.9.26 dnspython==2.9.2 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
npm install --silent --no-audit --no-fund --prefix "$dir" dns-packet@5.6.1 @leichtgewicht/ip-codec@2.0.5
cat > "$dir/soa.py" <<'PY'
import sys

import dns.message
import dns.rrset
from dnslib import RR, DNSRecord

ANSWER = "ns1.firma.example. jana\\.nova.firma.example. 1 7200 3600 1209600 300"
soa = dns.message.make_response(dns.message.make_query("firma.example.", "SOA"))
soa.answer.append(dns.rrset.from_text("firma.example.", 60, "IN", "SOA", ANSWER))
wire = soa.to_wire()
open(sys.argv[1], "wb").write(wire)
print("dnspython", dns.message.from_wire(wire).answer[0][0].rname)
print("dnslib reads", DNSRecord.parse(wire).rr[0].rdata.rname)
record = DNSRecord.parse(wire)
record.rr = RR.fromZone(f"firma.example. 60 IN SOA {ANSWER}")
sent = bytes(record.pack())
print("dnslib sends", *(label.decode() for label in dns.message.from_wire(sent).answer[0][0].rname.labels[:-1]))
PY
cat > "$dir/soa.js" <<'JS'
const dns = require('dns-packet'), fs = require('fs');
const read = dns.decode(fs.readFileSync('soa.bin'));
console.log('dns-packet reads', read.answers[0].data.rname);
console.log('dns-packet sends', dns.encode(read).includes('\tjana.nova\x05firma') ? 'jana.nova firma example' : 'another');
JS
seen=$("$dir/venv/bin/python" "$dir/soa.py" "$dir/soa.bin"; cd "$dir" && node soa.js)
expected='dnspython jana\.nova.firma.example.
dnslib reads jana.nova.firma.example.
dnslib sends jana\ nova firma example
dns-packet reads jana\.nova.firma.example
dns-packet sends jana.nova firma example'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
