namespace Hnn.Model.Tests.PublicApi;

/// <summary>Something of everything that the printer must write.</summary>
public abstract class Sample<T> : IDisposable
    where T : class
{
    public const int Limit = 17;

    private double _value;

    protected Sample(int count, string? name = null) => (Names, _value) = ([name], count);

    protected event Action<string?> Changed = _ => { };

    public IReadOnlyList<string?> Names { get; init; }

    public Nested Kind => Nested.Only;

    public double this[int index]
    {
        get => _value + index;
        protected set => _value = value;
    }

    public static bool TryParse(string text, out int? value)
    {
        value = int.TryParse(text, out int number) ? number : null;
        return value is not null;
    }

    public virtual (int, string)[] Pairs<U>(params U[] items)
        where U : struct, IComparable<U> => [.. items.Select(i => (i.CompareTo(default), i.ToString()!))];

    public void Dispose() => Changed(Names[0]);

    public override string ToString() => Names[0] ?? "";

    protected abstract T? Find(ReadOnlySpan<T> items, in double value);

    internal void Hidden() => Dispose();

    private protected void HiddenToo() => Hidden();

    public enum Nested
    {
        Only,
    }
}

/// <summary>A record.</summary>
public readonly record struct Point(int X, Shade Shade = Shade.Dark);

/// <summary>An enumeration.</summary>
public enum Shade
{
    Light = 1,
    Dark = 3,
}
