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
#define ROUND 0x1.8p52
#define KERNEL __kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void

// Arguments of every kernel; GpuCall.cs has the same layout.
typedef struct {
    ulong x[MAX_BLOCKS], y[MAX_BLOCKS], d[MAX_BLOCKS]; // first words of operands and destinations, one a block
    ulong basis;                                       // limbs, 8 words each: see Limb
    ulong t0, t1, t2;                                  // tables of the kernel
    int n, logn;                                       // ring degree
    int p0, p1, p2, p3, p4, p5;                        // numbers of the kernel
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

// The integer nearest to x, ties to even, for |x| <= 2^51: a sum with ROUND has no room for a fraction. (rint is slow on NVIDIA's devices.)
static double nearest(double x) { return (x + ROUND) - ROUND; }

// x mod q for integers |x| <= 2^53 with |x/q| <= 2^51; |result| <= q/2 + 1.
static double reduce(double x, Limb l) { return fma(-(fma(x, l.r, ROUND) - ROUND), l.q, x); }

// To the representative nearest to 0, from less than q beyond it.
static double centre(double x, Limb l) { x -= x > l.h ? l.q : 0.0; return x + (x < -l.h ? l.q : 0.0); }

// x*w mod q for |w| <= q/2 and |x| <= 2^52: h + e is the product, exactly, and h - c*q is exact because it is below 2^53.
// c differs from h/q by at most 1/2 + |h/q| 2^-53 and e is at most |h| 2^-53, hence |result| <= q (1/2 + |x| 2^-53): for |x| = a q below
// 2^52 q (1/2 + a/8), and less for smaller primes.
static double multiply(double x, double w, Limb l)
{
    double h = x * w;
    double e = fma(x, w, -h);
    double c = fma(h, l.r, ROUND) - ROUND;
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

// x to d, which may be the same: p0 = 0: canonical 64-bit integers -> residues; 1: residues -> canonical integers.
KERNEL exchange(__global double *m, const Call c)
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
KERNEL integers(__global double *m, const Call c)
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

KERNEL clear(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    if (k >= c.n) return;
    m[c.d[0] + get_global_id(1) * (ulong)c.n + k] = 0.0;
}

// p0: 0 x+y, 1 x-y, 2 -x, 3 x*y, 4 d+x*y, 5 x, 6 s*x, 7 d+s*x. y is compact: value k of N stands at k >> p1. s at t0, one a limb.
KERNEL elementwise(__global double *m, const Call c)
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
KERNEL automorphism(__global double *m, const Call c)
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

// (d_0, d_1, d_2) <- (x_0 y_0, x_0 y_1 + x_1 y_0, x_1 y_1). y is compact: value k of N stands at k >> p1.
KERNEL tensor(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1);
    if (k >= c.n) return;
    Limb l = limb_at(m, c.basis, i);
    ulong at = i * c.n + k, factor = i * (ulong)(c.n >> c.p1) + (k >> c.p1);
    double x0 = m[c.x[0] + at], x1 = m[c.x[1] + at], y0 = m[c.y[0] + factor], y1 = m[c.y[1] + factor];
    m[c.d[0] + at] = product(x0, y0, l);
    m[c.d[1] + at] = centre(reduce(multiply(x0, y1, l) + multiply(x1, y0, l), l), l);
    m[c.d[2] + at] = product(x1, y1, l);
}

// ---- transforms ----
// A pass does p1 = L levels from level p0 on, of 2^L points each, in a tile of 2^L rows and 2^p2 columns (TILE values, or all N). Columns are
// neighbouring values in the upper pass and whole blocks in the lower one (p3 = 1), the one whose last level is the transform's.
// It reads x and writes d, which may be the same, at the same places. t1: ZERO for every limb of the basis, in order, or a list of limbs, two
// words each: limb + 2^16 (its first word in d), and its first word in x, for p4 = 1. p4 = 1: x has other primes, and places of its own;
// without a list its first limb serves all.
// Between passes values are reduced and not centred.

typedef struct { ulong from, to, twiddles; uint block, column, s; Limb l; } Tile;

static Tile tile_at(__global const double *m, const Call *c, int twiddles)
{
    Tile t;
    size_t i = get_global_id(1);
    ulong to = (ulong)i * c->n, other = 0;
    if (c->t1 != ZERO) {
        to = word_at(m, c->t1 + 2 * i);
        other = word_at(m, c->t1 + 2 * i + 1);
        i = to & 0xFFFF;
        to >>= 16;
    }
    t.l = limb_at(m, c->basis, i);
    t.twiddles = word_at(m, c->basis + 8 * i + twiddles);
    t.from = c->x[get_global_id(2)] + (c->p4 ? other : to);
    t.to = c->d[get_global_id(2)] + to;
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
static uint place(const Tile *t, const Call *c, uint v)
{
    return c->p3 ? (t->block << c->p1) + v
        : t->block * ((uint)c->n >> c->p0) + (v >> c->p2) * t->s + t->column + (v & ((1u << c->p2) - 1u));
}

// Where it is in local memory: a gap after 16 values, so that steps by powers of two visit all banks.
#define PAD(v) ((v) + ((v) >> 4))

// Positions of one item of R levels from sub-level j on: the first of its values, their distance, and the index of its block.
#define ITEM(R) \
    uint rows = c->p3 ? item & ((1u << (c->p1 - R)) - 1u) : item >> c->p2; \
    uint outer = c->p3 ? item >> (c->p1 - R) : item & ((1u << c->p2) - 1u); \
    int below = c->p1 - j - R; \
    uint part = rows >> below; \
    uint row = (part << (below + R)) + (rows & ((1u << below) - 1u)); \
    uint step = (1u << below) << (c->p3 ? 0 : c->p2); \
    uint first = c->p3 ? (outer << c->p1) + row : (row << c->p2) + outer; \
    uint block = ((t->block + (c->p3 ? outer : 0u)) << j) + part;

// The first step reads x. u and v become u + w v and u - w v. From |v| <= q/2 five levels stay below 4.2 q, and what is multiplied below
// 3.3 q, by the bound of multiply: hence isReduced.
#define FORWARD(R) \
static void forward_##R(__global const double *m, __local double *a, const Tile *t, const Call *c, int j, bool isReduced) \
{ \
    uint count = ((1u << (c->p1 + c->p2)) >> R); \
    for (uint item = get_local_id(0); item < count; item += GROUP) { \
        ITEM(R) \
        double v[1 << R]; \
        if (j == 0) { \
            for (int e = 0; e < 1 << R; e++) v[e] = m[t->from + place(t, c, first + e * step)]; \
            if (c->p4) for (int e = 0; e < 1 << R; e++) v[e] = reduce(v[e], t->l); \
        } else { \
            for (int e = 0; e < 1 << R; e++) v[e] = a[PAD(first + e * step)]; \
        } \
        for (int u = 0; u < R; u++) { \
            int gap = 1 << (R - u - 1); \
            for (int e = 0; e < 1 << R; e++) { \
                if (e & gap) continue; \
                double w = m[t->twiddles + (1u << (c->p0 + j + u)) + (block << u) + (e >> (R - u))]; \
                double z = multiply(v[e + gap], w, t->l); \
                v[e + gap] = v[e] - z; \
                v[e] = v[e] + z; \
            } \
        } \
        if (isReduced) for (int e = 0; e < 1 << R; e++) v[e] = reduce(v[e], t->l); \
        for (int e = 0; e < 1 << R; e++) a[PAD(first + e * step)] = v[e]; \
    } \
}

// The last step writes d: with p5 = 0 reduced, with 1 times the scale. u and v become u + v and (u - v) w: sums double, so that three levels
// reach 4 q.
#define INVERSE(R) \
static void inverse_##R(__global double *m, __local double *a, const Tile *t, const Call *c, int j, double scale) \
{ \
    uint count = ((1u << (c->p1 + c->p2)) >> R); \
    for (uint item = get_local_id(0); item < count; item += GROUP) { \
        ITEM(R) \
        double v[1 << R]; \
        for (int e = 0; e < 1 << R; e++) v[e] = a[PAD(first + e * step)]; \
        for (int u = R - 1; u >= 0; u--) { \
            int gap = 1 << (R - u - 1); \
            for (int e = 0; e < 1 << R; e++) { \
                if (e & gap) continue; \
                double w = m[t->twiddles + (1u << (c->p0 + j + u)) + (block << u) + (e >> (R - u))]; \
                double z = v[e] - v[e + gap]; \
                v[e] = v[e] + v[e + gap]; \
                v[e + gap] = multiply(z, w, t->l); \
            } \
        } \
        if (j == 0 && c->p5) { \
            for (int e = 0; e < 1 << R; e++) m[t->to + place(t, c, first + e * step)] = product(v[e], scale, t->l); \
        } else { \
            for (int e = 0; e < 1 << R; e++) v[e] = reduce(v[e], t->l); \
            if (j == 0) for (int e = 0; e < 1 << R; e++) m[t->to + place(t, c, first + e * step)] = v[e]; \
            else for (int e = 0; e < 1 << R; e++) a[PAD(first + e * step)] = v[e]; \
        } \
    } \
}

FORWARD(1)
FORWARD(2)
FORWARD(3)
INVERSE(1)
INVERSE(2)
INVERSE(3)

// Levels of the next step of so many.
static int step_of(int left) { return left >= 3 && left != 4 ? 3 : left >= 2 ? 2 : 1; }

// p5: 0 leaves values reduced, 1 centres them, 2 ends a division: d <- (y - value) s, y where d is, s at t0, one a limb.
KERNEL ntt_forward(__global double *m, const Call c)
{
    __local double a[PAD(TILE)];
    Tile t = tile_at(m, &c, 2);
    if (c.p1 == 0 && get_local_id(0) == 0) a[0] = m[t.from]; // N = 1: a constant is its value
    for (int j = 0, since = 0; j < c.p1;) {
        int levels = step_of(c.p1 - j);
        since += levels;
        bool isReduced = j + levels < c.p1 && since + step_of(c.p1 - j - levels) > 5;
        if (levels == 3) forward_3(m, a, &t, &c, j, isReduced);
        else if (levels == 2) forward_2(m, a, &t, &c, j, isReduced);
        else forward_1(m, a, &t, &c, j, isReduced);
        if (isReduced) since = 0;
        j += levels;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    uint count = 1u << (c.p1 + c.p2);
    ulong y = c.y[get_global_id(2)] + get_global_id(1) * (ulong)c.n;
    double s = c.p5 == 2 ? m[c.t0 + get_global_id(1)] : 0.0;
    for (uint v = get_local_id(0); v < count; v += GROUP) {
        uint at = place(&t, &c, v);
        double z = reduce(a[PAD(v)], t.l);
        if (c.p5 == 1) z = centre(z, t.l);
        if (c.p5 == 2) z = product(m[y + at] - z, s, t.l);
        m[t.to + at] = z;
    }
}

// The scale of the last pass is at t0, one a limb; ZERO there means 1/N.
KERNEL ntt_inverse(__global double *m, const Call c)
{
    __local double a[PAD(TILE)];
    Tile t = tile_at(m, &c, 3);
    uint count = 1u << (c.p1 + c.p2);
    for (uint v = get_local_id(0); v < count; v += GROUP) a[PAD(v)] = m[t.from + place(&t, &c, v)];
    barrier(CLK_LOCAL_MEM_FENCE);
    double scale = m[c.t0 == ZERO ? c.basis + 8 * get_global_id(1) + 4 : c.t0 + get_global_id(1)];
    if (c.p1 == 0 && get_local_id(0) == 0) m[t.to] = product(a[0], scale, t.l); // N = 1
    for (int left = c.p1; left > 0;) {
        int levels = step_of(left);
        left -= levels;
        if (levels == 3) inverse_3(m, a, &t, &c, left, scale);
        else if (levels == 2) inverse_2(m, a, &t, &c, left, scale);
        else inverse_1(m, a, &t, &c, left, scale);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

// ---- base conversion: see BasisConversion, which defines every bit ----

// z_j = sum_i y_i (D/d_i) - v D mod p_j for up to TARGETS primes p_j, reduced; y_i = centre(x_i (D/d_i)^-1), v = rint(sum_i y_i/d_i).
// p0 = 1: x holds the y_i. t0: a job for each get_global_id(1), 8 words: first word of the sources in x, how many, where they are described
// (4 words each: d, 1/d, (D/d)^-1), how many targets, where those are described; "where" is counted from t0. Of the targets, always TARGETS:
// 4 words each, first word in d, p, 1/p, D mod p; then for each source their TARGETS values of D/d_i mod p_j.
#define TARGETS 4

KERNEL convert(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t block = get_global_id(2);
    if (k >= c.n) return;
    ulong job = c.t0 + 8 * get_global_id(1);
    ulong x = c.x[block] + word_at(m, job) + k, from = c.t0 + word_at(m, job + 2), to = c.t0 + word_at(m, job + 4);
    int sources = (int)word_at(m, job + 1), targets = (int)word_at(m, job + 3);
    Limb l[TARGETS];
    double sum[TARGETS];
    for (int j = 0; j < TARGETS; j++) {
        l[j].q = m[to + 4 * j + 1];
        l[j].r = m[to + 4 * j + 2];
        sum[j] = 0.0;
    }
    ulong factors = to + 4 * TARGETS;
    double v = 0.0;
    for (int i = 0; i < sources; i++) {
        Limb d;
        d.q = m[from + 4 * i];
        d.r = m[from + 4 * i + 1];
        d.h = 0.5 * d.q;
        double y = m[x + (ulong)i * c.n];
        if (!c.p0) y = product(y, m[from + 4 * i + 2], d);
        v = fma(y, d.r, v);
        for (int j = 0; j < TARGETS; j++) sum[j] += multiply(y, m[factors + i * TARGETS + j], l[j]);
        if ((i & 7) == 7) // 8 products and what was reduced: 5.6 q
            for (int j = 0; j < TARGETS; j++) sum[j] = reduce(sum[j], l[j]);
    }
    v = nearest(v);
    for (int j = 0; j < TARGETS; j++) {
        double z = reduce(sum[j] - multiply(v, m[to + 4 * j + 3], l[j]), l[j]);
        l[j].h = 0.5 * l[j].q;
        if (j < targets) m[c.d[block] + word_at(m, to + 4 * j) + k] = c.p1 ? centre(z, l[j]) : z;
    }
}

// ---- sums of products ----

// Rows 4 z ... of p0 rows, p1 columns. t0: rows x columns weights, ZERO for none, else first word + 2^56 s: compact, value k of N stands at
// k >> s. t1: first words of the columns, t2: of the rows.
KERNEL matrix(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1);
    int row = 4 * (int)get_global_id(2);
    if (k >= c.n) return;
    Limb l = limb_at(m, c.basis, i);
    ulong at = i * c.n + k;
    double sum[4] = { 0.0, 0.0, 0.0, 0.0 };
    for (int column = 0; column < c.p1; column++) {
        double x = m[word_at(m, c.t1 + column) + at];
        for (int r = 0; r < 4; r++) {
            if (row + r >= c.p0) continue;
            ulong w = word_at(m, c.t0 + (ulong)(row + r) * c.p1 + column);
            if (w == ZERO) continue;
            uint shift = w >> 56;
            w = (w & 0xFFFFFFFFFFFFFFUL) + i * (ulong)(c.n >> shift) + (k >> shift);
            sum[r] += multiply(x, m[w], l);
        }
        if ((column & 7) == 7) // 8 products and what was reduced: 5.1 q
            for (int r = 0; r < 4; r++) sum[r] = reduce(sum[r], l);
    }
    for (int r = 0; r < 4; r++)
        if (row + r < c.p0) m[word_at(m, c.t2 + row + r) + at] = centre(reduce(sum[r], l), l);
}

// Halves of x for |x| <= 2^49, as residues are: x = high 2^25 + low, |low| <= 2^24, |high| <= 2^24.
static double high_of(double x) { return nearest(x * 0x1p-25); }
static double low_of(double x, double high) { return fma(-0x1p25, high, x); }

// p0 64-bit integers at x, modulo every prime, in halves, into d: 2 p0 words a limb.
KERNEL weights(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1);
    if (k >= c.p0) return;
    Limb l = limb_at(m, c.basis, i);
    long w = as_long(m[c.x[0] + k]);
    double high = centre(reduce((double)(w >> 31), l), l);
    double low = centre(reduce((double)(w & 0x7FFFFFFFL), l), l);
    double z = centre(product(high, centre(reduce(0x1p31, l), l), l) + low, l);
    ulong to = c.d[0] + 2 * (i * (ulong)c.p0 + k);
    m[to] = high_of(z);
    m[to + 1] = low_of(z, m[to]);
}

// Rows 8 z ... of p0 rows, p1 columns. t0: what weights wrote; t1: first words of the columns, t2: of the rows.
// Products of halves are below 2^48, exact, and so are the sums of 15 pairs of them and what was reduced, below 2^53: four fused
// multiply-adds a product.
#define ROWS 8

KERNEL integer_matrix(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1);
    int row = ROWS * (int)get_global_id(2);
    if (k >= c.n) return;
    Limb l = limb_at(m, c.basis, i);
    ulong at = i * c.n + k, table = c.t0 + 2 * i * (ulong)(c.p0 * c.p1);
    double high[ROWS], middle[ROWS], low[ROWS];
    #pragma unroll
    for (int r = 0; r < ROWS; r++) high[r] = middle[r] = low[r] = 0.0;
    for (int column = 0, since = 0; column < c.p1; column++) {
        double x = m[word_at(m, c.t1 + column) + at];
        double x1 = high_of(x), x0 = low_of(x, x1);
        #pragma unroll
        for (int r = 0; r < ROWS; r++) {
            int clipped = min(row + r, c.p0 - 1);
            double2 w = vload2(0, m + table + 2 * ((ulong)clipped * c.p1 + column));
            high[r] = fma(x1, w.x, high[r]);
            middle[r] = fma(x0, w.x, fma(x1, w.y, middle[r]));
            low[r] = fma(x0, w.y, low[r]);
        }
        if (++since == 15) {
            since = 0;
            #pragma unroll
            for (int r = 0; r < ROWS; r++) {
                high[r] = reduce(high[r], l);
                middle[r] = reduce(middle[r], l);
                low[r] = reduce(low[r], l);
            }
        }
    }
    double base = centre(reduce(0x1p25, l), l);
    #pragma unroll
    for (int r = 0; r < ROWS; r++) {
        double z = multiply(reduce(high[r], l), base, l) + reduce(middle[r], l);
        z = multiply(reduce(z, l), base, l) + reduce(low[r], l);
        if (row + r < c.p0) m[word_at(m, c.t2 + row + r) + at] = centre(reduce(z, l), l);
    }
}

// Key switching: d_part(X) <- [d_part +] sum over terms of (sum over p0 digits of x_digit key_(part, digit) + P addend_part)(X^g).
// Limbs: p1 kept ones, then the special ones. p4 terms are summed; get_global_id(2) counts sums. x[0]: digits, one after another, without
// the limbs whose primes are their own, which are at x[1]: what was cut into digits. t0: for each kept limb, P mod q_i and which digit has it.
// p5: add to what is there. Of term t: x[2 + 2t], x[3 + 2t]: addends or ZERO; y[t]: the key; y[TERMS + t]: g, and from bit 24 on, 12 bits
// each, how many kept limbs, limbs and digits the key has. Of sum s: d[2 s], d[2 s + 1].
#define TERMS 8

KERNEL inner(__global double *m, const Call c)
{
    uint k = get_global_id(0);
    size_t i = get_global_id(1), z = get_global_id(2);
    if (k >= c.n) return;
    size_t limbs = get_global_size(1);
    Limb l = limb_at(m, c.basis, i);
    bool isKept = i < c.p1;
    double factor = isKept ? m[c.t0 + 2 * i] : 0.0;
    int own = isKept ? (int)m[c.t0 + 2 * i + 1] : -1;
    ulong at = i * c.n + k;
    double sum0 = c.p5 ? m[c.d[2 * z] + at] : 0.0, sum1 = c.p5 ? m[c.d[2 * z + 1] + at] : 0.0;
    for (int t = (int)z * c.p4; t < ((int)z + 1) * c.p4; t++) {
        ulong shape = c.y[TERMS + t];
        ulong key_kept = shape >> 24 & 0xFFF, key_limbs = shape >> 36 & 0xFFF, key_digits = shape >> 48 & 0xFFF;
        uint from = source(k, (uint)(shape & 0xFFFFFF), c.logn);
        ulong in_key = isKept ? i : i - c.p1 + key_kept;
        ulong here = i * c.n + from;
        ulong key0 = c.y[t] + in_key * c.n + from, key1 = key0 + key_digits * key_limbs * c.n;
        if (isKept && c.x[2 + 2 * t] != ZERO) sum0 += multiply(m[c.x[2 + 2 * t] + here], factor, l);
        if (isKept && c.x[3 + 2 * t] != ZERO) sum1 += multiply(m[c.x[3 + 2 * t] + here], factor, l);
        for (int digit = 0; digit < c.p0; digit++) {
            double x = m[digit == own ? c.x[1] + here : c.x[0] + digit * (ulong)limbs * c.n + here];
            ulong entry = digit * key_limbs * c.n;
            sum0 += multiply(x, m[key0 + entry], l);
            sum1 += multiply(x, m[key1 + entry], l);
            if ((digit & 3) == 3) { // 4 products, an addend and what was reduced: 3.5 q
                sum0 = reduce(sum0, l);
                sum1 = reduce(sum1, l);
            }
        }
        sum0 = reduce(sum0, l);
        sum1 = reduce(sum1, l);
    }
    m[c.d[2 * z] + at] = centre(sum0, l);
    m[c.d[2 * z + 1] + at] = centre(sum1, l);
}
