"""Other providers' DNS instructions ("set these records at your host"): parsed and compared.

No look-ups. The text is data; it never becomes markup or a command.
"""
