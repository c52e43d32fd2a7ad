namespace Heann.Core.Backends;

/// <summary>What is done with two values and the old value of the destination.</summary>
internal enum SimdOperation
{
    /// <summary>x + y.</summary>
    Add,

    /// <summary>x − y.</summary>
    Subtract,

    /// <summary>x·y.</summary>
    Multiply,

    /// <summary>destination + x·y.</summary>
    MultiplyAdd,
}
