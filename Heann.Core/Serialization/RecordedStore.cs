using Heann.Core.Evaluation;
using Heann.Core.Noise;

namespace Heann.Core.Serialization;

/// <summary>A <see cref="CiphertextStore"/> on paper: what waits leaves the recorder's memory, and its bytes are counted as the
/// file's.</summary>
/// <remarks>The counts are the file's to the byte: same records, same places. Not thread-safe.</remarks>
public sealed class RecordedStore : ValueStore<RecordedValue>
{
    private readonly RecordingEvaluator _recorder;
    private readonly NumberedEntries<Entry> _entries = new();
    private readonly FileExtents _extents = new();

    /// <summary>Counts for a recorder.</summary>
    public RecordedStore(RecordingEvaluator recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        _recorder = recorder;
    }

    /// <inheritdoc/>
    public override bool KeepsInMemory => false;

    /// <summary>Bytes that the file grows to.</summary>
    public long PeakBytes => _extents.PeakEnd;

    /// <summary>Bytes written.</summary>
    public long WrittenBytes { get; private set; }

    /// <summary>Bytes read.</summary>
    public long ReadBytes { get; private set; }

    /// <inheritdoc/>
    public override int Put(RecordedValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        long byteCount = CiphertextStore.RecordByteCount(_recorder.Parameters, value.Level, value.PartCount);
        WrittenBytes += byteCount;
        int number = _entries.Add(new(value.Level, value.PartCount, value.Scale, value.Noise, _extents.Take(byteCount), byteCount));
        value.Dispose();
        return number;
    }

    /// <inheritdoc/>
    public override RecordedValue[] Borrow(params ReadOnlySpan<int> numbers)
    {
        RecordedValue[] values = new RecordedValue[numbers.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Read(_entries[numbers[i]]);
        }

        return values;
    }

    /// <inheritdoc/>
    public override void Remove(int number)
    {
        Entry entry = _entries.Remove(number);
        _extents.Release(entry.Start, entry.ByteCount);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool isDisposing) => _entries.Clear();

    private RecordedValue Read(Entry entry)
    {
        ReadBytes += entry.ByteCount;
        return _recorder.Restore(entry.Level, entry.PartCount, entry.Scale, entry.Noise);
    }

    private sealed record Entry(int Level, int PartCount, Scale Scale, NoiseEstimate Noise, long Start, long ByteCount);
}
