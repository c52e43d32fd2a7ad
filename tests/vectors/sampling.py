"""Writes sampling.json: the expander AES-256-CTR/1 and the samplers over it, from the Python standard library alone.

    python3 tests/vectors/sampling.py > tests/vectors/sampling.json

The AES here is FIPS 197 written out; it is checked against the example of its appendix C.3 before anything is printed.
"""
import json
from fractions import Fraction
from decimal import Decimal, getcontext

getcontext().prec = 60


def multiply(x, y):
    product = 0
    while y:
        product ^= x if y & 1 else 0
        x = x << 1 ^ (0x11B if x & 0x80 else 0)
        y >>= 1
    return product


def substitution(x):
    inverse = next((y for y in range(1, 256) if multiply(x, y) == 1), 0)
    bits = [inverse >> i & 1 for i in range(8)]
    return sum((bits[i] ^ bits[(i + 4) % 8] ^ bits[(i + 5) % 8] ^ bits[(i + 6) % 8] ^ bits[(i + 7) % 8] ^ 0x63 >> i & 1) << i for i in range(8))


SBOX = [substitution(x) for x in range(256)]
DOUBLE = [multiply(x, 2) for x in range(256)]


def expand_key(key):
    words, constant = [list(key[i:i + 4]) for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        word = list(words[-1])
        if i % 8 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= constant
            constant = multiply(constant, 2)
        elif i % 8 == 4:
            word = [SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[i - 8], word)])
    return [sum(words[i:i + 4], []) for i in range(0, 60, 4)]


def encrypt(round_keys, block):
    state = [a ^ b for a, b in zip(block, round_keys[0])]
    for number, key in enumerate(round_keys[1:], 1):
        state = [SBOX[state[(5 * i) % 16]] for i in range(16)]
        if number < 14:
            mixed = []
            for c in range(0, 16, 4):
                a = state[c:c + 4]
                everything = a[0] ^ a[1] ^ a[2] ^ a[3]
                mixed += [a[i] ^ everything ^ DOUBLE[a[i] ^ a[(i + 1) % 4]] for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, key)]
    return bytes(state)


def stream(seed, index, count):
    """The first count bytes of stream number index."""
    keys = expand_key(seed)
    blocks = (count + 15) // 16
    return b"".join(encrypt(keys, index.to_bytes(8, "little") + b.to_bytes(8, "little")) for b in range(blocks))[:count]


class Reader:
    def __init__(self, seed, index, limit):
        self.data, self.at = stream(seed, index, limit), 0

    def take(self, count):
        self.at += count
        assert self.at <= len(self.data)
        return int.from_bytes(self.data[self.at - count:self.at], "little")


def uniform(reader, q, count):
    values, mask = [], (1 << q.bit_length()) - 1
    while len(values) < count:
        candidate = reader.take(8) & mask
        if candidate < q:
            values.append(candidate)
    return values


def ternary(reader, count):
    values = []
    while len(values) < count:
        candidate = reader.take(1) & 3
        if candidate < 3:
            values.append(candidate - 1)
    return values


def gaussian_thresholds():
    rho = [(Decimal(-25 * k * k) / 512).exp() for k in range(60)]
    total = rho[0] + 2 * sum(rho[1:])
    table, mass = [], Decimal(0)
    for k, weight in enumerate(rho):
        mass += weight if k == 0 else 2 * weight
        threshold = round(Fraction(mass) / Fraction(total) * 2 ** 63)
        if threshold == 2 ** 63:
            return table
        table.append(threshold)


THRESHOLDS = gaussian_thresholds()


def gaussian(reader, count):
    values = []
    for _ in range(count):
        word = reader.take(8)
        magnitude = sum(word >> 1 >= t for t in THRESHOLDS)
        values.append(-magnitude if word & 1 else magnitude)
    return values


fips = encrypt(expand_key(bytes(range(32))), bytes.fromhex("00112233445566778899aabbccddeeff"))
assert fips.hex() == "8ea2b7ca516745bfeafc49904b496089"
SEED = bytes(range(100, 132))
print(json.dumps({
    "source": "independent: Python standard library, FIPS 197 written out",
    "command": "python3 tests/vectors/sampling.py > tests/vectors/sampling.json",
    "expander": "AES-256-CTR/1",
    "seed": SEED.hex(),
    "streams": [{"stream": s, "bytes": stream(SEED, s, 80).hex()} for s in (0, 1, 0x0123456789ABCDEF, 2 ** 64 - 1)],
    "uniform": [{"stream": s, "modulus": q, "values": uniform(Reader(SEED, s, 4000), q, 24)}
                for s, q in ((0, 3), (1, 7), (2, 134250497), (3, 1125899904679937))],
    "ternary": {"stream": 4, "values": ternary(Reader(SEED, 4, 400), 100)},
    "gaussian": {"stream": 5, "thresholds": THRESHOLDS, "values": gaussian(Reader(SEED, 5, 2400), 300)},
}, indent=None).replace('], "', '],\n "').replace('}, {', '},\n  {'))
