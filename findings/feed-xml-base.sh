#!/usr/bin/env bash
# An Atom feed of incidents with xml:base, relative addresses and a body in XHTML.
# Versions: feedparser 6.0.14, atoma 0.0.17, fastfeedparser 0.6.5 (PyPI).
# Guessed: all three give the same title, time and body, with absolute addresses.
# Seen: feedparser alone resolves addresses; the other two hand on "incidents/1". Of the XHTML body atoma keeps nothing at all;
# Seen: fastfeedparser hands on the <content> element itself, with its attributes, as if it were the body.
# RFC 4287, 2 and 3.1.1.3: xml:base is the base of relative references; of XHTML the body is what is inside its div.
# So: feeds that anybody may read write absolute addresses only, and bodies as escaped HTML.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps feedparser==6.0.14 atoma==0.0.17 fastfeedparser==0.6.5 \
  feedparser-sgmllib==2.1.0 attrs==26.1.0 defusedxml==0.7.1 lxml==6.1.3 python-dateutil==2.9.0.post0 six==1.17.0 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
cat > "$dir/feed.atom" <<'XML'
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://status.polaris.example/">
  <title>Polaris</title>
  <id>tag:polaris.example,2026:status</id>
  <updated>2026-11-30T12:00:00Z</updated>
  <author><name>Polaris</name></author>
  <entry>
    <title>Mail is slow</title>
    <id>tag:polaris.example,2026:1</id>
    <updated>2026-11-30T12:00:00Z</updated>
    <link href="incidents/1"/>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Mail is <b>late</b>.</p></div></content>
  </entry>
</feed>
XML
seen=$("$dir/venv/bin/python" - "$dir/feed.atom" <<'PY'
import sys

import atoma
import fastfeedparser
import feedparser

raw = open(sys.argv[1], "rb").read()
entry = feedparser.parse(raw).entries[0]
print("feedparser", entry.title, entry.link, entry.content[0].value)
entry = atoma.parse_atom_bytes(raw).entries[0]
print("atoma", entry.title.value, entry.links[0].href, entry.content and entry.content.value)
entry = fastfeedparser.parse(raw).entries[0]
print("fastfeedparser", entry["title"], entry["link"], entry["content"][0]["value"].strip())
PY
)
expected='feedparser Mail is slow https://status.polaris.example/incidents/1 <p>Mail is <b>late</b>.</p>
atoma Mail is slow incidents/1 None
fastfeedparser Mail is slow incidents/1 <content xmlns="http://www.w3.org/2005/Atom" type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Mail is <b>late</b>.</p></div></content>'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
