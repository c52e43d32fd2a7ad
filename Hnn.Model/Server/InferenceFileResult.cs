using Heann.Core.Ciphertexts;
using Hnn.Model.Compilation;

namespace Hnn.Model.Server;

/// <summary>What answering a request took.</summary>
/// <param name="Bucket">The request's bucket.</param>
/// <param name="KeyId">The client.</param>
/// <param name="Plan">The plan of the evaluation.</param>
/// <param name="LoadTime">Reading and checking the request and the keys, and expanding them; without the keys where they are read on
/// demand.</param>
/// <param name="EvaluateTime">The evaluation, preparing the weights included, and keys that are read on demand.</param>
public sealed record InferenceFileResult(int Bucket, KeyId KeyId, LevelPlan Plan, TimeSpan LoadTime, TimeSpan EvaluateTime)
{
    /// <summary>Keys loaded: those that the bucket needs.</summary>
    public required int LoadedKeyCount { get; init; }

    /// <summary>How many times one of them was read: as many as there are, or, on demand, more where memory did not keep them.</summary>
    public required long KeyReadCount { get; init; }

    /// <summary>Most bytes of keys that were in memory at once.</summary>
    public required long KeyMemoryBytes { get; init; }

    /// <summary>Bytes of the request's file.</summary>
    public required long RequestBytes { get; init; }

    /// <summary>Bytes of the response's file.</summary>
    public required long ResponseBytes { get; init; }
}
