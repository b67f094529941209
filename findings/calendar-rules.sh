#!/usr/bin/env bash
# Recurring work by rules of RFC 5545 itself: a date that few years have, a weekday of the year, a week of the year, the last of several days.
# Versions: python-dateutil 4.0.0 (PyPI), rrule 2.8.1, rrule-temporal 2.2.8, ical.js 2.2.1 (npm).
# Guessed: all four agree everywhere, but ical.js gives other days for a week of the year.
# Seen: three agree. ical.js makes a yearly 29 February the 1 March of other years, the twentieth Monday and the Monday of week 20 every Monday
# Seen: from then on, and of the last of several days it keeps all of them.
# RFC 5545, 3.3.10: a date that does not exist is ignored, a numbered weekday of a yearly rule counts in the year, BYSETPOS picks of a rule's own interval.
# So: recurring work is published as its dates, one event for each, never as its rule.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1 TZ=UTC
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps python-dateutil==4.0.0 tzdata==2026.6 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
npm install --silent --no-audit --no-fund --prefix "$dir" rrule@2.8.1 tslib@2.9.1 ical.js@2.2.1 rrule-temporal@2.2.8 temporal-polyfill@1.0.8 \
  temporal-spec@1.0.1 temporal-utils@1.0.4
cat > "$dir/rules" <<'RULES'
20240229T090000 FREQ=YEARLY;COUNT=3
19970519T090000 FREQ=YEARLY;BYDAY=20MO;COUNT=3
19970512T090000 FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3
20260105T090000 FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1;COUNT=3
19970929T090000 FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3
RULES
cat > "$dir/read.py" <<'PY'
import datetime as dt
import sys

from dateutil.rrule import rrulestr

for line in open(sys.argv[1]):
    start, rule = line.split()
    days = rrulestr(rule, dtstart=dt.datetime.strptime(start, "%Y%m%dT%H%M%S"))
    print("dateutil", rule, *(f"{day:%Y%m%d}" for day in days))
PY
cat > "$dir/read.mjs" <<'JS'
import fs from 'fs';
import ICAL from 'ical.js';
import rrule from 'rrule';
import { RRuleTemporal } from 'rrule-temporal';
for (const line of fs.readFileSync('rules', 'utf8').trim().split('\n')) {
  const [start, rule] = line.split(' ');
  const day = (text) => text.replace(/-/g, '').slice(0, 8);
  const told = { rrule: rrule.rrulestr(`DTSTART:${start}Z\nRRULE:${rule}`).all().map((at) => day(at.toISOString())) };
  told['rrule-temporal'] = new RRuleTemporal({ rruleString: `DTSTART;TZID=UTC:${start}\nRRULE:${rule}` }).all().map((at) => day(at.toPlainDate().toString()));
  const since = start.replace(/(....)(..)(..)T(..)(..)(..)/, '$1-$2-$3T$4:$5:$6');
  const steps = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString(since));
  told['ical.js'] = [];
  for (let at = steps.next(); at && told['ical.js'].length < 9; at = steps.next()) told['ical.js'].push(day(at.toString()));
  for (const [name, days] of Object.entries(told)) console.log(name, rule, ...days);
}
JS
seen=$("$dir/venv/bin/python" "$dir/read.py" "$dir/rules"; cd "$dir" && node read.mjs)
expected='dateutil FREQ=YEARLY;COUNT=3 20240229 20280229 20320229
dateutil FREQ=YEARLY;BYDAY=20MO;COUNT=3 19970519 19980518 19990517
dateutil FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3 19970512 19980511 19990517
dateutil FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1;COUNT=3 20260109 20260116 20260123
dateutil FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3 19970929 19971030 19971127
rrule FREQ=YEARLY;COUNT=3 20240229 20280229 20320229
rrule-temporal FREQ=YEARLY;COUNT=3 20240229 20280229 20320229
ical.js FREQ=YEARLY;COUNT=3 20240229 20250301 20260301
rrule FREQ=YEARLY;BYDAY=20MO;COUNT=3 19970519 19980518 19990517
rrule-temporal FREQ=YEARLY;BYDAY=20MO;COUNT=3 19970519 19980518 19990517
ical.js FREQ=YEARLY;BYDAY=20MO;COUNT=3 19970519 19970526 19970602
rrule FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3 19970512 19980511 19990517
rrule-temporal FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3 19970512 19980511 19990517
ical.js FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3 19970519 19970526 19970602
rrule FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1;COUNT=3 20260109 20260116 20260123
rrule-temporal FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1;COUNT=3 20260109 20260116 20260123
ical.js FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1;COUNT=3 20260105 20260107 20260109
rrule FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3 19970929 19971030 19971127
rrule-temporal FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3 19970929 19971030 19971127
ical.js FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3 19970929 19971030 19971127'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
