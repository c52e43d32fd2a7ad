"""Writes fft.json: roots of unity and slots of the canonical embedding, from Python's decimal module alone.

    python3 tests/vectors/fft.py > tests/vectors/fft.json        (about ten seconds)

Nothing here is shared with the library: pi by Machin's formula, sine and cosine by their series at 60 digits for every angle anew,
slots by the definition z_j = m(exp(i pi 5^j / N)). Each number is rounded once, to the nearest double, and written as a hex float.
"transforms" are the butterflies in the documented order on Python's own doubles, which are never fused: they fix the results to the bit.
"""
import hashlib
import json
import struct
from decimal import Decimal, getcontext

getcontext().prec = 60


def arctan_inverse(x):
    total = term = Decimal(1) / x
    n, square = 1, x * x
    while abs(term) > Decimal(10) ** -65:
        term /= -square
        n += 2
        total += term / n
    return total


PI = 4 * (4 * arctan_inverse(5) - arctan_inverse(239))


def cos_sin(k, degree):
    """(cos, sin) of pi k / degree, 0 <= k <= degree / 4."""
    x = PI * k / degree
    cos, sin, term, n = Decimal(0), Decimal(0), Decimal(1), 0
    while term and abs(term) > Decimal(10) ** -58:
        if n % 2 == 0:
            cos += term
        else:
            sin += term
        n += 1
        term = term * x / n * (1 if n % 2 else -1)
    return cos, sin


def root(k, degree):
    """exp(i pi k / degree) for any k, by quarter turns."""
    k %= 2 * degree
    cos, sin = Decimal(1), Decimal(0)
    if degree == 1:
        return (cos, sin) if k == 0 else (-cos, sin)
    quarter, rest = divmod(k, degree // 2)
    if degree == 2:
        cos, sin = Decimal(1), Decimal(0)
    elif rest <= degree // 4:
        cos, sin = cos_sin(rest, degree)
    else:
        sin, cos = cos_sin(degree // 2 - rest, degree)
    for _ in range(quarter):
        cos, sin = -sin, cos
    return cos, sin


def hexadecimal(x):
    return float(x).hex()


def octant(degree):
    return [tuple(map(float, cos_sin(k, degree))) for k in range(degree // 4 + 1)]


def digest(degree):
    """SHA-256 of cos, sin (little-endian doubles) of pi k / degree, k = 0 ... degree / 4."""
    return hashlib.sha256(b"".join(struct.pack("<dd", *pair) for pair in octant(degree))).hexdigest()


def slots(degree):
    coefficients = [(37 * k * k + 11 * k + 5) % 41 - 20 for k in range(degree)]
    values, power = [], 1
    for _ in range(max(1, degree // 2)):
        re = im = Decimal(0)
        for k, m in enumerate(coefficients):
            cos, sin = ROOTS[degree][power * k % (2 * degree)]
            re += m * cos
            im += m * sin
        values.append([hexadecimal(re), hexadecimal(im if degree > 1 else 0)])
        power = power * 5 % (2 * degree)
    return {"ringDegree": degree, "coefficients": coefficients, "slots": values}


def twiddles(degree):
    """exp(i pi 5^j / 4h) at h + j, rounded."""
    table, first = [None] * (degree // 2), octant(degree)
    for h in (1 << i for i in range(degree.bit_length() - 2)):
        power = 1
        for j in range(h):
            quarter, rest = divmod(power * (degree // (4 * h)), degree // 2)
            cos, sin = first[rest] if rest <= degree // 4 else first[degree // 2 - rest][::-1]
            for _ in range(quarter % 4):
                cos, sin = -sin, cos
            table[h + j] = cos, sin
            power = power * 5 % (8 * h)
    return table


def reverse(k, bits):
    return int(format(k, "b").zfill(bits)[::-1], 2) if bits else 0


def fraction(k):
    """A number in [-1/2, 1/2) that is exact in a double."""
    return (k * 2654435761 + 12345) % 2 ** 32 / 2 ** 32 - 0.5


def transforms(degree):
    n, bits, table = degree // 2, degree.bit_length() - 2, twiddles(degree)
    re = [fraction(reverse(k, bits)) for k in range(n)]
    im = [fraction(reverse(k, bits) + n) for k in range(n)]
    for h in (1 << i for i in range(bits)):
        for a in (block + j for block in range(0, n, 2 * h) for j in range(h)):
            b, (c, s) = a + h, table[h + a % h]
            x, y = re[b] * c - im[b] * s, re[b] * s + im[b] * c
            re[a], im[a], re[b], im[b] = re[a] + x, im[a] + y, re[a] - x, im[a] - y
    forward = hashlib.sha256(struct.pack(f"<{degree}d", *re, *im)).hexdigest()
    re, im = [fraction(j) for j in range(n)], [fraction(j + n) for j in range(n)]
    for h in (1 << i for i in reversed(range(bits))):
        for a in (block + j for block in range(0, n, 2 * h) for j in range(h)):
            b, (c, s) = a + h, table[h + a % h]
            x, y = re[a] - re[b], im[a] - im[b]
            re[a], im[a], re[b], im[b] = re[a] + re[b], im[a] + im[b], x * c + y * s, y * c - x * s
    parts = [part[reverse(k, bits)] / n for part in (re, im) for k in range(n)]
    return {"ringDegree": degree, "forward": forward, "inverse": hashlib.sha256(struct.pack(f"<{degree}d", *parts)).hexdigest()}


def digits(k, degree):
    cos, sin = cos_sin(k, degree)
    return {"ringDegree": degree, "index": k, "cos": f"{cos:.40f}", "sin": f"{sin:.45f}"}


DEGREES = [1, 2, 4, 8, 16, 32, 64, 128]
ROOTS = {n: [root(k, n) for k in range(2 * n)] for n in DEGREES}
large = 1 << 17
print(json.dumps({
    "source": "independent: Python decimal, 60 digits",
    "command": "python3 tests/vectors/fft.py > tests/vectors/fft.json",
    "digits": [digits(k, n) for k, n in ((1, 4), (1, 8), (1, 16), (3, 16), (1, large), (12345, large))],
    "octants": [{"ringDegree": n, "roots": [[c.hex(), s.hex()] for c, s in octant(n)]} for n in (4, 64)],
    "samples": {"ringDegree": large, "roots": [[k, *map(hexadecimal, cos_sin(k, large))] for k in range(1, large // 4, 1489)]},
    "digests": [{"ringDegree": n, "sha256": digest(n)} for n in (1024, large)],
    "transforms": [transforms(n) for n in (16, 32, 512, 4096, 1 << 15, 1 << 16)],
    "embeddings": [slots(n) for n in DEGREES],
}, indent=None).replace("}, {", "},\n  {").replace("], \"", "],\n \""))
