using System.Numerics;
using Heann.Core.Backends;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Encoders;

/// <summary>Destinations of other levels, scales, periods and keys hold afterwards what a new object would, to the bit.</summary>
public sealed class EncodeIntoTests : IDisposable
{
    private readonly SimdBackend _backend = new(threadCount: 1);
    private readonly CkksParameters _parameters = Registry.Parameters("N10L2Dnum3");
    private readonly CkksContext _context;
    private readonly SlotEncoder _encoder;

    public EncodeIntoTests()
    {
        _context = CkksContext.Create(_parameters, _backend);
        _encoder = _context.Encoder;
    }

    public void Dispose()
    {
        _context.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void EncodeInto_AnySequenceOfShapes_IsWhatEncodeGives()
    {
        SeededRandom random = RingTestKit.Seeded(7, 1);
        using Plaintext destination = _encoder.EncodeConstant(1);
        for (int round = 0; round < 40; round++)
        {
            int count = 1 << random.Next(0, _parameters.LogN);
            Complex[] values = [.. Enumerable.Range(0, count).Select(_ => new Complex(random.NextDouble() - 0.5, random.NextDouble()))];
            double[] reals = [.. values.Select(z => z.Real)];
            int level = random.Next(0, _parameters.MaxLevel + 1);
            Scale scale = Scale.FromLog2(random.Next(20, 31));
            SlotVector vector = round % 4 == 2 ? SlotVector.Periodic(values) : SlotVector.Periodic(reals);
            using Plaintext expected = (round % 4) switch
            {
                0 => _encoder.Encode(SlotVector.Padded(values, _parameters.SlotCount), level, scale),
                1 => _encoder.Encode(SlotVector.Padded(reals, _parameters.SlotCount), level, scale),
                _ => _encoder.Encode(vector, level, scale),
            };
            switch (round % 4)
            {
                case 0:
                    _encoder.EncodeInto(values, level, scale, destination);
                    break;
                case 1:
                    _encoder.EncodeInto(reals, level, scale, destination);
                    break;
                default:
                    _encoder.EncodeInto(vector, level, scale, destination);
                    break;
            }

            Assert.Equal(expected.Polynomial.ToResidues(), destination.Polynomial.ToResidues());
            Assert.Equal(
                (expected.Level, expected.Scale, expected.Noise, expected.CompactDegree, expected.ByteCount),
                (destination.Level, destination.Scale, destination.Noise, destination.CompactDegree, destination.ByteCount));
            Complex[] slots = new Complex[_parameters.SlotCount];
            _encoder.DecodeInto(destination, slots);
            Assert.Equal(_encoder.Decode(expected), slots);
        }
    }

    [Fact]
    public void EncodeInto_LeavesTheDestinationOfARefusedMessageAsItWas()
    {
        using Plaintext destination = _encoder.Encode([0.5, 0.25]);
        ulong[] before = destination.Polynomial.ToResidues();
        Assert.Throws<ArgumentException>(() => _encoder.EncodeInto([1e200], 0, null, destination));
        Assert.Throws<ArgumentException>(() => _encoder.EncodeInto([double.NaN], 0, null, destination));
        Assert.Throws<ArgumentException>(() => _encoder.EncodeInto(new double[_parameters.SlotCount + 1], 0, null, destination));
        Assert.Throws<ArgumentOutOfRangeException>(() => _encoder.EncodeInto([1.0], _parameters.MaxLevel + 1, null, destination));
        Assert.Equal(before, destination.Polynomial.ToResidues());
        Assert.Equal(_parameters.MaxLevel, destination.Level);
    }

    [Fact]
    public void ForeignParametersAndWrongLengths_AreRefused()
    {
        using CkksContext foreign = CkksContext.Create(Registry.Parameters("N6L7Dnum2"), _backend);
        using Plaintext other = foreign.Encoder.EncodeConstant(1);
        using Plaintext own = _encoder.EncodeConstant(1);
        using SecretKey secret = _context.KeyGenerator.CreateSecretKey();
        using SecretKey foreignSecret = foreign.KeyGenerator.CreateSecretKey();
        using Ciphertext ciphertext = _context.Encryptor.Encrypt(secret, own);
        using Ciphertext foreignCiphertext = foreign.Encryptor.Encrypt(foreignSecret, other);
        Assert.Throws<ForeignOperandException>(() => _encoder.EncodeInto([1.0], null, null, other));
        Assert.Throws<ForeignOperandException>(() => _encoder.Decode(other));
        Assert.Throws<ForeignOperandException>(() => _context.Encryptor.EncryptInto(secret, own, foreignCiphertext));
        ArgumentException error = Assert.Throws<ArgumentException>(() => _encoder.DecodeInto(own, new Complex[3]));
        Assert.Contains("3", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _context.Decryptor.DecryptInto(secret, ciphertext, new Complex[3]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EncryptInto_OverwritesLevelPartsScaleAndKey(bool isPublic)
    {
        using SecretKey secret = _context.KeyGenerator.CreateSecretKey(), old = _context.KeyGenerator.CreateSecretKey();
        using PublicKey publicKey = _context.KeyGenerator.CreatePublicKey(secret);
        using Plaintext first = _encoder.EncodeConstant(1, level: 0), message = _encoder.Encode([0.5, -0.25], 1, Scale.FromLog2(35));
        using Ciphertext destination = _context.Encryptor.Encrypt(old, first);
        if (isPublic)
        {
            _context.Encryptor.EncryptInto(publicKey, message, destination);
        }
        else
        {
            _context.Encryptor.EncryptInto(secret, message, destination);
        }

        Assert.Equal((1, 2, message.Scale, secret.Id), (destination.Level, destination.PartCount, destination.Scale, destination.KeyId));
        Assert.Equal(isPublic, destination.Seed is null);
        Complex[] slots = new Complex[_parameters.SlotCount];
        _context.Decryptor.DecryptInto(secret, destination, slots);
        Assert.Equal(_context.Decryptor.Decrypt(secret, destination), slots);
        Assert.InRange((slots[0] - 0.5).Magnitude + (slots[1] + 0.25).Magnitude, 0, 1e-4);
    }
}
