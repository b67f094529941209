"""The only place that picks adapters: from settings to the parts that rooms are made of.

Commands, web and engine take what they need from the same Services.
"""
