using Hnn.Model.Text;

namespace Hnn.Model.Tests.Text;

/// <summary>The committed vocabulary, loaded once.</summary>
public sealed class TextFixture
{
    public Vocabulary Vocabulary { get; } = Vocabulary.Load(Path.Combine(TestData.HnnTiny, "vocab.txt"));
}
