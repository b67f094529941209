#!/usr/bin/env bash
# A CAA record whose value stands without quotation marks, as RFC 1035 allows for any string.
# Versions: ldnsutils 1.8.3-1+b1, libldns3 1.8.3-1+b1, nsd 4.6.1-1, libpcap0.8 1.10.3-1, libevent-2.1-7 2.1.12-stable-8+deb12u1,
# libfstrm0 0.6.1-1, libprotobuf-c1 1.4.1-1+b1 (Debian 12, amd64; libc and OpenSSL are the machine's), dnspython 2.9.2 (PyPI).
# Guessed: all readers of zones agree on every record type of today; if ldns refuses anything, then an unknown tag.
# Seen: NSD and dnspython take the record; ldns, of the same authors as NSD, calls the whole zone a syntax error. With quotation marks all take it.
# RFC 8659, 4.1.1: the value is a <character-string> of RFC 1035, 5.1, which may stand with or without quotation marks.
# So: records given for copying carry the quotation marks, always.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps dnspython==2.9.2 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
(cd "$dir" && apt-get download -qq ldnsutils=1.8.3-1+b1 libldns3=1.8.3-1+b1 nsd=4.6.1-1 libpcap0.8=1.10.3-1 \
  libevent-2.1-7=2.1.12-stable-8+deb12u1 libfstrm0=0.6.1-1 libprotobuf-c1=1.4.1-1+b1 >"$dir/log" 2>&1) || { cat "$dir/log" >&2; exit 2; }
for package in "$dir"/*.deb; do dpkg -x "$package" "$dir/x"; done
LD_LIBRARY_PATH=$(find "$dir/x" -type d -name 'x86_64-linux-gnu' | paste -sd:)
export LD_LIBRARY_PATH
head='$ORIGIN firma.example.
$TTL 300
@ IN SOA ns1.firma.example. h.firma.example. 1 7200 3600 1209600 300
@ IN NS ns1.hoster.example.'
told() { if "$@" >"$dir/log" 2>&1; then echo -n " yes"; else echo -n " no"; fi; }
seen=$(
  while read -r record; do
    printf '%s\n%s\n' "$head" "$record" > "$dir/zone"
    echo -n "$record:"
    told "$dir/x/usr/bin/ldns-read-zone" "$dir/zone"
    told "$dir/x/usr/sbin/nsd-checkzone" firma.example "$dir/zone"
    told "$dir/venv/bin/python" -c 'import sys, dns.zone; dns.zone.from_file(sys.argv[1], "firma.example.")' "$dir/zone"
    echo
  done <<'RECORDS'
@ CAA 0 issue "ca.example"
@ CAA 0 issue ca.example
RECORDS
)
expected='@ CAA 0 issue "ca.example": yes yes yes
@ CAA 0 issue ca.example: no yes yes'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
