using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>Ciphertexts wait in a temporary file: a circuit larger than memory.</summary>
/// <remarks>
/// <para>Residues are bit-packed, ⌈log2 q⌉ bits each, limb after limb; a limb that is read back is compared with the SHA-256 digest that
/// was
/// kept in memory, so a file that was damaged or changed is an error, never another result. Level, scale, noise and key stay in memory. A
/// fresh ciphertext comes back without the seed of its second half, whose residues are all there.</para>
/// <para>The file has no name from the moment it is open (on Windows it is deleted when it is closed), so nothing is left of it however the
/// program ends. In a folder that is memory itself (tmpfs) this holds waiting ciphertexts in memory, packed.</para>
/// <para><b>Security</b>: ciphertexts are the server's and hold no secret; the file is its owner's alone all the same (mode 0600, where
/// files
/// have modes).</para>
/// <para>Limbs travel on as many threads as the backend has. Not thread-safe.</para>
/// </remarks>
public sealed class CiphertextStore : ValueStore<Ciphertext>
{
    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;
    private readonly FileStream _file;
    private readonly NumberedEntries<Entry> _entries = new();
    private readonly FileExtents _extents = new();

    /// <summary>Opens a temporary file.</summary>
    /// <param name="parameters">The ciphertexts'.</param>
    /// <param name="backend">Holds ciphertexts that are in memory; borrowed.</param>
    /// <param name="folder">Where the file is; null for the system's folder for temporary files.</param>
    /// <param name="expectedBytes">What the file is expected to grow to; 0 where nobody knows. Refused at once where the disk has
    /// less.</param>
    /// <exception cref="IOException">The folder is not there or cannot be written to, or has no room for so many bytes.</exception>
    public CiphertextStore(CkksParameters parameters, RingBackend backend, string? folder = null, long expectedBytes = 0)
        : this(
            parameters, backend, TemporaryFile.Create(folder, expectedBytes, "Ciphertexts that wait"), TemporaryFile.FolderOf(folder))
    {
    }

    // For tests: a file that cannot be written.
    internal CiphertextStore(CkksParameters parameters, RingBackend backend, FileStream file, string folder)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        (_parameters, _backend, _file, Folder) = (parameters, backend, file, folder);
    }

    /// <inheritdoc/>
    public override bool KeepsInMemory => false;

    /// <summary>Where the file is.</summary>
    public string Folder { get; }

    /// <summary>Bytes that the file has grown to.</summary>
    public long PeakBytes => _extents.PeakEnd;

    /// <summary>Bytes written.</summary>
    public long WrittenBytes { get; private set; }

    /// <summary>Bytes read.</summary>
    public long ReadBytes { get; private set; }

    /// <summary>Bytes that a ciphertext takes in the file.</summary>
    public static long RecordByteCount(CkksParameters parameters, int level, int partCount)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return partCount * ResiduePacker.PolynomialByteCount(parameters.BasisAt(level));
    }

    /// <inheritdoc/>
    /// <exception cref="ForeignOperandException">It belongs to other parameters.</exception>
    /// <exception cref="IOException">The disk is full, or fails otherwise.</exception>
    public override int Put(Ciphertext value)
    {
        ArgumentNullException.ThrowIfNull(value);
        CkksCodecs.RequireOwn(value.Parameters, _parameters);
        ObjectDisposedException.ThrowIf(value.PartCount == 0, value);
        long byteCount = RecordByteCount(_parameters, value.Level, value.PartCount);
        Entry entry = new(value, _extents.Take(byteCount), byteCount);
        try
        {
            ForEachLimb(entry, value, Write);
        }
        catch (Exception exception)
        {
            _extents.Release(entry.Start, byteCount);
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException(
                    $"Ciphertexts that wait take {_extents.End} bytes in a temporary file in '{Folder}' and {byteCount} more could not be written "
                    + $"({exception.Message.TrimEnd('.')}); make room there, or name a folder with more.",
                    exception);
            }

            throw;
        }

        WrittenBytes += byteCount;
        value.Dispose();
        return _entries.Add(entry);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is not as it was written.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public override Ciphertext[] Borrow(params ReadOnlySpan<int> numbers)
    {
        Ciphertext[] values = new Ciphertext[numbers.Length];
        try
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = Read(_entries[numbers[i]]);
            }

            return values;
        }
        catch
        {
            foreach (Ciphertext? value in values)
            {
                value?.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public override void Remove(int number)
    {
        Entry entry = _entries.Remove(number);
        _extents.Release(entry.Start, entry.ByteCount);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool isDisposing)
    {
        if (isDisposing)
        {
            _entries.Clear();
            _file.Dispose();
        }
    }

    private Ciphertext Read(Entry entry)
    {
        Ciphertext value = new(_backend, _parameters, entry.Level, entry.PartCount);
        try
        {
            ForEachLimb(entry, value, Read);
            (value.Scale, value.Noise, value.KeyId) = (entry.Scale, entry.Noise, entry.KeyId);
            ReadBytes += entry.ByteCount;
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    private void ForEachLimb(Entry entry, Ciphertext value, LimbTransfer transfer)
    {
        RnsBasis basis = _parameters.BasisAt(entry.Level);
        (LimbBlock Limb, long Position)[] limbs = new (LimbBlock, long)[entry.PartCount * basis.Count];
        long position = entry.Start;
        for (int i = 0; i < limbs.Length; i++)
        {
            (int part, int limb) = Math.DivRem(i, basis.Count);
            LimbBlock whole = value.Part(part);
            limbs[i] = (new(whole.Buffer, whole.FirstLimb + limb, basis.Slice(limb, 1)), position);
            position += ResiduePacker.PolynomialByteCount(limbs[i].Limb.Basis);
        }

        try
        {
            ParallelOptions options = new() { MaxDegreeOfParallelism = _backend.ThreadCount };
            Parallel.For(0, limbs.Length, options, i => WithBuffers(limbs[i].Limb, limbs[i].Position, entry.Digest(i), transfer));
        }
        catch (AggregateException exception)
        {
            // Several limbs fail for one reason: the first tells it.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    private void Write(LimbBlock limb, long position, Span<byte> digest, Span<ulong> residues, Span<byte> packed)
    {
        _backend.Download(limb, residues);
        ResiduePacker.Pack(residues, limb.Basis[0].BitCount, packed);
        SHA256.HashData(packed, digest);
        RandomAccess.Write(_file.SafeFileHandle, packed, position);
    }

    private void Read(LimbBlock limb, long position, Span<byte> digest, Span<ulong> residues, Span<byte> packed)
    {
        for (int done = 0; done < packed.Length;)
        {
            int count = RandomAccess.Read(_file.SafeFileHandle, packed[done..], position + done);
            if (count == 0)
            {
                throw Malformed.Truncated(position + done, packed.Length - done);
            }

            done += count;
        }

        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(packed, actual);
        if (!actual.SequenceEqual(digest))
        {
            throw Malformed.Checksum($"limb at byte {position} of the temporary file in '{Folder}'", actual, digest);
        }

        // Residues that were packed here: below q, as the digest is right.
        ResiduePacker.Unpack(packed, limb.Basis[0].BitCount, limb.Basis[0].Value, residues);
        _backend.Upload(residues, limb);
    }

    private static void WithBuffers(LimbBlock limb, long position, Span<byte> digest, LimbTransfer transfer)
    {
        ulong[] residues = ArrayPool<ulong>.Shared.Rent(limb.RingDegree);
        byte[] packed = ArrayPool<byte>.Shared.Rent(8 * limb.RingDegree);
        try
        {
            int byteCount = ResiduePacker.ByteCount(limb.RingDegree, limb.Basis[0].BitCount);
            transfer(limb, position, digest, residues.AsSpan(0, limb.RingDegree), packed.AsSpan(0, byteCount));
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(residues);
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    // A limb between its place in memory and its place in the file, through working memory for its residues and for them packed.
    private delegate void LimbTransfer(LimbBlock limb, long position, Span<byte> digest, Span<ulong> residues, Span<byte> packed);

    // What a ciphertext is, where its residues are, and a digest of each limb.
    private sealed class Entry(Ciphertext value, long start, long byteCount)
    {
        private readonly byte[] _digests = new byte[SHA256.HashSizeInBytes * (value.Level + 1) * value.PartCount];

        public int Level { get; } = value.Level;

        public int PartCount { get; } = value.PartCount;

        public Scale Scale { get; } = value.Scale;

        public NoiseEstimate Noise { get; } = value.Noise;

        public KeyId KeyId { get; } = value.KeyId;

        public long Start => start;

        public long ByteCount => byteCount;

        public Span<byte> Digest(int limb) => _digests.AsSpan(limb * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes);
    }
}
