using Heann.Core.Parameters;

namespace Heann.Bench.Roofline;

/// <summary>Counts the work of the operations from their formulas; l data primes, k special primes, d digits.</summary>
internal sealed class OperationCount
{
    // x·w mod q with w/q known: high, quotient, its rounding, low (fma), high − c·q (fma), sum.
    private const double Product = 8;

    // x − rint(x/q)·q.
    private const double Reduction = 4;
    private const double Butterfly = Product + 2;

    // One term of a lazy sum (high by fma, its increment, low by fma, sum), and the fold of the sum at its end.
    private const double Term = 6;
    private const double Fold = 6 + Reduction;

    // (x − t)·s.
    private const double SubtractMultiply = 1 + Product + Reduction;

    private readonly double _n;
    private readonly double _logN;
    private readonly double _l;
    private readonly double _k;
    private readonly double _d;

    private OperationCount(int logN, int primes, int specialPrimes, int digits) =>
        (_n, _logN, _l, _k, _d) = (1 << logN, logN, primes, specialPrimes, digits);

    // Flops per coefficient of one limb.
    private double Ntt => (Butterfly * _logN / 2) + Reduction;

    // Flops per coefficient: N/2 complex points, N/4 butterflies of ten on each of log2(N/2) levels; scaling and rounding.
    private double Fft => (10 * (_logN - 1) / 4) + 2;

    private double KeyLimbs => 2 * _d * (_l + _k);

    /// <summary>The work of a transform of one limb.</summary>
    public static Work OfTransform(int logN)
    {
        OperationCount count = new(logN, 1, 0, 0);
        return count.New(count.Ntt, 2);
    }

    /// <summary>The work of an operation at the top level of a set.</summary>
    public static Work Of(string op, CkksParameters parameters) =>
        new OperationCount(
            parameters.LogN, parameters.BasisQ.Count, parameters.BasisP.Count, parameters.DigitCount).Of(op);

    private Work Of(string op) => op switch
    {
        "add" => New(2 * _l * (1 + Reduction), 6 * _l),
        "multiplyPlain" => New(2 * _l * (Product + Reduction), 5 * _l),
        "multiply" => New(_l * ((4 * Product) + 1 + (3 * Reduction)), 7 * _l),
        "relinearize" => New(Decompose + SwitchDigits, (5 * _l) + KeyLimbs),
        "rotate" => New(Decompose + SwitchDigits, (4 * _l) + KeyLimbs),
        "rotateHoisted" => New(SwitchDigits, (_d * (_l + _k)) + (3 * _l) + KeyLimbs),
        "rescale" => New(Divide(1, _l - 1), (4 * _l) - 2),
        "encode" => New(Fft + (_l * ((2 * Reduction) + Ntt)), 1 + _l),
        "decode" => New((_l * (Ntt + Term)) + Fold + Fft, 1 + _l),
        "encryptPk" => New(
            ((_l + 1) * ((3 * Ntt) + (2 * (Product + 1 + Reduction)))) + Divide(1, _l) + (_l * (1 + Reduction)), (5 * _l) + 2),
        "encryptSk" => New(_l * (Ntt + Product + 2 + (2 * Reduction)), 4 * _l),
        "decrypt" => New(_l * (Product + 1 + Reduction), 4 * _l),
        _ => throw new ArgumentException($"The work of {op} is not counted."),
    };

    // Every digit: one product and centring per limb, the quotient; then the other limbs of Q_l·P, each transformed.
    private double Decompose
    {
        get
        {
            double perDigit = _l / _d;
            double others = _l + _k - perDigit;
            return (_l * Ntt) + (_d * ((perDigit * (Product + 5)) + (others * (((perDigit + 1) * Term) + Fold + Ntt))));
        }
    }

    // The inner product with both halves of the key, its division by P, and the sum with the ciphertext.
    private double SwitchDigits => (2 * (_l + _k) * ((_d * Term) + Fold)) + Divide(_k, _l) + (2 * _l * (1 + Reduction));

    // Two parts, `dropped` limbs taken back to coefficients, converted to the kept ones and transformed there.
    private double Divide(double dropped, double kept)
    {
        double conversion = dropped == 1 ? Reduction : ((dropped + 1) * Term) + Fold;
        return 2 * ((dropped * (Ntt + Product + 5)) + (kept * (conversion + Ntt + SubtractMultiply)));
    }

    private Work New(double flopsPerCoefficient, double limbs) => new(_n * flopsPerCoefficient, 8 * _n * limbs);
}
