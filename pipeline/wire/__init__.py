"""Wire copy: take lines, the body between dateline and trailer, who may read a take, plausible times.

Stages import this package; it imports only ``models`` and ``text``.
"""
