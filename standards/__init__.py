"""What RFCs and registries say, read and judged without a socket. Imports nothing else of ours.

Every function takes values and returns values; walks yield the questions they need answered.
"""
