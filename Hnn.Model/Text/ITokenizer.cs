namespace Hnn.Model.Text;

/// <summary>Text → token ids of one vocabulary, framed for the model. Implementations are safe for use from several threads.</summary>
public interface ITokenizer
{
    /// <summary>Tokenizes one text: [CLS] pieces… [SEP].</summary>
    /// <param name="text">Any UTF-16 text; an empty one gives just [CLS] [SEP], which the caller may refuse.</param>
    /// <param name="maxTokenCount">The most tokens wanted, the two of the frame included; at least 2.</param>
    /// <returns>Between 2 and <paramref name="maxTokenCount"/> tokens, and whether pieces were cut off to get there.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokenCount"/> is less than 2.</exception>
    TokenizedText Tokenize(string text, int maxTokenCount);
}
