using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Circuits;
using Heann.Core.Evaluation;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Circuits;

/// <summary>Fits by error and by levels, and their evaluation on what a value has left.</summary>
public sealed class FunctionOnIntervalTests(CkksScenes scenes)
{
    private static readonly FunctionOnInterval Sigmoid = new(x => 1 / (1 + Math.Exp(-x)), -8, 8);

    private readonly CkksScene _scene = scenes["N6L7Dnum2"];

    [Theory]
    [InlineData("sigmoid", 1e-2)]
    [InlineData("sigmoid", 1e-6)]
    [InlineData("exp", 1e-9)]
    [InlineData("cos 20", 1e-3)]
    [InlineData("abs", 2e-2)]
    public void FitError_TakesTheLowestDegreeThatReachesIt(string name, double maxError)
    {
        FunctionOnInterval f = Named(name);
        ApproximationPolynomial fit = f.FitError(maxError);
        Assert.True(fit.MaxError <= maxError);
        Assert.True(f.FitDegree(fit.Degree - 1).MaxError > maxError);
    }

    [Theory]
    [InlineData("sigmoid", 5)]
    [InlineData("exp", 3)]
    [InlineData("cos 20", 6)]
    [InlineData("abs", 6)]
    public void FitLevels_UsesThemAll(string name, int levels)
    {
        FunctionOnInterval f = Named(name);
        ApproximationPolynomial fit = f.FitLevels(levels);
        Assert.Equal(levels, f.DepthOf(fit.Degree));
        Assert.True(fit.MaxError <= f.FitDegree((1 << (levels - f.MapDepth)) - 1).MaxError);
    }

    [Fact]
    public void FitLevels_SavesLevelsThatBringNothing()
    {
        ApproximationPolynomial fit = new FunctionOnInterval(x => (3 * x * x) - 1, -1, 1).FitLevels(6);
        Assert.Equal(2, fit.Degree);
        Assert.True(fit.MaxError < 1e-14);
    }

    [Theory]
    [InlineData(null, 6)]
    [InlineData(1e-2, 5)]
    [InlineData(1e-3, 5)]
    public void Evaluate_ChoosesThePolynomialByTheLevelsLeftOrByTheError(double? maxError, int levels)
    {
        SeededRandom random = RingTestKit.Seeded(71);
        Complex[] slots = [.. Enumerable.Range(0, _scene.SlotCount).Select(_ => (Complex)((16 * random.NextDouble()) - 8))];
        using Ciphertext x = _scene.Encrypt(slots, 6);
        (Ciphertext y, ApproximationPolynomial p) = PolynomialEvaluator.Evaluate(_scene.Evaluator, x, Sigmoid, maxError);
        Assert.Equal(6 - levels, y.Level);
        Assert.True(p.MaxError <= (maxError ?? 1e-4));
        _scene.AssertSlots(i => p.Evaluate(slots[i].Real), y, p.ToString(), random);
        Complex[] decrypted = _scene.Decrypt(y);
        Assert.True(slots.Select((z, i) => Math.Abs(decrypted[i].Real - Sigmoid.Evaluate(z.Real))).Max() < p.MaxError + 1e-5);
        y.Dispose();
    }

    [Fact]
    public void Evaluate_SaysWhatTheLevelsLeftAllow()
    {
        using Ciphertext x = _scene.Encrypt(_scene.Slots(RingTestKit.Seeded(72)), 4);
        string message = Assert.Throws<LevelExhaustedException>(() => PolynomialEvaluator.Evaluate(_scene.Evaluator, x, Sigmoid, 1e-3)).Message;
        Assert.Matches(@"error of 1\.00E-003 on \[-8, 8\] takes degree \d+; the levels left allow an error of \d\.\d\dE-00\d\. The polynomial needs 5 level\(s\) and 4 are left", message);
        using Ciphertext one = _scene.Evaluator.DropLevel(x, 1);
        Assert.Contains("no polynomial at all", Assert.Throws<LevelExhaustedException>(() => PolynomialEvaluator.Evaluate(_scene.Evaluator, one, Sigmoid, 0.1)).Message);
        Assert.Contains("needs 2 level(s) and 1", Assert.Throws<LevelExhaustedException>(() => PolynomialEvaluator.Evaluate(_scene.Evaluator, one, Sigmoid, null)).Message);
    }

    [Fact]
    public void EvaluateInto_WritesOverItsOperandAndLeavesTheDestinationWhereItThrows()
    {
        SeededRandom random = RingTestKit.Seeded(73);
        ApproximationPolynomial p = ApproximationPolynomial.FitChebyshev(Math.Exp, -1, 1, 7);
        Complex[] slots = _scene.Slots(random, isReal: true);
        using Ciphertext x = _scene.Encrypt(slots, 4);
        using Ciphertext expected = PolynomialEvaluator.Evaluate(_scene.Evaluator, x, p);
        using Ciphertext low = _scene.Encrypt(slots, 2);
        ulong[][] before = _scene.Residues(x);
        Assert.Throws<LevelExhaustedException>(() => PolynomialEvaluator.EvaluateInto(_scene.Evaluator, low, p, null, x));
        Assert.Equal(before, _scene.Residues(x));
        PolynomialEvaluator.EvaluateInto(_scene.Evaluator, x, p, null, x);
        Assert.Equal(_scene.Residues(expected), _scene.Residues(x));
        ClearValue twin = _scene.Twin(slots, 4);
        PolynomialEvaluator.EvaluateInto(_scene.Clear, twin, p, null, twin);
        Assert.Equal(1, twin.Level);
        Assert.Equal(Math.Exp(slots[3].Real), twin[3].Real, 1e-6);
    }

    [Fact]
    public void Fit_ReportsProgressAndEndsWhenAsked()
    {
        List<double> reports = [];
        Named("abs").FitError(1e-2, progress: new Direct(reports.Add));
        Assert.True(reports.Count > 5 && reports.SequenceEqual(reports.Order()) && reports[^1] <= 1);
        using CancellationTokenSource source = new();
        Assert.Throws<OperationCanceledException>(() =>
            Named("abs").FitError(1e-3, progress: new Direct(_ => source.Cancel()), cancellation: source.Token));
        using CancellationTokenSource second = new();
        Assert.Throws<OperationCanceledException>(() => Sigmoid.FitLevels(7, new Direct(_ => second.Cancel()), second.Token));
    }

    [Fact]
    public void Fit_RefusesWhatHasNoMeaning()
    {
        Assert.Throws<ArgumentException>(() => new FunctionOnInterval(Math.Exp, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sigmoid.FitError(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sigmoid.FitError(0.1, maxDegree: 2000));
        Assert.Contains("degree 7 on [-8, 8] is off by", Assert.Throws<ArgumentException>(() => Sigmoid.FitError(1e-6, maxDegree: 7)).Message);
    }

    private static FunctionOnInterval Named(string name) => name switch
    {
        "sigmoid" => Sigmoid,
        "exp" => new(Math.Exp, -1, 1),
        "cos 20" => new(x => Math.Cos(20 * x), -1, 1),
        _ => new(Math.Abs, -1, 1),
    };

    private sealed class Direct(Action<double> action) : IProgress<double>
    {
        public void Report(double value) => action(value);
    }
}
