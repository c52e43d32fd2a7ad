using Hnn.Model.Weights;

namespace Hnn.Model.Client;

/// <summary>Token ids → the network's input, in the clear on the client: x[t] = LayerNorm(word[id_t] + position[t]).</summary>
/// <remarks>LayerNorm(v) = (v − mean v) / √(var v + ε) · weight + bias, with the population variance.
/// Immutable; safe for use from several threads.
/// <b>Security</b>: a row of x tells its token; x leaves the client only encrypted.</remarks>
public sealed class SentenceEmbedder
{
    private readonly EmbeddingWeights _weights;

    /// <summary>Makes an embedder.</summary>
    /// <param name="weights">Kept, not copied.</param>
    /// <exception cref="ArgumentException">The arrays' sizes do not fit together, or ε is not positive.</exception>
    public SentenceEmbedder(EmbeddingWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        int hidden = weights.NormWeight.Length;
        if (hidden == 0 || weights.NormBias.Length != hidden || weights.Word.Length % hidden != 0 || weights.Position.Length % hidden != 0)
            throw new ArgumentException(
                $"Sizes word {weights.Word.Length}, position {weights.Position.Length}, norm weight {hidden} "
                + $"and bias {weights.NormBias.Length} do not fit together.", nameof(weights));
        if (!(weights.NormEpsilon > 0))
            throw new ArgumentException($"The LayerNorm ε is {weights.NormEpsilon}; it must be more than 0.", nameof(weights));
        _weights = weights;
    }

    /// <summary>Embeds one text.</summary>
    /// <param name="ids">Token ids, (tokens), the frame included; at least 1, at most the number of positions.</param>
    /// <returns>x, (tokens, hidden). Padding is the caller's: zero rows.</returns>
    /// <exception cref="ArgumentException">No ids, or more than there are positions.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An id outside the vocabulary.</exception>
    public double[,] Embed(IReadOnlyList<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0 || ids.Count > _weights.MaxPosition)
            throw new ArgumentException(
                $"{ids.Count} tokens were given; 1 to {_weights.MaxPosition} have a position. Truncate the text first.", nameof(ids));
        int hidden = _weights.HiddenSize;
        var x = new double[ids.Count, hidden]; // (tokens, hidden)
        var row = new double[hidden];
        for (int t = 0; t < ids.Count; t++)
        {
            int id = ids[t];
            if ((uint)id >= (uint)_weights.VocabularySize)
                throw new ArgumentOutOfRangeException(
                    nameof(ids), id, $"Token {t}: ids run from 0 to {_weights.VocabularySize - 1}; use the model's own vocabulary.");
            for (int j = 0; j < hidden; j++) row[j] = (double)_weights.Word[id * hidden + j] + _weights.Position[t * hidden + j];
            Normalize(row, x, t);
        }

        return x;
    }

    private void Normalize(double[] row, double[,] x, int t)
    {
        double mean = row.Average(), variance = row.Sum(v => (v - mean) * (v - mean)) / row.Length;
        double scale = 1 / Math.Sqrt(variance + _weights.NormEpsilon);
        for (int j = 0; j < row.Length; j++) x[t, j] = (row[j] - mean) * scale * _weights.NormWeight[j] + _weights.NormBias[j];
    }
}
