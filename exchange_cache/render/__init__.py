"""Turns values into text. Figures stay exact until they are rounded here, for a screen.

Renderers are functions of a value, the time (``now``) and what the terminal can show
(:class:`Terminal`). They read no clock, no environment and no cache. The formats for programs
(JSON, CSV) load neither rich nor tabulate.
"""
