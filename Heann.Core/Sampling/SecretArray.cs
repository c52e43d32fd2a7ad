using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Heann.Core.Sampling;

/// <summary>A rented array for what must not stay behind: messages, decrypted values, errors, key streams. Wiped when it is given back.</summary>
/// <remarks>
/// Pinned, so that the garbage collector never moves it and leaves no copy. Idle arrays are kept for reuse up to a bound, the smallest one
/// that fits is rented first, and in a steady state nothing is allocated. Dispose once; renting and giving back are thread-safe.
/// </remarks>
/// <typeparam name="T">A number.</typeparam>
internal readonly struct SecretArray<T> : IDisposable
    where T : unmanaged
{
    private const int MaxIdleCount = 16;
    private const long MaxIdleBytes = 64L << 20;
    private static readonly Lock Gate = new();
    private static readonly List<T[]> Idle = new(MaxIdleCount + 1);
    private static long _idleBytes;

    private SecretArray(T[] array, int length)
    {
        Array = array;
        Length = length;
    }

    /// <summary>The storage; may be longer than was asked for.</summary>
    public T[] Array { get; }

    /// <summary>What was asked for.</summary>
    public int Length { get; }

    /// <summary>The values.</summary>
    public Span<T> Span => Array.AsSpan(0, Length);

    /// <summary>An array of so many values, of undefined contents.</summary>
    public static SecretArray<T> Rent(int length)
    {
        lock (Gate)
        {
            int best = -1;
            for (int i = 0; i < Idle.Count; i++)
            {
                if (Idle[i].Length >= length && (best < 0 || Idle[i].Length < Idle[best].Length))
                {
                    best = i;
                }
            }

            if (best >= 0)
            {
                T[] array = Idle[best];
                RemoveAt(best);
                return new(array, length);
            }
        }

        return new(GC.AllocateUninitializedArray<T>(length, pinned: true), length);
    }

    /// <summary>Overwrites the values with zeros and gives the array back.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(Span));
        lock (Gate)
        {
            Idle.Add(Array);
            _idleBytes += ByteCount(Array);
            while (Idle.Count > MaxIdleCount || _idleBytes > MaxIdleBytes)
            {
                RemoveAt(0); // the one idle for longest
            }
        }
    }

    private static unsafe long ByteCount(T[] array) => (long)sizeof(T) * array.Length;

    private static void RemoveAt(int index)
    {
        _idleBytes -= ByteCount(Idle[index]);
        Idle.RemoveAt(index);
    }
}
