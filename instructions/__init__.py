"""Another provider's instructions ("set these records at your host"): read, compared, explained.

Pure: nothing here looks anything up. What a text says is data; it never becomes markup or a command.
"""
