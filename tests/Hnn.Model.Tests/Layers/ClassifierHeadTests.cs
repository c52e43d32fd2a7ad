using Heann.Core;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Hnn.Model.Approximations;
using Hnn.Model.Layers;
using Hnn.Model.Packing;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Layers;

/// <summary>ClassifierHead against the naive logits, SoftArgmax against its own polynomial, σ and hand-made configs.</summary>
public sealed class ClassifierHeadTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(4, 2, 4, 3, 2)]
    [InlineData(8, 2, 8, 8, 2)]
    [InlineData(8, 8, 1, 1, 2)]
    [InlineData(6, 3, 16, 2, 2)]
    [InlineData(12, 3, 4, 4, 2)]
    [InlineData(4, 2, 4, 3, 3)]
    [InlineData(8, 2, 8, 8, 5)]
    [InlineData(6, 3, 4, 1, 4)]
    [InlineData(12, 3, 8, 7, 32)]
    [InlineData(1, 1, 4, 3, 2)]
    public void Forward_GivesTheMappedArgumentsAtTheirPlaces(int hidden, int heads, int bucket, int tokens, int classes)
    {
        LayerScene scene = new(InsecureSets.For(ClassifierHead.ProductLevels, 10));
        RandomNetwork network = new(hidden, heads, 1, 1, bucket, 8, classes);
        HeadWeights weights = network.Weights().Head;
        TokenLayout layout = new(scene.Parameters.SlotCount, bucket, hidden, heads);
        double[,] x = network.Tokens(tokens);
        double[] logits = NaiveNetwork.Head(
            weights, network.Config.Activation, NaiveNetwork.Pad(x, bucket), NaiveNetwork.Mask(tokens, bucket));

        // An interval that is not symmetric, where there may be one.
        SoftArgmax softArgmax = new(new(1.25, classes == 2 ? -8 : -3, classes == 2 ? 8 : 5), classes);
        Layer layer = new(new(layout, weights, QuadraticActivation.FromCoefficients(network.Config.Activation), softArgmax));
        SlotVector[] packed = [layout.PackTokens(x)];
        double[] clear = scene.Clear(layer, packed, layout.PackMask(tokens))[0];
        int places = classes switch { 2 => 1, 3 => 4, 5 => 8, _ => classes };
        Assert.Equal(places, softArgmax.PlaceCount);
        double[] arguments = new DifferentiableSoftArgmax(1.25).Arguments(logits);
        for (int slot = 0; slot < clear.Length; slot++)
        {
            int place = slot % places;
            double expected = place >= arguments.Length ? 0 : classes == 2 ? arguments[0] / 8 : (arguments[place] - 1) / 4;
            Assert.Equal(expected, clear[slot], 1e-12);
        }

        double error = scene.AssertEncryptedEqualsClear(layer, packed, layout.PackMask(tokens), ErrorBudgets.Head);
        output.WriteLine($"{error:E2}");
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(5, 2)]
    public void Constructor_RefusesAnotherNumberOfClasses(int classes, int rows)
    {
        LinearWeights classifier = RandomNetwork.Map(new(1), rows, 4);
        HeadWeights weights = new RandomNetwork(4, 2, 1, 1, 4, 8).Weights().Head with { Classifier = classifier };
        string message = Assert.Throws<ArgumentException>(
            () => new ClassifierHead(new(64, 4, 4, 2), weights, new(0.125, 0.5), new(new(1, -4, 4), classes))).Message;
        Assert.Contains($"for {classes} classes and the classifier has {rows}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_RefusesMoreClassesThanATokenHasPlaces()
    {
        RandomNetwork network = new(2, 2, 1, 1, 4, 8, 5);
        string message = Assert.Throws<ArgumentException>(
            () => new ClassifierHead(new(64, 4, 2, 2), network.Weights().Head, new(0.125, 0.5), new(new(1, -4, 4), 5))).Message;
        Assert.Contains("5 classes take 8 places and a token of 2 features has 4", message, StringComparison.Ordinal);
    }

    [Fact]
    public void SoftArgmax_EqualsItsPolynomialAndTheEncryptedTwin()
    {
        LayerScene scene = new(InsecureSets.For(Enumerable.Repeat(true, 4), 10));
        SoftArgmax softArgmax = new(new(2, -8, 8));
        Assert.Equal((4, 2.0, 15), (softArgmax.Depth, softArgmax.Temperature, softArgmax.Polynomial.Degree));
        Assert.Equal(1.0 / (8 * 2), softArgmax.InputFactor, 1e-15);

        // Every slot another argument from −8 to 8, ends included.
        double[] arguments = [.. Enumerable.Range(0, 512).Select(i => -8 + (16 * i / 511.0))];
        SlotVector mapped = SlotVector.Periodic([.. arguments.Select(x => x / 8)]);
        double[] clear = scene.Clear(new Soft(softArgmax), [mapped], mapped)[0];
        for (int i = 0; i < arguments.Length; i++)
        {
            Assert.Equal(softArgmax.Polynomial.Evaluate(arguments[i]), clear[i], 1e-12);
            Assert.Equal(1 / (1 + Math.Exp(-arguments[i])), clear[i], 9e-4);
        }

        ClearEvaluator exact = new(scene.Parameters, usesExactFunctions: true);
        double[] sigmoid = softArgmax.Forward(exact, exact.Create(mapped), scene.Parameters.DefaultScale).ToReal();
        for (int i = 0; i < arguments.Length; i++) Assert.Equal(1 / (1 + Math.Exp(-arguments[i])), sigmoid[i], 1e-15);
        double error = scene.AssertEncryptedEqualsClear(new Soft(softArgmax), [mapped], mapped, ErrorBudgets.SoftArgmax);
        output.WriteLine($"{error:E2}");
    }

    [Fact]
    public void SoftArgmax_RefusesAnIntervalThatIsNotSymmetric() =>
        Assert.Contains("[-4, 8]", Assert.Throws<ArgumentException>(() => new SoftArgmax(new(2, -4, 8))).Message, StringComparison.Ordinal);

    private sealed record Layer(ClassifierHead Head) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue => [Head.Forward(evaluator, x[0], mask, x[0].Scale)];
    }

    private sealed record Soft(SoftArgmax SoftArgmax) : ILayer
    {
        public T[] Forward<T>(CircuitEvaluator<T> evaluator, T[] x, T mask)
            where T : class, ICircuitValue => [SoftArgmax.Forward(evaluator, x[0], new Scale(x[0].Scale.Value))];
    }
}
