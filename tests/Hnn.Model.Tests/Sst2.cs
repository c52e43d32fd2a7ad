using Hnn.Model.Text;
using Hnn.Model.Tests.Layers;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests;

/// <summary>The SST-2 validation sentences, which are not part of the repository.</summary>
internal static class Sst2
{
    /// <summary>All of them, tokenized for the committed model; skips the running test where the data is absent.</summary>
    public static (TokenizedText Tokens, int Label)[] Validation()
    {
        string path = TestData.RequireData("sst2", "dev.tsv");
        WordPieceTokenizer tokenizer = new(ModelDirectory.Open(TestData.HnnTiny).LoadVocabulary());
        return [.. File.ReadLines(path).Skip(1).Select(line => line.Split('\t')).Select(
            row => (tokenizer.Tokenize(row[0], ReferenceModel.Config.MaxTokenCount), int.Parse(row[1], null)))];
    }
}
