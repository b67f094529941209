"""The command `spf`: would this server be allowed to send?"""
