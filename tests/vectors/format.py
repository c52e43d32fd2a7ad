"""Reads format-v1 from its description alone (docs/format.md), and checks what it means, in the Python standard library.

    python3 tests/vectors/format.py

Shares no code with the library: AES and the expander are those of sampling.py, the transform is the one of ntt.py's sum. It checks every
checksum and id, expands the seeds, and then the mathematics: that public and switching keys are encryptions under the secret with errors
of at most 29, and that the ciphertexts decrypt to the coefficients of the plaintext.
"""
import contextlib
import hashlib
import io
import os
import struct

with contextlib.redirect_stdout(io.StringIO()):
    import sampling

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "format-v1")


def records(name):
    data, at = open(os.path.join(FOLDER, name + ".heann"), "rb").read(), 0
    found = []
    while at < len(data):
        header = data[at:at + 128]
        assert header[:5] == b"HEAN\x01" and hashlib.sha256(header[:112]).digest()[:16] == header[112:]
        size = struct.unpack_from("<Q", header, 8)[0]
        body, checksum = data[at + 128:at + 128 + size], data[at + 128 + size:at + 144 + size]
        assert hashlib.sha256(header + body).digest()[:16] == checksum
        found.append((header[5], struct.unpack_from("<H", header, 6)[0], header[16:48], header[48:64], header[64:112], body))
        at += 144 + size
    assert at == len(data)
    return found


def unpack(body, primes, degree):
    polynomials, at = [], 0
    for q in primes:
        bits = q.bit_length()
        size = (degree * bits + 7) // 8
        number = int.from_bytes(body[at:at + size], "little")
        limb = [number >> (i * bits) & ((1 << bits) - 1) for i in range(degree)]
        assert max(limb) < q and number >> (degree * bits) == 0
        polynomials.append(limb)
        at += size
    return polynomials, at


def uniform(seed, index, primes, degree):
    return [sampling.uniform(sampling.Reader(seed, index * 2**52 + q, 8 * (2 * degree + 400)), q, degree) for q in primes]


def root(q, degree):
    g = next(g for g in range(2, q) if pow(g, (q - 1) // 2, q) == q - 1)
    return pow(g, (q - 1) // (2 * degree), q)


def reverse(i, bits):
    return int(format(i, f"0{bits}b")[::-1], 2)


def forward(a, q):
    """The definition, folded: values at psi^(2 rev(i) + 1), by splitting even and odd coefficients."""
    degree = len(a)
    psi = root(q, degree)

    def at_powers(c, w):  # c at w^0, w^1, ...; w of order len(c)
        if len(c) == 1:
            return c
        even, odd = at_powers(c[::2], w * w % q), at_powers(c[1::2], w * w % q)
        half, out, t = len(c) // 2, [0] * len(c), 1
        for k in range(half):
            x = t * odd[k] % q
            out[k], out[k + half] = (even[k] + x) % q, (even[k] - x) % q
            t = t * w % q
        return out

    twisted = [x * pow(psi, k, q) % q for k, x in enumerate(a)]
    values = at_powers(twisted, psi * psi % q)
    bits = degree.bit_length() - 1
    return [values[reverse(i, bits)] for i in range(degree)]


def inverse(values, q):
    degree = len(values)
    psi, bits = root(q, degree), degree.bit_length() - 1
    ordered = [values[reverse(i, bits)] for i in range(degree)]
    w = pow(psi, -2, q)

    def at_powers(c, w):
        if len(c) == 1:
            return c
        even, odd = at_powers(c[::2], w * w % q), at_powers(c[1::2], w * w % q)
        half, out, t = len(c) // 2, [0] * len(c), 1
        for k in range(half):
            x = t * odd[k] % q
            out[k], out[k + half] = (even[k] + x) % q, (even[k] - x) % q
            t = t * w % q
        return out

    scale, back = pow(degree, -1, q), pow(psi, -1, q)
    return [x * scale * pow(back, k, q) % q for k, x in enumerate(at_powers(ordered, w))]


def centred(values, q):
    return [x - q if x > q // 2 else x for x in values]


(kind, flags, identity, key, fields, body), = records("parameters")
expander, log_n, dnum, count, special_count, default_scale = struct.unpack_from("<BBHHHd", fields)
N = 1 << log_n
primes = list(struct.unpack(f"<{count + special_count}Q", body))
Q, P = primes[:count], primes[count:]
assert kind == 1 and flags == 1 and expander == 1 and all(q % (2 * N) == 1 for q in primes)
described = b"heann-parameters" + struct.pack("<i", 1) + b"AES-256-CTR/1" + struct.pack("<ii", log_n, dnum)
for group in (Q, P):
    described += struct.pack("<i", len(group)) + struct.pack(f"<{len(group)}Q", *group)
assert hashlib.sha256(described).digest() == identity
print("parameters", "N", N, "Q", Q, "P", P)

(kind, flags, owner, KEY, salt, body), = records("secret")
assert kind == 2 and flags == 1 and owner == identity
s = [(body[i // 4] >> 2 * (i % 4) & 3) - 1 for i in range(N)]
assert set(s) == {-1, 0, 1}
domain = b"heann-secret-key/1" + identity + salt[:16]
derived = hashlib.pbkdf2_hmac("sha512", b"format, version 1", domain, 100_000, 48)
assert sampling.ternary(sampling.Reader(derived[:32], 0, 2 * N), N) == s and derived[32:] == KEY
S = {q: forward([x % q for x in s], q) for q in primes}
print("secret: the passphrase's")


def error(b, a, q, extra=None):
    phase = [(x + y * z) % q for x, y, z in zip(b, a, S[q])]
    if extra:
        phase = [(x - y) % q for x, y in zip(phase, extra)]
    return max(map(abs, centred(inverse(phase, q), q)))


(kind, _, owner, key, _, body), = records("public-key")
b, used = unpack(body[32:], Q + P[:1], N)
assert kind == 3 and key == KEY and used == len(body) - 32
errors = {error(x, y, q) for x, y, q in zip(b, uniform(body[:32], 0, Q + P[:1], N), Q + P[:1])}
assert max(errors) <= 29
print("public key: errors up to", max(errors))

index, *keys = records("evaluation")
key_count, total = struct.unpack_from("<IQ", index[4])
assert index[0] == 5 and key_count == len(keys)
offset = 144 + 24 * key_count
for i, (kind, _, owner, key, fields, body) in enumerate(keys):
    code, level, digit_count, k = struct.unpack_from("<IHHH", fields)
    assert struct.unpack_from("<IIQQ", index[5], 24 * i) == (code, level, offset, 144 + len(body))
    assert kind == 4 and owner == identity and key == KEY
    offset += 144 + len(body)
    basis = Q[:level + 1] + P[:k]
    ends = struct.unpack_from(f"<{digit_count}H", body)
    at, seed = 2 * digit_count + 32, body[2 * digit_count:2 * digit_count + 32]
    exponent = pow(5, -(code & 2**31 - 1), 2 * N) * (-1 if code >> 31 else 1) % (2 * N)  # the key switches to the inverse image
    largest = 0
    for d in range(digit_count):
        b, used = unpack(body[at:], basis, N)
        at += used
        a = uniform(seed, d, basis, N)
        for limb, q in enumerate(basis):
            if code == 0:
                source, target = [x * x % q for x in S[q]], S[q]
            else:
                image = [0] * N
                for j, x in enumerate(s):
                    e = j * exponent % (2 * N)
                    image[e % N] = (x if e < N else -x) % q
                source, target = S[q], forward(image, q)
            phase = [(x + y * z) % q for x, y, z in zip(b[limb], a[limb], target)]
            if (ends[d - 1] if d else 0) <= limb < ends[d]:
                factor = 1
                for p in P[:k]:
                    factor = factor * p % q
                phase = [(x - factor * y) % q for x, y in zip(phase, source)]
            largest = max(largest, max(map(abs, centred(inverse(phase, q), q))))
    assert at == len(body) and largest <= 29
    print("key", i, "automorphism", hex(code), "level", level, "digits", digit_count, "errors up to", largest)
assert offset == 144 + 24 * key_count + total

(kind, _, owner, _, fields, body), = records("plaintext")
level, log_m, form, scale = struct.unpack_from("<HBBd", fields)
m = centred(inverse(unpack(body, Q[:level + 1], N)[0][0], Q[0]), Q[0])
assert kind == 6 and log_m == log_n and form == 1

for name, bound in (("seeded", 29), ("public", 2000)):
    (kind, flags, owner, key, fields, body), = records(name)
    level, parts, form, scale = struct.unpack_from("<HBBd", fields)
    basis = Q[:level + 1]
    assert kind == 7 and key == KEY and parts == 2 and flags == (name == "seeded")
    c0, used = unpack(body[32 * flags:], basis, N)
    c1 = uniform(body[:32], 0, basis, N) if flags else unpack(body[used:], basis, N)[0]
    off = 0
    for q, x, y in zip(basis, c0, c1):
        phase = centred(inverse([(u + v * w) % q for u, v, w in zip(x, y, S[q])], q), q)
        off = max(off, max(abs(u - v) for u, v in zip(phase, centred([c % q for c in m], q))))
    assert off <= bound, off
    print(name, "ciphertext: off the plaintext by up to", off)

(kind, flags, owner, key, fields, body), = records("product")
level, parts, form, scale = struct.unpack_from("<HBBd", fields)
at, c = 0, []
for _ in range(3):
    part, used = unpack(body[at:], Q[:level + 1], N)
    c.append(part)
    at += used
(_, _, _, _, _, seeded), = records("seeded")
x0, x1 = unpack(seeded[32:], Q, N)[0], uniform(seeded[:32], 0, Q, N)
for i, q in enumerate(Q):
    assert c[0][i] == [u * u % q for u in x0[i]] and c[2][i] == [v * v % q for v in x1[i]]
    assert c[1][i] == [2 * u * v % q for u, v in zip(x0[i], x1[i])]
print("product: the seeded ciphertext's square")
