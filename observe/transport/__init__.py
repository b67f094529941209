"""Transport: guarded TCP connections, TLS handshakes, certificates, ICMP echo, line protocols."""
