namespace Heann.Core.Planning;

/// <summary>A circuit cannot be planned: the message names the operation, its position in the circuit and the remedy.</summary>
public sealed class CircuitPlanException : InvalidOperationException
{
    internal CircuitPlanException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Position of the operation that fails, counted from 1; 0 if it is the whole circuit.</summary>
    public int Position { get; init; }

    /// <summary>The last stage that the circuit had announced; null if none.</summary>
    public string? AfterStage { get; init; }

    /// <summary>Levels that are missing at that operation; 0 if it fails for another reason.</summary>
    public int MissingLevelCount { get; init; }
}
