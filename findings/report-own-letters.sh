#!/usr/bin/env bash
# Returned mail for an address in letters of its own (RFC 6533), beside the same report in the old form (RFC 3464).
# Versions: flufl.bounce 6.0.0 (PyPI), postal-mime 4.0.0, mailparser 3.14.2 (npm).
# Guessed: flufl.bounce names who failed in every report, and the two of npm hand the report on as an attachment.
# Seen: flufl.bounce sees no failed recipient in the new form. postal-mime gives the returned message as text of the letter in the new form
# Seen: and as an attachment in the old; mailparser puts the old report itself into the text, and the new one among the attachments.
# RFC 6533, 3 and 4: message/global-delivery-status has the fields of message/delivery-status, with addresses of the type utf-8.
# So: the parts of a report are taken by both names, and an address of the type utf-8 is read with its \x{...}.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps flufl.bounce==6.0.0 atpublic==9.0.0 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
npm install --silent --no-audit --no-fund --prefix "$dir" postal-mime@4.0.0 mailparser@3.14.2 @selderee/plugin-htmlparser2@0.12.0 @zone-eu/mailsplit@5.4.30 deepmerge-ts@8.0.2 dom-serializer@2.0.0 domelementtype@2.3.0 domhandler@5.0.3 domutils@3.2.2 encoding-japanese@2.5.0 entities@4.5.0 entities@7.0.1 he@1.2.0 html-to-text@10.0.1 htmlparser2@10.1.0 iconv-lite@0.7.3 leac@0.7.0 libbase64@1.4.1 libmime@5.6.4 libqp@3.0.1 linkify-it@5.0.2 nodemailer@10.3.1 parseley@0.13.1 peberminta@0.10.0 punycode.js@2.3.1 safer-buffer@2.1.2 selderee@0.12.0 tlds@1.261.0 uc.micro@2.1.0 
report() { # type, recipient
  printf '%s\r\n' 'From: MAILER-DAEMON@hoster.example' 'To: jan@firma.example' 'Subject: Returned mail' 'MIME-Version: 1.0' \
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"' '' '--b' '' 'It could not be delivered.' '' '--b' \
    "Content-Type: message/$1" '' 'Reporting-MTA: dns; mx.hoster.example' '' "Final-Recipient: $2" 'Action: failed' 'Status: 5.1.1' '' \
    '--b' 'Content-Type: message/rfc822' '' 'Subject: Offer' '' 'Our offer' '' '--b--'
}
report delivery-status 'rfc822; jana@hoster.example' > "$dir/old"
report global-delivery-status 'utf-8; jana@h\x{E1}\x{10D}ky.example' > "$dir/new"
cat > "$dir/read.py" <<'PY'
import email
import sys

from flufl.bounce import scan_message

for name in ("old", "new"):
    with open(f"{sys.argv[1]}/{name}", "rb") as letter:
        print(name, "flufl.bounce", *(address.decode() for address in scan_message(email.message_from_binary_file(letter))))
PY
cat > "$dir/read.mjs" <<'JS'
import fs from 'fs';
import PostalMime from 'postal-mime';
import { simpleParser } from 'mailparser';
const told = (text, types) => `text has${/Final-Recipient/.test(text) ? ' report' : ''}${/Our offer/.test(text) ? ' returned' : ''}; attached ${types}`;
for (const name of ['old', 'new']) {
  const letter = fs.readFileSync(name);
  const a = await PostalMime.parse(letter), b = await simpleParser(letter);
  console.log(name, 'postal-mime', told(a.text, a.attachments.map((part) => part.mimeType).join(' ')));
  console.log(name, 'mailparser', told(b.text, b.attachments.map((part) => part.contentType).join(' ')));
}
JS
seen=$("$dir/venv/bin/python" "$dir/read.py" "$dir"; cd "$dir" && node read.mjs)
expected='old flufl.bounce jana@hoster.example
new flufl.bounce
old postal-mime text has; attached message/delivery-status message/rfc822
old mailparser text has report; attached message/rfc822
new postal-mime text has returned; attached message/global-delivery-status
new mailparser text has; attached message/global-delivery-status message/rfc822'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
