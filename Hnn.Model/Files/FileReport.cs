using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;
using Heann.Core.Serialization;

namespace Hnn.Model.Files;

/// <summary>What a file is, as far as that shows without a secret.</summary>
/// <param name="Kind">The kind of its first record, which is the file's.</param>
/// <param name="ByteCount">Bytes of the file.</param>
/// <param name="Records">Its records, in order.</param>
public sealed record FileReport(RecordKind Kind, long ByteCount, IReadOnlyList<RecordReport> Records)
{
    /// <summary>The id of the parameters of the first record.</summary>
    public required ParametersId ParametersId { get; init; }

    /// <summary>The key set; null where there is none.</summary>
    public KeyId? KeyId { get; init; }

    /// <summary>The parameters, where the file holds them.</summary>
    public CkksParameters? Parameters { get; init; }

    /// <summary>SHA-256 of the model's files, for files of hnn.</summary>
    public string? ModelId { get; init; }

    /// <summary>The model, for keys of hnn.</summary>
    public ModelIdentity? Model { get; init; }

    /// <summary>What is released, for files of hnn.</summary>
    public Release? Release { get; init; }

    /// <summary>B, for requests and responses.</summary>
    public int? Bucket { get; init; }
}
