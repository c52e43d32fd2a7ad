using Heann.Core;
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
    /// <exception cref="NotSupportedException">This build has no such packing.</exception>
    /// <exception cref="ArgumentException">The network cannot be evaluated under encryption.</exception>
    /// <exception cref="InsufficientSecurityException">No ring up to 2^17 is secure with the levels it takes.</exception>
    public static CkksParameters ParametersFor(SessionPacking packing, HnnConfig config, int bucket)
    {
        ArgumentNullException.ThrowIfNull(config);
        return packing switch
        {
            SessionPacking.Latency when config.Buckets.Contains(bucket) => LevelPlan.ParametersFor(config),
            SessionPacking.Latency => throw new ArgumentException(
                $"Bucket {bucket} is not one of the model's: {string.Join(", ", config.Buckets)}.", nameof(bucket)),
            _ => throw Unavailable(packing),
        };
    }

    /// <summary>Makes a session for a bucket.</summary>
    /// <param name="packing">How sentences lie in ciphertexts.</param>
    /// <param name="model">The model; borrowed.</param>
    /// <param name="bucket">B, one of the model's.</param>
    /// <param name="backend">Where to compute; borrowed.</param>
    /// <exception cref="NotSupportedException">This build has no such packing.</exception>
    /// <exception cref="ArgumentException">The model has no such bucket, or cannot be planned.</exception>
    public static IEncryptedSession Create(SessionPacking packing, LoadedModel model, int bucket, RingBackend backend) => packing switch
    {
        SessionPacking.Latency => new LatencySession(model, bucket, backend),
        _ => throw Unavailable(packing),
    };

    private static NotSupportedException Unavailable(SessionPacking packing) => new(
        $"Packing '{packing.ToString().ToLowerInvariant()}' is not available in this build; use 'latency', one sentence at a time.");
}
