using Heann.Core;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Hnn.Model.Compilation;
using Hnn.Model.Weights;

namespace Hnn.Model.Sessions;

/// <summary>Makes sessions of either packing.</summary>
public static class EncryptedSessions
{
    /// <summary>The parameters that a bucket is evaluated with, without making a session.</summary>
    /// <param name="packing">How sentences lie in ciphertexts.</param>
    /// <param name="config">The network's shape.</param>
    /// <param name="bucket">B, one of the config's.</param>
    /// <param name="memory">What a session of batches may take: refused here where that does not do. Null for not asking; a sentence alone
    /// has no bound.</param>
    /// <exception cref="ArgumentException">The network cannot be evaluated under encryption, or not within that memory.</exception>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 is secure with the levels it takes.</exception>
    public static CkksParameters ParametersFor(SessionPacking packing, HnnConfig config, int bucket, SessionMemory? memory = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.RequireBucket(bucket);
        return packing switch
        {
            SessionPacking.Latency => LevelPlan.ParametersFor(config),
            SessionPacking.Throughput when memory is not null => ThroughputPlan.Create(config, bucket, memory.Bytes).Parameters,
            SessionPacking.Throughput => ThroughputPlan.ParametersFor(config),
            _ => throw Unknown(packing),
        };
    }

    /// <summary>Makes a session for a bucket.</summary>
    /// <param name="packing">How sentences lie in ciphertexts.</param>
    /// <param name="model">The model; borrowed.</param>
    /// <param name="bucket">B, one of the model's.</param>
    /// <param name="backend">Where to compute; borrowed.</param>
    /// <param name="memory">What a session of batches, or the keys of one of sentences one at a time, may take; null for the defaults.</param>
    /// <exception cref="ArgumentException">The model has no such bucket, or cannot be planned; or a bound of keys alone for batches.</exception>
    public static IEncryptedSession Create(
        SessionPacking packing, LoadedModel model, int bucket, RingBackend backend, SessionMemory? memory = null) => packing switch
    {
        SessionPacking.Latency => new LatencySession(model, bucket, backend, KeysOf(memory)),
        SessionPacking.Throughput when memory?.KeyBytes is not null => throw new ArgumentException(
            "The keys of a batch are needed all the time and count in its memory; bound that instead of the keys alone.", nameof(memory)),
        SessionPacking.Throughput => new ThroughputSession(model, bucket, backend, memory),
        _ => throw Unknown(packing),
    };

    private static KeyMemory? KeysOf(SessionMemory? memory) => memory?.KeyBytes is { } bytes ? new(bytes, memory.DiskFolder) : null;

    private static ArgumentOutOfRangeException Unknown(SessionPacking packing) =>
        new(nameof(packing), packing, $"There is no packing {packing}; there are {string.Join(", ", Enum.GetNames<SessionPacking>())}.");
}
