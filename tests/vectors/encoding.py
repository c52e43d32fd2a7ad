"""The hash of SlotEncoderExactnessTests.Encode_MatchesTheCommittedHash, from the definitions, in integers: no FFT, no NTT, no double.

python3 tests/vectors/encoding.py        needs mpmath; prints SHA-256 over the residues of the encoding at scale 2^40 in N10L5Dnum3.
"""
import hashlib
import struct
import sys
from mpmath import mp, mpf, cos, pi, floor

N, SCALE_BITS, FIXED = 1024, 40, 300
mp.prec = 400


def is_prime(n):
    if any(n % b == 0 for b in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for b in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        x = pow(b, d, n)
        if x not in (1, n - 1) and all((x := x * x % n) != n - 1 for _ in range(r - 1)):
            return False
    return True


def nearest(bits, count, taken):
    """Nearest to 2^bits, q = 1 mod 2N, below 2^50."""
    found = [q for q in range(2**bits + 1 - 2000 * 2 * N, 2**bits + 2000 * 2 * N, 2 * N) if q < 2**50 and q not in taken and is_prime(q)]
    return sorted(found, key=lambda q: (abs(q - 2**bits), q))[:count]


special = nearest(50, 2, [])
primes = nearest(50, 1, special)
primes += nearest(40, 5, special + primes)

state = 12345
values = []
for _ in range(N):
    state = (state * 1664525 + 1013904223) % 2**32
    values.append(mpf(state) / 2**31 - 1)
slots = [(values[2 * j], values[2 * j + 1]) for j in range(N // 2)]

cosines = [int(floor(cos(pi * k / N) * mpf(2)**FIXED)) for k in range(2 * N)]
slots = [(int(a * 2**40), int(b * 2**40)) for a, b in slots]  # exact: multiples of 2^-31
coefficients, margin = [], 1.0
for k in range(N):
    total = 0
    for j, (a, b) in enumerate(slots):
        e = pow(5, j, 2 * N) * k % (2 * N)
        total += a * cosines[e] + b * cosines[(e - N // 2) % (2 * N)]
    exact = mpf(total) * 2 / N * mpf(2)**(SCALE_BITS - 40 - FIXED)
    coefficients.append(int(floor(exact + mpf(1) / 2)))
    margin = min(margin, abs(float(exact - floor(exact)) - 0.5))


def brv(i):
    return int(format(i, "010b")[::-1], 2)


data = b""
for q in primes:
    g = next(g for g in range(2, 1000) if pow(g, (q - 1) // 2, q) == q - 1)
    psi = pow(g, (q - 1) // (2 * N), q)
    powers = [1]
    for _ in range(2 * N - 1):
        powers.append(powers[-1] * psi % q)
    reduced = [c % q for c in coefficients]
    for i in range(N):
        point = 2 * brv(i) + 1
        data += struct.pack("<Q", sum(c * powers[k * point % (2 * N)] for k, c in enumerate(reduced)) % q)

print(hashlib.sha256(data).hexdigest())
print(f"closest coefficient to a tie: {margin:.1e}", file=sys.stderr)
