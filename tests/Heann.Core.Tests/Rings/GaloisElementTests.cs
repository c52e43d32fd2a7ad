using System.Numerics;
using Heann.Core.Rings;

namespace Heann.Core.Tests.Rings;

public sealed class GaloisElementTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(1 << 16)]
    [InlineData(1 << 20)]
    public void Exponent_IsAPowerOfFiveOrItsNegative(int degree)
    {
        int period = Math.Max(1, degree / 2);
        foreach (int steps in (int[])[0, 1, 2, 3, period - 1, period, period + 1, 12345, int.MaxValue])
        {
            BigInteger power = BigInteger.ModPow(5, steps, 2 * degree);
            Assert.Equal(power, GaloisElement.Rotation(steps).Exponent(degree));
            Assert.Equal(BigInteger.One, power * GaloisElement.Rotation(-steps).Exponent(degree) % (2 * degree));
            Assert.Equal(2 * degree - power, new GaloisElement(steps, true).Exponent(degree));
        }

        Assert.Equal(2 * degree - 1, GaloisElement.Conjugation.Exponent(degree));
        Assert.Equal(
            GaloisElement.Rotation(int.MinValue % period + period).Exponent(degree), GaloisElement.Rotation(int.MinValue).Exponent(degree));
    }

    [Fact]
    public void Exponent_TakesEveryOddValueOnce()
    {
        int[] exponents = [.. from steps in Enumerable.Range(0, 32) from isConjugation in (bool[])[false, true]
            select new GaloisElement(steps, isConjugation).Exponent(64)];
        Assert.Equal(Enumerable.Range(0, 64).Select(i => 2 * i + 1), exponents.Order());
    }

    [Fact]
    public void IsIdentity_HoldsForFullTurnsOnly()
    {
        Assert.True(GaloisElement.Rotation(0).IsIdentity(64));
        Assert.True(GaloisElement.Rotation(32).IsIdentity(64));
        Assert.True(GaloisElement.Rotation(-64).IsIdentity(64));
        Assert.False(GaloisElement.Rotation(32).IsIdentity(128));
        Assert.False(GaloisElement.Rotation(1).IsIdentity(64));
        Assert.False(GaloisElement.Conjugation.IsIdentity(64));
        Assert.False(new GaloisElement(32, true).IsIdentity(64));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    [InlineData(32, 0)]
    [InlineData(33, 1)]
    [InlineData(-1, 31)]
    [InlineData(int.MinValue, 0)]
    [InlineData(int.MaxValue, 31)]
    public void Normalize_ReducesTheStepsModuloTheSlots(int steps, int expected)
    {
        Assert.Equal(GaloisElement.Rotation(expected), GaloisElement.Rotation(steps).Normalize(64));
        Assert.Equal(new GaloisElement(expected, true), new GaloisElement(steps, true).Normalize(64));
    }

    // The slots are m(ζ^(5^j)): computed here for m and for m(X^g) in complex doubles.
    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(2, true)]
    public void Exponent_RotatesSlotsLeftAndConjugates(int steps, bool isConjugation)
    {
        const int Degree = 32;
        SeededRandom random = RingTestKit.Seeded(steps);
        double[] m = [.. Enumerable.Range(0, Degree).Select(_ => random.NextDouble() - 0.5)];
        int g = new GaloisElement(steps, isConjugation).Exponent(Degree);
        for (int j = 0; j < Degree / 2; j++)
        {
            Complex expected = Slot(m, (j + steps + Degree / 2) % (Degree / 2), 1);
            Complex actual = Slot(m, j, g);
            Assert.True((actual - (isConjugation ? Complex.Conjugate(expected) : expected)).Magnitude < 1e-12,
                $"slot {j}, seed {random.Seed}");
        }

        static Complex Slot(double[] m, int j, int g)
        {
            int point = (int)(BigInteger.ModPow(5, j, 2 * Degree) * g % (2 * Degree));
            return m.Select((value, i) => Complex.FromPolarCoordinates(value, Math.PI * (i * point % (2 * Degree)) / Degree))
                .Aggregate(Complex.Add);
        }
    }

    [Fact]
    public void ToString_NamesTheElement()
    {
        Assert.Equal("rotation by -3", GaloisElement.Rotation(-3).ToString());
        Assert.Equal("conjugation", GaloisElement.Conjugation.ToString());
        Assert.Equal("conjugation of rotation by 2", new GaloisElement(2, true).ToString());
    }
}
