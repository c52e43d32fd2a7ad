using System.Buffers.Binary;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;
using Heann.Core.Tests.Keys;

namespace Heann.Core.Tests.Serialization;

/// <summary>What a header claims costs nothing until the parameters confirm it, and what was allocated for bad bytes is given
/// back.</summary>
public sealed class BoundedReadingTests : IDisposable
{
    private const int Fields = 64;
    private const long MaxManagedBytes = 200_000;

    private readonly WatchingBackend _backend = new();
    private readonly CkksContext _context;
    private readonly CkksCodecs _codecs;
    private readonly SecretKey _secret;

    public BoundedReadingTests()
    {
        _context = CkksContext.Create(Registry.Parameters("N5L3Dnum2"), _backend);
        _codecs = _context.Codecs;
        _secret = _context.KeyGenerator.CreateSecretKey();
    }

    public void Dispose()
    {
        _secret.Dispose();
        _context.Dispose();
        _backend.Dispose();
    }

    public static TheoryData<string, int, int, ulong> Claims => new()
    {
        // kind, offset in the header, bytes, value
        { "parameters", 8, 8, 1UL << 60 }, { "parameters", Fields + 1, 1, 255 }, { "parameters", Fields + 4, 2, 65535 }, { "parameters", Fields + 6, 2, 65535 },
        { "secret key", 8, 8, 1UL << 60 },
        { "public key", 8, 8, 1UL << 60 },
        { "key-switching key", 8, 8, 1UL << 60 }, { "key-switching key", Fields + 4, 2, 65535 }, { "key-switching key", Fields + 6, 2, 65535 },
        { "key-switching key", Fields + 8, 2, 65535 },
        { "evaluation keys", 8, 8, 1UL << 60 }, { "evaluation keys", Fields, 4, uint.MaxValue }, { "evaluation keys", Fields + 4, 8, ulong.MaxValue },
        { "evaluation keys", Fields + 4, 8, 1UL << 62 },
        { "plaintext", 8, 8, 1UL << 60 }, { "plaintext", Fields, 2, 65535 }, { "plaintext", Fields + 2, 1, 255 }, { "plaintext", Fields + 2, 1, 31 },
        { "ciphertext", 8, 8, 1UL << 60 }, { "ciphertext", 8, 8, ulong.MaxValue }, { "ciphertext", Fields, 2, 65535 }, { "ciphertext", Fields + 2, 1, 255 },
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public void AbsurdClaim_IsRefusedBeforeAnythingIsAllocated(string kind, int offset, int count, ulong value)
    {
        (byte[] bytes, Action<Stream> read) = Create(kind);
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        word[..count].CopyTo(bytes.AsSpan(offset));
        Checksums.Remake(bytes, 0, 0);
        RefuseCheaply(bytes, read);
    }

    // The count and the body's length agree, so that only the cap is left to say no.
    [Fact]
    public void IndexOfFourBillionKeys_IsRefused()
    {
        (byte[] bytes, Action<Stream> read) = Create("evaluation keys");
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Fields), uint.MaxValue);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), 24L * uint.MaxValue);
        Checksums.Remake(bytes, 0, 0);
        Assert.Contains("at most 32", RefuseCheaply(bytes, read).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret key")]
    [InlineData("public key")]
    [InlineData("key-switching key")]
    [InlineData("evaluation keys")]
    [InlineData("plaintext")]
    [InlineData("ciphertext")]
    public void EveryTruncationAndEveryDamagedByte_GivesBackWhatWasAllocated(string kind)
    {
        (byte[] bytes, Action<Stream> read) = Create(kind);
        (int allocated, int released) = (_backend.AllocatedCount, _backend.ReleasedCount);
        for (int i = 0; i < bytes.Length; i++)
        {
            Assert.Throws<InvalidDataException>(() => read(new MemoryStream(bytes, 0, i)));
            bytes[i] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => read(new MemoryStream(bytes)));
            bytes[i] ^= 0x10;
        }

        Assert.Equal(_backend.AllocatedCount - allocated, _backend.ReleasedCount - released);
        Assert.True(kind == "secret key" || _backend.AllocatedCount > allocated);
    }

    [Fact]
    public void WritingAndReadingASecret_LeavesNoneOfItBehind()
    {
        RnsBasis basis = _context.Parameters.BasisQ;
        int before = _backend.ReleasedFirstLimbs(basis).Length;
        _codecs.SecretKey.Read(_codecs.SecretKey.ToBytes(_secret)).Dispose();
        ulong[][] released = _backend.ReleasedFirstLimbs(basis)[before..];
        Assert.Equal(2, released.Length); // the coefficients of the one, the key read by the other
        Assert.All(released, limb => Assert.All(limb, residue => Assert.Equal(0UL, residue)));
    }

    private InvalidDataException RefuseCheaply(byte[] header, Action<Stream> read)
    {
        Assert.Throws<InvalidDataException>(() => read(new EndlessStream(header[..64]))); // warmed up, zeros after half a header
        int buffers = _backend.AllocatedCount;
        EndlessStream stream = new(header[..BinaryHeader.ByteCount]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => read(stream));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxManagedBytes);
        Assert.InRange(stream.ReadCount, BinaryHeader.ByteCount, BinaryHeader.ByteCount + 100_000);
        Assert.Equal(buffers, _backend.AllocatedCount);
        return e;
    }

    private (byte[] Bytes, Action<Stream> Read) Create(string kind)
    {
        switch (kind)
        {
            case "parameters":
                return (ParametersCodec.AllowInsecure.ToBytes(_context.Parameters), s => ParametersCodec.AllowInsecure.Read(s));
            case "secret key":
                return (_codecs.SecretKey.ToBytes(_secret), s => _codecs.SecretKey.Read(s).Dispose());
            case "public key":
                using (PublicKey publicKey = _context.KeyGenerator.CreatePublicKey(_secret))
                {
                    return (_codecs.PublicKey.ToBytes(publicKey), s => _codecs.PublicKey.Read(s).Dispose());
                }

            case "plaintext":
                using (var plaintext = _context.Encoder.Encode([1.0]))
                {
                    return (_codecs.Plaintext.ToBytes(plaintext), s => _codecs.Plaintext.Read(s).Dispose());
                }

            case "ciphertext":
                using (var ciphertext = _context.Encrypt(_secret, [1.0]))
                {
                    return (_codecs.Ciphertext.ToBytes(ciphertext), s => _codecs.Ciphertext.Read(s).Dispose());
                }

            default:
                using (EvaluationKeys keys = _context.KeyGenerator.CreateEvaluationKeys(_secret, KeyRequest.ForRotations([1], 1)))
                {
                    return kind == "evaluation keys"
                        ? (_codecs.EvaluationKeys.ToBytes(keys), s => _codecs.EvaluationKeys.Read(s).Dispose())
                        : (_codecs.KeySwitchingKey.ToBytes(keys.Relinearization!), s => _codecs.KeySwitchingKey.Read(s).Dispose());
                }
        }
    }

    /// <summary>Some bytes, then zeros without end.</summary>
    private sealed class EndlessStream(byte[] head) : Stream
    {
        public long ReadCount { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            buffer.Clear();
            if (ReadCount < head.Length)
            {
                buffer = buffer[..(int)Math.Min(buffer.Length, head.Length - ReadCount)];
                head.AsSpan((int)ReadCount, buffer.Length).CopyTo(buffer);
            }

            ReadCount += buffer.Length;
            return buffer.Length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
