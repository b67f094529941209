#!/usr/bin/env bash
# Maintenance on chosen dates: an event with RDATE and no RRULE.
# Versions: icalendar 7.3.2, recurring-ical-events 3.8.2, ical 14.3.1, icalevents 0.3.1 (PyPI), ical.js 2.2.1, node-ical 0.27.2 (npm).
# Guessed: recurring-ical-events, ical and ical.js list all three dates; icalevents and node-ical know nothing of RDATE and list one.
# Seen: only recurring-ical-events lists three. ical and ical.js list the two RDATEs and drop the event's own start;
# Seen: icalevents and node-ical list the start alone (as guessed).
# RFC 5545, 3.8.5.2 and 3.8.5.3: DTSTART is the first instance of the recurrence set, RDATE adds to it.
# So: a calendar that anybody may read writes irregular dates as events of their own, not as RDATE.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1 TZ=UTC
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps icalendar==7.3.2 recurring-ical-events==3.8.2 \
  ical==14.3.1 icalevents==0.3.1 pydantic==2.14.4 pydantic-core==2.50.5 annotated-types==0.8.0 typing-inspection==0.4.5 \
  typing-extensions==4.16.0 python-dateutil==2.9.0.post0 six==1.17.0 tzdata==2026.6 pytz==2026.6 urllib3==2.8.0 \
  x-wr-timezone==2.0.1 click==8.5.1 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
npm install --silent --no-audit --no-fund --prefix "$dir" ical.js@2.2.1 node-ical@0.27.2 rrule-temporal@2.2.8 \
  temporal-polyfill@1.0.8 temporal-spec@1.0.1 temporal-utils@1.0.4

cat > "$dir/work.ics" <<'ICS'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//polaris.example//status//EN
BEGIN:VEVENT
UID:patches@polaris.example
DTSTAMP:20260101T000000Z
DTSTART:20260325T210000Z
DTEND:20260325T230000Z
RDATE:20260326T210000Z,20260401T200000Z
SUMMARY:Patches
END:VEVENT
END:VCALENDAR
ICS
sed -i 's/$/\r/' "$dir/work.ics"

cat > "$dir/read.py" <<'PY'
import datetime as dt
import logging
import sys

import icalendar
import recurring_ical_events
from ical.calendar_stream import IcsCalendarStream
from icalevents.icalevents import events

logging.disable(logging.CRITICAL)
text = open(sys.argv[1], newline="").read()
since, until = (dt.datetime(2026, m, 1, tzinfo=dt.UTC) for m in (1, 12))
told = {
    "recurring-ical-events": [e.start for e in recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(since, until)],
    "ical": [e.dtstart for e in IcsCalendarStream.calendar_from_ics(text).timeline],
    "icalevents": [e.start for e in events(string_content=text.encode(), start=since, end=until)],
}
for name, starts in told.items():
    print(name, *(f"{start:%d.%m.}" for start in sorted(starts)))
PY
cat > "$dir/read.js" <<'JS'
const fs = require('fs'), ICAL = require('ical.js').default || require('ical.js'), node = require('node-ical');
const text = fs.readFileSync(process.argv[2], 'utf8');
const day = (date) => date.toISOString().slice(8, 10) + '.' + date.toISOString().slice(5, 7) + '.';
const event = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent'));
const steps = event.iterator(), found = [];
for (let at = steps.next(); at && found.length < 9; at = steps.next()) found.push(day(at.toJSDate()));
console.log('ical.js', ...found);
const own = Object.values(node.sync.parseICS(text)).find((e) => e.type === 'VEVENT');
const span = { from: new Date('2026-01-01'), to: new Date('2026-12-01') };
console.log('node-ical', ...node.expandRecurringEvent(own, span).map((e) => day(e.start)));
JS
seen=$("$dir/venv/bin/python" "$dir/read.py" "$dir/work.ics"; cd "$dir" && node read.js work.ics)
expected='recurring-ical-events 25.03. 26.03. 01.04.
ical 26.03. 01.04.
icalevents 25.03.
ical.js 26.03. 01.04.
node-ical 25.03.'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
