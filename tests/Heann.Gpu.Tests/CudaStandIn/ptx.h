// The instructions of PTX that the kernels use, each as its description in NVIDIA's "PTX ISA" says, on one thread. Included by what
// libcuda.c translates: "add.s64 %rd3, %rd1, %rd2;" becomes rd[3] = add_s64(rd[1], rd[2]). An instruction that is not here does not compile.
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;
typedef double f64;

typedef struct { u32 tid[3], ntid[3], ctaid[3], nctaid[3]; } Position;

static inline f64 bits_f64(u64 x) { f64 d; memcpy(&d, &x, 8); return d; }
static inline u64 f64_bits(f64 x) { u64 b; memcpy(&b, &x, 8); return b; }

// Memory: an address is 64 bits. Parameters and shared memory are spaces of their own, counted from 0.
#define LOAD(T, base, at) ({ T value_; memcpy(&value_, (base) + (at), sizeof(T)); value_; })
#define STORE(T, base, at, x) do { T value_ = (x); memcpy((base) + (at), &value_, sizeof(T)); } while (0)

#define mov_u32(x) ((u32)(x))
#define mov_u64(x) ((u64)(x))
#define mov_f64(x) (x)
#define mov_pred(x) ((bool)(x))
#define mov_b64(x) _Generic((x), f64: f64_bits((f64)(x)), default: (u64)(x))

#define add_s32(x, y) ((u32)(x) + (u32)(y))
#define sub_s32(x, y) ((u32)(x) - (u32)(y))
#define neg_s32(x) (0u - (u32)(x))
#define min_s32(x, y) ((s32)(x) < (s32)(y) ? (u32)(x) : (u32)(y))
#define mul_lo_s32(x, y) ((u32)(x) * (u32)(y))
#define mad_lo_s32(x, y, z) ((u32)(x) * (u32)(y) + (u32)(z))
#define mul_wide_u32(x, y) ((u64)(u32)(x) * (u32)(y))
#define mul_wide_s32(x, y) ((u64)((s64)(s32)(x) * (s32)(y)))
#define div_u32(x, y) ((u32)(x) / (u32)(y))
#define add_s64(x, y) ((u64)(x) + (u64)(y))
#define sub_s64(x, y) ((u64)(x) - (u64)(y))
#define mul_lo_s64(x, y) ((u64)(x) * (u64)(y))

// Shifts by the width and more give 0, or the sign.
#define shl_b32(x, n) ((u32)(n) > 31 ? 0u : (u32)(x) << (u32)(n))
#define shr_u32(x, n) ((u32)(n) > 31 ? 0u : (u32)(x) >> (u32)(n))
#define shr_s32(x, n) ((u32)((s32)(x) >> ((u32)(n) > 31 ? 31 : (u32)(n))))
#define shl_b64(x, n) ((u32)(n) > 63 ? (u64)0 : (u64)(x) << (u32)(n))
#define shr_u64(x, n) ((u32)(n) > 63 ? (u64)0 : (u64)(x) >> (u32)(n))
#define shr_s64(x, n) ((u64)((s64)(x) >> ((u32)(n) > 63 ? 63 : (u32)(n))))
#define and_b32(x, y) ((u32)(x) & (u32)(y))
#define or_b32(x, y) ((u32)(x) | (u32)(y))
#define not_b32(x) (~(u32)(x))
#define brev_b32(x) __builtin_bitreverse32((u32)(x))
#define and_b64(x, y) ((u64)(x) & (u64)(y))
#define or_b64(x, y) ((u64)(x) | (u64)(y))
#define and_pred(x, y) ((x) && (y))
#define or_pred(x, y) ((x) || (y))
#define xor_pred(x, y) ((x) != (y))
#define not_pred(x) (!(x))

static inline u64 bfe_u64(u64 x, u32 start, u32 length)
{
    start &= 255;
    length &= 255;
    u64 shifted = start > 63 ? 0 : x >> start;
    return length > 63 ? shifted : shifted & (((u64)1 << length) - 1);
}

#define cvt_u64_u32(x) ((u64)(u32)(x))
#define cvt_s64_s32(x) ((u64)(s64)(s32)(x))
#define cvt_u32_u64(x) ((u32)(u64)(x))
#define cvt_rn_f64_u64(x) ((f64)(u64)(x))
#define cvt_rn_f64_s64(x) ((f64)(s64)(x))

// To zero, and to the nearest integer of the type where there is none; NaN becomes 0 in 32 bits.
static inline u32 cvt_rzi_s32_f64(f64 x) { return x != x ? 0 : x >= 0x1p31 ? 0x7FFFFFFFu : x <= -0x1p31 ? 0x80000000u : (u32)(s32)x; }
static inline u64 cvt_rzi_u64_f64(f64 x) { return x != x ? (u64)1 << 63 : x >= 0x1p64 ? ~(u64)0 : x <= 0 ? 0 : (u64)x; }

// Rounded once, to nearest even: compiled without contraction.
#define add_rn_f64(x, y) ((x) + (y))
#define sub_rn_f64(x, y) ((x) - (y))
#define mul_rn_f64(x, y) ((x) * (y))
#define fma_rn_f64(x, y, z) __builtin_fma(x, y, z)
#define neg_f64(x) (-(x))
#define abs_f64(x) __builtin_fabs(x)

#define selp_f64(x, y, p) ((p) ? (f64)(x) : (f64)(y))
#define selp_b32(x, y, p) ((p) ? (u32)(x) : (u32)(y))
#define selp_b64(x, y, p) ((p) ? (u64)(x) : (u64)(y))

#define setp_eq_s32(x, y) ((s32)(x) == (s32)(y))
#define setp_ne_s32(x, y) ((s32)(x) != (s32)(y))
#define setp_lt_s32(x, y) ((s32)(x) < (s32)(y))
#define setp_le_s32(x, y) ((s32)(x) <= (s32)(y))
#define setp_gt_s32(x, y) ((s32)(x) > (s32)(y))
#define setp_ge_s32(x, y) ((s32)(x) >= (s32)(y))
#define setp_eq_b32(x, y) ((u32)(x) == (u32)(y))
#define setp_lt_u32(x, y) ((u32)(x) < (u32)(y))
#define setp_le_u32(x, y) ((u32)(x) <= (u32)(y))
#define setp_gt_u32(x, y) ((u32)(x) > (u32)(y))
#define setp_ge_u32(x, y) ((u32)(x) >= (u32)(y))
#define setp_eq_s64(x, y) ((u64)(x) == (u64)(y))
#define setp_ne_s64(x, y) ((u64)(x) != (u64)(y))
#define setp_lt_u64(x, y) ((u64)(x) < (u64)(y))
#define setp_ge_u64(x, y) ((u64)(x) >= (u64)(y))
#define setp_lt_f64(x, y) ((f64)(x) < (f64)(y))
#define setp_geu_f64(x, y) (!((f64)(x) < (f64)(y)))
