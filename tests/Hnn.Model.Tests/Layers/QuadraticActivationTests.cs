using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Layers;

/// <summary>The folded activation: before, square, after is the map, the activation and the map.</summary>
public sealed class QuadraticActivationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0.5, 0.125)]
    [InlineData(-1.25, 0.3)]
    [InlineData(0, 2)]
    public void BeforeSquareAfter_EqualsTheActivationBetweenTheMaps(double c1, double c2)
    {
        QuadraticActivation activation = QuadraticActivation.FromCoefficients([0, c1, c2]);
        LinearWeights first = RandomNetwork.Map(new(1), 5, 3), second = RandomNetwork.Map(new(2), 4, 5);
        double[][] x = [[0.3, -1.2, 2.5]];
        double[][] expected = NaiveNetwork.Linear(
            second, [NaiveNetwork.Activation([0, c1, c2], NaiveNetwork.Linear(first, x, [1])[0])], [1]);
        double[] square = [.. NaiveNetwork.Linear(activation.Before(first), x, [1])[0].Select(s => s * s)];
        double[][] actual = NaiveNetwork.Linear(activation.After(second), [square], [1]);
        for (int o = 0; o < 4; o++) Assert.Equal(expected[0][o], actual[0][o], 1e-12);
        Assert.Equal(Math.Sqrt(c2), activation.InputFactor);
    }

    [Theory]
    [InlineData(0.0, 0.5, 0.0)]
    [InlineData(0.0, 0.5, -0.125)]
    [InlineData(0.1, 0.5, 0.125)]
    [InlineData(0.0, 0.5, double.NaN)]
    public void FromCoefficients_RefusesWhatIsNoSquare(double c0, double c1, double c2) =>
        Assert.Throws<InvalidDataException>(() => QuadraticActivation.FromCoefficients([c0, c1, c2]));

    [Fact]
    public void FromCoefficients_RefusesOtherThanThree()
    {
        Assert.Throws<InvalidDataException>(() => QuadraticActivation.FromCoefficients([0, 0.5]));
        Assert.Throws<InvalidDataException>(() => QuadraticActivation.FromCoefficients([0, 0.5, 0.1, 0.1]));
    }

    [Fact]
    public void SquareInto_SquaresEverySlotForOneLevel()
    {
        LayerScene scene = new(InsecureSets.For([true], 10));
        double[] x = RandomNetwork.Values(new(5), 512, 2);
        SlotVector slots = SlotVector.Periodic(x);
        Assert.Equal(x.Select(v => v * v), scene.Clear(new Square(), [slots], slots)[0]);
        double error = scene.AssertEncryptedEqualsClear(new Square(), [slots], slots, ErrorBudgets.Square);
        output.WriteLine($"{error:E2}");
    }

    private sealed record Square : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue
        {
            T y = evaluator.Copy(x[0]);
            QuadraticActivation.SquareInto(evaluator, y);
            return [y];
        }
    }
}
