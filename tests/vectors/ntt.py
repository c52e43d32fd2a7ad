"""Known answers for the negacyclic number-theoretic transform, by its definition.

Standard library only; shares nothing with the C# code. For each ring degree N and prime q = 1 mod 2N:
    psi    = g^((q-1)/2N) for the least g >= 2 with g^((q-1)/2) = -1 mod q  (so psi^N = -1)
    out[i] = sum_k a_k * psi^(k * (2*brv(i) + 1)) mod q,   brv = reversal of log2(N) bits
Command, from the repository root: python3 tests/vectors/ntt.py > tests/vectors/ntt.json
"""

import json
import random

SEED = 20240731
DEGREES = (8, 16, 64)
BIT_COUNTS = (25, 36, 45, 50)


def is_prime(n):
    # Miller-Rabin; the first twelve primes as bases decide every n < 3.3e24 (Sorenson, Webster 2017).
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
    if n < 2 or any(n % b == 0 for b in bases):
        return n in bases
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for b in bases:
        x = pow(b, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def largest_prime(bits, degree):
    q = (2**bits - 1) // (2 * degree) * (2 * degree) + 1
    while q >= 2**bits or not is_prime(q):
        q -= 2 * degree
    return q


def root(q, degree):
    g = 2
    while pow(g, (q - 1) // 2, q) != q - 1:
        g += 1
    return pow(g, (q - 1) // (2 * degree), q)


def reverse(i, bits):
    return int(format(i, f"0{bits}b")[::-1], 2)


def transform(a, psi, q):
    n = len(a)
    bits = n.bit_length() - 1
    return [sum(x * pow(psi, k * (2 * reverse(i, bits) + 1), q) for k, x in enumerate(a)) % q for i in range(n)]


def main():
    rng = random.Random(SEED)
    cases = []
    for degree in DEGREES:
        for bits in BIT_COUNTS:
            q = largest_prime(bits, degree)
            psi = root(q, degree)
            assert pow(psi, degree, q) == q - 1
            inputs = [
                [0, 1] + [0] * (degree - 2),
                [q - 1] * degree,
                [rng.randrange(q) for _ in range(degree)],
            ]
            for a in inputs:
                cases.append({"degree": degree, "prime": q, "root": psi, "input": a, "output": transform(a, psi, q)})
    print('{\n"source": "naive evaluation in Python integers; see ntt.py",')
    print('"command": "python3 tests/vectors/ntt.py > tests/vectors/ntt.json",')
    print(f'"seed": {SEED},\n"cases": [')
    print(",\n".join(json.dumps(case) for case in cases))
    print("]\n}")


main()
