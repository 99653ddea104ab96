"""Recordings: the wire of one sync in a file that a user can send, without secrets or identities.

``disguise`` replaces, ``document`` writes and reads the file. Called by ``excache account record``.
"""
