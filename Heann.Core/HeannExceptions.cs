namespace Heann.Core;

/// <summary>An operation needs more levels than a ciphertext has left.</summary>
public sealed class LevelExhaustedException(string message) : InvalidOperationException(message)
{
    /// <summary>What needs the levels.</summary>
    public string Operation { get; init; } = "The operation";

    /// <summary>Levels left.</summary>
    public int Available { get; init; }

    /// <summary>Levels needed, more than <see cref="Available"/>.</summary>
    public int Needed { get; init; } = 1;
}

/// <summary>Two operands have different scales.</summary>
public sealed class ScaleMismatchException(string message) : InvalidOperationException(message);

/// <summary>Two operands are at different levels.</summary>
public sealed class LevelMismatchException(string message) : InvalidOperationException(message);

/// <summary>A relinearisation or Galois key that an operation needs is not there, or reaches only lower levels.</summary>
public sealed class MissingKeyException(string message) : InvalidOperationException(message);

/// <summary>Operands belong to different parameters or to different keys.</summary>
public sealed class ForeignOperandException(string message) : InvalidOperationException(message);

/// <summary>A parameter set offers less security than was asked for.</summary>
public sealed class InsufficientSecurityException(string message) : ArgumentException(message);
