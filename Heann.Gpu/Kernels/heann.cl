// Polynomials in Z_q[X]/(X^N + 1) on a GPU: one source for every OpenCL driver, and for NVIDIA's through PTX (tools/kernels).
//
// Memory is one array of 8-byte words; polynomials, tables and constants are named by the index of their first word. A residue is a double
// with an integer value in [-(q-1)/2, (q-1)/2], exact throughout: products by fused multiply-add, which OpenCL rounds correctly.
// Nothing but the order of additions may be left to the compiler, hence no contraction.
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF

#define MAX_BLOCKS 24
#define TILE 2048
#define GROUP 256
#define ZERO (~0UL)

// Arguments of every kernel; GpuCall.cs has the same layout.
typedef struct {
    ulong x[MAX_BLOCKS], y[MAX_BLOCKS], d[MAX_BLOCKS]; // first words of operands and destinations, one a block
    ulong basis;                                       // limbs, 8 words each: see Limb
    ulong t0, t1, t2;                                  // tables of the kernel
    int n, logn;                                       // ring degree
    int p0, p1, p2, p3, p4, p5, p6, p7;                // numbers of the kernel
} Call;

typedef struct { double q, r, h; } Limb; // q, 1/q as Modulus.Reciprocal has it, q/2 (no integer)

static Limb limb_at(__global const double *m, ulong basis, size_t i)
{
    Limb l;
    l.q = m[basis + 8 * i];
    l.r = m[basis + 8 * i + 1];
    l.h = 0.5 * l.q;
    return l;
}

static ulong word_at(__global const double *m, ulong at) { return as_ulong(m[at]); }

// x mod q for |x| < 2^52, |result| <= q/2 + 1.
static double reduce(double x, Limb l) { return fma(-rint(x * l.r), l.q, x); }

// To the representative nearest to 0, from less than q beyond it.
static double centre(double x, Limb l) { x -= x > l.h ? l.q : 0.0; return x + (x < -l.h ? l.q : 0.0); }

// x*w mod q: h + e is the product, exactly, and h - c*q is exact because it is below 2^53. |x| <= 4q and |w| <= q/2 give |result| < 1.3q;
// |x|, |w| <= q/2, or |x| < 2^49 and |w| <= q/2, give |result| < 0.6q.
static double multiply(double x, double w, Limb l)
{
    double h = x * w;
    double e = fma(x, w, -h);
    double c = rint(h * l.r);
    return fma(-c, l.q, h) + e;
}

static double product(double x, double w, Limb l) { return centre(multiply(x, w, l), l); }

static uint reversed(uint x, int bits)
{
    x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
    x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
    x = (x >> 4 & 0x0F0F0F0Fu) | (x & 0x0F0F0F0Fu) << 4;
    x = (x >> 8 & 0x00FF00FFu) | (x & 0x00FF00FFu) << 8;
    x = x >> 16 | x << 16;
    return bits == 0 ? 0u : x >> (32 - bits);
}

// Value k of x(X^g) is value source(k) of x: k belongs to the point psi^(2 rev(k) + 1).
static uint source(uint k, uint g, int logn)
{
    return g == 1u ? k : reversed((g * (2u * reversed(k, logn) + 1u) & ((2u << logn) - 1u)) >> 1, logn);
}

// ---- transfers ----

// In place: p0 = 0: canonical 64-bit integers -> residues; 1: residues -> canonical integers, into d.
__kernel void exchange(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1);
    if (k >= c.n) return;
    ulong at = i * c.n + k;
    Limb l = limb_at(m, c.basis, i);
    if (c.p0 == 0) {
        m[c.d[0] + at] = centre((double)word_at(m, c.x[0] + at), l);
    } else {
        double v = m[c.x[0] + at];
        m[c.d[0] + at] = as_double((ulong)(v < 0 ? v + l.q : v));
    }
}

// Integer-valued doubles of any size at x, the same for all limbs: mantissa and power of two are reduced apart.
__kernel void integers(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1);
    if (k >= c.n) return;
    Limb l = limb_at(m, c.basis, i);
    double x = m[c.x[0] + k];
    double size = fabs(x), result;
    if (size < 0x1p52) {
        result = centre(reduce(size, l), l);
    } else {
        ulong bits = as_ulong(size);
        int exponent = (int)(bits >> 52) - 1075;
        ulong mantissa = (bits & 0xFFFFFFFFFFFFFUL) | 0x10000000000000UL;
        result = centre(reduce((double)(mantissa >> 27), l), l);
        result = product(result, centre(reduce(0x1p27, l), l), l);
        result = centre(result + centre(reduce((double)(mantissa & 0x7FFFFFFUL), l), l), l);
        double square = centre(reduce(2.0, l), l);
        for (; exponent > 0; exponent >>= 1) {
            if (exponent & 1) result = product(result, square, l);
            square = product(square, square, l);
        }
    }
    m[c.d[0] + (ulong)i * c.n + k] = x < 0 ? -result : result;
}

// ---- value by value ----

__kernel void clear(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    if (k >= c.n) return;
    m[c.d[0] + get_global_id(1) * (ulong)c.n + k] = 0.0;
}

// p0: 0 x+y, 1 x-y, 2 -x, 3 x*y, 4 d+x*y, 5 x, 6 s*x, 7 d+s*x. y is compact: value k of N stands at k >> p1. s at t0, one a limb.
__kernel void elementwise(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1), block = get_global_id(2);
    if (k >= c.n) return;
    Limb l = limb_at(m, c.basis, i);
    ulong at = i * c.n + k;
    double x = m[c.x[block] + at];
    double y = c.p0 == 2 || c.p0 == 5 ? 0.0
        : c.p0 >= 6 ? m[c.t0 + i] : m[c.y[block] + i * (ulong)(c.n >> c.p1) + (k >> c.p1)];
    double old = c.p0 == 4 || c.p0 == 7 ? m[c.d[block] + at] : 0.0;
    double z;
    switch (c.p0) {
        case 0: z = centre(x + y, l); break;
        case 1: z = centre(x - y, l); break;
        case 2: z = -x; break;
        case 5: z = x; break;
        default: z = centre(old + product(x, y, l), l); break;
    }
    m[c.d[block] + at] = z;
}

// d(X) <- x(X^g). p0 = g, p1 = 1/g mod 2N; p2: 0 Coefficient form, 1 Evaluation form.
__kernel void automorphism(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1), block = get_global_id(2);
    if (k >= c.n) return;
    ulong limb = i * c.n;
    double z;
    if (c.p2) {
        z = m[c.x[block] + limb + source(k, c.p0, c.logn)];
    } else {
        uint from = k * (uint)c.p1 & (2u * c.n - 1u);
        z = m[c.x[block] + limb + (from & (c.n - 1u))];
        z = from >= (uint)c.n ? -z : z;
    }
    m[c.d[block] + limb + k] = z;
}

// ---- transforms ----
// A pass does p1 = L levels from level p0 on, of 2^L points each, in a tile of 2^L rows and 2^p2 columns (TILE values, or all N). Columns are
// neighbouring values in the upper pass and whole blocks in the lower one (p3 = 1), the one whose last level is the transform's.
// Limbs p4 ... p5 - 1 of a block are left out: the grid's limbs skip them.

typedef struct { ulong limb, values, twiddles; uint block, column, s; Limb l; } Tile;

static Tile tile_at(__global const double *m, const Call *c, int twiddles)
{
    Tile t;
    size_t i = get_global_id(1);
    if (i >= c->p4) i += c->p5 - c->p4;
    t.limb = i;
    t.l = limb_at(m, c->basis, i);
    t.twiddles = word_at(m, c->basis + 8 * i + twiddles);
    t.values = c->d[get_global_id(2)] + i * (ulong)c->n;
    uint group = get_group_id(0);
    t.s = (uint)c->n >> (c->p0 + c->p1); // distance of rows
    if (c->p3) {
        t.block = group << c->p2;
        t.column = 0;
    } else {
        uint tiles = t.s >> c->p2; // of a block
        t.block = group / tiles;
        t.column = (group % tiles) << c->p2;
    }
    return t;
}

// Where value v of the tile is in the limb.
static ulong place(Tile t, const Call *c, uint v)
{
    return c->p3 ? ((ulong)t.block << c->p1) + v
        : ((ulong)t.block * ((uint)c->n >> c->p0)) + (ulong)(v >> c->p2) * t.s + t.column + (v & ((1u << c->p2) - 1u));
}

// Positions of one item of R levels from sub-level j on: the first of its values, their distance, and the index of its block.
#define ITEM(R) \
    uint rows = c->p3 ? item & ((1u << (c->p1 - R)) - 1u) : item >> c->p2; \
    uint outer = c->p3 ? item >> (c->p1 - R) : item & ((1u << c->p2) - 1u); \
    int below = c->p1 - j - R; \
    uint part = rows >> below; \
    uint row = (part << (below + R)) + (rows & ((1u << below) - 1u)); \
    uint step = (1u << below) << (c->p3 ? 0 : c->p2); \
    uint first = c->p3 ? (outer << c->p1) + row : (row << c->p2) + outer; \
    uint block = ((t.block + (c->p3 ? outer : 0u)) << j) + part;

#define FORWARD(R) \
static void forward_##R(__global const double *m, __local double *a, Tile t, const Call *c, int j) \
{ \
    uint count = ((1u << (c->p1 + c->p2)) >> R); \
    for (uint item = get_local_id(0); item < count; item += GROUP) { \
        ITEM(R) \
        double v[1 << R]; \
        for (int e = 0; e < 1 << R; e++) v[e] = a[first + e * step]; \
        for (int u = 0; u < R; u++) { \
            int gap = 1 << (R - u - 1); \
            for (int e = 0; e < 1 << R; e++) { \
                if (e & gap) continue; \
                double w = m[t.twiddles + (1u << (c->p0 + j + u)) + (block << u) + (e >> (R - u))]; \
                double z = multiply(v[e + gap], w, t.l); \
                v[e + gap] = v[e] - z; \
                v[e] = v[e] + z; \
            } \
        } \
        for (int e = 0; e < 1 << R; e++) a[first + e * step] = reduce(v[e], t.l); \
    } \
}

#define INVERSE(R) \
static void inverse_##R(__global const double *m, __local double *a, Tile t, const Call *c, int j) \
{ \
    uint count = ((1u << (c->p1 + c->p2)) >> R); \
    for (uint item = get_local_id(0); item < count; item += GROUP) { \
        ITEM(R) \
        double v[1 << R]; \
        for (int e = 0; e < 1 << R; e++) v[e] = a[first + e * step]; \
        for (int u = R - 1; u >= 0; u--) { \
            int gap = 1 << (R - u - 1); \
            for (int e = 0; e < 1 << R; e++) { \
                if (e & gap) continue; \
                double w = m[t.twiddles + (1u << (c->p0 + j + u)) + (block << u) + (e >> (R - u))]; \
                double z = v[e] - v[e + gap]; \
                v[e] = v[e] + v[e + gap]; \
                v[e + gap] = multiply(z, w, t.l); \
            } \
        } \
        for (int e = 0; e < 1 << R; e++) a[first + e * step] = reduce(v[e], t.l); \
    } \
}

FORWARD(1)
FORWARD(2)
FORWARD(3)
INVERSE(1)
INVERSE(2)
INVERSE(3)

__kernel void ntt_forward(__global double *m, const Call c)
{
    __local double a[TILE];
    Tile t = tile_at(m, &c, 2);
    uint count = 1u << (c.p1 + c.p2);
    for (uint v = get_local_id(0); v < count; v += GROUP) a[v] = m[t.values + place(t, &c, v)];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int j = 0; j < c.p1;) {
        int left = c.p1 - j;
        if (left >= 3 && left != 4) {
            forward_3(m, a, t, &c, j);
            j += 3;
        } else if (left >= 2) {
            forward_2(m, a, t, &c, j);
            j += 2;
        } else {
            forward_1(m, a, t, &c, j);
            j += 1;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (uint v = get_local_id(0); v < count; v += GROUP) m[t.values + place(t, &c, v)] = centre(a[v], t.l);
}

// p6: the last pass multiplies by 1/N.
__kernel void ntt_inverse(__global double *m, const Call c)
{
    __local double a[TILE];
    Tile t = tile_at(m, &c, 3);
    uint count = 1u << (c.p1 + c.p2);
    for (uint v = get_local_id(0); v < count; v += GROUP) a[v] = m[t.values + place(t, &c, v)];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int left = c.p1; left > 0;) {
        if (left >= 3 && left != 4) {
            left -= 3;
            inverse_3(m, a, t, &c, left);
        } else if (left >= 2) {
            left -= 2;
            inverse_2(m, a, t, &c, left);
        } else {
            left -= 1;
            inverse_1(m, a, t, &c, left);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    double scale = m[c.basis + 8 * t.limb + 4];
    for (uint v = get_local_id(0); v < count; v += GROUP)
        m[t.values + place(t, &c, v)] = c.p6 ? product(a[v], scale, t.l) : centre(a[v], t.l);
}

// ---- base conversion: see BasisConversion, which defines every bit ----

// y_i = centre(x_i (D/d_i)^-1) and the quotient v, into d: p0 = k limbs of y, then v. basis: the source's. t0: the k inverses.
__kernel void quotients(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t block = get_global_id(2);
    if (k >= c.n) return;
    double s = 0.0;
    for (int i = 0; i < c.p0; i++) {
        Limb l = limb_at(m, c.basis, i);
        double y = product(m[c.x[block] + (ulong)i * c.n + k], m[c.t0 + i], l);
        m[c.d[block] + (ulong)i * c.n + k] = y;
        s = fma(y, l.r, s);
    }
    m[c.d[block] + (ulong)c.p0 * c.n + k] = rint(s);
}

// z_j = sum_i y_i (D/d_i) - v D mod p_j. x: what quotients wrote; y: the source itself, for primes on both sides. p0 = k.
// t0: for each j, k punctured products, D, and the index of the source's limb with the same prime or -1.
__kernel void recombine(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t j = get_global_id(1), block = get_global_id(2);
    if (k >= c.n) return;
    ulong table = c.t0 + j * (ulong)(c.p0 + 2);
    double shared = m[table + c.p0 + 1], z;
    if (shared >= 0) {
        z = m[c.y[block] + (ulong)shared * c.n + k];
    } else {
        Limb l = limb_at(m, c.basis, j);
        ulong y = c.x[block] + k;
        z = -multiply(m[y + (ulong)c.p0 * c.n], m[table + c.p0], l);
        for (int i = 0; i < c.p0; i++) {
            z += multiply(m[y + (ulong)i * c.n], m[table + i], l);
            if ((i & 3) == 3) z = reduce(z, l);
        }
        z = centre(reduce(z, l), l);
    }
    m[c.d[block] + j * c.n + k] = z;
}

// d <- (x - y) s, s at t0: the end of a division.
__kernel void divide(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1), block = get_global_id(2);
    if (k >= c.n) return;
    Limb l = limb_at(m, c.basis, i);
    ulong at = i * c.n + k;
    m[c.d[block] + at] = product(m[c.x[block] + at] - m[c.y[block] + at], m[c.t0 + i], l);
}

// ---- sums of products ----

// Rows 4 z ... of p0 rows, p1 columns. t0: first words of rows x columns weights (ZERO: none), t1: of the columns, t2: of the rows.
// Weights are compact: value k of N stands at k >> p2.
__kernel void matrix(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1);
    int row = 4 * (int)get_global_id(2);
    if (k >= c.n) return;
    Limb l = limb_at(m, c.basis, i);
    ulong at = i * c.n + k, weight = i * (ulong)(c.n >> c.p2) + (k >> c.p2);
    double sum[4] = { 0.0, 0.0, 0.0, 0.0 };
    for (int column = 0; column < c.p1; column++) {
        double x = m[word_at(m, c.t1 + column) + at];
        for (int r = 0; r < 4; r++) {
            if (row + r >= c.p0) continue;
            ulong w = word_at(m, c.t0 + (ulong)(row + r) * c.p1 + column);
            if (w != ZERO) sum[r] = reduce(sum[r] + multiply(x, m[w + weight], l), l);
        }
    }
    for (int r = 0; r < 4; r++)
        if (row + r < c.p0) m[word_at(m, c.t2 + row + r) + at] = centre(sum[r], l);
}

// p0 64-bit integers at x, modulo every prime, into d: p0 a limb.
__kernel void weights(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1);
    if (k >= c.p0) return;
    Limb l = limb_at(m, c.basis, i);
    long w = as_long(m[c.x[0] + k]);
    double high = centre(reduce((double)(w >> 31), l), l);
    double low = centre(reduce((double)(w & 0x7FFFFFFFL), l), l);
    m[c.d[0] + i * (ulong)c.p0 + k] = centre(product(high, centre(reduce(0x1p31, l), l), l) + low, l);
}

// Rows 8 z ... of p0 rows, p1 columns. t0: what weights wrote; t1: first words of the columns, t2: of the rows.
__kernel void integer_matrix(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1);
    int row = 8 * (int)get_global_id(2);
    if (k >= c.n) return;
    Limb l = limb_at(m, c.basis, i);
    ulong at = i * c.n + k, table = c.t0 + i * (ulong)(c.p0 * c.p1);
    double sum[8] = { 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 };
    for (int column = 0; column < c.p1; column++) {
        double x = m[word_at(m, c.t1 + column) + at];
        for (int r = 0; r < 8; r++) {
            int clipped = min(row + r, c.p0 - 1);
            sum[r] = sum[r] + multiply(x, m[table + (ulong)clipped * c.p1 + column], l);
        }
        if ((column & 3) == 3)
            for (int r = 0; r < 8; r++) sum[r] = reduce(sum[r], l);
    }
    for (int r = 0; r < 8; r++)
        if (row + r < c.p0) m[word_at(m, c.t2 + row + r) + at] = centre(reduce(sum[r], l), l);
}

// Key switching, one term, part = 0, 1: d_part(X) <- [d_part +] sum over p0 digits of x_digit key_(part, digit) + P addend_part,
// at X^g. Limbs: p1 kept ones, then the special ones; the key has p2 kept ones of p3 limbs in all.
// x[0]: digits, one after another; y[0]: the key; d[part]: destinations. t0, t1: addends or ZERO; t2: P mod q_i. p4 = g;
// p5: add to what is there.
__kernel void inner(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1), part = get_global_id(2);
    if (k >= c.n) return;
    size_t limbs = get_global_size(1);
    Limb l = limb_at(m, c.basis, i);
    uint from = source(k, c.p4, c.logn);
    size_t in_key = i < c.p1 ? i : i - c.p1 + c.p2;
    ulong x = c.x[0] + i * c.n + from;
    ulong key = c.y[0] + (part * (ulong)c.p6 * c.p3 + in_key) * c.n + from; // p6: the digits that the key has
    ulong to = c.d[part] + i * c.n + k;
    ulong addend = part ? c.t1 : c.t0;
    double sum = c.p5 ? m[to] : 0.0;
    if (addend != ZERO && i < c.p1) sum += multiply(m[addend + i * c.n + from], m[c.t2 + i], l);
    for (int digit = 0; digit < c.p0; digit++) {
        sum += multiply(m[x + digit * (ulong)limbs * c.n], m[key + digit * (ulong)c.p3 * c.n], l);
        if ((digit & 3) == 3) sum = reduce(sum, l);
    }
    m[to] = centre(reduce(sum, l), l);
}
