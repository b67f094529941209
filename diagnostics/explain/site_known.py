"""Marks of web, browser, TLS, DNS, FTP and database errors, most telling first. Data only.

Patterns meet folded text on one line (lower case, no diacritics).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagnostics.explain.model import Kind


@dataclass(frozen=True, slots=True)
class Known:
    """A mark: what kind of program says it and to which family it belongs."""

    kind: Kind
    family: str
    pattern: re.Pattern[str]


def _known(kind: Kind, family: str, *patterns: str) -> Known:
    return Known(kind, family, re.compile("|".join(patterns)))


MARKS: tuple[Known, ...] = (
    # ---------------------------------------------------------------- databases
    _known(Kind.DATABASE, "database_busy", r"too many connections(?!.{0,40}(?:ip|smtp|imap|ftp))(?=.{0,80}(?:sql|database|1040|hy000|\[|$))", r"\b(?:08004|hy000)\]? ?\[?(?:1040|1203|1226)\b", r"max_user_connections|max_connections_per_hour|max_questions", r"remaining connection slots|too many clients already"),
    _known(Kind.DATABASE, "database_access", r"access denied for user", r"\b(?:hy000|28000)\]? ?\[?1045\b", r"#1045|#1044", r"password authentication failed for user"),
    _known(Kind.DATABASE, "database_broken", r"base table or view not found|table .{1,120}doesn.t exist", r"unknown database", r"#114[56]|#1049|\[1049\]", r"is marked as crashed|incorrect key file for table", r"unknown column .{1,80} in", r"relation .{1,100} does not exist", r"errcode: 28|error 28 from storage engine"),
    _known(Kind.DATABASE, "database_down", r"error establishing a database connection", r"chyba pri navazovani spojeni s databazi|chyba (?:pri )?(?:pripojeni|spojeni)\w* (?:k|s) databaz\w*|chyba pri vytvarani databazoveho spojenia|blad nawiazywania polaczenia z baza danych|(?:pogreska|greska) (?:pri|prilikom|kod) (?:uspostav\w+|povezivanj\w+)(?: \S+){0,3} baz\w+", r"sqlstate\[(?:hy000|08\w{3}|57\w{3})\]", r"mysql server has gone away|lost connection to mysql|can.t connect to (?:local )?(?:mysql|mariadb)|mysqli?(?:_connect|::__construct|::real_connect)", r"could not connect to (?:the )?(?:database|mysql)|database (?:connection )?error|unable to connect to (?:the )?(?:database|postgresql)", r"doctrine.{0,40}connectionexception|pdoexception", r"connection to server at .{1,100} failed"),
    # ---------------------------------------------------------------- FTP
    _known(Kind.FTP, "ftp_sign_in", r"\b530[ -](?:login|user|authentication|not logged in|sorry|access denied|prihlas|please login|incorrect)", r"(?:ftp|filezilla|winscp|total commander).{0,200}\b530\b", r"critical error: could not connect to server.{0,20}530", r"login (?:or password )?incorrect.{0,80}(?:ftp|530)", r"ftp.{0,120}(?:nespravn|chybn|spatn|bledn|nieprawidlow|pogresn)\w* (?:heslo|haslo|lozink|jmeno)"),
    _known(Kind.FTP, "disk_full", r"\b(?:452|552)[ -][^.]{0,80}(?:transfer aborted|disk full|storage allocation|disk quota|requested file action aborted|insufficient storage|quota exceeded\. file)", r"(?:ftp|filezilla|stor |upload)[^.]{0,120}(?:quota exceeded|disk full|no space left)"),
    _known(Kind.FTP, "ftp_busy", r"\b421[ -][^.]{0,60}(?:too many (?:connections|users|sessions)[^.]{0,40}(?:from this ip|internet address|ftp|class)|users \(the maximum\)|maximum (?:number of )?(?:login|connections|clients|sessions)|sorry, the maximum)(?!.{0,60}(?:smtp|mail))", r"\b530[ -][^.]{0,60}maximum (?:number|login|clients)"),
    _known(Kind.FTP, "ftp_rights", r"\b55[03][ -](?:.{0,120}?: )?(?:permission denied|no such file or directory|can.t (?:open|create|change|cwd|check)|could not (?:create|open|delete|get)|failed to (?:open|change)|file not found|prohibited file|rename|directory not empty|create directory|remove directory|not a directory|access is denied|failed to change directory|operation not permitted|the system cannot find)", r"(?:mkd|cwd|stor|dele|rnfr)\b.{0,160}\b550\b"),
    _known(Kind.FTP, "ftp_connection", r"failed to retrieve directory listing|nepodarilo se (?:ziskat|nacist) (?:vypis|obsah) adresar|nie udalo sie pobrac listy katalogow", r"\b42[56][ -](?:[^.]{0,60})(?:data connection|connection closed|transfer aborted|failed to establish|can.t open)", r"gnutls error -?\d+", r"connection timed out after \d+ seconds of inactivity", r"(?:ftp|filezilla|winscp).{0,160}(?:econnrefused|etimedout|timed out|connection refused|could not connect|nelze se pripojit|odmitnuto)", r"522[ -].{0,60}(?:ssl|tls|session reuse)", r"server sent passive reply with unroutable address"),
    # ---------------------------------------------------------------- browsers
    _known(Kind.BROWSER, "redirect_loop", r"err_too_many_redirects", r"redirected you too many times|redirecting in a way that will never complete|isn.t redirecting properly", r"(?:presmerova\w+|presmerovan\w*)(?: \S+){0,6} (?:prilis|mnohokrat|vickrat|viackrat)|neni spravne presmerovan|zbyt wiele (?:razy )?przekierowan|przekierow\w+(?: \S+){0,4} zbyt wiele|previse (?:puta )?preusmjer|preusmjer\w+(?: \S+){0,4} previse"),
    _known(Kind.BROWSER, "name_not_found", r"dns_probe_(?:finished_nxdomain|finished_no_internet|possible|started)|err_name_not_resolved|err_name_resolution_failed|error_dns_name|inet_e_resource_not_found|dns_probe_finished_bad_secure_config", r"server not found|we.re having trouble finding that site|safari can.t find the server|hmm\. we.re having trouble|this site can.t be reached.{0,200}(?:dns|could not be found|ip address)", r"server nenalezen|server nebyl nalezen|nepodarilo se najit (?:tento )?(?:server|web)|nelze najit (?:dns )?adresu serveru|(?:ip|dns) adres\w+ serveru?(?: \S+){0,6} (?:nenalezen|nelze najit|nepodarilo|nemozno)|server sa nenasiel|nie (?:mozna|udalo sie) (?:znalezc|odnalezc)(?: \S+){0,3} (?:serwera|adresu)|nie znaleziono serwera|posluzitelj nije pronaden|nije (?:pronadena|moguce pronaci)(?: \S+){0,4} (?:adres|posluzitelj)"),
    _known(Kind.BROWSER, "dns_failing", r"dns_probe_finished_(?:bad_config|\w+)|err_dns_\w+"),
    _known(Kind.BROWSER, "offline", r"err_internet_disconnected|err_network_changed|err_proxy_connection_failed|ns_error_offline|err_network_access_denied"),
    _known(Kind.BROWSER, "certificate_name", r"err_cert_common_name_invalid|ssl_error_bad_cert_domain|dlg_flags_sec_cert_cn_invalid|err_ssl_unrecognized_name_alert|ssl_error_unrecognized_name_alert"),
    _known(Kind.BROWSER, "certificate_date", r"err_cert_date_invalid|sec_error_expired(?:_issuer)?_certificate|dlg_flags_sec_cert_date_invalid|mozilla_pkix_error_not_yet_valid_certificate|net::err_cert_validity_too_long|sec_error_ocsp_future_response"),
    _known(Kind.BROWSER, "certificate_untrusted", r"err_cert_(?:authority_invalid|weak_signature_algorithm|revoked|invalid|symantec_legacy|contains_errors|no_revocation_mechanism|unable_to_check_revocation)|err_certificate_transparency_required|sec_error_(?:unknown_issuer|untrusted_\w+|revoked_certificate|cert_\w+|ca_cert_invalid|inadequate_\w+|bad_signature)|mozilla_pkix_error_(?:self_signed_cert|mitm_detected|ca_cert\w*|\w+)|ssl_error_bad_certificate|dlg_flags_invalid_ca", r"your connection is not private|vase pripojeni neni soukrome|(?:vase )?spojeni neni zabezpecene|pripojenie nie je sukromne|(?:twoje )?polaczenie nie jest (?:prywatne|bezpieczne)|(?:vasa )?veza nije (?:privatna|sigurna)|potential security risk ahead"),
    _known(Kind.BROWSER, "tls_handshake", r"ssl_error_rx_record_too_long|err_ssl_(?:protocol_error|version_or_cipher_mismatch|version_interference|\w+)|ssl_error_\w+|pr_end_of_file_error|pr_connect_reset_error_tls|err_bad_ssl_client_auth_cert|err_ech_\w+|sec_error_\w+|inet_e_security_problem|nserror.{0,20}-1200"),
    _known(Kind.BROWSER, "no_connection", r"err_(?:connection_(?:refused|timed_out|reset|closed|aborted|failed)|timed_out|address_unreachable|empty_response|failed|socket_not_connected|tunnel_connection_failed|http2_\w+|quic_protocol_error|network_io_suspended|incomplete_chunked_encoding|content_length_mismatch|response_headers_\w+)|pr_connect_\w+|ns_error_(?:connection_refused|net_\w+)|inet_e_\w+", r"unable to connect.{0,80}firefox|firefox can.t establish a connection|safari can.t (?:open|connect)|the connection was reset|the connection has timed out|refused to connect|took too long to respond|didn.t send any data|unexpectedly closed the connection", r"(?:tento web|tyto stranky|stranka|web)(?: \S+){0,4} (?:neni dostupn\w*|odmitl\w* (?:se )?(?:pripojit|pripojeni|navazat))|nelze se spojit|spojeni vyprselo|vyprsel cas(?:ovy limit)? spojeni|spojeni bylo (?:preruseno|odmitnuto|obnoveno)|webova lokalita nie je dostupna|tato stranka nie je dostupna|ta witryna jest nieosiagalna|nie mozna otworzyc tej strony|ova web-lokacija nije dostupna|web-lokacija nije dostupna|nije moguce otvoriti web"),
    _known(Kind.BROWSER, "blocked_by_firewall", r"err_blocked_by_(?:client|response|administrator|csp|orb)|err_unsafe_port|deceptive site ahead|the site ahead contains"),
    # ---------------------------------------------------------------- TLS and DNS said by other programs
    _known(Kind.TLS, "certificate_date", r"certificate (?:has )?expired|cert_has_expired|certificate is not yet valid|verify return code: 10\b|x509: certificate has expired"),
    _known(Kind.TLS, "certificate_name", r"no alternative certificate subject name matches|err_tls_cert_altname_invalid|hostname mismatch|does not match target host name|certificate is valid for .{1,200}, not|the name on the security certificate"),
    _known(Kind.TLS, "certificate_untrusted", r"unable to get local issuer certificate|self[- ]signed certificate|unable to verify the first certificate|depth_zero_self_signed_cert|verify return code: (?:18|19|20|21)\b|x509: certificate signed by unknown authority|ssl certificate problem|certificate_verify_failed"),
    _known(Kind.TLS, "tls_handshake", r"ssl_connect|ssl23_get_server_hello|sslv3 alert|tlsv1 alert|wrong version number|no peer certificate available|handshake failure|curl: \(35\)|schannel|openssl ssl_"),
    _known(Kind.DNS, "dns_failing", r"\bservfail\b|status: (?:servfail|refused)|connection timed out; no servers could be reached|dnssec (?:validation|bogus)|bogus"),
    _known(Kind.DNS, "name_not_found", r"\bnxdomain\b|server can.t find|non-existent domain|could not resolve host|getaddrinfo (?:enotfound|eai_again|failed)|name or service not known|no address associated with hostname|temporary failure in name resolution|unknown host|curl: \(6\)|nodename nor servname"),
    # ---------------------------------------------------------------- pages
    _known(Kind.HTTP, "http_on_https", r"plain http request was sent to https port|you.re speaking plain http to an ssl-enabled server port|client sent an http request to an https server"),
    _known(Kind.HTTP, "cdn_origin", r"\berror:? ?(?:code:? ?)?(?:52[0-7]|530|1016)\b|\b(?:520:? web server (?:is )?return|521:? web server is down|522:? connection timed out|523:? origin is unreachable|524:? a timeout|525:? ssl handshake failed|526:? invalid ssl cert|527:? railgun)|cloudflare.{0,200}\b52[0-7]\b|\b52[0-7]\b.{0,200}cloudflare|origin dns error|web server is down.{0,60}error"),
    _known(Kind.HTTP, "cdn_setting", r"\berror:? ?(?:code:? ?)?1(?:0(?:0\d|1[0-57-9]|20|2[135]|3\d|4\d|101)|101|2\d\d)\b(?=.{0,300}(?:cloudflare|ray id|access denied|banned|dns points|you do not have|rate limited|has banned|blocked)|\s*$)", r"attention required! \| cloudflare|sorry, you have been blocked|the owner of this website .{1,120} has banned|you are being rate limited|dns points to (?:prohibited ip|local)"),
    _known(Kind.HTTP, "suspended", r"(?:this )?account (?:has been |is )?suspended|website (?:has been |is )?suspended|domain (?:has been |is )?suspended by|(?:hosting|sluzba|ucet|web|stranky|stranka|webhosting)(?: \S+){0,3} (?:je |byl[ay]? |bol[ao]? )?(?:pozastaven\w*|zablokovan\w*|suspendovan\w*)|konto (?:zostalo )?zawieszone|(?:hosting )?racun je suspendiran|contact your hosting provider for more information"),
    _known(Kind.HTTP, "traffic_exceeded", r"bandwidth limit exceeded|\b509\b.{0,40}(?:bandwidth|limit)|prekrocen\w* (?:\S+ ){0,3}(?:prenos|traffic)"),
    _known(Kind.HTTP, "limit_reached", r"resource limit is reached|\b508\b|website is temporarily unable to service your request as it exceeded resource limit|unable to fork|cannot fork|resource temporarily unavailable: (?:apr_|ah|fork)|entry processes|nproc"),
    _known(Kind.HTTP, "disk_full", r"disk quota exceeded|no space left on device|enospc|edquot|\b507\b.{0,40}(?:insufficient|storage)|failed to write (?:the )?(?:file|session)|file_put_contents.{0,120}(?:quota|space)|disk full"),
    _known(Kind.HTTP, "memory_exhausted", r"allowed memory size of \d+ bytes|out of memory \(allocated|memory exhausted|cannot allocate memory"),
    _known(Kind.HTTP, "too_slow", r"maximum execution time|\b504\b.{0,30}gateway|gateway time-?out|script timed out before returning headers|\b524\b|upstream timed out|request time-?out|\berror 504\b"),
    _known(Kind.HTTP, "unavailable", r"briefly unavailable for scheduled maintenance|docasne nedostupn\w+ (?:z duvodu|kvuli) (?:planovane )?udrzb|maintenance mode|site is (?:under|down for) maintenance|rezim udrzby"),
    _known(Kind.HTTP, "blocked_by_firewall", r"mod_?security|not acceptable!|an appropriate representation of the requested resource|web application firewall|sucuri website firewall|wordfence|imunify360|your ip (?:address )?(?:has been |is )?(?:blocked|banned|blacklisted)|incapsula incident|request unsuccessful"),
    _known(Kind.HTTP, "default_page", r"apache2? (?:ubuntu |debian )?default page|welcome to nginx|it works!|default web ?site page|index of /|apache is functioning normally|cgi-sys/defaultwebpage|this is the default (?:index|page)|iis windows server|plesk default page|web server.s default page|future home of something quite cool|sorry!? ?if you are the owner of this website"),
    _known(Kind.HTTP, "application_error", r"there has been a critical error on (?:this|your) website|na (?:tomto |vasem )?webu (?:se vyskytla|doslo ke?) (?:zavazn\w+|kritick\w+) chyb|na teto strance doslo k (?:zavazne|kriticke)|wystapil krytyczny blad|doslo je do (?:kriticne|kritične) pogreske|php (?:fatal|parse|catchable|recoverable) error|(?:fatal|parse) error:|uncaught (?:\w+\\)*\w*(?:error|exception)|syntax error, unexpected|invalid command .{1,80}perhaps misspelled|end of script output before headers|premature end of script headers|call to undefined function|class .{1,80} not found in|failed opening required|cannot modify header information|headers already sent|whoops, looks like something went wrong|the server encountered an internal error|traceback \(most recent call last\)"),
)  # fmt: skip

# What a bare status says, when it is surely one.
STATUSES: dict[int, str] = {
    400: "bad_request", 401: "sign_in_required", 402: "suspended", 403: "forbidden",
    404: "not_found", 405: "forbidden", 406: "blocked_by_firewall", 407: "sign_in_required",
    408: "too_slow", 409: "cdn_setting", 410: "not_found", 413: "too_large", 414: "too_large",
    418: "blocked_by_firewall", 421: "certificate_name", 423: "forbidden", 429: "too_many_requests",
    431: "too_large", 451: "forbidden", 495: "tls_handshake", 496: "tls_handshake",
    497: "http_on_https", 499: "too_slow", 500: "application_error", 501: "application_error",
    502: "backend_down", 503: "unavailable", 504: "too_slow", 507: "disk_full",
    508: "limit_reached", 509: "traffic_exceeded", 520: "cdn_origin", 521: "cdn_origin",
    522: "cdn_origin", 523: "cdn_origin", 524: "cdn_origin", 525: "cdn_origin",
    526: "cdn_origin", 527: "cdn_origin", 530: "cdn_origin",
}  # fmt: skip
