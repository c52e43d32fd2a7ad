using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Tests.Keys;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Evaluation;

/// <summary>A run that is ended after any number of operations throws, gives every buffer back, and leaves its destination as it was.</summary>
public sealed class CancellationTests(CkksScenes scenes)
{
    private static readonly ApproximationPolynomial Polynomial = ApproximationPolynomial.FitChebyshev(Math.Exp, -2, 2, 13);

    private static readonly SignApproximation Sign = SignApproximation.ForDepth(1, 0.2, 6);

    // Both sides; eleven giant steps on the negative one, more than are summed at once.
    private static readonly LinearTransform Transform = new(new DiagonalMatrix(8, -22, 5, (j, k) => j + k + 0.5), 2);

    public static TheoryData<string> Names => ["polynomial", "function", "inverse", "square root", "sign", "maximum", "inner sum", "matrix", "split", "sums", "forms", "transform"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_EndedAfterAnyOperationGivesEveryBufferBack(string name)
    {
        using WatchingBackend backend = new();
        CkksParameters parameters = CkksParameters.CreateInsecure(4, [50, .. Enumerable.Repeat(40, 8)], [50, 50], 8, Scale.FromLog2(40));
        using CkksContext context = CkksContext.Create(parameters, backend);
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        using EvaluationKeys keys = context.KeyGenerator.CreateEvaluationKeys(secret, KeyRequest.ForRotations(Enumerable.Range(1, 7), 8, withConjugation: true));
        using Ciphertext x = context.Encrypt(secret, [0.9, 0.8, 0.7, 0.6, 0.9, 0.8, 0.7, 0.6]);
        using Ciphertext d = context.Encrypt(secret, [1.0]);
        long operations = Run(context.CreateEvaluator(keys), name, x, d);
        Assert.True(operations >= 3, $"{operations} operations are no long run.");
        int live = backend.LiveCount;
        for (int last = 0; last < operations; last++)
        {
            using CancellationTokenSource source = new();
            CkksEvaluator ended = context.CreateEvaluator(keys, new Limit(last, source), source.Token);
            if (last == 0)
            {
                source.Cancel();
            }

            int level = d.Level;
            ulong[] before = Residues(context, d);
            if (last < operations - 1)
            {
                Assert.Throws<OperationCanceledException>(() => Run(ended, name, x, d));
                // Results of one call that has several are counted together.
                Assert.InRange(ended.OperationCount, last, last == 0 ? 0 : last + 2);
                Assert.Equal(level, d.Level);
                Assert.Equal(before, Residues(context, d));
            }

            Assert.Equal(live, backend.LiveCount);
        }
    }

    [Fact]
    public void Transform_EndsBetweenItsSteps()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        using Ciphertext x = scene.Encrypt(scene.Slots(RingTestKit.Seeded(111)));
        LinearTransform transform = new(new DiagonalMatrix(8, -3, 7, (j, k) => j + k), 2);
        using CancellationTokenSource source = new();
        CkksEvaluator ended = scene.Context.CreateEvaluator(scene.Keys, new Limit(2, source), source.Token);
        Assert.Throws<OperationCanceledException>(() => ended.TransformInto(x, transform, null, x));
        Assert.InRange(ended.OperationCount, 2, 4);
        CkksEvaluator whole = scene.Context.CreateEvaluator(scene.Keys);
        using Ciphertext y = whole.Transform(x, transform);
        Assert.True(whole.OperationCount > ended.OperationCount);
        Assert.Equal(scene.TopLevel, y.Level);
    }

    [Fact]
    public void Keys_EndedBetweenTwoAreGivenBack()
    {
        using WatchingBackend backend = new();
        using CkksContext context = CkksContext.Create(Registry.Parameters("N5L3Dnum2"), backend);
        using SecretKey secret = context.KeyGenerator.CreateSecretKey();
        int live = backend.LiveCount;
        using CancellationTokenSource source = new();
        List<double> shares = [];
        Assert.Throws<OperationCanceledException>(() => context.KeyGenerator.CreateEvaluationKeys(
            secret, KeyRequest.ForRotations([1, 2, 3, 4], 3), new Direct(share =>
            {
                shares.Add(share);
                if (shares.Count == 2)
                {
                    source.Cancel();
                }
            }), source.Token));
        Assert.Equal([0.25, 0.5], shares);
        Assert.Equal(live, backend.LiveCount);
    }

    // The last operation of each writes the destination or is followed by nothing that asks.
    private static long Run(CkksEvaluator e, string name, Ciphertext x, Ciphertext d)
    {
        switch (name)
        {
            case "polynomial":
                PolynomialEvaluator.EvaluateInto(e, x, Polynomial, null, d);
                break;
            case "function":
                PolynomialEvaluator.Evaluate(e, x, new FunctionOnInterval(Math.Exp, -2, 2), 1e-2).Result.Dispose();
                break;
            case "inverse":
                InverseApproximation.Create(0.5, 1, 3).Evaluate(e, x).Dispose();
                break;
            case "square root":
                SquareRootApproximation.Create(0.5, 1, 2).Evaluate(e, x).Dispose();
                break;
            case "sign":
                Sign.Evaluate(e, x).Dispose();
                break;
            case "maximum":
                using (Ciphertext negated = e.Negate(x))
                {
                    Comparison.Max(e, x, negated, Sign).Dispose();
                }

                break;
            case "inner sum":
                InnerSum.EvaluateInto(e, x, 1, 8, d);
                break;
            case "matrix":
                Array.ForEach(new ModularMatrixProduct(new[,] { { 0.5, 1 }, { 2, 3 }, { 1, 1 } }, Scale.FromLog2(20), [1, 2, 3]).Evaluate(e, [x, x]), y => y.Dispose());
                break;
            case "split":
                (Ciphertext real, Ciphertext imaginary) = e.Split(x);
                real.Dispose();
                imaginary.Dispose();
                break;
            case "sums":
                e.SumOfProducts([x, x], [x, x]).Dispose();
                e.Sum(x, x, x).Dispose();
                break;
            case "transform":
                e.TransformInto(x, Transform, null, d);
                break;
            default:
                Array.ForEach(e.RotateMany(x, [1, 2, 3]), y => y.Dispose());
                e.Join(x, x).Dispose();
                e.Square(x).Dispose();
                break;
        }

        return e.OperationCount;
    }

    private static ulong[] Residues(CkksContext context, Ciphertext x)
    {
        ulong[] residues = new ulong[(x.Level + 1) * x.Parameters.RingDegree];
        context.Backend.Download(x.Part(1), residues);
        return residues;
    }

    // Cancels once so many operations are done.
    private sealed class Limit(long count, CancellationTokenSource source) : IProgress<long>
    {
        public void Report(long value)
        {
            if (value == count)
            {
                source.Cancel();
            }
        }
    }

    private sealed class Direct(Action<double> action) : IProgress<double>
    {
        public void Report(double value) => action(value);
    }
}
