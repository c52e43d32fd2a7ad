using FsCheck;
using FsCheck.Fluent;
using Hnn.Model.Approximations;

namespace Hnn.Model.Tests.Approximations;

public class DifferentiableSoftArgmaxTests
{
    private const double Step = 1e-5;
    private const double Tolerance = 2e-8;

    private static readonly Arbitrary<(double[] X, double T)> Samples = (
        from count in Gen.Choose(2, 6)
        from x in Gen.Choose(-8000, 8000).Select(i => i / 1000.0).ArrayOf(count)
        from t in Gen.Choose(300, 5000).Select(i => i / 1000.0)
        select (x, t)).ToArbitrary();

    [Fact]
    public void Forward_IsTheDefinition() => Prop.ForAll(Samples, item =>
    {
        double[] weights = [.. item.X.Select(x => Math.Exp(x / item.T))];
        double[] p = [.. weights.Select(w => w / weights.Sum())];
        SoftArgmaxResult result = new DifferentiableSoftArgmax(item.T).Forward(item.X);
        return Math.Abs(result.Value - p.Select((v, i) => i * v).Sum()) < 1e-13
            && result.Probabilities.Zip(p, (a, b) => Math.Abs(a - b)).Max() < 1e-13
            && Math.Abs(result.EntropyBits + p.Sum(v => v * Math.Log2(v))) < 1e-12
            && Math.Abs(result.Probabilities.Sum() - 1) < 1e-14;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Forward_OfTwoIsTheSigmoid() => Prop.ForAll(Samples, item =>
    {
        double y = new DifferentiableSoftArgmax(item.T).Forward(item.X.AsSpan(0, 2)).Value;
        return Math.Abs(y - SigmoidApproximation.Sigmoid((item.X[1] - item.X[0]) / item.T)) <= 1e-15;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Backward_EqualsCentralDifferences() => Prop.ForAll(Samples, item =>
    {
        SoftArgmaxGradient gradient = new DifferentiableSoftArgmax(item.T).Backward(item.X);
        double Value(double[] x, double t) => new DifferentiableSoftArgmax(t).Forward(x).Value;
        return gradient.Value == Value(item.X, item.T) && MatchesDifferences(gradient, Value, item.X, item.T);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Loss_GradientEqualsCentralDifferencesForEveryLabel() => Prop.ForAll(Samples, item =>
        Enumerable.Range(0, item.X.Length).All(label =>
        {
            double Value(double[] x, double t) => new DifferentiableSoftArgmax(t).Loss(x, label).Value;
            return MatchesDifferences(new DifferentiableSoftArgmax(item.T).Loss(item.X, label), Value, item.X, item.T);
        })).QuickCheckThrowOnFailure();

    [Fact]
    public void Loss_OfTwoIsTheBinaryCrossEntropy() => Prop.ForAll(Samples, item =>
    {
        DifferentiableSoftArgmax softArgmax = new(item.T);
        double[] x = item.X[..2];
        // Beside 1 a probability keeps only absolute digits, so the logarithm of 1 - y is compared where y is not close to 1.
        double y = softArgmax.Forward(x).Value;
        return y is < 1e-6 or > 1 - 1e-6
            || (Math.Abs(softArgmax.Loss(x, 1).Value + Math.Log(y)) < 1e-9
                && Math.Abs(softArgmax.Loss(x, 0).Value + Math.Log(1 - y)) < 1e-9);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Entropy_RisesWithTheTemperatureAndTheArgmaxStays() => Prop.ForAll(Samples, item =>
    {
        SoftArgmaxResult cold = new DifferentiableSoftArgmax(item.T).Forward(item.X);
        SoftArgmaxResult warm = new DifferentiableSoftArgmax(item.T * 1.5).Forward(item.X);
        static int ArgMax(IReadOnlyList<double> p) => Array.IndexOf([.. p], p.Max());
        return warm.EntropyBits >= cold.EntropyBits - 1e-12 && warm.EntropyBits <= Math.Log2(item.X.Length) + 1e-12
            && ArgMax(cold.Probabilities) == ArgMax(warm.Probabilities);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Gradients_ObeyTheInvariances() => Prop.ForAll(Samples, item =>
    {
        // A common shift changes nothing; scaling x and T together changes nothing.
        SoftArgmaxGradient g = new DifferentiableSoftArgmax(item.T).Backward(item.X);
        double euler = g.ByLogits.Zip(item.X, (d, x) => d * x).Sum() + item.T * g.ByTemperature;
        return Math.Abs(g.ByLogits.Sum()) < 1e-12 && Math.Abs(euler) < 1e-12;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Arguments_GiveTheProbabilitiesAndIgnoreACommonShift() => Prop.ForAll(Samples, item =>
    {
        DifferentiableSoftArgmax softArgmax = new(item.T);
        double[] arguments = softArgmax.Arguments(item.X), shifted = softArgmax.Arguments([.. item.X.Select(x => x + 3)]);
        IReadOnlyList<double> p = softArgmax.Forward(item.X).Probabilities;
        bool isSame = arguments.Zip(shifted, (a, b) => Math.Abs(a - b)).Max() < 1e-12;
        if (item.X.Length == 2)
        {
            return isSame && arguments.Length == 1 && Math.Abs(SigmoidApproximation.Sigmoid(arguments[0]) - p[1]) < 1e-14;
        }

        double sum = arguments.Sum(Math.Exp);
        return isSame && Math.Abs(arguments.Sum()) < 1e-11
            && arguments.Select(a => Math.Exp(a) / sum).Zip(p, (a, b) => Math.Abs(a - b)).Max() < 1e-13;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Forward_SurvivesExtremeLogits()
    {
        DifferentiableSoftArgmax softArgmax = new(0.5);
        SoftArgmaxResult result = softArgmax.Forward([-1e300, 1e300, 0]);
        Assert.Equal((1.0, 0.0), (result.Value, result.EntropyBits));
        Assert.Equal(4000, softArgmax.Loss([0, 2000], 0).Value, 1e-9);
        Assert.Equal(1, softArgmax.Forward([3, 3]).EntropyBits, 1e-15);
        Assert.Equal(DifferentiableSoftArgmax.InitialTemperature, new DifferentiableSoftArgmax().Temperature);
    }

    [Fact]
    public void Forward_RoundedNeedNotBeTheArgmax()
    {
        double[] logits = [.. ((double[])[0.4, 1e-9, 1e-9, 1e-9, 0.6]).Select(p => Math.Log(p))];
        SoftArgmaxResult result = new DifferentiableSoftArgmax(1).Forward(logits);
        Assert.Equal(2.4, result.Value, 1e-7);
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DifferentiableSoftArgmax(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DifferentiableSoftArgmax(double.NaN));
        DifferentiableSoftArgmax softArgmax = new(1);
        Assert.Throws<ArgumentException>(() => softArgmax.Forward([1.0]));
        Assert.Throws<ArgumentException>(() => softArgmax.Arguments([1.0]));
        Assert.Throws<ArgumentException>(() => softArgmax.Arguments([1.0, double.PositiveInfinity]));
        Assert.Throws<ArgumentException>(() => softArgmax.Backward([1.0, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => softArgmax.Loss([1.0, 2], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => softArgmax.Loss([1.0, 2], -1));
    }

    private static bool MatchesDifferences(SoftArgmaxGradient gradient, Func<double[], double, double> value, double[] x, double t)
    {
        double byTemperature = (value(x, t + Step) - value(x, t - Step)) / (2 * Step);
        // The third derivative by T, which the difference neglects, grows as T falls.
        bool matches = Math.Abs(byTemperature - gradient.ByTemperature) < Tolerance * (1 + Math.Pow(t, -6) * 30);
        for (int j = 0; j < x.Length; j++)
        {
            double[] up = [.. x];
            double[] down = [.. x];
            up[j] += Step;
            down[j] -= Step;
            matches &= Math.Abs((value(up, t) - value(down, t)) / (2 * Step) - gradient.ByLogits[j]) < Tolerance;
        }

        return matches;
    }
}
