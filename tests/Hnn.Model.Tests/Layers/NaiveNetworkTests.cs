using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests.Layers;

/// <summary>The test's own network against the reference that was computed elsewhere: what all other tests are measured by.</summary>
public sealed class NaiveNetworkTests
{
    [Fact]
    public void Logits_EqualTheReference()
    {
        Assert.Equal(16, ReferenceModel.Sentences.Count);
        Assert.All(ReferenceModel.Sentences, sentence =>
        {
            double[] logits = NaiveNetwork.Logits(
                ReferenceModel.Config, ReferenceModel.Weights.Network, ReferenceModel.Embedder.Embed(sentence.Ids),
                ReferenceModel.Config.BucketFor(sentence.Ids.Length));
            Assert.Equal(sentence.Logits[0], logits[0], 1e-12);
            Assert.Equal(sentence.Logits[1], logits[1], 1e-12);
        });
    }

    [Fact]
    public void Validation_740Of872AreRight()
    {
        (TokenizedText Tokens, int Label)[] sentences = Sst2.Validation();
        Assert.Equal(872, sentences.Length);
        int right = 0;
        Parallel.ForEach(sentences, sentence =>
        {
            int label = ReferenceModel.NaiveArgument([.. sentence.Tokens.Ids]) > 0 ? 1 : 0;
            if (label == sentence.Label) Interlocked.Increment(ref right);
        });
        Assert.Equal(740, right);
        Assert.Equal([197, 467, 208], ReferenceModel.Config.Buckets.Select(
            bucket => sentences.Count(s => ReferenceModel.Config.BucketFor(s.Tokens.Ids.Count) == bucket)));
    }

    [Fact]
    public void Block_LeavesPaddingZeroAndTokensNot()
    {
        RandomNetwork network = new(8, 2, 20, 1, 8, 5);
        double[] mask = NaiveNetwork.Mask(3, 8);
        double[][] y = NaiveNetwork.Block(network.Weights().Layers[0], network.Config, NaiveNetwork.Pad(network.Tokens(3), 8), mask);
        Assert.All(y[3..], row => Assert.All(row, v => Assert.Equal(0, v)));
        Assert.All(y[..3], row => Assert.All(row, v => Assert.NotEqual(0, v)));
    }
}
