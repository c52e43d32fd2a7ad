using Heann.Core.Sampling;

namespace Heann.Core.Tests.Sampling;

/// <summary>Rented arrays are wiped and used again. Each element type has a pool of its own; these are used by nobody else.</summary>
public sealed class SecretArrayTests
{
    [Fact]
    public void Dispose_WipesAndKeepsTheArrayForTheNext()
    {
        short[] array;
        using (SecretArray<short> first = SecretArray<short>.Rent(100))
        {
            array = first.Array;
            first.Span.Fill(7);
        }

        Assert.All(array, x => Assert.Equal(0, x));
        using SecretArray<short> second = SecretArray<short>.Rent(60);
        Assert.Same(array, second.Array);
        Assert.Equal(60, second.Span.Length);
        using SecretArray<short> third = SecretArray<short>.Rent(60);
        Assert.NotSame(array, third.Array);
    }

    [Fact]
    public void Rent_TakesTheSmallestArrayThatFits()
    {
        SecretArray<ushort> small = SecretArray<ushort>.Rent(10), large = SecretArray<ushort>.Rent(1000);
        SecretArray<ushort> middle = SecretArray<ushort>.Rent(100);
        ushort[] expected = middle.Array;
        large.Dispose();
        middle.Dispose();
        small.Dispose();
        using SecretArray<ushort> rented = SecretArray<ushort>.Rent(50);
        Assert.Same(expected, rented.Array);
    }

    // 200 MB in four arrays: more than is kept.
    [Fact]
    public void Dispose_KeepsNoMoreThanTheBound()
    {
        SecretArray<char>[] arrays = [.. Enumerable.Range(0, 4).Select(_ => SecretArray<char>.Rent(25_000_000))];
        char[][] storage = [.. arrays.Select(a => a.Array)];
        Array.ForEach(arrays, a => a.Dispose());
        using SecretArray<char> first = SecretArray<char>.Rent(25_000_000), second = SecretArray<char>.Rent(25_000_000);
        Assert.Same(storage[3], first.Array);
        Assert.DoesNotContain(storage, a => ReferenceEquals(a, second.Array));
    }
}
