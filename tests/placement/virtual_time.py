"""Several runs of the handler at once, in an order that a seed decides and in time that nobody waits for.

Each run is a thread, of which one at a time moves: to the next pause of its own or to either end of a call to AWS. That
makes interleavings that a race between threads would reach only by luck, and makes them again.
"""

import heapq
import itertools
import random
import threading

SLOWEST_WAY = 0.1
"""Seconds that a request or an answer may be under way."""


class VirtualTime:
    """Decides who moves next."""

    def __init__(self, seed):
        self._random = random.Random(seed)  # noqa: S311 - makes an order, keeps no secret
        self._waiting = []
        self._order = itertools.count()
        self._mine = threading.local()
        self._back = threading.Semaphore(0)
        self._now = 0.0

    @property
    def now(self):
        return self._now

    def run(self, jobs):
        """Run all jobs to their ends and raise what one of them raised."""
        errors = []
        for job in jobs:
            threading.Thread(target=self._begin, args=(job, self._enter(0.0), errors), daemon=True).start()
        while self._waiting:
            self._now, _, turn = heapq.heappop(self._waiting)
            turn.release()
            self._back.acquire()
        if errors:
            raise errors[0]

    def wait(self, seconds):
        """Let the others move until the time has come."""
        turn = self._enter(seconds)
        self._back.release()
        turn.acquire()

    def travel(self):
        """Let a request or an answer be under way."""
        self.wait(self._random.uniform(0.0, SLOWEST_WAY))

    def _enter(self, seconds):
        turn = threading.Semaphore(0)
        heapq.heappush(self._waiting, (self._now + seconds, next(self._order), turn))
        return turn

    def _begin(self, job, turn, errors):
        turn.acquire()
        try:
            job()
        except Exception as error:  # noqa: BLE001 - raised again where the test waits
            errors.append(error)
        finally:
            self._back.release()
