"""The command `spf`: may this server send for this sender?"""
