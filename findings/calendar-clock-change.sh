#!/usr/bin/env bash
# A nightly job of an hour at 02:30 in Prague, over the night of 29 March 2026, when 02:00 becomes 03:00.
# Versions: icalendar 7.3.2, recurring-ical-events 3.8.2, ical 14.3.1, icalevents 0.3.1 (PyPI), ical.js 2.2.1, node-ical 0.27.2 (npm).
# Guessed: recurring-ical-events and ical are right in everything about clocks, icalevents too, and the two of npm agree with them.
# Seen: four answers for the night of 29 March. recurring-ical-events: 01:30 to 02:30 UTC. ical: 01:30 to 01:30, an event of no length.
# Seen: icalevents and ical.js: 00:30 to 01:30, an hour early. node-ical: no event that night, and one more at the end to make three.
# RFC 5545 allows two of them: 3.3.5 reads a time in the gap with the offset before it (01:30 UTC), and 3.3.10 says so of
# recurrences too, but its earlier sentence says that instances at a nonexistent local time are ignored and not counted.
# So: maintenance that anybody may read is written with its instants in UTC, one event for each date, never as a local rule.
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
BEGIN:VTIMEZONE
TZID:Europe/Prague
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:nightly@polaris.example
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Prague:20260328T023000
DURATION:PT1H
RRULE:FREQ=DAILY;COUNT=3
SUMMARY:Backup
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
    "recurring-ical-events": [(e.start, e.end) for e in recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(since, until)],
    "ical": [(e.dtstart, e.end) for e in IcsCalendarStream.calendar_from_ics(text).timeline],
    "icalevents": [(e.start, e.end) for e in events(string_content=text.encode(), start=since, end=until)],
}
for name, spans in told.items():
    utc = sorted((a.astimezone(dt.UTC), b.astimezone(dt.UTC)) for a, b in spans)
    print(name, *(f"{a:%d.%m.}{a:%H:%M}-{b:%H:%M}" for a, b in utc))
PY
cat > "$dir/read.js" <<'JS'
const fs = require('fs'), ICAL = require('ical.js').default || require('ical.js'), node = require('node-ical');
const text = fs.readFileSync(process.argv[2], 'utf8');
const at = (date) => date.toISOString();
const told = (a, b) => `${at(a).slice(8, 10)}.${at(a).slice(5, 7)}.${at(a).slice(11, 16)}-${at(b).slice(11, 16)}`;
const calendar = new ICAL.Component(ICAL.parse(text));
ICAL.TimezoneService.register(calendar.getFirstSubcomponent('vtimezone'));
const event = new ICAL.Event(calendar.getFirstSubcomponent('vevent'));
const steps = event.iterator(), found = [];
for (let next = steps.next(); next && found.length < 9; next = steps.next()) {
  const one = event.getOccurrenceDetails(next);
  found.push(told(one.startDate.toJSDate(), one.endDate.toJSDate()));
}
console.log('ical.js', ...found);
const own = Object.values(node.sync.parseICS(text)).find((e) => e.type === 'VEVENT');
const span = { from: new Date('2026-01-01'), to: new Date('2026-12-01') };
console.log('node-ical', ...node.expandRecurringEvent(own, span).map((e) => told(e.start, e.end)));
JS
seen=$("$dir/venv/bin/python" "$dir/read.py" "$dir/work.ics"; cd "$dir" && node read.js work.ics)
expected='recurring-ical-events 28.03.01:30-02:30 29.03.01:30-02:30 30.03.00:30-01:30
ical 28.03.01:30-02:30 29.03.01:30-01:30 30.03.00:30-01:30
icalevents 28.03.01:30-02:30 29.03.00:30-01:30 30.03.00:30-01:30
ical.js 28.03.01:30-02:30 29.03.00:30-01:30 30.03.00:30-01:30
node-ical 28.03.01:30-02:30 30.03.00:30-01:30 31.03.00:30-01:30'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
