using System.Security.Cryptography;
using System.Runtime.InteropServices;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Serialization;

/// <summary>Secret keys ⇄ bytes: the coefficients of s, two bits each.</summary>
/// <remarks>
/// <b>Security:</b> the bytes are the key, unencrypted: whoever has them decrypts everything. Files are made readable by their owner alone
/// (mode 0600, where files have modes) from the moment they exist; protect them as you would an SSH key. Working memory is wiped.
/// Flags: bit 0, there is a salt. Fields: the salt of a key derived from a passphrase (16 bytes). Body: N/4 bytes; coefficient i stands in
/// bits 2(i mod 4) and above of byte ⌊i/4⌋, as s_i + 1. Thread-safe.
/// </remarks>
public sealed class SecretKeyCodec : BinaryCodec<SecretKey>
{
    private const ushort SaltFlag = 1;
    private const int SaltByteCount = 16;
    private readonly CkksParameters _parameters;
    private readonly RingBackend _backend;

    /// <summary>Makes a codec for keys of these parameters, held by this backend.</summary>
    public SecretKeyCodec(CkksParameters parameters, RingBackend backend)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(backend);
        (_parameters, _backend) = (parameters, backend);
    }

    /// <inheritdoc/>
    protected override bool IsSecret => true;

    /// <inheritdoc/>
    public override long Measure(SecretKey value) => Header(value).RecordByteCount;

    /// <inheritdoc/>
    protected internal override void WriteRecords(SecretKey value, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        BinaryHeader header = Header(value);
        RnsBasis basis = _parameters.BasisQ.Take(1);
        ulong[] residues = GC.AllocateArray<ulong>(basis.RingDegree, pinned: true);
        byte[] packed = GC.AllocateArray<byte>(basis.RingDegree / 4, pinned: true);
        try
        {
            using RnsPolynomial coefficients = new(_backend, basis, Domain.Evaluation) { IsSecret = true };
            _backend.Copy([value.Polynomial.Prefix(basis)], [coefficients.Block]);
            _backend.InverseNtt([coefficients.Block]);
            _backend.Download(coefficients.Block, residues);
            Pack(residues, basis[0].Value, packed);
            sink.BeginRecord(header);
            sink.Write(packed);
            sink.EndRecord();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(residues.AsSpan()));
            CryptographicOperations.ZeroMemory(packed);
        }
    }

    /// <inheritdoc/>
    protected internal override SecretKey ReadRecords(BinarySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        BinaryHeader header = source.BeginRecord(RecordKind.SecretKey, _parameters, SaltFlag);
        FieldReader fields = new(header.Fields.Span);
        byte[]? salt = (header.Flags & SaltFlag) == 0 ? null : fields.Bytes(SaltByteCount).ToArray();
        fields.RequireZeroRest();
        source.RequireBody(_parameters.RingDegree / 4);
        byte[] packed = GC.AllocateArray<byte>(_parameters.RingDegree / 4, pinned: true);
        double[] coefficients = GC.AllocateArray<double>(_parameters.RingDegree, pinned: true);
        try
        {
            source.Read(packed);
            source.EndRecord();
            ParametersCodec.Require(Unpack(packed, coefficients), "A coefficient of a secret key", 2, "−1, 0 or 1");
            return new(RlweSampler.Upload(_backend, _parameters.BasisQP, coefficients), _parameters, header.KeyId, salt);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(packed);
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(coefficients.AsSpan()));
        }
    }

    // s + 1 mod q without a branch: s + 1 − q, and q again where that is negative.
    private static void Pack(ReadOnlySpan<ulong> residues, ulong q, Span<byte> packed)
    {
        ulong largest = 0;
        for (int i = 0; i < residues.Length; i++)
        {
            ulong shifted = residues[i] + 1 - q;
            shifted += q & (ulong)((long)shifted >> 63);
            largest = Math.Max(largest, shifted);
            packed[i >> 2] = (byte)(packed[i >> 2] | (shifted << (2 * (i & 3))));
        }

        if (largest > 2)
        {
            throw new InvalidOperationException("The secret is not ternary, so this format cannot hold it; make it with KeyGenerator.");
        }
    }

    // Whether every digit is 0, 1 or 2; looks at all of them whatever they are.
    private static bool Unpack(ReadOnlySpan<byte> packed, Span<double> coefficients)
    {
        int wrong = 0;
        for (int i = 0; i < coefficients.Length; i++)
        {
            int digit = (packed[i >> 2] >> (2 * (i & 3))) & 3;
            wrong |= digit & (digit >> 1);
            coefficients[i] = digit - 1;
        }

        return wrong == 0;
    }

    private BinaryHeader Header(SecretKey value)
    {
        ArgumentNullException.ThrowIfNull(value);
        CkksCodecs.RequireOwn(value.Parameters, _parameters);
        return new(RecordKind.SecretKey, _parameters.RingDegree / 4, _parameters.Id, value.Id)
        {
            Flags = value.Salt is null ? (ushort)0 : SaltFlag,
            Fields = value.Salt ?? ReadOnlyMemory<byte>.Empty,
        };
    }
}
