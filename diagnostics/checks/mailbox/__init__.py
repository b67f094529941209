"""Checks of one mailbox: is it there, is it full, who lets nobody in and why."""
