using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Heann.Core.Sampling;

/// <summary>Expands a seed of 32 bytes to a stream of bytes: the expander <see cref="ExpanderId"/>, which is part of the file formats.</summary>
/// <remarks>
/// <para>Definition, byte by byte. The AES-256 key is the seed. Block b = 0, 1, 2 … of stream s is the encryption of the 16 bytes
/// <code>
/// bytes 0 … 7    s, little-endian (the stream index)
/// bytes 8 … 15   b, little-endian (the block counter)
/// </code>
/// and byte i of the stream is byte i mod 16 of block ⌊i/16⌋. How the bytes are cut into calls of <see cref="Fill(Span{byte})"/> does not matter.
/// A stream holds 2^64 blocks.</para>
/// <para><b>Security</b>: as good as AES-256 as a pseudo-random permutation; m blocks differ from random by at most m^2/2^129. Never use one
/// stream twice for secrets. The key and the buffered bytes are zeroed on Dispose. Not thread-safe.</para>
/// <para>Source: NIST SP 800-38A, section 6.5 (counter mode, here with an all-zero message).</para>
/// </remarks>
internal sealed class SeededStream : IDisposable
{
    /// <summary>Name and version of the expansion, as it stands in files and parameter hashes.</summary>
    public const string ExpanderId = "AES-256-CTR/1";

    /// <summary>Bytes of a seed: 32.</summary>
    public const int SeedByteCount = 32;

    private const int BlockByteCount = 16;
    private const int MaxBatchByteCount = 16384;
    private const int MinBatchByteCount = 512;
    private readonly Aes _aes;
    private readonly ICryptoTransform _encryptor;
    private SecretArray<byte> _counters;
    private SecretArray<byte> _keystream;
    private ulong _stream;
    private ulong _nextBlock;
    private int _start;
    private int _end;
    private bool _isDisposed;

    /// <summary>Opens stream number <paramref name="stream"/> of a seed at its first byte.</summary>
    /// <param name="seed">32 bytes; copied.</param>
    /// <param name="stream">Stream index s: streams of one seed are independent.</param>
    /// <exception cref="ArgumentException">The seed is not 32 bytes long.</exception>
    public SeededStream(ReadOnlySpan<byte> seed, ulong stream)
    {
        if (seed.Length != SeedByteCount)
        {
            throw new ArgumentException($"A seed has {SeedByteCount} bytes; got {seed.Length}.", nameof(seed));
        }

        _stream = stream;
        _aes = Aes.Create();
        _aes.Mode = CipherMode.ECB;
        _aes.Padding = PaddingMode.None;
        _aes.SetKey(seed);
        _encryptor = _aes.CreateEncryptor();
    }

    /// <summary>A stream of a fresh seed from the operating system's generator, which nobody else will ever know.</summary>
    public static SeededStream FromEntropy()
    {
        Span<byte> seed = stackalloc byte[SeedByteCount];
        try
        {
            RandomNumberGenerator.Fill(seed);
            return new(seed, 0);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Goes to the first byte of another stream of the same seed: what a new object would give, without a new key schedule.</summary>
    /// <param name="stream">Stream index s.</param>
    public void SwitchTo(ulong stream)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _stream = stream;
        _nextBlock = 0;
        _start = _end = 0;
    }

    /// <summary>The next <c>destination.Length</c> bytes of the stream.</summary>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public void Fill(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        while (!destination.IsEmpty)
        {
            if (_start == _end)
            {
                Refill(destination.Length);
            }

            int count = Math.Min(destination.Length, _end - _start);
            _keystream.Span.Slice(_start, count).CopyTo(destination);
            _start += count;
            destination = destination[count..];
        }
    }

    /// <summary>The next 8·<c>destination.Length</c> bytes of the stream as little-endian words.</summary>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public void Fill(Span<ulong> destination)
    {
        Fill(MemoryMarshal.AsBytes(destination));
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(destination, destination);
        }
    }

    /// <summary>Forgets the key and every byte still buffered.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            GiveBack();
            _encryptor.Dispose();
            _aes.Dispose();
        }
    }

    /// <summary>Encrypts the next counters: what is wanted in whole blocks, at least 512 and at most 16384 bytes.</summary>
    private void Refill(int wanted)
    {
        int batch = (Math.Clamp(wanted, MinBatchByteCount, MaxBatchByteCount) + BlockByteCount - 1) / BlockByteCount * BlockByteCount;
        if (_keystream.Length < batch)
        {
            int size = batch <= MinBatchByteCount ? MinBatchByteCount : MaxBatchByteCount;
            GiveBack();
            _keystream = SecretArray<byte>.Rent(size);
            _counters = SecretArray<byte>.Rent(size);
        }

        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(_counters.Span[..batch]);
        ulong stream = BitConverter.IsLittleEndian ? _stream : BinaryPrimitives.ReverseEndianness(_stream);
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            words[i] = stream;
            words[i + 1] = BitConverter.IsLittleEndian ? _nextBlock : BinaryPrimitives.ReverseEndianness(_nextBlock);
            _nextBlock++;
        }

        int written = _encryptor.TransformBlock(_counters.Array, 0, batch, _keystream.Array, 0);
        if (written != batch)
        {
            throw new CryptographicException($"AES encrypted {written} of {batch} bytes.");
        }

        _start = 0;
        _end = batch;
    }

    // Nothing is buffered afterwards.
    private void GiveBack()
    {
        if (_keystream.Length > 0)
        {
            _keystream.Dispose();
            _counters.Dispose();
            (_keystream, _counters) = (default, default);
        }

        _start = _end = 0;
    }
}
