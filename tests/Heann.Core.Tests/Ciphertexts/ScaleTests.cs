using Heann.Core.Ciphertexts;
using Heann.Core.Noise;

namespace Heann.Core.Tests.Ciphertexts;

public sealed class ScaleTests(CkksScenes scenes)
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Scale_RefusesWhatIsNoPositiveNumber(double value) =>
        Assert.Contains($"got {value}", Assert.Throws<ArgumentOutOfRangeException>(() => new Scale(value)).Message);

    [Fact]
    public void Scale_MultipliesDividesComparesAndPrints()
    {
        Scale scale = Scale.FromLog2(40);
        Assert.Equal(Math.Pow(2, 40), scale.Value);
        Assert.Equal(40, scale.Log2);
        Assert.Equal(Scale.FromLog2(75), scale * Scale.FromLog2(35));
        Assert.Equal(Scale.FromLog2(38), scale / 4);
        Assert.Equal("2^40.00", scale.ToString());
        Assert.True(scale.CompareTo(scale / 2) > 0);
        Assert.True(scale.Matches(new(scale.Value + 1)));
        Assert.False(scale.Matches(new(scale.Value + 2)));
        Assert.Equal(0.25, new Scale(4).RelativeDifference(new(3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Scale.FromLog2(1000) * Scale.FromLog2(1000));
    }

    [Fact]
    public void Ciphertext_TellsLevelScalePartsPrecisionAndBudget()
    {
        CkksScene scene = scenes["N10L2Dnum3"];
        using Ciphertext x = scene.Context.Encrypt(scene.Secret, [1.0]);
        Assert.Matches(@"^level 2, scale 2\^36\.00, 2 parts, 29\.\d bits predicted, budget 8\d bits$", x.ToString());
        Assert.Equal(scene.Parameters.BasisQ.Log2 - 1 - Math.Log2(6 * Math.Pow(2, 36) / 32), x.BudgetBits, 1e-6);
    }

    [Fact]
    public void NoiseEstimate_TurnsCoefficientsIntoSlots() =>
        Assert.Equal(3.2 * Math.Sqrt(512) / 1024, new NoiseEstimate(3.2, 1).SlotError(1024, new Scale(1024)), 1e-15);

    [Fact]
    public void Context_OwnsOnlyTheBackendItMade()
    {
        using Core.Backends.ScalarBackend backend = new();
        using (CkksContext context = CkksContext.Create(Registry.Parameters("N5L3Dnum2"), backend))
        {
            Assert.Same(backend, context.Backend);
        }

        using CkksContext second = CkksContext.Create(Registry.Parameters("N5L3Dnum2"), backend);
        using Core.Keys.SecretKey secret = second.KeyGenerator.CreateSecretKey();
        Assert.Equal(0.5, second.Decrypt(secret, second.Encrypt(secret, [0.5]))[0], 1e-6);
        Assert.Throws<ArgumentNullException>(() => CkksContext.Create(null!));
    }
}
