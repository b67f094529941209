"""DMARC (RFC 9989): records, the tree walk and alignment, without a socket.

Walks are generators that yield questions and receive answers; their value is the whole tree.
"""
