"""Words sent in: by cron jobs with a token, by operators by hand. Owns tokens and the last word."""
