#!/usr/bin/env bash
# A job every night at 02:30, another every three hours, in Prague, over the nights on which the clocks change.
# Versions: cronsim 2.8, croniter 7.0.0 (PyPI), cron-parser 5.10.6, croner 11.0.1, cron 4.4.0 (npm).
# Guessed: on 25 October, when 02:00 to 03:00 comes twice, all five start the nightly job once, and a rule with a star
# Guessed: goes by the clock; on 29 March, when there is no 02:30, croniter and the first two of npm start it at 03:30, cronsim and cron at 03:00.
# Seen: croniter starts the nightly job twice in October. cron (npm) starts the three-hourly job at 02:00 too, an hour its rule does not name.
# Seen: on 29 March croniter and croner start it at 03:00 (01:00 UTC) as cronsim and cron do; only cron-parser waits for 03:30.
# cron(8) of Debian: a job for a fixed time is not run again when clocks go back, and runs right after the change when its time was left out.
# So: a heartbeat is due by the cron that Debian ships; a second signal in the hour that comes twice is no fault, and a job
# of another scheduler may be half an hour later in that one night of spring.
set -euo pipefail
trap 'exit 2' ERR # could not be run; 1 is kept for what has changed
export PYTHONUTF8=1 TZ=UTC
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps cronsim==2.8 croniter==7.0.0 python-dateutil==4.0.0 six==1.17.0 \
  tzdata==2026.6 2>"$dir/log" || { cat "$dir/log" >&2; exit 2; }
npm install --silent --no-audit --no-fund --prefix "$dir" cron-parser@5.10.6 croner@11.0.1 cron@4.4.0 luxon@3.7.2 @types/luxon@3.7.6
cat > "$dir/due.py" <<'PY'
import datetime as dt
from itertools import islice
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim

PRAGUE = ZoneInfo("Europe/Prague")
for rule, since, count in (
    ("30 2 * * *", dt.datetime(2026, 10, 24, 12, tzinfo=PRAGUE), 3),
    ("0 */3 * * *", dt.datetime(2026, 10, 25, 0, 30, tzinfo=PRAGUE), 3),
    ("30 2 * * *", dt.datetime(2026, 3, 28, 12, tzinfo=PRAGUE), 2),
):
    steps = croniter(rule, since)
    told = {
        "cronsim": list(islice(CronSim(rule, since), count)),
        "croniter": [steps.get_next(dt.datetime) for _ in range(count)],
    }
    for name, due in told.items():
        print(f"{rule} {since:%m}", name, *(f"{at.astimezone(dt.UTC):%d.%H:%M}" for at in due))
PY
cat > "$dir/due.js" <<'JS'
const { CronExpressionParser } = require('cron-parser'), { Cron } = require('croner'), { CronTime } = require('cron');
const tz = 'Europe/Prague';
const at = (date) => `${date.toISOString().slice(8, 10)}.${date.toISOString().slice(11, 16)}`;
for (const [rule, since, count] of [
  ['30 2 * * *', '2026-10-24T10:00Z', 3],
  ['0 */3 * * *', '2026-10-24T22:30Z', 3],
  ['30 2 * * *', '2026-03-28T11:00Z', 2],
]) {
  const steps = CronExpressionParser.parse(rule, { currentDate: new Date(since), tz });
  const told = { 'cron-parser': Array.from({ length: count }, () => steps.next().toDate()) };
  told.croner = new Cron(rule, { timezone: tz, paused: true }).nextRuns(count, new Date(since));
  const time = new CronTime(rule, tz);
  told.cron = [];
  for (let last = new Date(since); told.cron.length < count; ) told.cron.push((last = time.getNextDateFrom(last, tz).toJSDate()));
  for (const [name, due] of Object.entries(told)) console.log(rule, since.slice(5, 7), name, ...due.map(at));
}
JS
seen=$("$dir/venv/bin/python" "$dir/due.py"; cd "$dir" && node due.js)
expected='30 2 * * * 10 cronsim 25.00:30 26.01:30 27.01:30
30 2 * * * 10 croniter 25.00:30 25.01:30 26.01:30
0 */3 * * * 10 cronsim 25.02:00 25.05:00 25.08:00
0 */3 * * * 10 croniter 25.02:00 25.05:00 25.08:00
30 2 * * * 03 cronsim 29.01:00 30.00:30
30 2 * * * 03 croniter 29.01:00 30.00:30
30 2 * * * 10 cron-parser 25.00:30 26.01:30 27.01:30
30 2 * * * 10 croner 25.00:30 26.01:30 27.01:30
30 2 * * * 10 cron 25.00:30 26.01:30 27.01:30
0 */3 * * * 10 cron-parser 25.02:00 25.05:00 25.08:00
0 */3 * * * 10 croner 25.02:00 25.05:00 25.08:00
0 */3 * * * 10 cron 25.01:00 25.02:00 25.05:00
30 2 * * * 03 cron-parser 29.01:30 30.00:30
30 2 * * * 03 croner 29.01:00 30.00:30
30 2 * * * 03 cron 29.01:00 30.00:30'
echo "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; was:\n%s\n' "$expected" >&2; exit 1; }
