using System.Text.Json.Serialization;

namespace Heann.Bench.ThroughputCost;

/// <summary>What was measured: one batch, or some sentences one at a time.</summary>
/// <param name="Packing">throughput or latency.</param>
/// <param name="Bucket">B.</param>
/// <param name="Sentences">Sentences classified: those of the batch, or one after the other.</param>
/// <param name="KeySeconds">Making the keys, once for any number of batches and sentences.</param>
/// <param name="EncryptSeconds">The client's embedding, encoding and encryption, of all sentences together.</param>
/// <param name="EvaluateSeconds">The server's evaluation.</param>
/// <param name="DecryptSeconds">Decryption and decoding.</param>
/// <param name="PeakBytes">Peak working set of the process so far, which plays both halves.</param>
/// <param name="MaxTwinError">The largest distance of a released value to the clear twin's.</param>
/// <param name="Commit">What was measured.</param>
internal sealed record CostRow(
    string Packing, int Bucket, int Sentences, double KeySeconds, double EncryptSeconds, double EvaluateSeconds, double DecryptSeconds,
    long PeakBytes, double MaxTwinError, string Commit)
{
    public const string Throughput = "throughput";
    public const string Latency = "latency";

    /// <summary>Encryption, evaluation and decryption.</summary>
    [JsonIgnore]
    public double Seconds => EncryptSeconds + EvaluateSeconds + DecryptSeconds;
}
