# SPDX-License-Identifier: Apache-2.0
"""The methods of `select` as docs/selectors.md defines them: slow, in numpy, and without a look at the program."""
import math

import numpy as np

from farpoint import canonical

NO_LIMIT = 2**64 - 1
CURATED = 2**64 - 1


class Books:
    """What may still be taken: records, tokens, and of each label at least and at most so many."""

    def __init__(self, labels=None, tokens=None, records=None, most_tokens=None, least=None, most=None):
        self.labels, self.tokens = labels, tokens
        self.records, self.most_tokens = records, most_tokens
        self.least, self.most = dict(least or {}), dict(most or {})
        self.counts, self.taken, self.spent, self.ended = {}, 0, 0, False
        self.names = set() if labels is None else set(labels)

    def count(self, name):
        return self.counts.get(name, 0)

    def fills_minima(self):
        return any(self.count(name) < least for name, least in self.least.items())

    def is_full(self):
        if self.ended or (self.records is not None and self.taken >= self.records):
            return True
        return bool(self.most) and all(self.count(name) >= self.most.get(name, NO_LIMIT) for name in self.names)

    def is_open(self, i):
        if self.labels is None:
            return True
        name = self.labels[i]
        return self.count(name) < (self.least.get(name, 0) if self.fills_minima() else self.most.get(name, NO_LIMIT))

    def enter(self, i):
        self.taken += 1
        self.spent += 0 if self.tokens is None else int(self.tokens[i])
        if self.labels is not None:
            self.counts[self.labels[i]] = self.count(self.labels[i]) + 1

    def take(self, i):
        if self.most_tokens is not None and self.spent + int(self.tokens[i]) > self.most_tokens:
            self.ended = True
            return False
        self.enter(i)
        return True

    def give_up_minima(self):
        self.least = {}


def walk(order, books: Books, must_keep=(), is_out=lambda i: False, keep=lambda i: None) -> list:
    """Places in the order of choice. `is_out` is asked of a record when its turn comes; `keep` is told what is kept."""
    chosen, gone = list(must_keep), set(must_keep)
    for i in chosen:
        books.enter(i)
        keep(i)
    while not books.is_full():
        i = next((i for i in order if i not in gone and books.is_open(i)), None)
        if i is None:
            if not books.fills_minima():
                break
            books.give_up_minima()
            continue
        gone.add(i)
        if is_out(i):
            continue
        if not books.take(i):
            break
        chosen.append(int(i))
        keep(i)
    return chosen


def descending(values: np.ndarray) -> np.ndarray:
    """Places by falling values, NaN last, the first place of equal ones."""
    values = np.asarray(values, dtype=np.float64)
    return np.lexsort((np.arange(len(values)), np.where(np.isnan(values), 0, -values), np.isnan(values)))


def shown(metric: str, value):
    return np.sqrt(value) if metric == "l2" else value


def least(metric: str, rows: np.ndarray, targets) -> np.ndarray:
    """The canonical value of each row to the nearest target."""
    return np.min([np.full(len(rows), np.inf)] + [canonical(metric, one, rows) for one in (() if targets is None else targets)],
                  axis=0)


def k_center(metric, rows, books, start=None, score=None, barred=None, must_keep=(), radius=None, first=None):
    """Places, distances at the moment of choice, and the largest distance left."""
    factor = np.ones(len(rows)) if score is None else score * score if metric == "l2" else score
    best, left = least(metric, rows, start), np.ones(len(rows), dtype=bool)
    allowed = left.copy() if barred is None else ~barred
    chosen, distances = [], []

    def choose(i):
        nonlocal best
        chosen.append(int(i))
        distances.append(shown(metric, factor[i] * best[i]))
        left[i] = False
        best = np.minimum(best, canonical(metric, rows[i], rows))

    for i in must_keep:
        books.enter(i)
        choose(i)
    while not books.is_full():
        open_now = np.array([i for i in np.flatnonzero(left & allowed) if books.is_open(i)], dtype=int)
        if len(open_now) == 0:
            if not books.fills_minima():
                break
            books.give_up_minima()
            continue
        values = factor * best
        if not chosen and start is None:
            values = np.zeros(len(rows)) if score is None else score
            if first is not None:
                values = -first.astype(np.float64)
        i = open_now[np.argmax(values[open_now])]
        if not books.fills_minima() and radius is not None and shown(metric, (factor * best)[i]) <= radius:
            break
        if not books.take(i):
            break
        choose(i)
    return chosen, np.array(distances), shown(metric, (factor * best)[left].max()) if left.any() else 0.0


def leaders(metric, rows, order, threshold, books, start=None, must_keep=()):
    """Records of which no kept one is near: places and the distance to the nearest kept before."""
    best, distances = least(metric, rows, start), []

    def is_near(i):
        return np.sqrt(best[i]) <= threshold if metric == "l2" else best[i] <= 1 - threshold

    def keep(i):
        distances.append(shown(metric, best[i]))
        np.minimum(best, canonical(metric, rows[i], rows), out=best)

    return walk(order, books, must_keep, is_near, keep), np.array(distances)


def in_turns(metric, rows, targets, books, must_keep=()):
    """Each target in its turn takes the record nearest to it: places, distances, targets."""
    values = np.stack([canonical(metric, target, rows) for target in targets])
    chosen, distances, takers = list(must_keep), [math.nan] * len(must_keep), [CURATED] * len(must_keep)
    for i in must_keep:
        books.enter(i)
    left, turn = set(range(len(rows))) - set(must_keep), 0
    while not books.is_full():
        possible = np.array(sorted(i for i in left if books.is_open(i)), dtype=int)
        if len(possible) == 0:
            if not books.fills_minima():
                break
            books.give_up_minima()
            continue
        i = int(possible[np.argmin(values[turn][possible])])
        if not books.take(i):
            break
        chosen.append(i)
        distances.append(shown(metric, values[turn][i]))
        takers.append(turn)
        left.remove(i)
        turn = (turn + 1) % len(targets)
    return chosen, np.array(distances), np.array(takers, dtype=np.uint64)


def neighbours(metric, rows, k):
    """[n, k] places of the nearest others, and their canonical values; the lowest place of equal ones."""
    places, values = [], []
    for i in range(len(rows)):
        to = canonical(metric, rows[i], rows)
        to[i] = np.inf
        order = np.lexsort((np.arange(len(rows)), to))[:k]
        places.append(order)
        values.append(to[order])
    return np.array(places), np.array(values)


def similarity(metric, value) -> np.ndarray:
    """In units of 2^-31."""
    real = 1 / (1 + np.sqrt(value)) if metric == "l2" else 1 - value
    return np.floor(np.clip(real, 0, 1) * 2**31 + 0.5).astype(np.int64)


def facility_location(metric, rows, k, books, start=None, must_keep=()):
    """Places and gains of the greedy on the graph of the k nearest."""
    n = len(rows)
    places, values = neighbours(metric, rows, k)
    edges = np.full((n, n), -1, dtype=np.int64)  # [covered, by]
    np.put_along_axis(edges, places, similarity(metric, values), axis=1)
    np.fill_diagonal(edges, 2**31)
    cover = np.zeros(n, dtype=np.int64) if start is None else similarity(metric, least(metric, rows, start))
    chosen, gains = [], []

    def choose(i, gain):
        nonlocal cover
        chosen.append(int(i))
        gains.append(gain / 2**31)
        cover = np.maximum(cover, edges[:, i])

    def all_gains():
        return np.maximum(edges - cover[:, None], 0).sum(axis=0)

    for i in must_keep:
        books.enter(i)
        choose(i, all_gains()[i])
    while not books.is_full():
        possible = np.array([i for i in range(n) if i not in chosen and books.is_open(i)], dtype=int)
        if len(possible) == 0:
            if not books.fills_minima():
                break
            books.give_up_minima()
            continue
        gain = all_gains()
        i = possible[np.argmax(gain[possible])]
        if not books.take(i):
            break
        choose(i, gain[i])
    return chosen, np.array(gains)


def assign(metric, rows, ids, chosen, start=None):
    """The id of each record's nearest chosen one and the distance to it; CURATED where a curated vector is nearer."""
    nearest, best = np.full(len(rows), CURATED, dtype=np.uint64), np.full(len(rows), np.inf)
    for i in sorted(chosen):
        to = canonical(metric, rows[i], rows)
        nearest[to < best] = ids[i]
        best = np.minimum(best, to)
    curated = least(metric, rows, start)
    nearest[curated < best] = CURATED
    best = np.minimum(best, curated)
    nearest[chosen], best[chosen] = ids[chosen], 0
    return nearest, shown(metric, best)


def largest_remainders(weights, records: int) -> list:
    """Whole numbers in proportion to the weights; the first of equal remainders."""
    wishes = np.asarray(weights, dtype=np.float64) / np.sum(weights) * records
    parts = np.floor(wishes).astype(int)
    for place in np.lexsort((np.arange(len(parts)), -(wishes - parts)))[:records - parts.sum()]:
        parts[place] += 1
    return parts.tolist()


def philox(seed: int, stream: int, counter: int) -> int:
    """Philox4x32-10 (Salmon et al. 2011), as Random123 defines it: the first two words."""
    block = [counter & 0xFFFFFFFF, counter >> 32, stream & 0xFFFFFFFF, stream >> 32]
    key = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * block[0], 2**32)
        high1, low1 = divmod(0xCD9E8D57 * block[2], 2**32)
        block = [high1 ^ block[1] ^ key[0], low1, high0 ^ block[3] ^ key[1], low0]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return block[1] << 32 | block[0]


def random_order(seed: int, ids) -> np.ndarray:
    """Places in the order in which the seed draws them."""
    keys = np.array([philox(seed, int.from_bytes(b"subset", "big"), int(one)) for one in ids], dtype=np.uint64)
    return np.argsort(keys, kind="stable")


def gumbel(seed: int, ids) -> np.ndarray:
    bits = [philox(seed, int.from_bytes(b"gumbel", "big"), int(one)) >> 12 for one in ids]
    return np.array([-math.log(-math.log((one + 0.5) * 2.0**-52)) for one in bits])


def bfloat16(rows: np.ndarray) -> np.ndarray:
    """To the nearest number of which the lower half of the bits is zero, ties to even."""
    bits = rows.astype(np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def quantile(values: np.ndarray, share: float) -> float:
    """The smallest value that at least this share does not exceed."""
    return np.sort(values)[max(math.ceil(share * len(values)), 1) - 1]
