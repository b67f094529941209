"""Network clients: DNS, HTTP, mail, TLS, ICMP and registries, the only access to foreign networks.

Every address passes the guard, every wait has a deadline, every body a limit. Returns facts
without judging them; a network failure is a value, never an exception.
"""
