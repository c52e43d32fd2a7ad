using Hnn.Model.Datasets;
using Hnn.Model.Plain;
using Hnn.Model.Sessions;
using Hnn.Model.Tests.Cli;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Sessions;

public sealed class ClearSessionTests
{
    private static readonly LabelledSentence[] Sentences = [new("good film", 1), new("bad film bad film", 0), new("a good", 1)];

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Evaluate_GivesEachSentenceTheNaiveNetworksLogits(int classCount)
    {
        using TinyModel folder = new(classCount: classCount);
        LoadedModel model = LoadedModel.Load(ModelDirectory.Open(folder.Folder));
        ClearOutcome outcome = new ClearSession(model).Evaluate(Sentences);
        Assert.Equal([1, 0, 1], outcome.Labels);
        Assert.Equal(1, outcome.TruncatedCount);
        for (int i = 0; i < Sentences.Length; i++)
        {
            double[,] tokens = new Model.Client.SentenceEmbedder(model.Weights.Embeddings).Embed(model.Tokenize(Sentences[i].Text).Ids);
            double[] expected = NaiveNetwork.Logits(
                model.Config, model.Weights.Network, tokens, model.Config.BucketFor(tokens.GetLength(0)));
            Assert.Equal(classCount, outcome.Logits[i].Length);
            Assert.All(expected.Zip(outcome.Logits[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-13));
        }

        double largest = outcome.Logits.Max(x => x.Max(Math.Abs));
        Assert.Equal(largest, outcome.Ranges.Single(r => r.Name == "logits").LargestMagnitude);
        Assert.Equal(classCount == 2, outcome.Ranges.Any(r => r.Name == "logit_difference"));
    }

    [Fact]
    public void Evaluate_DoesNotDependOnTheThreadsAndReportsItsProgress()
    {
        using TinyModel folder = new();
        ClearSession session = new(LoadedModel.Load(ModelDirectory.Open(folder.Folder)));
        LabelledSentence[] many = [.. Enumerable.Range(0, 60).Select(i => Sentences[i % 3] with { Text = $"{Sentences[i % 3].Text} {i}" })];
        List<double> parts = [];
        ClearOutcome one = session.Evaluate(many), four = session.Evaluate(many, 4, new Collect(parts));
        Assert.Equal(one.Logits, four.Logits);
        Assert.Equal(one.Ranges, four.Ranges);
        Assert.Equal(Enumerable.Range(1, 60).Select(i => i / 60.0), parts);
    }

    [Fact]
    public void Evaluate_RefusesWhatItCannotEvaluate()
    {
        using TinyModel folder = new(), broken = new(weightSize: 1e30f);
        ClearSession session = new(LoadedModel.Load(ModelDirectory.Open(folder.Folder)));
        Assert.Throws<ArgumentException>(() => session.Evaluate([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Evaluate(Sentences, 0));
        Assert.Contains(
            "label 2", Assert.Throws<ArgumentException>(() => session.Evaluate([new("good", 2)])).Message, StringComparison.Ordinal);
        LabelledSentence[] empty = [.. Sentences, new(" \t", 0), new("", 1)];
        Assert.Contains(
            "Sentence 3", Assert.Throws<InvalidDataException>(() => session.Evaluate(empty, 4)).Message, StringComparison.Ordinal);
        Assert.Throws<OperationCanceledException>(() => session.Evaluate(Sentences, 1, null, new CancellationToken(canceled: true)));
        string message = Assert.Throws<InvalidDataException>(
            () => new ClearSession(LoadedModel.Load(ModelDirectory.Open(broken.Folder))).Evaluate(Sentences, 2)).Message;
        Assert.Contains("Sentence 0", message, StringComparison.Ordinal);
        Assert.Contains("overflow", message, StringComparison.Ordinal);
    }

    private sealed class Collect(List<double> parts) : IProgress<double>
    {
        public void Report(double value) => parts.Add(value);
    }
}
