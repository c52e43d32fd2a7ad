using System.Buffers.Binary;
using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Serialization;

namespace Heann.Core.Tests.Serialization;

/// <summary>What is well-formed and wrong all the same: each refusal names both values and what to do.</summary>
public sealed class RefusalTests(RecordSamples samples) : IClassFixture<RecordSamples>
{
    [Fact]
    public void OtherKindsVersionsAndFiles_AreNamed()
    {
        CkksCodecs codecs = samples.Context.Codecs;
        foreach (RecordSample sample in samples.All.Where(s => !s.Name.Contains("secret", StringComparison.Ordinal)))
        {
            InvalidDataException e = Assert.Throws<InvalidDataException>(() => codecs.SecretKey.Read(sample.Bytes));
            Assert.Contains("where a secret key was expected", e.Message, StringComparison.Ordinal);
        }

        byte[] bytes = [.. samples["ciphertext"].Bytes];
        bytes[4] = 2;
        Assert.Contains("format version 2 and this program reads version 1", Refuse(bytes), StringComparison.Ordinal);
        Assert.Contains("no Heann data", Refuse([.. "PK\u0003\u0004"u8, .. bytes[4..]]), StringComparison.Ordinal);
        Assert.Contains("ends after 0 bytes", Refuse([]), StringComparison.Ordinal);
    }

    [Fact]
    public void OtherParameters_AreRefusedByName()
    {
        using CkksContext other = CkksContext.Create(CkksParameters.CreateInsecure(5, [45, 36, 36, 37], [50, 50], 2, Scale.FromLog2(36)));
        string message = Assert.Throws<InvalidDataException>(() => other.Codecs.Ciphertext.Read(samples["ciphertext"].Bytes)).Message;
        Assert.Contains($"of parameters {samples.Parameters.Id} and parameters {other.Parameters.Id} are in use", message, StringComparison.Ordinal);
        using Ciphertext foreign = samples.Context.Encrypt(samples.Secret, [1.0]);
        Assert.Throws<ForeignOperandException>(() => other.Codecs.Ciphertext.ToBytes(foreign));
        Assert.Throws<ForeignOperandException>(() => other.Codecs.SecretKey.ToBytes(samples.Secret));
        Assert.Throws<ForeignOperandException>(() => other.Codecs.EvaluationKeys.ToBytes(samples.Keys));
    }

    [Fact]
    public void OtherKeys_AreRecognisedWhenUsed()
    {
        using SecretKey other = samples.Context.KeyGenerator.CreateSecretKey();
        CkksCodecs codecs = samples.Context.Codecs;
        using SecretKey read = codecs.SecretKey.Read(codecs.SecretKey.ToBytes(other));
        using Ciphertext x = codecs.Ciphertext.Read(samples["ciphertext"].Bytes);
        Assert.Throws<ForeignOperandException>(() => samples.Context.Decrypt(read, x));
    }

    [Fact]
    public void KeyOfAnotherSetAmongEvaluationKeys_IsRefused()
    {
        RecordSample sample = samples["evaluation keys"];
        (int offset, _) = sample.Records().ElementAt(2);
        string message = sample.AssertRefused(sample.Forge(offset, bytes => bytes[offset + 48] ^= 1), "key id").Message;
        Assert.Contains($"among data of key {samples.Secret.Id}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeysInAnotherOrder_AreRefused()
    {
        RecordSample sample = samples["evaluation keys"];
        (int Offset, BinaryHeader Header)[] records = [.. sample.Records()];
        byte[] Part(int i) => sample.Bytes.AsSpan(records[i].Offset, (int)records[i].Header.RecordByteCount).ToArray();
        Assert.Equal(5, records.Length);
        sample.AssertRefused([.. Part(0), .. Part(2), .. Part(1), .. Part(3), .. Part(4)], "keys exchanged");
        sample.AssertRefused([.. Part(0), .. Part(1), .. Part(2), .. Part(3), .. Part(3)], "a key twice");
    }

    [Fact]
    public void ZeroSecondPart_IsNeitherWrittenNorRead()
    {
        RecordSample sample = samples["ciphertext"];
        int part = (int)(sample.Records().Single().Header.BodyByteCount / 2);
        byte[] forged = sample.Forge(0, bytes => bytes.AsSpan(128 + part, part).Clear());
        Assert.Contains("c_1", sample.AssertRefused(forged, "c_1 = 0").Message, StringComparison.Ordinal);

        // c_0 may be zero.
        Assert.False(sample.AssertRefusedOrCanonical(sample.Forge(0, bytes => bytes.AsSpan(128, part).Clear()), "c_0 = 0"));
        using Ciphertext x = samples.Context.Encrypt(samples.Secret, [1.0]);
        using Ciphertext zero = samples.Evaluator.Subtract(x, x);
        Assert.Contains("in the clear", Assert.Throws<InvalidOperationException>(() => samples.Context.Codecs.Ciphertext.ToBytes(zero)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void DisposedCiphertext_IsNotWritten()
    {
        Ciphertext x = samples.Context.Encrypt(samples.Secret, [1.0]);
        x.Dispose();
        Assert.Throws<ObjectDisposedException>(() => samples.Context.Codecs.Ciphertext.ToBytes(x));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ScaleThatIsNone_IsRefused(double scale)
    {
        foreach ((string name, int offset) in ((string, int)[])[("parameters", 72), ("plaintext", 68), ("ciphertext", 68)])
        {
            byte[] forged = samples[name].Forge(0, bytes => BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(offset), scale));
            Assert.Contains("The scale is", samples[name].AssertRefused(forged, "scale").Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    public void EstimateThatIsNone_IsRefused(double estimate)
    {
        foreach (int offset in (int[])[76, 84])
        {
            samples["ciphertext"].AssertRefused(
                samples["ciphertext"].Forge(0, bytes => BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(offset), estimate)), "estimate");
        }
    }

    [Fact]
    public void FourthTernaryDigit_IsRefused()
    {
        RecordSample sample = samples["secret key"];
        for (int i = 0; i < 32; i++)
        {
            int at = i;
            byte[] forged = sample.Forge(0, bytes => bytes[128 + (at >> 2)] |= (byte)(3 << (2 * (at & 3))));
            Assert.Contains("coefficient of a secret key", sample.AssertRefused(forged, $"coefficient {i}").Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void InsecureParameters_AreReadOnlyOnRequest()
    {
        byte[] bytes = samples["parameters"].Bytes;
        Assert.Contains("AllowInsecure", Assert.Throws<InvalidDataException>(() => ParametersCodec.Instance.Read(bytes)).Message, StringComparison.Ordinal);

        // A set that claims security and has none is refused even on request.
        byte[] lying = ParametersCodec.AllowInsecure.ToBytes(ParameterPresets.InsecureN10L5Dnum3);
        lying[6] = 0;
        Checksums.Remake(lying, 0, lying.Length - 128 - 16);
        foreach (ParametersCodec codec in (ParametersCodec[])[ParametersCodec.Instance, ParametersCodec.AllowInsecure])
        {
            Assert.Contains("at most 26", Assert.Throws<InvalidDataException>(() => codec.Read(lying)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Registry.Secure), MemberType = typeof(Registry))]
    public void SecureParameters_AreReadWithTheirSecurity(string name)
    {
        CkksParameters parameters = Registry.Parameters(name);
        CkksParameters read = ParametersCodec.Instance.Read(ParametersCodec.Instance.ToBytes(parameters));
        Assert.Equal((parameters.Id, parameters.SecurityBits, parameters.DefaultScale, parameters.DigitCount),
            (read.Id, read.SecurityBits, read.DefaultScale, read.DigitCount));
        Assert.Equal(parameters.BasisQP.Moduli, read.BasisQP.Moduli);
        Assert.True(read.SecurityBits >= 128);
    }

    [Theory]
    [InlineData(0, 35184372088832UL)] // 2^45, no prime
    [InlineData(0, 4294967297UL)]     // 641 · 6700417
    [InlineData(1, 0UL)]
    [InlineData(2, 18446744073709551557UL)]
    [InlineData(3, 33554467UL)]       // prime, not 1 mod 64
    public void PrimeThatCannotBe_IsRefused(int index, ulong value)
    {
        RecordSample sample = samples["parameters"];
        sample.AssertRefused(
            sample.Forge(0, bytes => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(128 + (8 * index)), value)), "prime");
    }

    [Fact]
    public void RepeatedPrime_IsRefused()
    {
        RecordSample sample = samples["parameters"];
        byte[] forged = sample.Forge(0, bytes => bytes.AsSpan(128, 8).CopyTo(bytes.AsSpan(136)));
        Assert.Contains("occurs twice", sample.AssertRefused(forged, "prime twice").Message, StringComparison.Ordinal);
    }

    private string Refuse(byte[] bytes) => Assert.Throws<InvalidDataException>(() => samples.Context.Codecs.Ciphertext.Read(bytes)).Message;
}
