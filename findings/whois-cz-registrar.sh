#!/usr/bin/env bash
# An answer of the .cz registry, where the domain, its contacts and its set of name servers each have a registrar of their own.
# Versions: python-whois 0.9.6 (PyPI).
# Guessed: it reads the answer right; the doubt was about 05.03.2027 (5 March, or 3 May?).
# Seen: the dates are right. The registrar is that of the last block, here a contact's identity provider, not the domain's.
# The registry prints one block for each object; only the first is the domain.
# So: a registrar is read from the domain's own block only; who is told the wrong one writes to the wrong firm.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps python-whois==0.9.6 python-dateutil==2.9.0.post0 six==1.17.0 \
  2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
seen=$("$dir/venv/bin/python" - <<'PY'
from whois.parser import WhoisCz  # what it takes for every name below .cz

ANSWER = """\
domain:       firma.example
registrant:   FIRMA-1
admin-c:      NOVAK-1
nsset:        NSS:FIRMA:1
registrar:    REG-HOSTER
registered:   05.03.2004 11:24:00
changed:      06.04.2024 10:10:10
expire:       05.03.2027

contact:      FIRMA-1
org:          Firma s.r.o.
registrar:    REG-HOSTER
created:      07.08.2001 22:17:00

nsset:        NSS:FIRMA:1
nserver:      ns1.hoster.example
nserver:      ns2.hoster.example
tech-c:       NOVAK-1
registrar:    REG-HOSTER
created:      01.02.2003 16:02:00

contact:      NOVAK-1
name:         Jan Novak
registrar:    REG-IDENTITY
created:      09.10.2018 21:13:00
"""
read = WhoisCz("firma.example", ANSWER)
print(f"{read.expiration_date:%Y-%m-%d} {read.registrar}")
PY
)
expected='2027-03-05 REG-IDENTITY'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
