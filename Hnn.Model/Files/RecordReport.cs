using Heann.Core.Serialization;

namespace Hnn.Model.Files;

/// <summary>What a record of a file is.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="ByteCount">Bytes, header and checksum included.</param>
/// <param name="Summary">What its header says besides.</param>
public sealed record RecordReport(RecordKind Kind, long ByteCount, RecordSummary Summary);
