namespace Hnn.Model.Tests;

/// <summary>How far decrypted values may lie from the clear twin's, largest slot, and the encrypted network from the exact one.</summary>
/// <remarks>
/// A few times the largest error seen over many keys; the scale is 2^40, weights are encoded at 2^28, values are near 1. A budget that is
/// exceeded is a fault of the arithmetic or of an estimate, not of the budget.
/// </remarks>
internal static class ErrorBudgets
{
    /// <summary>One linear map, N = 2^10: rounding of the weights at 2^28 and of the result.</summary>
    public const double Linear = 3e-7;

    /// <summary>One square, N = 2^10.</summary>
    public const double Square = 5e-9;

    /// <summary>An attention with its projections, N = 2^10.</summary>
    public const double Attention = 1e-6;

    /// <summary>A feed-forward, N = 2^10.</summary>
    public const double FeedForward = 3e-7;

    /// <summary>A transformer block, N = 2^10. What comes as real and imaginary parts is at up to eight times the scale, and meets weights at
    /// an eighth of theirs.</summary>
    public const double Block = 2e-6;

    /// <summary>Pooling and classifier, N = 2^10.</summary>
    public const double Head = 6e-7;

    /// <summary>The polynomial of the soft-argmax.</summary>
    public const double SoftArgmax = 1e-8;

    /// <summary>Exponentials, their sum and the division, N = 2^10: what enters the exponential at its upper end leaves it some ten times
    /// as large, and a division by a small sum magnifies.</summary>
    public const double Softmax = 2e-6;

    /// <summary>A whole small network of more than two classes, N = 2^10.</summary>
    public const double Probabilities = 2e-6;

    /// <summary>A whole small network, N = 2^10 or 2^11, soft-argmax included.</summary>
    public const double Network = 5e-8;

    /// <summary>hnn-tiny under its real parameters against the clear twin: primes are chosen as small as 2e-3 allows, and near 1/2 the
    /// soft-argmax magnifies most. 2e-4 is the largest seen.</summary>
    public const double Twin = 1e-3;

    /// <summary>hnn-tiny under its real parameters against the exact sigmoid: the polynomial's 9e-4 and the twin's.</summary>
    public const double Absolute = 2e-3;

    /// <summary>hnn-tiny on a text out of range, relative to the soft-argmax's argument: values up to 32 magnify errors, and the value that
    /// is released lies some hundred times steeper outside the interval. 4.6e-4 is the largest seen over twenty keys, 2e-4 their root mean
    /// square.</summary>
    public const double OutOfRangeArgument = 1e-3;
}
