"""Cases: what other providers write, in the shapes in which customers paste it, and the records in it."""

from __future__ import annotations

from dataclasses import dataclass

Records = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Pasted:
    """A text and exactly the (name, type, value) it asks for; `foreign` and `unfilled` likewise."""

    name: str
    text: str
    records: Records = ()
    foreign: Records = ()
    unfilled: Records = ()


D = "cafe.example"
SPF_GOOGLE = "v=spf1 include:_spf.google.com ~all"
GOOGLE_MX: Records = (
    (D, "MX", "1 aspmx.l.google.com"),
    (D, "MX", "5 alt1.aspmx.l.google.com"),
    (D, "MX", "10 alt3.aspmx.l.google.com"),
)

CASES: tuple[Pasted, ...] = (
    Pasted(
        "zone file",
        "www 3600 IN CNAME shops.builder.net.\n@ IN A 192.0.9.10\n"
        "cafe.example. 300 IN MX 10 mx1.mailer.net.\n"
        '_dmarc IN TXT "v=DMARC1; p=none; rua=mailto:d@cafe.example"\n',
        (
            ("www.cafe.example", "CNAME", "shops.builder.net"),
            (D, "A", "192.0.9.10"),
            (D, "MX", "10 mx1.mailer.net"),
            ("_dmarc.cafe.example", "TXT", "v=DMARC1; p=none; rua=mailto:d@cafe.example"),
        ),
    ),
    Pasted(
        "zone file with parentheses",
        'k1._domainkey IN TXT ( "v=DKIM1; k=rsa; "\n  "p=MIIBIjANBgkq" )\n',
        (("k1._domainkey.cafe.example", "TXT", "v=DKIM1; k=rsa; p=MIIBIjANBgkq"),),
    ),
    Pasted(
        "a table with tabs (Shopify)",
        "Type\tHost\tPoints to\tTTL\nA\t@\t23.227.38.65\t1 hour\nCNAME\twww\tshops.myshopify.com\t1 hour\n",
        ((D, "A", "23.227.38.65"), ("www.cafe.example", "CNAME", "shops.myshopify.com")),
    ),
    Pasted(
        "a table with bars",
        "| Typ | Název | Hodnota | Priorita |\n|---|---|---|---|\n| MX | @ | mx1.emailprofi.cz | 10 |\n"
        "| MX | @ | mx2.emailprofi.cz | 20 |\n| TXT | @ | v=spf1 include:spf.emailprofi.cz ~all | |\n",
        (
            (D, "MX", "10 mx1.emailprofi.cz"),
            (D, "MX", "20 mx2.emailprofi.cz"),
            (D, "TXT", "v=spf1 include:spf.emailprofi.cz ~all"),
        ),
    ),
    Pasted(
        "a table that lost its lines",
        "Type\nHost\nValue\nTTL\nA\n@\n192.0.9.10\n3600\nCNAME\nwww\nsites.builder.net\n3600\n",
        ((D, "A", "192.0.9.10"), ("www.cafe.example", "CNAME", "sites.builder.net")),
    ),
    Pasted(
        "Google Workspace, without types in the rows",
        "MX records\nName/Host/Alias\tTime to live (TTL)\tPriority\tValue/Answer/Destination\n",
    ),
    Pasted(
        "Google Workspace MX",
        "Add these MX records:\nPriority\tMail server\n1\tASPMX.L.GOOGLE.COM.\n5\tALT1.ASPMX.L.GOOGLE.COM.\n"
        "10\tALT3.ASPMX.L.GOOGLE.COM.\n",
        GOOGLE_MX,
    ),
    Pasted(
        "MX as a list",
        "MX records:\nASPMX.L.GOOGLE.COM 1\nALT1.ASPMX.L.GOOGLE.COM 5\nALT3.ASPMX.L.GOOGLE.COM 10\n",
        GOOGLE_MX,
    ),
    Pasted(
        "Microsoft 365",
        "MX\nHost name: @\nPoints to address or value: cafe-example.mail.protection.outlook.com\n"
        "Priority: 0\nTTL: 1 hour\n\nCNAME\nHost name: autodiscover\n"
        "Points to address or value: autodiscover.outlook.com\nTTL: 1 hour\n\n"
        "TXT\nTXT name: @\nTXT value: v=spf1 include:spf.protection.outlook.com -all\nTTL: 1 hour\n",
        (
            (D, "MX", "0 cafe-example.mail.protection.outlook.com"),
            ("autodiscover.cafe.example", "CNAME", "autodiscover.outlook.com"),
            (D, "TXT", "v=spf1 include:spf.protection.outlook.com -all"),
        ),
    ),
    Pasted(
        "Microsoft 365, SRV by fields",
        "Type: SRV\nService: _sip\nProtocol: _tls\nPort: 443\nWeight: 1\nPriority: 100\nTTL: 1 hour\n"
        "Name: @\nTarget: sipdir.online.lync.com\n",
        (("_sip._tls.cafe.example", "SRV", "100 1 443 sipdir.online.lync.com"),),
    ),
    Pasted(
        "SRV in a zone file",
        "_imaps._tcp 3600 IN SRV 0 1 993 imap.mailer.net.\n",
        (("_imaps._tcp.cafe.example", "SRV", "0 1 993 imap.mailer.net"),),
    ),
    Pasted(
        "fields one under another",
        "Type\nTXT\nHost\n@\nValue\ngoogle-site-verification=abc123DEF456\n",
        ((D, "TXT", "google-site-verification=abc123DEF456"),),
    ),
    Pasted(
        "fields in one line",
        "Type: CNAME, Name: www, Value: shops.builder.net, TTL: 3600",
        (("www.cafe.example", "CNAME", "shops.builder.net"),),
    ),
    Pasted(
        "Czech fields",
        "Typ záznamu: A\nNázev: www\nHodnota: 192.0.9.10\n\nTyp záznamu: TXT\nNázev: @\n"
        "Hodnota: „v=spf1 include:_spf.mailer.cz ~all“\n",
        (
            ("www.cafe.example", "A", "192.0.9.10"),
            (D, "TXT", "v=spf1 include:_spf.mailer.cz ~all"),
        ),
    ),
    Pasted(
        "Czech sentences",
        "Dobrý den, prosíme o nastavení CNAME záznamu pro www.cafe.example na shops.builder.net. "
        "\nA záznam domény cafe.example nasměrujte na 192.0.9.10. Poštu prosím neměňte.",
        (("www.cafe.example", "CNAME", "shops.builder.net"), (D, "A", "192.0.9.10")),
    ),
    Pasted(
        "Polish sentence",
        "Proszę dodać rekord CNAME dla www wskazujący na sklep.builder.pl oraz rekord TXT:\n"
        "v=spf1 include:_spf.builder.pl ~all",
        (
            ("www.cafe.example", "CNAME", "sklep.builder.pl"),
            (D, "TXT", "v=spf1 include:_spf.builder.pl ~all"),
        ),
    ),
    Pasted(
        "Croatian table",
        "Tip\tNaziv\tVrijednost\tPrioritet\nMX\t@\tmx.posta.hr\t10\nA\twww\t192.0.9.10\t\n",
        ((D, "MX", "10 mx.posta.hr"), ("www.cafe.example", "A", "192.0.9.10")),
    ),
    Pasted(
        "Slovak sentence",
        "Nastavte prosím A záznam pre www.cafe.example na IP adresu 192.0.9.10",
        (("www.cafe.example", "A", "192.0.9.10"),),
    ),
    Pasted(
        "type first",
        "A @ 192.0.9.10\nAAAA @ 2a01:9::10\nCNAME www cafe.example\nMX @ 10 mx.mailer.net\n"
        'TXT @ "v=spf1 mx ~all"\n',
        (
            (D, "A", "192.0.9.10"),
            (D, "AAAA", "2a01:9::10"),
            ("www.cafe.example", "CNAME", D),
            (D, "MX", "10 mx.mailer.net"),
            (D, "TXT", "v=spf1 mx ~all"),
        ),
    ),
    Pasted(
        "arrows",
        "A: @ → 192.0.9.10\nCNAME: www → shops.builder.net\n",
        ((D, "A", "192.0.9.10"), ("www.cafe.example", "CNAME", "shops.builder.net")),
    ),
    Pasted(
        "name servers in words",
        "Please change your nameservers to:\nns1.builder.net\nns2.builder.net\n\nThank you",
        ((D, "NS", "ns1.builder.net"), (D, "NS", "ns2.builder.net")),
    ),
    Pasted(
        "Czech name servers in one line",
        "Změňte prosím jmenné servery domény na ns1.builder.cz a ns2.builder.cz.",
        ((D, "NS", "ns1.builder.cz"), (D, "NS", "ns2.builder.cz")),
    ),
    Pasted(
        "numbered name servers",
        "Nameservery:\n1. ns1.builder.net\n2. ns2.builder.net",
        ((D, "NS", "ns1.builder.net"), (D, "NS", "ns2.builder.net")),
    ),
    Pasted(
        "SendGrid",
        "TYPE\tHOST\tVALUE\nCNAME\tem1234.cafe.example\tu123.wl001.sendgrid.net\n"
        "CNAME\ts1._domainkey.cafe.example\ts1.domainkey.u123.wl001.sendgrid.net\n"
        "CNAME\ts2._domainkey.cafe.example\ts2.domainkey.u123.wl001.sendgrid.net\n",
        (
            ("em1234.cafe.example", "CNAME", "u123.wl001.sendgrid.net"),
            ("s1._domainkey.cafe.example", "CNAME", "s1.domainkey.u123.wl001.sendgrid.net"),
            ("s2._domainkey.cafe.example", "CNAME", "s2.domainkey.u123.wl001.sendgrid.net"),
        ),
    ),
    Pasted(
        "the example domain stands for one's own",
        "CNAME  www.yourdomain.com  shops.builder.net\nTXT  _dmarc.yourdomain.com  v=DMARC1; p=none;\n",
        (
            ("www.cafe.example", "CNAME", "shops.builder.net"),
            ("_dmarc.cafe.example", "TXT", "v=DMARC1; p=none;"),
        ),
    ),
    Pasted(
        "a value left to fill in",
        "Type: TXT\nHost: @\nValue: google-site-verification=<your-token>\n",
        unfilled=((D, "TXT", "google-site-verification=<your-token>"),),
    ),
    Pasted(
        "for another domain",
        "www.bistro.com. IN CNAME shops.builder.net.\n",
        foreign=(("www.bistro.com", "CNAME", "shops.builder.net"),),
    ),
    Pasted(
        "CAA",
        '@ IN CAA 0 issue "letsencrypt.org"\nCAA @ 0 issuewild ";"\n',
        ((D, "CAA", "0 issue letsencrypt.org"), (D, "CAA", "0 issuewild ;")),
    ),
    Pasted(
        "a page's markup",
        "<table><tr><th>Type</th><th>Name</th><th>Value</th></tr><tr><td>CNAME</td><td>www</td>"
        "<td>shops.builder.net</td></tr></table>",
        (("www.cafe.example", "CNAME", "shops.builder.net"),),
    ),
    Pasted(
        "SPF alone",
        "Add this to your SPF:\nv=spf1 include:servers.mcsv.net ?all",
        ((D, "TXT", "v=spf1 include:servers.mcsv.net ?all"),),
    ),
    Pasted(
        "DKIM with its selector in words",
        "Create a TXT record named k1._domainkey with the value v=DKIM1; k=rsa; p=MIGfMA0GCSqG",
        (("k1._domainkey.cafe.example", "TXT", "v=DKIM1; k=rsa; p=MIGfMA0GCSqG"),),
    ),
    Pasted(
        "wide gaps",
        "Host          Type     Value\nwww           CNAME    shops.builder.net\n@             A        192.0.9.10\n",
        (("www.cafe.example", "CNAME", "shops.builder.net"), (D, "A", "192.0.9.10")),
    ),
    Pasted(
        "MX with its priority in words",
        "MX záznam: mx1.mailer.cz (priorita 10)\nMX záznam: mx2.mailer.cz, priorita 20",
        ((D, "MX", "10 mx1.mailer.cz"), (D, "MX", "20 mx2.mailer.cz")),
    ),
    Pasted(
        "a heading without its colon, then cells (Vercel)",
        "A Record\n@\n76.76.21.21\n\nCNAME Record\nwww\ncname.vercel-dns.com",
        ((D, "A", "76.76.21.21"), ("www.cafe.example", "CNAME", "cname.vercel-dns.com")),
    ),
    Pasted(
        "Czech, the type named first (Shoptet)",
        "Nastavte tyto DNS záznamy:\nA záznam: 78.24.9.50\nwww - CNAME - pool.shoptet.cz\n",
        ((D, "A", "78.24.9.50"), ("www.cafe.example", "CNAME", "pool.shoptet.cz")),
    ),
    Pasted(
        "Polish list of mail servers, SPF below (Zoho)",
        "Rekordy MX:\nmx.zoho.eu - priorytet 10\nmx2.zoho.eu - priorytet 20\n"
        "SPF: v=spf1 include:zohomail.eu ~all",
        (
            (D, "MX", "10 mx.zoho.eu"),
            (D, "MX", "20 mx2.zoho.eu"),
            (D, "TXT", "v=spf1 include:zohomail.eu ~all"),
        ),
    ),
    Pasted(
        "a proof with a name that may stay empty (Brevo)",
        "Record 1\nType: TXT\nName: @ or empty\nValue: brevo-code:abc123\n",
        ((D, "TXT", "brevo-code:abc123"),),
    ),
    Pasted(
        "names before a colon",
        "www: CNAME shops.builder.net\n@: A 192.0.9.10",
        (("www.cafe.example", "CNAME", "shops.builder.net"), (D, "A", "192.0.9.10")),
    ),
    Pasted(
        "several addresses under a sentence",
        "Create A records pointing to:\n185.199.108.153\n185.199.109.153\n",
        ((D, "A", "185.199.108.153"), (D, "A", "185.199.109.153")),
    ),
    Pasted(
        "what is to go is not wanted, in a sentence",
        "Smažte stávající záznam A 192.0.9.1.\nNastavte nový záznam A na 192.0.9.10.\n"
        "Usuń stary rekord CNAME www old.builder.net\n"
        "Remove the existing MX records (10 mx.old.net) and add MX 10 mx.new.net\n"
        "Remove any AAAA records, e.g. 2001:db8::5\n"
        "A @ 192.0.9.3 (odstraňte)\nReplace the MX record mail.old.net with 20 mx2.new.net",
        ((D, "A", "192.0.9.10"), (D, "MX", "10 mx.new.net"), (D, "MX", "20 mx2.new.net")),
    ),
    Pasted(
        "what is to go names the type of what is to come",
        "Usuń istniejące rekordy MX i dodaj:\n10 mx1.poczta.net\n20 mx2.poczta.net",
        ((D, "MX", "10 mx1.poczta.net"), (D, "MX", "20 mx2.poczta.net")),
    ),
    Pasted(
        "a file with commas (Amazon)",
        "Type,Name,Value\nMX,mail.cafe.example,10 feedback-smtp.eu-west-1.amazonses.com\n"
        'TXT,mail.cafe.example,"v=spf1 include:amazonses.com ~all"\n'
        "CNAME,abc._domainkey.cafe.example,abc.dkim.amazonses.com\n",
        (
            ("mail.cafe.example", "MX", "10 feedback-smtp.eu-west-1.amazonses.com"),
            ("abc._domainkey.cafe.example", "CNAME", "abc.dkim.amazonses.com"),
            ("mail.cafe.example", "TXT", "v=spf1 include:amazonses.com ~all"),
        ),
    ),
    Pasted(
        "what is to go is not wanted, as a list",
        "Delete these records:\nA @ 192.0.9.1\nMX 10 mail.old.net\n\n"
        "Add these records:\nA @ 192.0.9.10\nMX 10 mail.new.net\n",
        ((D, "A", "192.0.9.10"), (D, "MX", "10 mail.new.net")),
    ),
    Pasted(
        "a table with an action",
        "Action\tType\tName\tValue\nDelete\tA\t@\t192.0.9.1\nAdd\tA\t@\t192.0.9.10\n",
        ((D, "A", "192.0.9.10"),),
    ),
    Pasted(
        "the old value before the new one",
        "Replace the A record 192.0.9.1 with 192.0.9.10.\n"
        "Změňte záznam A pro www z 192.0.9.2 na 192.0.9.20.\n"
        "Change MX from 10 mx.old.net to 10 mx.new.net",
        (
            (D, "A", "192.0.9.10"),
            ("www.cafe.example", "A", "192.0.9.20"),
            (D, "MX", "10 mx.new.net"),
        ),
    ),
    Pasted(
        "buttons copied along with a list",
        "A\t@\t192.0.9.10\tEdit\tDelete\nCNAME\twww\tshops.builder.net\tEdit\tDelete",
        ((D, "A", "192.0.9.10"), ("www.cafe.example", "CNAME", "shops.builder.net")),
    ),
    Pasted(
        "a name in quotes before its value",
        'Add TXT record with host "_acme" and value "abcdef-123"',
        (("_acme.cafe.example", "TXT", "abcdef-123"),),
    ),
    Pasted(
        "Microsoft's keys, without a type",
        "Host Name : selector1._domainkey\n"
        "Points to address or value: selector1-cafe-example._domainkey.cafe.onmicrosoft.com\n",
        (
            (
                "selector1._domainkey.cafe.example",
                "CNAME",
                "selector1-cafe-example._domainkey.cafe.onmicrosoft.com",
            ),
        ),
    ),
    Pasted(
        "Microsoft's services and proof, without a type",
        "TXT name: @ (or skip if not supported by provider)\nTXT value: MS=ms12345678\n\n"
        "Service\tProtocol\tPort\tWeight\tPriority\tTTL\tName\tTarget\n"
        "_sip\t_tls\t443\t1\t100\t1 Hour\t@\tsipdir.online.lync.com\n",
        (
            (D, "TXT", "MS=ms12345678"),
            ("_sip._tls.cafe.example", "SRV", "100 1 443 sipdir.online.lync.com"),
        ),
    ),
    Pasted(
        "Google's key, broken over lines",
        "DNS Host name (TXT record name):\ngoogle._domainkey\nTXT record value:\n"
        "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n"
        "ghiJKLmno123456789abcdefghIDAQAB\n",
        (
            (
                "google._domainkey.cafe.example",
                "TXT",
                "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAghiJKLmno123456789abcdefghIDAQAB",
            ),
        ),
    ),
    Pasted(
        "fields side by side with gaps",
        "Host: @   Type: TXT   Value: zoho-verification=zb123.zmverify.zoho.eu",
        ((D, "TXT", "zoho-verification=zb123.zmverify.zoho.eu"),),
    ),
    Pasted(
        "SPF that nobody could read, and SPF with macros",
        "Type: TXT\nName: @\nValue: v=spf1 include:<your-subdomain>.mail.net ~all\n\n"
        "Type: TXT\nName: news\nValue: v=spf1 exists:%{i}._spf.mail.net ~all\n",
        (("news.cafe.example", "TXT", "v=spf1 exists:%{i}._spf.mail.net ~all"),),
        unfilled=((D, "TXT", "v=spf1 include:<your-subdomain>.mail.net ~all"),),
    ),
    Pasted("a letter", "Dear customer,\n\nthank you for your order. Your invoice is attached.\n"),
    Pasted(
        "a question", "My site does not open, a friend said my A record is wrong. Can you help?"
    ),
    Pasted(
        "an address in passing",
        "Our office is at https://www.builder.net/contact, call 192 000 111.",
    ),
    Pasted("hostile", "TXT @ <script>alert(1)</script>\nCNAME ; rm -rf / shops\nA @ 999.1.1.1\n"),
)
