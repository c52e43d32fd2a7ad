using Hnn.Model.Approximations;
using Hnn.Model.Client;
using Hnn.Model.Compilation;
using Hnn.Model.Datasets;
using Hnn.Model.Sessions;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Sessions;

/// <summary>What the polynomials under encryption make of hnn-sst5, in the clear, on the whole of SST-5's validation part where the data
/// set is at hand: it predicts how many labels change before anything is encrypted.</summary>
public sealed class HnnSst5Tests(ITestOutputHelper output)
{
    private const double LeastAgreement = 0.99;

    [Fact]
    public void TwinOnAllOfValidation_AgreesAndDisagreesWithinItsErrorAlone()
    {
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(Path.Combine(TestData.Root, "models", "hnn-sst5")));
        SoftArgmaxConfig config = model.Config.SoftArgmax;
        SoftmaxApproximation softmax = new(model.Config.Labels.Count, config.Low, config.High, config.Degree, config.Iterations);
        DifferentiableSoftArgmax exactly = new(config.Temperature);
        IReadOnlyList<LabelledSentence> sentences = SstTreeFile.Load(TestData.RequireData("sst5", "dev.txt"));
        ClearOutcome outcome = new ClearSession(model).Evaluate(sentences, Environment.ProcessorCount);
        (int agreements, int rounded, double worst) = (0, 0, 0);
        foreach (double[] logits in outcome.Logits)
        {
            SoftArgmaxResult result = exactly.Forward(logits);
            ReleasedValue exact = new(result.Probabilities), twin = new(softmax.Evaluate(exactly.Arguments(logits)));
            double error = twin.DistanceTo(exact);
            worst = Math.Max(worst, error);
            Assert.False(twin.IsOutOfRange);
            Assert.Equal(Array.IndexOf(logits, logits.Max()), exact.Label);
            Assert.True(twin.Label == exact.Label || error >= exact.LabelMargin, $"{error:E2} of {exact.LabelMargin:E2}");
            agreements += twin.Label == exact.Label ? 1 : 0;
            rounded += new ReleasedValue(result.Value, logits.Length).Label == exact.Label ? 1 : 0;
        }

        Assert.InRange(worst, 0, softmax.MaxError);
        Assert.True(agreements >= LeastAgreement * sentences.Count, $"{agreements} of {sentences.Count}");
        output.WriteLine($"{agreements} of {sentences.Count} labels agree, largest error {worst:E2} of a bound of {softmax.MaxError:E2}; "
            + $"round(y) is the argmax of {rounded}");
    }

    // Of each bucket one: the packed circuit's twin is the polynomials of the network's own logits.
    [Fact]
    public void PackedTwin_IsThePolynomialsOfTheLogits()
    {
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(Path.Combine(TestData.Root, "models", "hnn-sst5")));
        SoftArgmaxConfig config = model.Config.SoftArgmax;
        SoftmaxApproximation softmax = new(model.Config.Labels.Count, config.Low, config.High, config.Degree, config.Iterations);
        SentenceEmbedder embedder = new(model.Weights.Embeddings);
        ClearSession session = new(model);
        foreach (int words in (int[])[8, 20, 40])
        {
            LabelledSentence sentence = new(string.Concat(Enumerable.Repeat("good and bad film . ", (words / 5) + 1)), 0);
            double[] logits = session.Evaluate([sentence]).Logits[0];
            IReadOnlyList<int> ids = model.Tokenize(sentence.Text).Ids;
            LevelPlan plan = LevelPlan.Create(model.Config, model.Config.BucketFor(ids.Count));
            ReleasedValue twin = new ClearNetwork(plan, model.Weights.Network).Evaluate(embedder.Embed(ids)).TwinReleased;
            double[] expected = softmax.Evaluate(new DifferentiableSoftArgmax(config.Temperature).Arguments(logits));
            Assert.Equal(expected.Length, twin.Probabilities!.Count);
            Assert.All(expected.Zip(twin.Probabilities), pair => Assert.Equal(pair.First, pair.Second, 1e-8));
        }
    }
}
