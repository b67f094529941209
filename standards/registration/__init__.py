"""Domain registration data: WHOIS and RDAP answers, EPP states, dates and registry time zones."""
