namespace Hnn.Model.Plain;

/// <summary>The activation of the feed-forward layers of a <see cref="PlainDistilBert"/>.</summary>
public enum PlainActivation
{
    /// <summary>u · Φ(u) = u/2 · (1 + erf(u/√2)), not its tanh approximation. Source: Hendrycks, Gimpel, arXiv 1606.08415.</summary>
    Gelu,

    /// <summary>max(0, u).</summary>
    Relu,
}
