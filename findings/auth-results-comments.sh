#!/usr/bin/env bash
# The Authentication-Results examples of RFC 8601, appendix B.5 and B.7.
# Versions: authres 1.2.0 (PyPI).
# Guessed: it reads every example of appendix B.
# Seen: B.5 is read; of B.7 ("Comment-Heavy Example") nothing. The many comments are no trouble, but a version with a comment and
# Seen: a blank before the "=" is: "dkim/1 (c)= pass" is read, "dkim/1 (c) = pass" is not.
# RFC 8601, 2.2: comments may stand between any two parts ([CFWS] on either side of "/", "=" and ".").
# So: whoever reads pasted headers with it loses the whole field to one blank; a field that is not read is no field that says nothing.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps authres==1.2.0 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
seen=$("$dir/venv/bin/python" - <<'PY'
from authres import AuthenticationResultsHeader
from authres.core import SyntaxError as NotRead

EXAMPLES = {
    "B.5": """example.com;
      dkim=pass reason="good signature"
        header.i=@mail-router.example.net;
      dkim=fail reason="bad signature"
        header.i=@newyork.example.com""",
    "B.7": """foo.example.net (foobar) 1 (baz);
    dkim (Because I like it) / 1 (One yay) = (wait for it) fail
      policy (A dot can go here) . (like that) expired
      (this surprised me) = (as I wasn't expecting it) 1362471462""",
    "one blank less": "x.example; dkim/1 (c)= pass",
    "one blank more": "x.example; dkim/1 (c) = pass",
}
for name, text in EXAMPLES.items():
    try:
        read = AuthenticationResultsHeader.parse("Authentication-Results: " + text.replace("\n", "\r\n"))
        print(name, *(f"{r.method}={r.result}" for r in read.results))
    except NotRead:
        print(name, "not read")
PY
)
expected='B.5 dkim=pass dkim=fail
B.7 not read
one blank less dkim=pass
one blank more not read'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
