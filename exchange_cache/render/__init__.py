"""Values become text here and nowhere else: every figure arrives exact, and is rounded only on its
way to a screen.

Renderers are functions of a value, the moment (``now``) and what the terminal can show
(:class:`Terminal`); they read no clock, no environment and no cache. Formats that programs read
(json, csv) load neither rich nor tabulate.
"""
