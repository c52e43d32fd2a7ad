using Hnn.Model.Tests.Layers;
using Hnn.Model.Text;
using Hnn.Model.Weights;

namespace Hnn.Model.Tests;

/// <summary>Text unlike any that the model was calibrated on.</summary>
internal static class Repeated
{
    /// <summary>A word so many times, tokenized for the committed model.</summary>
    public static int[] Ids(string word, int count)
    {
        WordPieceTokenizer tokenizer = new(ModelDirectory.Open(TestData.HnnTiny).LoadVocabulary());
        return [.. tokenizer.Tokenize(string.Join(' ', Enumerable.Repeat(word, count)), ReferenceModel.Config.MaxTokenCount).Ids];
    }
}
