#!/usr/bin/env bash
# DKIM keys that may sign reports about TLS as well as mail: s=tlsrpt:email, as RFC 8460 made it useful.
# Versions: dkimpy 1.1.8 (PyPI); the key is made with the machine's openssl.
# Guessed: it accepts every form of a key record: blanks in p=, an unknown tag, two hashes, two flags, two services.
# Seen: two hashes and two flags are read as lists, two services are not: with s=tlsrpt:email, s=email:tlsrpt and s=email:* no signature is good.
# RFC 6376, 3.6.1: s= is a list with colons between, and the key is good for mail when "email" or "*" is in it.
# So: such a record is no fault of the domain, but a key for mail that is given for copying says nothing of services.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps dkimpy==1.1.8 dnspython==2.9.2 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
openssl genrsa -traditional -out "$dir/key" 2048 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
openssl rsa -in "$dir/key" -pubout -outform DER -out "$dir/public" 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
seen=$("$dir/venv/bin/python" - "$dir" 2>/dev/null <<'PY'
import base64
import sys

import dkim

key, public = (open(f"{sys.argv[1]}/{name}", "rb").read() for name in ("key", "public"))
letter = b"From: jana@firma.example\r\nTo: jan@hoster.example\r\nSubject: Offer\r\n\r\nOur offer\r\n"
signed = dkim.sign(letter, b"s1", b"firma.example", key) + letter
for tags in ("", "h=sha1:sha256; ", "t=y:s; ", "s=email; ", "s=*; ", "s=tlsrpt:email; ", "s=email:tlsrpt; ", "s=email:*; "):
    record = f"v=DKIM1; {tags}p={base64.b64encode(public).decode()}".encode()
    good = dkim.verify(signed, dnsfunc=lambda name, timeout=5: record)
    print(f"v=DKIM1; {tags}p=...", "good" if good else "not good")
PY
)
expected='v=DKIM1; p=... good
v=DKIM1; h=sha1:sha256; p=... good
v=DKIM1; t=y:s; p=... good
v=DKIM1; s=email; p=... good
v=DKIM1; s=*; p=... good
v=DKIM1; s=tlsrpt:email; p=... not good
v=DKIM1; s=email:tlsrpt; p=... not good
v=DKIM1; s=email:*; p=... not good'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
