#!/usr/bin/env python3
"""Writes numbered lines to one log file until it is told to stop; every EVENTS-th is a true incident. A file that was
renamed is left for the new one, as daemons do that are not told. usage: writer.py PATH FIRST STEP STOPFILE EVENTS PAUSE"""
import os
import random
import sys
import time

path, number, step, stop = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
events, pause = int(sys.argv[5]), float(sys.argv[6])
rng = random.Random(number)


def reopen():
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)


def moved(fd):
    try:
        return os.stat(path).st_ino != os.fstat(fd).st_ino
    except FileNotFoundError:
        return True


fd = reopen()
written = open(os.path.join(os.path.dirname(path), "count-" + os.path.basename(path)), "w")      # matched by no pattern
while not os.path.exists(stop):
    if moved(fd):
        os.close(fd)
        fd = reopen()
    lines = []
    for _ in range(rng.randrange(1, 120)):
        now = time.strftime("%b %e %H:%M:%S", time.gmtime(time.time() + 9 * 3600))
        if number // step % events == 0:
            lines.append("%s host1 clamd[5]: /srv/n%d.bin: Win.Trojan.Torture-1 FOUND\n" % (now, number))
        else:
            lines.append("%s host1 cron[5]: routine line %d\n" % (now, number))
        number += step
    text = "".join(lines).encode()
    cut = rng.randrange(len(text)) if rng.random() < 0.3 else len(text)
    os.write(fd, text[:cut])               # half a line may be seen
    if cut < len(text):
        if rng.random() < 0.5:
            time.sleep(0.01)
        os.write(fd, text[cut:])
    written.seek(0)
    written.write("%d" % number)
    written.flush()
    time.sleep(rng.random() * pause)
