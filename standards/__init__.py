"""Pure readers and validators for the standards of DNS, mail and domain registration.

A library of its own: it imports the standard library, dnspython, cryptography, idna and
publicsuffixlist, and nothing else of this project. Sans I/O: functions take values and return
values; whatever needs look-ups is a generator that yields queries (`queries.Query`) and receives
replies, so the caller owns sockets, caches and deadlines. Malformed input is a value (`problem`,
`faults`, None) unless a docstring names the exception.

    spf/           RFC 7208: records, macros, check_host(), look-up trees, corrections, flattening
    dkim/          RFC 6376, 8301, 8463: key records
    dmarc/         RFC 9989, 9990: records, the tree walk, alignment, report destinations
    mail_policies  RFC 8461 (MTA-STS), 8460 (TLS-RPT), BIMI, RFC 6698 and 7672 (TLSA)
    dnssec/        RFC 4033 to 4035, 5155: signatures, chains of trust, denial of existence
    registration/  RFC 3912 (WHOIS), 9083 (RDAP), 5731 (EPP states), dates and time zones
    dns_types      look-ups and records as values; `queries` the walks that ask for them
    urls, text, confusables   web addresses, foreign bytes, look-alike names (UTS 39)

Names of hosts and domains are lower-case A-labels without the trailing dot, times are aware UTC.
"""
