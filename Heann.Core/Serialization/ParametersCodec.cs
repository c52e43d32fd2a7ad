using System.Buffers.Binary;
using System.Globalization;
using Heann.Core.Arithmetic;
using Heann.Core.Ciphertexts;
using Heann.Core.Parameters;

namespace Heann.Core.Serialization;

/// <summary>Parameter sets ⇄ bytes: the primes themselves, so that a set does not depend on how they were found. Security is checked
/// again on reading.</summary>
/// <remarks>
/// Flags: bit 0, the set was made by <see cref="CkksParameters.CreateInsecure"/>. Fields: expander (1 byte: 1 is AES-256-CTR/1), log2 N
/// (1),
/// dnum (2), number of primes (2), of special primes (2), default scale (8). Body: the primes, then the special primes, 8 bytes each.
/// Thread-safe.
/// </remarks>
public sealed class ParametersCodec : BinaryCodec<CkksParameters>
{
    private const ushort InsecureFlag = 1;
    private const byte Expander = 1;
    private const int MaxPrimeCount = 256;
    private const int MinInsecureLogN = 3;
    private readonly bool _allowInsecure;

    private ParametersCodec(bool allowInsecure) => _allowInsecure = allowInsecure;

    /// <summary>Reads sets that <see cref="SecurityTable"/> gives 128 bits or more, and no others.</summary>
    public static ParametersCodec Instance { get; } = new(allowInsecure: false);

    /// <summary>Reads sets without security as well. <b>For tests only.</b></summary>
    public static ParametersCodec AllowInsecure { get; } = new(allowInsecure: true);

    /// <inheritdoc/>
    public override long Measure(CkksParameters value) => Header(value).RecordByteCount;

    /// <inheritdoc/>
    protected internal override void WriteRecords(CkksParameters value, BinarySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        sink.BeginRecord(Header(value));
        Span<byte> prime = stackalloc byte[sizeof(ulong)];
        foreach (Modulus q in value.BasisQP.Moduli)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(prime, q.Value);
            sink.Write(prime);
        }

        sink.EndRecord();
    }

    /// <inheritdoc/>
    protected internal override CkksParameters ReadRecords(BinarySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        BinaryHeader header = source.BeginRecord(RecordKind.Parameters, parameters: null, InsecureFlag);
        bool isInsecure = (header.Flags & InsecureFlag) != 0;
        FieldReader fields = new(header.Fields.Span);
        byte expander = fields.Byte();
        (int logN, int digitCount, int count, int specialCount) = (fields.Byte(), fields.UInt16(), fields.UInt16(), fields.UInt16());
        double scale = fields.Double();
        fields.RequireZeroRest();
        Require(expander == Expander, "The expander of seeds", expander, $"{Expander}");
        Require(header.KeyId == default, "The key id of a parameter set", header.KeyId, "0");
        int minLogN = isInsecure ? MinInsecureLogN : SecurityTable.MinLogN;
        Require(logN >= minLogN && logN <= SecurityTable.MaxLogN, "log2 N", logN, $"{minLogN} to {SecurityTable.MaxLogN}");
        Require(count >= 1 && specialCount >= 1 && count + specialCount <= MaxPrimeCount, "The number of primes and special primes", $"{count} and {specialCount}",
            $"1 or more each, {MaxPrimeCount} together");
        Require(digitCount >= 1 && digitCount <= count, "The number of digits", digitCount, $"1 to {count}");
        Scale defaultScale = ReadScale(scale);
        if (isInsecure && !_allowInsecure)
        {
            throw Malformed.Field("The security of the parameter set", "none, by its own account", "128 bits or more; tests read such sets with ParametersCodec.AllowInsecure");
        }

        source.RequireBody(8L * (count + specialCount));
        ulong[] primes = ReadPrimes(source, count);
        ulong[] special = ReadPrimes(source, specialCount);
        source.EndRecord();
        return Create(
            header.ParametersId, () => CkksParameters.FromPrimes(1 << logN, (primes, special), digitCount, defaultScale, isInsecure), isInsecure);
    }

    internal static Scale ReadScale(double value)
    {
        Require(double.IsFinite(value) && value > 0, "The scale", value, "a positive finite number");
        return new(value);
    }

    internal static void Require(bool isGood, string name, object actual, string allowed)
    {
        if (!isGood)
        {
            throw Malformed.Field(name, string.Create(CultureInfo.InvariantCulture, $"{actual}"), allowed);
        }
    }

    private static BinaryHeader Header(CkksParameters value)
    {
        ArgumentNullException.ThrowIfNull(value);
        byte[] bytes = new byte[BinaryHeader.FieldByteCount];
        FieldWriter fields = new(bytes);
        fields.Byte(Expander);
        fields.Byte((byte)value.LogN);
        fields.UInt16(value.DigitCount);
        fields.UInt16(value.BasisQ.Count);
        fields.UInt16(value.BasisP.Count);
        fields.Double(value.DefaultScale.Value);
        return new(RecordKind.Parameters, 8L * value.BasisQP.Count, value.Id)
        {
            Flags = value.SecurityBits == 0 ? InsecureFlag : (ushort)0,
            Fields = bytes,
        };
    }

    private static ulong[] ReadPrimes(BinarySource source, int count)
    {
        ulong[] primes = new ulong[count];
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        for (int i = 0; i < count; i++)
        {
            source.Read(bytes);
            primes[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Require(primes[i] >= 1UL << (PrimeSearch.MinBitCount - 1) && primes[i] < 1UL << Modulus.MaxBitCount,
                "A prime", primes[i], $"of {PrimeSearch.MinBitCount} to {Modulus.MaxBitCount} bits");
        }

        return primes;
    }

    // What is no prime, not 1 mod 2N, repeated, or not covered by the special primes is found by the constructors.
    private static CkksParameters Create(ParametersId id, Func<CkksParameters> create, bool isInsecure)
    {
        CkksParameters parameters;
        try
        {
            parameters = create();
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"The parameter set cannot be: {e.Message}", e);
        }

        Require(parameters.Id == id, "The parameters id", id, $"{parameters.Id}, the hash of what the data holds");
        Require(isInsecure || parameters.SecurityBits >= SecurityTable.Levels[0], "log2(QP)", parameters.BasisQP.Log2,
            $"at most {SecurityTable.MaxLog2(Math.Max(parameters.LogN, SecurityTable.MinLogN), SecurityTable.Levels[0])}, the limit for N = 2^{parameters.LogN} at {SecurityTable.Levels[0]}-bit security");
        return parameters;
    }
}
