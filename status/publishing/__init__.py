"""From a Snapshot to files: pages, feeds, calendar, badges, Statuspage documents."""
