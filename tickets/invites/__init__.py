"""An agent's check link: bound to a ticket, a symptom and a subject; expiring and counted.

It never widens what may be looked at and never raises how sure we are of anybody.
"""
