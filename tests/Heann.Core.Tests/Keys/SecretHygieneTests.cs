using Heann.Core.Ciphertexts;
using Heann.Core.Keys;
using Heann.Core.Parameters;
using Heann.Core.Rings;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests.Keys;

/// <summary>No secret stays in storage that was given back: not the key, nor its square or images, nor errors, nor randomness of an
/// encryption.</summary>
public sealed class SecretHygieneTests : IDisposable
{
    private readonly WatchingBackend _backend = new();
    private readonly CkksParameters _parameters = Registry.Parameters("N10L2Dnum3");
    private readonly CkksContext _context;

    public SecretHygieneTests() => _context = CkksContext.Create(_parameters, _backend);

    public void Dispose()
    {
        _context.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void Dispose_OverwritesTheSecretBeforeItsStorageGoesBack()
    {
        SecretKey secret = _context.KeyGenerator.CreateSecretKey();
        Assert.True(IsSmall(FirstLimb(secret.Polynomial)));
        int before = _backend.ReleasedCount;
        secret.Dispose();
        secret.Dispose();
        Assert.Equal(before + 1, _backend.ReleasedCount);
        Assert.All(_backend.ReleasedFirstLimbs(_parameters.BasisQ)[^1], residue => Assert.Equal(0UL, residue));
        Assert.Throws<ObjectDisposedException>(() => _context.Encrypt(secret, [1.0]));
        Assert.Throws<ObjectDisposedException>(() => _context.KeyGenerator.CreatePublicKey(secret));
    }

    [Fact]
    public void MakingKeysEncryptingAndDecrypting_LeavesNothingSmallAndNoMultipleOfTheSecretBehind()
    {
        SecretKey secret = _context.KeyGenerator.CreateSecretKey();
        ulong[] s = FirstLimb(secret.Polynomial);
        PublicKey publicKey = _context.KeyGenerator.CreatePublicKey(secret);
        EvaluationKeys keys = _context.KeyGenerator.CreateEvaluationKeys(secret,
            KeyRequest.ForRotations([1, -1], 2, withConjugation: true));
        Ciphertext x = _context.Encrypt(secret, [0.5]);
        Ciphertext y = _context.Encrypt(publicKey, [0.25]);
        _context.Decrypt(secret, y);
        ulong[][] uniform =
        [
            FirstLimb(publicKey.A), .. Enumerable.Range(0, keys.Relinearization!.Matrix.DigitCount).Select(d => FirstLimbOfA(keys.Relinearization, d)),
            FirstLimb(x.Part(1)), FirstLimb(y.Part(1)),
        ];
        secret.Dispose();
        using SecretKey permanent = _context.KeyGenerator.CreateSecretKey("a passphrase", iterations: KeyGenerator.MinIterations);
        _backend.Scratch.Dispose(); // what is idle in the pool goes back too
        int checkedCount = 0;
        foreach (ulong[] released in _backend.ReleasedFirstLimbs(_parameters.BasisQ))
        {
            if (released.All(r => r == 0))
            {
                continue;
            }

            checkedCount++;
            Assert.False(IsSmall(released), "A small polynomial, so a secret or an error, went back unwiped.");
            Assert.All(uniform, a => Assert.NotEqual(Product(a, s), released));
        }

        Assert.True(checkedCount > 5, $"Only {checkedCount} buffers were looked at.");
        Array.ForEach((IDisposable[])[publicKey, keys, x, y], d => d.Dispose());
    }

    // A pooled buffer stays with the pool: it must be wiped for whoever rents it next, whether that is a secret's owner or not.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ScratchPool_WipesSecretsBeforeTheNextRent(bool isSecret)
    {
        RnsBasis basis = _parameters.BasisQ;
        ulong[] ones = [.. Enumerable.Repeat(1UL, basis.Count * basis.RingDegree)];
        RingBuffer first;
        using (ScratchPool.Scratch scratch = _backend.Scratch.Rent(basis, isSecret))
        {
            _backend.Upload(ones, scratch.Block);
            first = scratch.Block.Buffer;
        }

        using ScratchPool.Scratch again = _backend.Scratch.Rent(basis.Take(1));
        Assert.Same(first, again.Block.Buffer);
        Assert.All(FirstLimb(again.Block), residue => Assert.Equal(isSecret ? 0UL : 1UL, residue));
        using ScratchPool.Scratch other = _backend.Scratch.Rent(basis.Take(1));
        Assert.NotSame(first, other.Block.Buffer);
    }

    // The detector itself: s, σ(s), s² and errors are small in Coefficient form, uniform values are not.
    [Fact]
    public void TheDetector_SeesSecretsAndTheirSquares()
    {
        using SecretKey secret = _context.KeyGenerator.CreateSecretKey();
        ulong[] s = FirstLimb(secret.Polynomial);
        using PublicKey publicKey = _context.KeyGenerator.CreatePublicKey(secret);
        Assert.True(IsSmall(s) && IsSmall(Product(s, s)));
        Assert.False(IsSmall(FirstLimb(publicKey.A)) || IsSmall(FirstLimb(publicKey.B)));
    }

    // All coefficients below 2^12 in Evaluation or in Coefficient form, modulo a prime that the residues may belong to.
    private bool IsSmall(ulong[] residues) => _parameters.BasisQP.Moduli.Any(q =>
    {
        if (residues.Any(r => r >= q.Value))
        {
            return false;
        }

        using RnsPolynomial copy = RingTestKit.Upload(_backend, new RnsBasis(_parameters.RingDegree, [q.Value]), residues,
            Domain.Evaluation);
        _backend.InverseNtt([copy.Block]);
        return new[] { residues, copy.ToResidues() }.Any(values => values.All(r => Math.Min(r, q.Value - r) < 1 << 12));
    });

    private ulong[] Product(ulong[] x, ulong[] y) => [.. x.Zip(y, (a, b) => _parameters.BasisQ[0].Multiply(a, b))];

    // Disposed of here: a finaliser would give the watched storage back after its own storage was finalised.
    private ulong[] FirstLimbOfA(KeySwitchingKey key, int digit)
    {
        using RnsPolynomial a = key.ReadA(_backend, digit);
        return FirstLimb(a);
    }

    private static ulong[] FirstLimb(RnsPolynomial polynomial) => FirstLimb(polynomial.Block);

    private static ulong[] FirstLimb(LimbBlock block)
    {
        ulong[] residues = new ulong[block.RingDegree];
        block.Buffer.Backend.Download(new LimbBlock(block.Buffer, 0, block.Basis.Take(1)), residues);
        return residues;
    }
}
