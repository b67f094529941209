"""Connections: dialling vetted addresses, TLS handshakes, certificates, ICMP echo, line protocols."""
