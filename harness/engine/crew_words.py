"""What master and workers of one load say to each other, in Locust's own messages.

    master → worker   BEGIN   what the load is: plan, seed, run, number of this worker (again until JOINED comes)
    worker → master   JOINED  ready, or why not
    master → worker   CLOCK   what time is it? (answered by CLOCK)
    master → worker   WORD    what has arrived, until when guests may be let in, who lets in which, when it all began
    worker → master   BEAT    a second: figures and what changed in the book, numbered; told again until a WORD has it
    worker → master   DONE    the guests of an open load are through
    master → worker   FINISH  the load is over: tell the rest
    worker → master   FINAL   the last beat

Beats are deltas: the master takes each number once and in its order. A worker without a WORD for ``LEASE_S`` lets nobody in
any more: the master, who has not heard of it either, has given its share to others by then.
"""

from __future__ import annotations

_NAMES = ("begin", "joined", "clock", "word", "beat", "done", "finish", "final")
BEGIN, JOINED, CLOCK, WORD, BEAT, DONE, FINISH, FINAL = (f"harness_{name}" for name in _NAMES)

STRIDE = 1024
"""Most workers of one load: guests and orders of worker *i* are numbered *i* modulo this."""
LEASE_S = 3.0
"""So long a worker may send without a word of its master."""
AGAIN_S = 2.0
"""A beat that nobody has confirmed for so long is told again."""
LOST_AFTER_S = 5.0
"""A worker that tells nothing for so long, though it ought to each second, is given up when the load ends."""
LOOK_S = 0.01
