using Heann.Core.Ciphertexts;
using Hnn.Model.Compilation;

namespace Hnn.Model.Server;

/// <summary>What answering a request took.</summary>
/// <param name="Bucket">The request's bucket.</param>
/// <param name="KeyId">The client.</param>
/// <param name="Plan">The plan of the evaluation.</param>
/// <param name="LoadTime">Reading and checking the request and the keys, and expanding them.</param>
/// <param name="EvaluateTime">The evaluation, preparing the weights included.</param>
public sealed record InferenceFileResult(int Bucket, KeyId KeyId, LevelPlan Plan, TimeSpan LoadTime, TimeSpan EvaluateTime)
{
    /// <summary>Keys loaded.</summary>
    public required int LoadedKeyCount { get; init; }

    /// <summary>Bytes of the loaded keys in memory.</summary>
    public required long KeyMemoryBytes { get; init; }

    /// <summary>Bytes of the request's file.</summary>
    public required long RequestBytes { get; init; }

    /// <summary>Bytes of the response's file.</summary>
    public required long ResponseBytes { get; init; }
}
