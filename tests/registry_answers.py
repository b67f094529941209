"""What registries answer, in the form of each; the people in them are invented."""

CZ = """%  (c) the registry. Timestamp: Tue Feb 18 21:40:33 2024

domain:       shop.cz
registrant:   MARA-1
admin-c:      MARA-1
nsset:        NSS:POLARIS
keyset:       KEYS
registrar:    REG-POLARIS
registered:   21.07.2000 15:21:00
changed:      18.05.2011 23:28:45
expire:       22.07.2027
status:       paid and in zone

contact:      MARA-1
name:         Mara Nováková
address:      Dlouhá 1
e-mail:       mara@shop.example
created:      18.05.2001 23:28:26

nsset:        NSS:POLARIS
nserver:      ns1.polaris.example
created:      18.05.2003 23:28:26
"""
SK = """Domain:                       shop.sk
Registrant:                   MARA-0001
Admin Contact:                MARA-0001
Registrar:                    POLA-0001
Created:                      2003-06-12
Updated:                      2024-05-21
Valid Until:                  2027-07-24
Nameserver:                   ns1.polaris.example
Nameserver:                   ns2.polaris.example
EPP Status:                   clientTransferProhibited, serverHold

Registrar:                    POLA-0001
Name:                         Polaris s.r.o.
Phone:                        +421.200000000
Email:                        hosting@polaris.example
Created:                      2017-09-01

Contact:                      MARA-0001
Name:                         Mara Nováková
Created:                      2019-09-01
"""
SK_OLD = """Domain-name         shop.sk
Admin-name          Mara Nováková
Last-update         2011-03-06
Valid-date          2011-04-03
Domain-status       DOM_HELD
"""
PL = """DOMAIN NAME:           shop.pl
registrant type:       organization
nameservers:           ns1.polaris.example. [31.53.0.53]
                       ns2.polaris.example.
created:               2002.09.19 13:00:00
last modified:         2024.09.18 10:00:00
renewal date:          2027.09.18 14:00:00

option created:        2011.10.14 09:29:47
option expiration date:       2014.10.14 09:29:47

dnssec:                Unsigned

REGISTRAR:
Polaris Sp. z o.o.
ul. Wawozowa 18
"""
HR = """Domain Name: shop.hr
Registrar WHOIS Server: whois.dns.hr
Updated Date: 2024-01-02T10:00:00Z
Creation Date: 2010-09-21T22:00:00Z
Registrar Registration Expiration Date: 2027-09-21T22:00:00Z
Registrant Name: Mara Novak
Name Server: ns1.polaris.example
DNSSEC: unsigned
"""
HR_OLD = """domain:       shop.hr
descr:        Shop d.o.o.
expires:      20270921
nserver:      ns1.polaris.example
"""
EU = """% The WHOIS service offered by the registry
Domain: shop.eu
Script: LATIN

Registrant:
        NOT DISCLOSED!

Technical:
        Organisation: Somebody
        Email: tech@polaris.example

Registrar:
        Name: Polaris a.s.
        Website: www.polaris.example

Name servers:
        ns1.polaris.example
        ns2.polaris.example
"""
COM = """   Domain Name: SHOP.COM
   Registry Domain ID: 1_DOMAIN_COM-VRSN
   Registrar WHOIS Server: whois.registrar.example
   Updated Date: 2024-05-06T09:28:40Z
   Creation Date: 1999-06-07T04:00:00Z
   Registry Expiry Date: 2027-06-07T04:00:00Z
   Registrar: Registrar Example, Inc.
   Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited
   Domain Status: redemptionPeriod https://icann.org/epp#redemptionPeriod
   Name Server: NS1.POLARIS.EXAMPLE
   DNSSEC: signedDelegation
>>> Last update of whois database: 2026-01-15T12:00:00Z <<<

NOTICE: The expiration date displayed in this record is the date the
registrar's sponsorship of the domain name registration in the registry is
currently set to expire.

TERMS OF USE: You are not authorized to access or query our Whois database
through the use of electronic processes that are high-volume. If the query
limit exceeded, access is blocked.
"""

RDAP = {
    "objectClassName": "domain",
    "ldhName": "SHOP.CZ",
    "status": ["active", "client hold"],
    "events": [
        {"eventAction": "registration", "eventDate": "2000-07-21T15:21:00Z"},
        {"eventAction": "expiration", "eventDate": "2027-07-22T00:00:00Z"},
    ],
    "entities": [
        {"roles": ["registrant"], "vcardArray": ["vcard", [["fn", {}, "text", "Mara"]]]},
        {"roles": ["registrar"], "vcardArray": ["vcard", [["fn", {}, "text", "Polaris"]]]},
    ],
    "nameservers": [{"ldhName": "NS1.polaris.example."}],
    "secureDNS": {"delegationSigned": True},
}
